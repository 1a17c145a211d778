package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// packRows writes the copy of a panel of B as it lies.
func packRows() {
	TEXT("packRows", NOSPLIT, "func(k int, dst, src *float32, ld uintptr, alpha float32, mask *[16]int32)")
	Pragma("noescape")
	Doc("dst = alpha src: k rows of 16 columns, or of those in the mask, which lie ld bytes apart in src and 64 in dst.")
	k := Load(Param("k"), GP64())
	dst := Load(Param("dst"), GP64())
	src := Load(Param("src"), GP64())
	ld := Load(Param("ld"), GP64())
	mask := Load(Param("mask"), GP64())
	alpha, m0, m1, v0, v1 := YMM(), YMM(), YMM(), YMM(), YMM()
	at, _ := Param("alpha").Resolve()
	VBROADCASTSS(at.Addr, alpha)
	TESTQ(mask, mask)
	JNZ(LabelRef("masked"))

	Label("full")
	VMULPS(Mem{Base: src}, alpha, v0)
	VMULPS(Mem{Base: src, Disp: 32}, alpha, v1)
	VMOVUPS(v0, Mem{Base: dst})
	VMOVUPS(v1, Mem{Base: dst, Disp: 32})
	ADDQ(ld, src)
	ADDQ(Imm(64), dst)
	DECQ(k)
	JNZ(LabelRef("full"))
	VZEROUPPER()
	RET()

	Label("masked")
	VMOVUPS(Mem{Base: mask}, m0)
	VMOVUPS(Mem{Base: mask, Disp: 32}, m1)
	Label("part")
	VMASKMOVPS(Mem{Base: src}, m0, v0)
	VMASKMOVPS(Mem{Base: src, Disp: 32}, m1, v1)
	VMULPS(v0, alpha, v0)
	VMULPS(v1, alpha, v1)
	VMOVUPS(v0, Mem{Base: dst})
	VMOVUPS(v1, Mem{Base: dst, Disp: 32})
	ADDQ(ld, src)
	ADDQ(Imm(64), dst)
	DECQ(k)
	JNZ(LabelRef("part"))
	VZEROUPPER()
	RET()
}

// packColumns writes the transposing copy of half a panel of B.
func packColumns() {
	TEXT("packColumns", NOSPLIT, "func(k int, dst *float32, src *[8]*float32, alpha float32, mask *[16]int32)")
	Pragma("noescape")
	Doc("The k columns of the 8 rows of src become the rows of dst, 64 bytes apart, times alpha. The mask is of k%8; of dst, k rounded up to",
		"8 rows are written.")
	k := Load(Param("k"), GP64())
	dst := Load(Param("dst"), GP64())
	list := Load(Param("src"), GP64())
	at, _ := Param("alpha").Resolve()
	var row [8]Register
	for i := range row {
		r := GP64()
		MOVQ(Mem{Base: list, Disp: 8 * i}, r)
		row[i] = r
	}
	x := GP64()
	XORQ(x, x)
	block := func(load func(i int) VecVirtual) {
		var v, u [8]VecVirtual
		for i := range v {
			v[i] = load(i)
		}
		// 2 x 2 blocks, then 4 x 4, then the halves.
		for i := 0; i < 8; i += 2 {
			u[i], u[i+1] = YMM(), YMM()
			VUNPCKLPS(v[i+1], v[i], u[i])
			VUNPCKHPS(v[i+1], v[i], u[i+1])
		}
		for i := 0; i < 8; i += 4 {
			for j := range v[:4] {
				v[i+j] = YMM()
			}
			VSHUFPS(Imm(0x44), u[i+2], u[i], v[i])
			VSHUFPS(Imm(0xee), u[i+2], u[i], v[i+1])
			VSHUFPS(Imm(0x44), u[i+3], u[i+1], v[i+2])
			VSHUFPS(Imm(0xee), u[i+3], u[i+1], v[i+3])
		}
		for i := range v[:4] {
			u[i], u[i+4] = YMM(), YMM()
			VPERM2F128(Imm(0x20), v[i+4], v[i], u[i])
			VPERM2F128(Imm(0x31), v[i+4], v[i], u[i+4])
		}
		alpha := YMM()
		VBROADCASTSS(at.Addr, alpha)
		for i := range u {
			VMULPS(u[i], alpha, u[i])
			VMOVUPS(u[i], Mem{Base: dst, Disp: 64 * i})
		}
	}
	SUBQ(Imm(8), k)
	JLT(LabelRef("rest"))
	Label("full")
	block(func(i int) VecVirtual {
		v := YMM()
		VMOVUPS(Mem{Base: row[i], Index: x, Scale: 4}, v)
		return v
	})
	ADDQ(Imm(8), x)
	ADDQ(U32(512), dst)
	SUBQ(Imm(8), k)
	JGE(LabelRef("full"))
	Label("rest")
	ADDQ(Imm(8), k)
	JZ(LabelRef("done"))
	mask := Load(Param("mask"), GP64())
	mv := YMM()
	VMOVUPS(Mem{Base: mask}, mv)
	block(func(i int) VecVirtual {
		v := YMM()
		VMASKMOVPS(Mem{Base: row[i], Index: x, Scale: 4}, mv, v)
		return v
	})
	Label("done")
	VZEROUPPER()
	RET()
}
