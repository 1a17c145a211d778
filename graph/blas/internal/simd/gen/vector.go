package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// combine writes the kernel of a row times a matrix, which takes that many rows of the matrix at a time.
func (s isa) combine(rows int) {
	TEXT(fmt.Sprintf("combine%d%s", rows, s.suffix), NOSPLIT, "func(n int, y *float32, beta float32, x, row *float32, ld uintptr, mask *[64]int32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("y = x rows + beta y, with rows of n elements ld bytes apart. With beta 0, y is only written. The mask is of n%%%d.", s.lanes))
	n := Load(Param("n"), GP64())
	y := Load(Param("y"), GP64())
	xs := Load(Param("x"), GP64())
	r0 := Load(Param("row"), GP64())
	ld := Load(Param("ld"), GP64())
	mask := Load(Param("mask"), GP64())
	betaAt, _ := Param("beta").Resolve()

	x := s.vectors(rows)
	for i := range x {
		VBROADCASTSS(Mem{Base: xs, Disp: 4 * i}, x[i])
	}
	r3, r6 := GP64(), GP64()
	row := func(i int) Mem {
		base := []Register{r0, r3, r6}[i/3]
		if i%3 == 0 {
			return Mem{Base: base}
		}
		return Mem{Base: base, Index: ld, Scale: uint8(i % 3)}
	}
	if rows > 3 {
		LEAQ(Mem{Base: r0, Index: ld, Scale: 2}, r3)
		ADDQ(ld, r3)
		LEAQ(Mem{Base: r3, Index: ld, Scale: 2}, r6)
		ADDQ(ld, r6)
	}
	advance := func() {
		ADDQ(Imm(uint64(s.bytes())), y)
		ADDQ(Imm(uint64(s.bytes())), r0)
		if rows > 3 {
			ADDQ(Imm(uint64(s.bytes())), r3)
			ADDQ(Imm(uint64(s.bytes())), r6)
		}
	}
	beta, sum := s.vector(), s.vector()
	VBROADCASTSS(betaAt.Addr, beta)
	m := s.mask(Mem{Base: mask})
	bits := GP32()
	MOVL(betaAt.Addr, bits)
	ADDL(bits, bits) // drops the sign: 0 for both zeros alone
	JZ(LabelRef("write"))

	SUBQ(Imm(uint64(s.lanes)), n)
	JLT(LabelRef("updatetail"))
	Label("update")
	VMULPS(Mem{Base: y}, beta, sum)
	for i := range x {
		VFMADD231PS(row(i), x[i], sum)
	}
	VMOVUPS(sum, Mem{Base: y})
	advance()
	SUBQ(Imm(uint64(s.lanes)), n)
	JGE(LabelRef("update"))
	Label("updatetail")
	ADDQ(Imm(uint64(s.lanes)), n)
	JZ(LabelRef("done"))
	s.load(Mem{Base: y}, m, sum)
	VMULPS(sum, beta, sum)
	JMP(LabelRef("tail"))

	Label("write")
	SUBQ(Imm(uint64(s.lanes)), n)
	JLT(LabelRef("writetail"))
	Label("fresh")
	VMULPS(row(0), x[0], sum)
	for i := range x[1:] {
		VFMADD231PS(row(i+1), x[i+1], sum)
	}
	VMOVUPS(sum, Mem{Base: y})
	advance()
	SUBQ(Imm(uint64(s.lanes)), n)
	JGE(LabelRef("fresh"))
	Label("writetail")
	ADDQ(Imm(uint64(s.lanes)), n)
	JZ(LabelRef("done"))
	VXORPS(sum, sum, sum)

	Label("tail")
	t := s.vector()
	for i := range x {
		s.load(row(i), m, t)
		VFMADD231PS(t, x[i], sum)
	}
	s.store(sum, m, Mem{Base: y})
	Label("done")
	VZEROUPPER()
	RET()
}

// dots writes the kernel of a matrix times a column, which takes that many rows of the matrix at a time.
func (s isa) dots(rows int) {
	TEXT(fmt.Sprintf("dots%d%s", rows, s.suffix), NOSPLIT, "func(groups, n int, y *float32, alpha, beta float32, x, row *float32, ld uintptr, mask *[64]int32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("y = alpha rows x + beta y, for groups of that many rows of n elements, ld bytes apart. With beta 0, y is only written. The mask is of n%%%d.", s.lanes))
	y := Load(Param("y"), GP64())
	first := Load(Param("row"), GP64())
	ld := Load(Param("ld"), GP64())
	mask := Load(Param("mask"), GP64())
	groups := Load(Param("groups"), GP64())
	alphaAt, _ := Param("alpha").Resolve()
	betaAt, _ := Param("beta").Resolve()

	Label("group")
	n, x, r0, r3 := GP64(), GP64(), GP64(), GP64()
	Load(Param("n"), n)
	Load(Param("x"), x)
	MOVQ(first, r0)
	row := func(i, disp int) Mem {
		m := Mem{Base: r0, Disp: disp}
		if i == 3 {
			m.Base = r3
		} else if i > 0 {
			m.Index, m.Scale = ld, uint8(i)
		}
		return m
	}
	if rows > 3 {
		LEAQ(Mem{Base: r0, Index: ld, Scale: 2}, r3)
		ADDQ(ld, r3)
	}
	advance := func(bytes uint64) {
		ADDQ(Imm(bytes), x)
		ADDQ(Imm(bytes), r0)
		if rows > 3 {
			ADDQ(Imm(bytes), r3)
		}
	}
	total := make([]Register, rows) // of eight sums each
	if s.wide {
		s.dotsWide(total, n, x, mask, row, advance)
	} else {
		s.dotsPaired(total, n, x, mask, row, advance)
	}
	sum, high := total[0], XMM()
	if rows == 4 {
		VHADDPS(total[1], total[0], total[0])
		VHADDPS(total[3], total[2], total[2])
		VHADDPS(total[2], total[0], total[0])
	} else {
		VHADDPS(total[0], total[0], total[0])
		VHADDPS(total[0], total[0], total[0])
	}
	VEXTRACTF128(Imm(1), sum, high)
	low := sum.(Vec).AsX()
	VADDPS(high, low, low)
	alpha, beta, old := XMM(), XMM(), XMM()
	VBROADCASTSS(alphaAt.Addr, alpha)
	VMULPS(alpha, low, low)
	bits := GP32()
	MOVL(betaAt.Addr, bits)
	ADDL(bits, bits)
	JZ(LabelRef("store"))
	VBROADCASTSS(betaAt.Addr, beta)
	if rows == 4 {
		VMOVUPS(Mem{Base: y}, old)
	} else {
		VMOVSS(Mem{Base: y}, old)
	}
	VFMADD231PS(old, beta, low)
	Label("store")
	if rows == 4 {
		VMOVUPS(low, Mem{Base: y})
		LEAQ(Mem{Base: first, Index: ld, Scale: 4}, first)
	} else {
		VMOVSS(low, Mem{Base: y})
		ADDQ(ld, first)
	}
	ADDQ(Imm(uint64(4*rows)), y)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// dotsPaired adds up in two vectors of eight sums for each row, which take turns, and then adds these.
func (s isa) dotsPaired(total []Register, n, x, mask Register, row func(i, disp int) Mem, advance func(bytes uint64)) {
	acc := make([][2]VecVirtual, len(total))
	for i := range acc {
		acc[i] = [2]VecVirtual{s.zero(), s.zero()}
	}
	v, t := [2]VecVirtual{YMM(), YMM()}, YMM()
	m := s.mask(Mem{Base: mask})
	SUBQ(Imm(16), n)
	JLT(LabelRef("half"))
	Label("along")
	for j := range v {
		VMOVUPS(Mem{Base: x, Disp: 32 * j}, v[j])
	}
	for i := range acc {
		for j := range v {
			VFMADD231PS(row(i, 32*j), v[j], acc[i][j])
		}
	}
	advance(64)
	SUBQ(Imm(16), n)
	JGE(LabelRef("along"))
	Label("half")
	ADDQ(Imm(16), n)
	JZ(LabelRef("sum"))
	tail := func(j int) {
		s.load(Mem{Base: x}, m, v[0])
		for i := range acc {
			s.load(row(i, 0), m, t)
			VFMADD231PS(t, v[0], acc[i][j])
		}
	}
	SUBQ(Imm(8), n)
	JGE(LabelRef("eight"))
	tail(0)
	JMP(LabelRef("sum"))
	Label("eight")
	VMOVUPS(Mem{Base: x}, v[0])
	for i := range acc {
		VFMADD231PS(row(i, 0), v[0], acc[i][0])
	}
	advance(32)
	TESTQ(n, n)
	JZ(LabelRef("sum"))
	tail(1)
	Label("sum")
	for i := range acc {
		total[i] = acc[i][0]
		VADDPS(acc[i][1], total[i], total[i])
	}
}

// dotsWide is the same with both vectors in one, for the same bits.
func (s isa) dotsWide(total []Register, n, x, mask Register, row func(i, disp int) Mem, advance func(bytes uint64)) {
	acc := make([]VecVirtual, len(total))
	for i := range acc {
		acc[i] = s.zero()
	}
	v, m := s.vector(), s.mask(Mem{Base: mask})
	SUBQ(Imm(16), n)
	JLT(LabelRef("tail"))
	Label("along")
	VMOVUPS(Mem{Base: x}, v)
	for i := range acc {
		VFMADD231PS(row(i, 0), v, acc[i])
	}
	advance(64)
	SUBQ(Imm(16), n)
	JGE(LabelRef("along"))
	Label("tail")
	ADDQ(Imm(16), n)
	JZ(LabelRef("sum"))
	s.load(Mem{Base: x}, m, v)
	for i := range acc {
		VFMADD231PS(row(i, 0), v, m, acc[i])
	}
	Label("sum")
	upper := YMM()
	for i := range acc {
		total[i] = acc[i].AsY()
		VEXTRACTF32X8(Imm(1), acc[i], upper)
		VADDPS(upper, total[i], total[i])
	}
}
