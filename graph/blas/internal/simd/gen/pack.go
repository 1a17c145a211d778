package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// packRows writes the copy of that many panels of B, as they lie side by side.
func (s isa) packRows(panels int) {
	TEXT(fmt.Sprintf("packRows%d%s", panels, s.suffix), NOSPLIT, "func(k int, dst *float32, panel uintptr, src *float32, ld uintptr, mask *[64]int32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("k rows of the columns in the mask, which lie ld bytes apart in src. In dst they are %d bytes apart, and each %d columns panel bytes", 4*s.cols(), s.cols()), "from those before.")
	k := Load(Param("k"), GP64())
	dst := Load(Param("dst"), GP64())
	panel := Load(Param("panel"), GP64())
	src := Load(Param("src"), GP64())
	ld := Load(Param("ld"), GP64())
	mask := Load(Param("mask"), GP64())
	lanes := make([]Register, 2*panels)
	for i := range lanes {
		lanes[i] = s.mask(Mem{Base: mask, Disp: s.bytes() * i})
	}
	last := GP64()
	LEAQ(Mem{Base: dst, Index: panel, Scale: 2}, last)
	ADDQ(panel, last)
	Label("row")
	for i := range lanes {
		at := Mem{Base: dst, Disp: s.bytes() * (i % 2)}
		switch p := i / 2; p {
		case 1, 2:
			at.Index, at.Scale = panel, uint8(p)
		case 3:
			at.Base = last
		}
		v := s.vector()
		s.load(Mem{Base: src, Disp: s.bytes() * i}, lanes[i], v)
		VMOVUPS(v, at)
	}
	ADDQ(ld, src)
	ADDQ(U32(4*s.cols()), dst)
	ADDQ(U32(4*s.cols()), last)
	DECQ(k)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// packColumns writes the transposing copy of eight columns of a panel of B, 8 x 8 elements at a time, with AVX2 for all.
func (s isa) packColumns() {
	TEXT("packColumns"+s.suffix, NOSPLIT, "func(k int, dst *float32, src *[8]*float32, mask *[64]int32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("The k columns of the 8 rows of src become the rows of dst, %d bytes apart. The mask is of k%%8; of dst, k rounded up to 8 rows are", 4*s.cols()),
		"written.")
	k := Load(Param("k"), GP64())
	dst := Load(Param("dst"), GP64())
	list := Load(Param("src"), GP64())
	mask := Load(Param("mask"), GP64())
	var row [8]Register
	for i := range row {
		r := GP64()
		MOVQ(Mem{Base: list, Disp: 8 * i}, r)
		row[i] = r
	}
	x := GP64()
	XORQ(x, x)

	SUBQ(Imm(8), k)
	JLT(LabelRef("rest"))
	Label("full")
	for half := range 2 {
		// Rows 0 to 3 in the lower half of the vectors, rows 4 to 7 in the upper: then no element has to cross.
		var v [4]VecVirtual
		for i := range v {
			v[i] = YMM()
			VMOVUPS(Mem{Base: row[i], Index: x, Scale: 4, Disp: 16 * half}, v[i].AsX())
			VINSERTF128(Imm(1), Mem{Base: row[i+4], Index: x, Scale: 4, Disp: 16 * half}, v[i], v[i])
		}
		for i, w := range transpose4(v) {
			VMOVUPS(w, Mem{Base: dst, Disp: 4 * s.cols() * (4*half + i)})
		}
	}
	ADDQ(Imm(8), x)
	ADDQ(U32(32*s.cols()), dst)
	SUBQ(Imm(8), k)
	JGE(LabelRef("full"))

	Label("rest")
	ADDQ(Imm(8), k)
	JZ(LabelRef("done"))
	lanes := YMM()
	VMOVUPS(Mem{Base: mask}, lanes)
	var lower, upper [4]VecVirtual
	for i := range lower {
		a, b := YMM(), YMM()
		VMASKMOVPS(Mem{Base: row[i], Index: x, Scale: 4}, lanes, a)
		VMASKMOVPS(Mem{Base: row[i+4], Index: x, Scale: 4}, lanes, b)
		lower[i], upper[i] = YMM(), YMM()
		VPERM2F128(Imm(0x20), b, a, lower[i])
		VPERM2F128(Imm(0x31), b, a, upper[i])
	}
	for half, v := range [2][4]VecVirtual{lower, upper} {
		for i, w := range transpose4(v) {
			VMOVUPS(w, Mem{Base: dst, Disp: 4 * s.cols() * (4*half + i)})
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// transpose4 transposes the 4 x 4 elements in each half of four vectors.
func transpose4(v [4]VecVirtual) (w [4]VecVirtual) {
	var u [4]VecVirtual
	for i := range w {
		u[i], w[i] = YMM(), YMM()
	}
	for i := 0; i < 4; i += 2 {
		VUNPCKLPS(v[i+1], v[i], u[i])
		VUNPCKHPS(v[i+1], v[i], u[i+1])
	}
	VSHUFPS(Imm(0x44), u[2], u[0], w[0])
	VSHUFPS(Imm(0xee), u[2], u[0], w[1])
	VSHUFPS(Imm(0x44), u[3], u[1], w[2])
	VSHUFPS(Imm(0xee), u[3], u[1], w[3])
	return w
}

// packTiles writes the copy of a block of A, which is stored transposed.
func (s isa) packTiles() {
	TEXT("packTiles"+s.suffix, NOSPLIT, "func(k, tiles int, dst *float32, tile uintptr, src *float32, ld uintptr, all, mask *[64]int32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("k rows of %d columns for each tile, which lie ld bytes apart in src. In dst they are %d bytes apart, and each tile is tile bytes from the", s.rows, 4*s.rows),
		fmt.Sprintf("one before, at least %d k + %d, since more is written. The masks are of all columns of a tile and of those of the last.", 4*s.rows, 4*(s.lanes-s.rows)))
	k := Load(Param("k"), GP64())
	dst := Load(Param("dst"), GP64())
	tile := Load(Param("tile"), GP64())
	src := Load(Param("src"), GP64())
	ld := Load(Param("ld"), GP64())
	mask := Load(Param("mask"), GP64())
	v, lanes := s.vector(), s.mask(Mem{Base: mask})
	Load(Param("all"), mask)
	all := s.mask(Mem{Base: mask})
	Label("row")
	from, to, n := GP64(), GP64(), GP64()
	MOVQ(src, from)
	MOVQ(dst, to)
	Load(Param("tiles"), n)
	DECQ(n)
	JZ(LabelRef("last"))
	Label("tile")
	s.load(Mem{Base: from}, all, v)
	VMOVUPS(v, Mem{Base: to})
	ADDQ(U32(4*s.rows), from)
	ADDQ(tile, to)
	DECQ(n)
	JNZ(LabelRef("tile"))
	Label("last")
	s.load(Mem{Base: from}, lanes, v)
	VMOVUPS(v, Mem{Base: to})
	ADDQ(ld, src)
	ADDQ(U32(4*s.rows), dst)
	DECQ(k)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
