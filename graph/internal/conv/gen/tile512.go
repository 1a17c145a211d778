package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// most512 are the rows of the highest tile of so many 32-byte vectors, which are half as many registers. More would be bound by the addresses of the rows.
var most512 = map[int]int{2: 12, 4: 12}

func tiles512() {
	for _, e := range elements {
		for _, vectors := range []int{2, 4} {
			for rows := 1; rows <= most512[vectors]; rows++ {
				tile512(e, rows, vectors)
			}
		}
	}
}

// tile512 writes what tile does, in AVX-512: the same sums in the same order.
func tile512(e element, rows, vectors int) {
	TEXT(e.name(fmt.Sprintf("tile%dx%dAVX512", rows, 32/e.size*vectors)), NOSPLIT, e.signature("func(segs int, table *[2]uintptr, k int, a *T, rs, cs uintptr, b *T, ldb uintptr, bias *T, low T, c *T, ldc uintptr, mask *[16]int32)"))
	Pragma("noescape")
	Doc("As its namesake without AVX-512.")
	a, rs, cs := Load(Param("a"), GP64()), Load(Param("rs"), GP64()), Load(Param("cs"), GP64())
	ldb := Load(Param("ldb"), GP64())
	table, segs := Load(Param("table"), GP64()), Load(Param("segs"), GP64())
	bias := Load(Param("bias"), GP64())
	b, n := GP64(), GP64()
	base := make([]GPVirtual, (rows+2)/3)
	for i := range base {
		base[i] = GP64()
	}
	wide := vectors / 2
	sum := make([]VecVirtual, rows*wide)
	for i := range sum {
		sum[i] = ZMM()
	}
	each := func(do func(i, j int, at Mem)) {
		c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
		for i := range rows {
			for j := range wide {
				do(i, j, Mem{Base: c, Disp: 64 * j})
			}
			if i < rows-1 {
				ADDQ(ldc, c)
			}
		}
	}
	TESTQ(bias, bias)
	JZ(LabelRef("add"))
	for j := range wide {
		VMOVUPS(Mem{Base: bias, Disp: 64 * j}, sum[j])
		for i := 1; i < rows; i++ {
			VMOVAPS(sum[j], sum[i*wide+j])
		}
	}
	JMP(LabelRef("segment"))
	Label("add")
	each(func(i, j int, at Mem) { VMOVUPS(at, sum[i*wide+j]) })

	Label("segment")
	MOVQ(Mem{Base: table}, base[0])
	ADDQ(a, base[0])
	for i := 1; i < len(base); i++ {
		LEAQ(Mem{Base: base[i-1], Index: rs, Scale: 2}, base[i])
		ADDQ(rs, base[i])
	}
	Load(Param("b"), b)
	ADDQ(Mem{Base: table, Disp: 8}, b)
	ADDQ(Imm(16), table)
	step := func() {
		bv := make([]VecVirtual, wide)
		for j := range bv {
			bv[j] = ZMM()
			VMOVUPS(Mem{Base: b, Disp: 64 * j}, bv[j])
		}
		for i := range rows {
			at := Mem{Base: base[i/3]}
			if i%3 > 0 {
				at.Index, at.Scale = rs, uint8(i%3)
			}
			for j := range bv {
				e.addEach(at, bv[j], sum[i*wide+j])
			}
		}
		for _, p := range base {
			ADDQ(cs, p)
		}
		ADDQ(ldb, b)
	}
	Load(Param("k"), n)
	SUBQ(Imm(4), n)
	JLT(LabelRef("rest"))
	Label("along")
	for range 4 {
		step()
	}
	SUBQ(Imm(4), n)
	JGE(LabelRef("along"))
	Label("rest")
	ADDQ(Imm(4), n)
	JZ(LabelRef("next"))
	Label("single")
	step()
	DECQ(n)
	JNZ(LabelRef("single"))
	Label("next")
	DECQ(segs)
	JNZ(LabelRef("segment"))

	Load(Param("bias"), n)
	TESTQ(n, n)
	JZ(LabelRef("store"))
	lowAt, _ := Param("low").Resolve()
	low := ZMM()
	e.broadcast(lowAt.Addr, low)
	for _, s := range sum {
		e.max(s, low, s) // the sum where one is NaN
	}
	if vectors < 4 {
		mask := Load(Param("mask"), GP64())
		TESTQ(mask, mask)
		JZ(LabelRef("store"))
		lanes, some := ZMM(), K()
		VMOVUPS(Mem{Base: mask}, lanes)
		e.some(lanes, some)
		each(func(i, j int, at Mem) { e.storeSome(sum[i*wide+j], some, at) })
		VZEROUPPER()
		RET()
	}
	Label("store")
	each(func(i, j int, at Mem) { VMOVUPS(sum[i*wide+j], at) })
	VZEROUPPER()
	RET()
}
