package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// outer writes the product of a column and a row.
func (s isa) outer() {
	TEXT("outer"+s.suffix, NOSPLIT, "func(m, n int, alpha float32, x *float32, incx uintptr, y *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("C = alpha x y + beta C, with x of m elements incx bytes apart and y of n. With beta 0, C is only written. The mask is of n%%%d.", s.lanes),
		"Each product is rounded before it is scaled, and scaled before it is added, as the tiles do.")
	m := Load(Param("m"), GP64())
	x := Load(Param("x"), GP64())
	incx := Load(Param("incx"), GP64())
	row := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	mask := Load(Param("mask"), GP64())
	alphaAt, _ := Param("alpha").Resolve()
	betaAt, _ := Param("beta").Resolve()
	alpha, beta, scale := s.vector(), s.vector(), s.vector()
	VBROADCASTSS(alphaAt.Addr, alpha)
	VBROADCASTSS(betaAt.Addr, beta)
	lanes := s.mask(Mem{Base: mask})
	bits := GP32()

	Label("row")
	n, y, c := GP64(), GP64(), GP64()
	Load(Param("n"), n)
	Load(Param("y"), y)
	MOVQ(row, c)
	VBROADCASTSS(Mem{Base: x}, scale)
	MOVL(betaAt.Addr, bits)
	ADDL(bits, bits) // drops the sign: 0 for the two zeros alone
	JZ(LabelRef("fresh"))

	const wide = 4
	v := s.vectors(wide)
	tail, old := s.vector(), s.vector()
	// along goes through the columns, as many vectors at a time as it can.
	along := func(name string, vectors func(v []VecVirtual), rest func()) {
		SUBQ(Imm(uint64(s.lanes*wide)), n)
		JLT(LabelRef(name + "few"))
		Label(name)
		vectors(v)
		ADDQ(U32(s.bytes()*wide), y)
		ADDQ(U32(s.bytes()*wide), c)
		SUBQ(Imm(uint64(s.lanes*wide)), n)
		JGE(LabelRef(name))
		Label(name + "few")
		ADDQ(Imm(uint64(s.lanes*(wide-1))), n) // a vector less than what is left
		JLT(LabelRef(name + "tail"))
		Label(name + "one")
		vectors(v[:1])
		ADDQ(Imm(uint64(s.bytes())), y)
		ADDQ(Imm(uint64(s.bytes())), c)
		SUBQ(Imm(uint64(s.lanes)), n)
		JGE(LabelRef(name + "one"))
		Label(name + "tail")
		ADDQ(Imm(uint64(s.lanes)), n)
		JZ(LabelRef("next"))
		s.load(Mem{Base: y}, lanes, tail)
		rest()
		s.store(tail, lanes, Mem{Base: c})
	}
	store := func(v []VecVirtual) {
		for i := range v {
			VMOVUPS(v[i], Mem{Base: c, Disp: s.bytes() * i})
		}
	}
	along("update", func(v []VecVirtual) {
		for i := range v {
			VMULPS(Mem{Base: y, Disp: s.bytes() * i}, scale, v[i])
			VMULPS(v[i], alpha, v[i])
		}
		for i := range v {
			VFMADD231PS(Mem{Base: c, Disp: s.bytes() * i}, beta, v[i])
		}
		store(v)
	}, func() {
		s.load(Mem{Base: c}, lanes, old)
		VMULPS(tail, scale, tail)
		VMULPS(tail, alpha, tail)
		VFMADD231PS(old, beta, tail)
	})
	JMP(LabelRef("next"))

	Label("fresh")
	along("write", func(v []VecVirtual) {
		for i := range v {
			VMULPS(Mem{Base: y, Disp: s.bytes() * i}, scale, v[i])
			VMULPS(v[i], alpha, v[i])
		}
		store(v)
	}, func() {
		VMULPS(tail, scale, tail)
		VMULPS(tail, alpha, tail)
	})

	Label("next")
	ADDQ(incx, x)
	ADDQ(ldc, row)
	DECQ(m)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
