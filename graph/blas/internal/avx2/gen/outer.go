package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// outer writes the product of a column and a row.
func outer() {
	TEXT("outer", NOSPLIT, "func(m, n int, alpha float32, x *float32, incx uintptr, y *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32)")
	Pragma("noescape")
	Doc("C = alpha x y + beta C, with x of m elements incx bytes apart and y of n. With beta 0, C is only written. The mask is of n%8.")
	m := Load(Param("m"), GP64())
	x := Load(Param("x"), GP64())
	incx := Load(Param("incx"), GP64())
	row := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	mask := Load(Param("mask"), GP64())
	alphaAt, _ := Param("alpha").Resolve()
	betaAt, _ := Param("beta").Resolve()
	alpha, beta, lanes, s := YMM(), YMM(), YMM(), YMM()
	VBROADCASTSS(alphaAt.Addr, alpha)
	VBROADCASTSS(betaAt.Addr, beta)
	VMOVUPS(Mem{Base: mask}, lanes)
	bits := GP32()

	Label("row")
	n, y, c := GP64(), GP64(), GP64()
	Load(Param("n"), n)
	Load(Param("y"), y)
	MOVQ(row, c)
	VBROADCASTSS(Mem{Base: x}, s)
	VMULPS(s, alpha, s)
	MOVL(betaAt.Addr, bits)
	ADDL(bits, bits) // drops the sign: 0 for the two zeros alone
	JZ(LabelRef("fresh"))

	v, old := YMM(), YMM()
	Label("update")
	SUBQ(Imm(8), n)
	JLT(LabelRef("updatetail"))
	VMULPS(Mem{Base: c}, beta, old)
	VFMADD231PS(Mem{Base: y}, s, old)
	VMOVUPS(old, Mem{Base: c})
	ADDQ(Imm(32), y)
	ADDQ(Imm(32), c)
	JMP(LabelRef("update"))
	Label("updatetail")
	ADDQ(Imm(8), n)
	JZ(LabelRef("next"))
	VMASKMOVPS(Mem{Base: c}, lanes, old)
	VMASKMOVPS(Mem{Base: y}, lanes, v)
	VMULPS(old, beta, old)
	VFMADD231PS(v, s, old)
	VMASKMOVPS(old, lanes, Mem{Base: c})
	JMP(LabelRef("next"))

	Label("fresh")
	four := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	SUBQ(Imm(32), n)
	JLT(LabelRef("few"))
	Label("write")
	for i, w := range four {
		VMULPS(Mem{Base: y, Disp: 32 * i}, s, w)
	}
	for i, w := range four {
		VMOVUPS(w, Mem{Base: c, Disp: 32 * i})
	}
	ADDQ(U32(128), y)
	ADDQ(U32(128), c)
	SUBQ(Imm(32), n)
	JGE(LabelRef("write"))
	Label("few")
	ADDQ(Imm(24), n) // 8 less than what is left
	JLT(LabelRef("tail"))
	Label("one")
	VMULPS(Mem{Base: y}, s, v)
	VMOVUPS(v, Mem{Base: c})
	ADDQ(Imm(32), y)
	ADDQ(Imm(32), c)
	SUBQ(Imm(8), n)
	JGE(LabelRef("one"))
	Label("tail")
	ADDQ(Imm(8), n)
	JZ(LabelRef("next"))
	VMASKMOVPS(Mem{Base: y}, lanes, v)
	VMULPS(v, s, v)
	VMASKMOVPS(v, lanes, Mem{Base: c})

	Label("next")
	ADDQ(incx, x)
	ADDQ(ldc, row)
	DECQ(m)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
