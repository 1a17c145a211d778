package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// most are the rows of the highest tile of so many vectors: its sums, the vectors of B and one of A fill the 16 registers.
var most = map[int]int{1: 12, 2: 6, 4: 3}

func tiles() {
	for _, e := range elements {
		for rows := 2; rows <= 6; rows++ {
			pair(e, rows)
		}
		for _, vectors := range []int{1, 2, 4} {
			for rows := 1; rows <= most[vectors]; rows++ {
				tile(e, rows, vectors)
			}
		}
	}
}

// tile writes the kernel for that many rows and vectors of columns.
func tile(e element, rows, vectors int) {
	TEXT(e.name(fmt.Sprintf("tile%dx%d", rows, 32/e.size*vectors)), NOSPLIT, e.signature("func(segs int, table *[2]uintptr, k int, a *T, rs, cs uintptr, b *T, ldb uintptr, bias *T, low T, c *T, ldc uintptr, mask *[16]int32)"))
	Pragma("noescape")
	Doc("C = max(low, bias + A B), or C += A B without a bias. A segment is k columns of A and k rows of B, which begin where the table says, in bytes from a and b; within it A's rows are rs and its",
		"columns cs bytes apart, B's rows ldb. NaN stays. With a mask, which is for one or two vectors and needs a bias, C is only written in its columns.")
	a, rs, cs := Load(Param("a"), GP64()), Load(Param("rs"), GP64()), Load(Param("cs"), GP64())
	ldb := Load(Param("ldb"), GP64())
	table, segs := Load(Param("table"), GP64()), Load(Param("segs"), GP64())
	bias := Load(Param("bias"), GP64())
	b, n := GP64(), GP64()
	base := make([]GPVirtual, (rows+2)/3)
	for i := range base {
		base[i] = GP64()
	}
	sum := make([]VecVirtual, rows*vectors)
	for i := range sum {
		sum[i] = YMM()
	}
	each := func(do func(i, j int, at Mem)) {
		c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
		for i := range rows {
			for j := range vectors {
				do(i, j, Mem{Base: c, Disp: 32 * j})
			}
			if i < rows-1 {
				ADDQ(ldc, c)
			}
		}
	}
	TESTQ(bias, bias)
	JZ(LabelRef("add"))
	for j := range vectors {
		VMOVUPS(Mem{Base: bias, Disp: 32 * j}, sum[j])
		for i := 1; i < rows; i++ {
			VMOVAPS(sum[j], sum[i*vectors+j])
		}
	}
	JMP(LabelRef("segment"))
	Label("add")
	each(func(i, j int, at Mem) { VMOVUPS(at, sum[i*vectors+j]) })

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
	at := func(i int) Mem {
		m := Mem{Base: base[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = rs, uint8(i%3)
		}
		return m
	}
	step := func() {
		if vectors == 4 {
			av := make([]VecVirtual, rows)
			for i := range av {
				av[i] = YMM()
				e.broadcast(at(i), av[i])
			}
			bv := YMM()
			for j := range vectors {
				VMOVUPS(Mem{Base: b, Disp: 32 * j}, bv)
				for i := range av {
					e.add(av[i], bv, sum[i*vectors+j])
				}
			}
		} else {
			bv := make([]VecVirtual, vectors)
			for j := range bv {
				bv[j] = YMM()
				VMOVUPS(Mem{Base: b, Disp: 32 * j}, bv[j])
			}
			av := YMM()
			for i := range rows {
				e.broadcast(at(i), av)
				for j := range bv {
					e.add(av, bv[j], sum[i*vectors+j])
				}
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
	low := YMM()
	e.broadcast(lowAt.Addr, low)
	for _, s := range sum {
		e.max(s, low, s) // the sum where one is NaN
	}
	if vectors < 4 {
		mask := Load(Param("mask"), GP64())
		TESTQ(mask, mask)
		JZ(LabelRef("store"))
		lanes := make([]VecVirtual, vectors)
		for j := range lanes {
			lanes[j] = YMM()
			VMOVUPS(Mem{Base: mask, Disp: 32 * j}, lanes[j])
		}
		each(func(i, j int, at Mem) { e.mask(sum[i*vectors+j], lanes[j], at) })
		VZEROUPPER()
		RET()
	}
	Label("store")
	each(func(i, j int, at Mem) { VMOVUPS(sum[i*vectors+j], at) })
	VZEROUPPER()
	RET()
}

// pair writes the kernel of twice that many rows by one vector, which adds to C alone.
func pair(e element, rows int) {
	TEXT(e.name(fmt.Sprintf("pair%dx%d", rows, 32/e.size)), NOSPLIT, e.signature("func(segs int, table *[2]uintptr, k int, a *T, rs, cs, second uintptr, b *T, ldb uintptr, c *T, ldc uintptr)"))
	Pragma("noescape")
	Doc("C += A B, as a tile's without a bias, of two runs of rows: the second one's begin second bytes behind the first one's, and follow upon them in C.")
	a, rs, cs := Load(Param("a"), GP64()), Load(Param("rs"), GP64()), Load(Param("cs"), GP64())
	ldb := Load(Param("ldb"), GP64())
	table, segs := Load(Param("table"), GP64()), Load(Param("segs"), GP64())
	b, n := GP64(), GP64()
	half := (rows + 2) / 3
	base := make([]GPVirtual, 2*half)
	for i := range base {
		base[i] = GP64()
	}
	sum := make([]VecVirtual, 2*rows)
	for i := range sum {
		sum[i] = YMM()
	}
	each := func(do func(i int, at Mem)) {
		c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
		for i := range sum {
			do(i, Mem{Base: c})
			if i < len(sum)-1 {
				ADDQ(ldc, c)
			}
		}
	}
	each(func(i int, at Mem) { VMOVUPS(at, sum[i]) })
	Label("segment")
	MOVQ(Mem{Base: table}, base[0])
	ADDQ(a, base[0])
	Load(Param("second"), base[half])
	ADDQ(base[0], base[half])
	for i := range base {
		if i%half > 0 {
			LEAQ(Mem{Base: base[i-1], Index: rs, Scale: 2}, base[i])
			ADDQ(rs, base[i])
		}
	}
	Load(Param("b"), b)
	ADDQ(Mem{Base: table, Disp: 8}, b)
	ADDQ(Imm(16), table)
	step := func() {
		bv, av := YMM(), YMM()
		VMOVUPS(Mem{Base: b}, bv)
		for i := range sum {
			at := Mem{Base: base[i/rows*half+i%rows/3]}
			if i%rows%3 > 0 {
				at.Index, at.Scale = rs, uint8(i%rows%3)
			}
			e.broadcast(at, av)
			e.add(av, bv, sum[i])
		}
		for _, p := range base {
			ADDQ(cs, p)
		}
		ADDQ(ldb, b)
	}
	Load(Param("k"), n)
	SUBQ(Imm(2), n)
	JLT(LabelRef("rest"))
	Label("along")
	step()
	step()
	SUBQ(Imm(2), n)
	JGE(LabelRef("along"))
	Label("rest")
	ADDQ(Imm(2), n)
	JZ(LabelRef("next"))
	step()
	Label("next")
	DECQ(segs)
	JNZ(LabelRef("segment"))
	each(func(i int, at Mem) { VMOVUPS(sum[i], at) })
	VZEROUPPER()
	RET()
}
