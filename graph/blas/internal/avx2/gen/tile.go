package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// fullRows is the height of a tile: 6 x 16 takes 12 of the 16 vector registers for sums, which keeps both multipliers
// busy, and leaves two for B and the rest for A.
const fullRows = 6

func tiles() {
	for rows := 1; rows <= fullRows; rows++ {
		tile(rows, 2)
	}
	tile(fullRows, 1)
}

// tile writes the kernel for a tile of C of that many rows and vectors of 8 columns. Its sums stay in registers while it runs
// along k. The full height takes as many tiles below each other as asked, so that one starts while the last is written.
func tile(rows, vectors int) {
	TEXT(fmt.Sprintf("tile%dx%d", rows, 8*vectors), NOSPLIT, "func(tiles, k int, alpha float32, a *float32, rs, cs, down uintptr, b *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32, ahead *float32, stride, skip uintptr)")
	Pragma("noescape")
	Doc("C = alpha op(A) B + beta C. A is anywhere, rs bytes from row to row, cs from column to column and down from tile to tile; B is",
		"packed, 64 bytes a row. With beta 0, C is only written, and with a mask only in its columns. Meanwhile memory ahead is brought",
		"near: a row each stride bytes for each 4 of k, and skip more bytes on from tile to tile.")
	t := newTile(rows, vectors)
	Label("tile")
	t.begin()
	t.along()
	t.write()
	if rows == fullRows {
		down, _ := Param("down").Resolve()
		skip, _ := Param("skip").Resolve()
		ADDQ(down.Addr, t.a)
		ADDQ(skip.Addr, t.ahead)
		for range 2 { // C goes six rows down
			LEAQ(Mem{Base: t.c, Index: t.ldc, Scale: 2}, t.c)
			ADDQ(t.ldc, t.c)
		}
		left, _ := Param("tiles").Resolve()
		DECQ(left.Addr)
		JNZ(LabelRef("tile"))
	}
	VZEROUPPER()
	RET()
}

type tileKernel struct {
	rows, vectors int
	a, rs, cs     Register
	b             Register // where the kernel is in the packed panel
	c, ldc        Register
	ahead, stride Register
	row0, row3    GPVirtual // where it is in rows 0 and 3 of A
	sum           []VecVirtual
}

func newTile(rows, vectors int) *tileKernel {
	t := &tileKernel{
		rows: rows, vectors: vectors,
		a: Load(Param("a"), GP64()), rs: Load(Param("rs"), GP64()), cs: Load(Param("cs"), GP64()), b: GP64(),
		c: Load(Param("c"), GP64()), ldc: Load(Param("ldc"), GP64()),
		ahead: Load(Param("ahead"), GP64()), stride: Load(Param("stride"), GP64()),
		row0: GP64(), row3: GP64(),
	}
	for range rows * vectors {
		t.sum = append(t.sum, YMM())
	}
	return t
}

// begin clears the sums and brings C near.
func (t *tileKernel) begin() {
	MOVQ(t.a, t.row0)
	if t.rows > 3 {
		LEAQ(Mem{Base: t.a, Index: t.rs, Scale: 2}, t.row3)
		ADDQ(t.rs, t.row3)
	}
	Load(Param("b"), t.b)
	for _, s := range t.sum {
		VXORPS(s, s, s)
	}
	t.eachRow(func(_ int, at Register) {
		PREFETCHT0(Mem{Base: at})
		PREFETCHT0(Mem{Base: at, Disp: 32*t.vectors - 4})
	})
}

// along adds up the products, four steps of k at a time and then one by one.
func (t *tileKernel) along() {
	const unroll = 4
	n := GP64()
	Load(Param("k"), n)
	SUBQ(Imm(unroll), n)
	JLT(LabelRef("rest"))
	Label("along")
	PREFETCHT1(Mem{Base: t.ahead})
	PREFETCHT1(Mem{Base: t.ahead, Disp: 32*t.vectors - 4})
	ADDQ(t.stride, t.ahead)
	for i := range unroll {
		t.step(64 * i)
	}
	ADDQ(U32(64*unroll), t.b)
	SUBQ(Imm(unroll), n)
	JGE(LabelRef("along"))
	Label("rest")
	ADDQ(Imm(unroll), n)
	JZ(LabelRef("write"))
	Label("single")
	t.step(0)
	ADDQ(Imm(64), t.b)
	DECQ(n)
	JNZ(LabelRef("single"))
}

// step adds the products of one column of A and the row of B at that distance.
func (t *tileKernel) step(disp int) {
	b := make([]VecVirtual, t.vectors)
	for j := range b {
		b[j] = YMM()
		VMOVUPS(Mem{Base: t.b, Disp: disp + 32*j}, b[j])
	}
	a := YMM()
	for i := range t.rows {
		m := Mem{Base: t.row0}
		if i >= 3 {
			m.Base = t.row3
		}
		if i%3 > 0 {
			m.Index, m.Scale = t.rs, uint8(i%3)
		}
		VBROADCASTSS(m, a)
		for j := range b {
			VFMADD231PS(a, b[j], t.sum[i*t.vectors+j])
		}
	}
	ADDQ(t.cs, t.row0)
	if t.rows > 3 {
		ADDQ(t.cs, t.row3)
	}
}

// write stores the tile.
func (t *tileKernel) write() {
	Label("write")
	scale, old := YMM(), YMM()
	bits := GP32()
	t.param("alpha", scale, bits)
	CMPL(bits, U32(0x3f800000)) // 1
	JE(LabelRef("scaled"))
	for _, s := range t.sum {
		VMULPS(scale, s, s)
	}
	Label("scaled")
	t.param("beta", scale, bits)
	mask := Load(Param("mask"), GP64())
	TESTQ(mask, mask)
	JNZ(LabelRef("masked"))
	ADDL(bits, bits) // drops the sign: 0 for the two zeros alone
	JZ(LabelRef("store"))
	t.eachVector(func(_ int, c Mem, sum VecVirtual) { VFMADD231PS(c, scale, sum) })
	Label("store")
	t.eachVector(func(_ int, c Mem, sum VecVirtual) { VMOVUPS(sum, c) })
	JMP(LabelRef("next"))

	Label("masked")
	lanes := make([]VecVirtual, t.vectors)
	for j := range lanes {
		lanes[j] = YMM()
		VMOVUPS(Mem{Base: mask, Disp: 32 * j}, lanes[j])
	}
	ADDL(bits, bits)
	JZ(LabelRef("storemasked"))
	t.eachVector(func(j int, c Mem, sum VecVirtual) {
		VMASKMOVPS(c, lanes[j], old)
		VFMADD231PS(old, scale, sum)
	})
	Label("storemasked")
	t.eachVector(func(j int, c Mem, sum VecVirtual) { VMASKMOVPS(sum, lanes[j], c) })
	Label("next")
}

// param loads a float32 into every lane of a vector, and its bits.
func (t *tileKernel) param(name string, lanes VecVirtual, bits GPVirtual) {
	at, _ := Param(name).Resolve()
	VBROADCASTSS(at.Addr, lanes)
	MOVL(at.Addr, bits)
}

func (t *tileKernel) eachRow(do func(i int, at Register)) {
	at := GP64()
	MOVQ(t.c, at)
	for i := range t.rows {
		do(i, at)
		if i < t.rows-1 {
			ADDQ(t.ldc, at)
		}
	}
}

func (t *tileKernel) eachVector(do func(j int, c Mem, sum VecVirtual)) {
	t.eachRow(func(i int, at Register) {
		for j := range t.vectors {
			do(j, Mem{Base: at, Disp: 32 * j}, t.sum[i*t.vectors+j])
		}
	})
}
