package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tiles writes the kernels of all heights, one vector and two wide.
func (s isa) tiles() {
	for rows := 1; rows <= s.rows; rows++ {
		s.tile(rows, 1)
		s.tile(rows, 2)
	}
}

// tile writes the kernel for a tile of C of that many rows and vectors. Its sums stay in registers while it runs
// along k. The full height takes as many tiles below each other as asked, so that one starts while the last is written.
func (s isa) tile(rows, vectors int) {
	TEXT(fmt.Sprintf("tile%dx%d%s", rows, s.lanes*vectors, s.suffix), NOSPLIT, "func(tiles, k int, alpha float32, a *float32, rs, cs, down uintptr, b *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32, ahead *float32, stride, skip uintptr)")
	Pragma("noescape")
	Doc("C = alpha op(A) B + beta C. A is anywhere, rs bytes from row to row, cs from column to column and down from tile to tile; B is",
		fmt.Sprintf("packed, %d bytes a row. With beta 0, C is only written, and with a mask only in its columns. Meanwhile memory ahead is brought", 4*s.cols()),
		"near: a row each stride bytes for each 4 of k, and skip more bytes on from tile to tile.")
	t := s.newTile(rows, vectors)
	Label("tile")
	t.begin()
	t.along()
	t.write()
	if rows == s.rows {
		skip, _ := Param("skip").Resolve()
		ADDQ(skip.Addr, t.ahead)
		// A and C go down a tile, in memory: their registers are needed.
		down, c := Load(Param("down"), GP64()), Load(Param("c"), GP64())
		ADDQ(down, t.a)
		for range rows / 3 {
			LEAQ(Mem{Base: c, Index: t.ldc, Scale: 2}, c)
			ADDQ(t.ldc, c)
		}
		MOVQ(c, t.c)
		left, _ := Param("tiles").Resolve()
		DECQ(left.Addr)
		JNZ(LabelRef("tile"))
	}
	VZEROUPPER()
	RET()
}

type tileKernel struct {
	isa
	rows, vectors int
	a, c          Mem // the arguments
	rs, cs, ldc   Register
	b             Register // where the kernel is in the packed panel
	ahead, stride Register
	third         []GPVirtual // where it is in each third row of A
	sum           []VecVirtual
}

func (s isa) newTile(rows, vectors int) *tileKernel {
	t := &tileKernel{
		isa: s, rows: rows, vectors: vectors,
		rs: Load(Param("rs"), GP64()), cs: Load(Param("cs"), GP64()), ldc: Load(Param("ldc"), GP64()), b: GP64(),
		ahead: Load(Param("ahead"), GP64()), stride: Load(Param("stride"), GP64()),
		sum: s.vectors(rows * vectors),
	}
	for range (rows + 2) / 3 {
		t.third = append(t.third, GP64())
	}
	a, _ := Param("a").Resolve()
	c, _ := Param("c").Resolve()
	t.a, t.c = a.Addr, c.Addr
	return t
}

// begin clears the sums.
func (t *tileKernel) begin() {
	MOVQ(t.a, t.third[0])
	for i, row := range t.third[1:] {
		LEAQ(Mem{Base: t.third[i], Index: t.rs, Scale: 2}, row)
		ADDQ(t.rs, row)
	}
	Load(Param("b"), t.b)
	for _, s := range t.sum {
		VXORPS(s, s, s)
	}
}

// near brings the cache lines of a tile's row.
func (t *tileKernel) near(prefetch func(Op), at Register) {
	end := t.vectors*t.bytes() - 4
	for disp := 0; disp < end; disp += 64 {
		prefetch(Mem{Base: at, Disp: disp})
	}
	prefetch(Mem{Base: at, Disp: end})
}

// along adds up the products, four steps of k at a time and then one by one. Towards the end it brings C near, a row each turn: all at once they would
// hold up what is read of A and B.
func (t *tileKernel) along() {
	const unroll, early = 4, 4
	n, c := GP64(), GP64()
	Load(Param("k"), n)
	MOVQ(t.c, c)
	SUBQ(Imm(unroll), n)
	JLT(LabelRef("rest"))
	Label("along")
	t.near(PREFETCHT1, t.ahead)
	ADDQ(t.stride, t.ahead)
	CMPQ(n, U32(unroll*(t.rows+early)))
	JGT(LabelRef("far"))
	t.near(PREFETCHT0, c)
	ADDQ(t.ldc, c)
	Label("far")
	for i := range unroll {
		t.step(4 * t.cols() * i)
	}
	ADDQ(U32(4*t.cols()*unroll), t.b)
	SUBQ(Imm(unroll), n)
	JGE(LabelRef("along"))
	Label("rest")
	ADDQ(Imm(unroll), n)
	JZ(LabelRef("write"))
	Label("single")
	t.step(0)
	ADDQ(U32(4*t.cols()), t.b)
	DECQ(n)
	JNZ(LabelRef("single"))
}

// step adds the products of one column of A and the row of B at that distance.
func (t *tileKernel) step(disp int) {
	b := t.isa.vectors(t.vectors)
	for j := range b {
		VMOVUPS(Mem{Base: t.b, Disp: disp + t.bytes()*j}, b[j])
	}
	a := t.vector()
	for i := range t.rows {
		m := Mem{Base: t.third[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = t.rs, uint8(i%3)
		}
		VBROADCASTSS(m, a)
		for j := range b {
			VFMADD231PS(a, b[j], t.sum[i*t.vectors+j])
		}
	}
	for _, row := range t.third {
		ADDQ(t.cs, row)
	}
}

// write stores the tile.
func (t *tileKernel) write() {
	Label("write")
	scale, old := t.vector(), t.vector()
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
	lanes := make([]Register, t.vectors)
	for j := range lanes {
		lanes[j] = t.mask(Mem{Base: mask, Disp: t.bytes() * j})
	}
	ADDL(bits, bits)
	JZ(LabelRef("storemasked"))
	t.eachVector(func(j int, c Mem, sum VecVirtual) {
		t.load(c, lanes[j], old)
		VFMADD231PS(old, scale, sum)
	})
	Label("storemasked")
	t.eachVector(func(j int, c Mem, sum VecVirtual) { t.store(sum, lanes[j], c) })
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
			do(j, Mem{Base: at, Disp: t.bytes() * j}, t.sum[i*t.vectors+j])
		}
	})
}
