package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A kernel is a function that goes over slices of n float32, a vector at a time. The last elements, fewer than that, go
// through the same instructions with masked loads and stores, so that every element gets the same bits wherever
// the slices are cut.
type kernel struct {
	n, index reg.GPVirtual // elements left, bytes done
	base     map[string]reg.Register
	mask     reg.Register
	masked   bool
	disp     int
	loops    int
}

// function begins a kernel over the named pointers.
func function(name, signature, doc string, pointers ...string) *kernel {
	TEXT(name, attr.NOSPLIT, "func"+signature)
	Doc(name + " " + doc)
	Pragma("noescape")
	k := &kernel{base: map[string]reg.Register{}}
	for _, p := range pointers {
		k.base[p] = Load(Param(p), GP64())
	}
	k.n = Load(Param("n"), GP64()).(reg.GPVirtual)
	k.index = GP64()
	XORL(k.index.As32(), k.index.As32())
	return k
}

// scalar spreads a float32 argument over a register.
func scalar(name string) reg.VecVirtual {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	r := vector()
	VBROADCASTSS(p.Addr, r)
	return r
}

// each emits the loop, body being a vector; unroll of them stand in one turn.
func (k *kernel) each(unroll int, body func()) {
	k.loops++
	label := func(s string) string { return fmt.Sprintf("%s%d", s, k.loops) }
	turn := func(name, next string, times int) {
		Label(label(name))
		CMPQ(k.n, U32(lanes()*times))
		JLT(LabelRef(label(next)))
		for i := range times {
			k.disp = bytes() * i
			body()
		}
		k.disp = 0
		ADDQ(U32(bytes()*times), k.index)
		SUBQ(U32(lanes()*times), k.n)
		JMP(LabelRef(label(name)))
	}
	if unroll > 1 {
		turn("wide", "vector", unroll)
	}
	turn("vector", "tail", 1)

	Label(label("tail"))
	TESTQ(k.n, k.n)
	JZ(LabelRef(label("done")))
	k.tail()
	k.masked = true
	body()
	k.masked = false
	Label(label("done"))
}

// tail makes the mask of the first n lanes.
func (k *kernel) tail() {
	k.mask = newMask()
	if wide {
		set := GP32()
		MOVL(I32(-1), set)
		SHLXL(k.n.As32(), set, set)
		NOTL(set)
		KMOVW(set, k.mask)
		return
	}
	NEGQ(k.n)
	table := GP64()
	LEAQ(NewDataAddr(NewStaticSymbol(tailName), 32), table)
	VMOVDQU(Mem{Base: table, Index: k.n, Scale: 4}, k.mask)
}

func (k *kernel) done() {
	VZEROUPPER()
	RET()
}

func (k *kernel) at(pointer string) Mem {
	return Mem{Base: k.base[pointer], Index: k.index, Scale: 1, Disp: k.disp}
}

func (k *kernel) load(pointer string) reg.VecVirtual {
	v := vector()
	switch {
	case k.masked && wide:
		VMOVUPS_Z(k.at(pointer), k.mask, v)
	case k.masked:
		VMASKMOVPS(k.at(pointer), k.mask, v)
	default:
		VMOVUPS(k.at(pointer), v)
	}
	return v
}

// operand is for an instruction that can read memory itself.
func (k *kernel) operand(pointer string) Op {
	if k.masked {
		return k.load(pointer)
	}
	return k.at(pointer)
}

func (k *kernel) store(v reg.VecVirtual, pointer string) {
	switch {
	case k.masked && wide:
		VMOVUPS(v, k.mask, k.at(pointer))
	case k.masked:
		VMASKMOVPS(v, k.mask, k.at(pointer))
	default:
		VMOVUPS(v, k.at(pointer))
	}
}
