package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// winograds writes the transforms in AVX2, and winograds512 the same in AVX-512: the same sums in the same order.
func winograds() {
	for _, e := range elements {
		patch(e, e.name("winogradIn"), 32, func() VecVirtual { return YMM() })
		outputs(e, e.name("winogradOut"), 32, func() VecVirtual { return YMM() })
	}
}

func winograds512() {
	for _, e := range elements {
		patch(e, e.name("winogradInAVX512"), 64, func() VecVirtual { return ZMM() })
		outputs(e, e.name("winogradOutAVX512"), 64, func() VecVirtual { return ZMM() })
	}
}

// patch writes the transform of a run of patches, in vectors of so many bytes.
func patch(e element, name string, bytes int, register func() VecVirtual) {
	TEXT(name, NOSPLIT, e.signature("func(n, vectors int, x *T, row, pixel uintptr, v *T, point uintptr)"))
	Pragma("noescape")
	Doc("v is BᵀdB of n patches d of four by four pixels, two pixels apart: so many vectors of each of its 16 points, point bytes apart, patch behind patch. Rows of x are row bytes apart, its pixels pixel.")
	n, vectors := Load(Param("n"), GP64()), Load(Param("vectors"), GP64())
	x, row, pixel := Load(Param("x"), GP64()), Load(Param("row"), GP64()), Load(Param("pixel"), GP64())
	v, point := Load(Param("v"), GP64()), Load(Param("point"), GP64())
	next, left, at, to, second := GP64(), GP64(), GP64(), GP64(), GP64()
	Label("patch")
	MOVQ(x, next)
	MOVQ(vectors, left)
	Label("vector")
	MOVQ(v, to)
	// rows of Bᵀd: d0 − d2, d1 + d2, d2 − d1, d1 − d3; of each the same along columns
	for i, rows := range [][2]int{{0, 2}, {1, 2}, {2, 1}, {1, 3}} {
		address := func(r int, to Register) {
			MOVQ(next, to)
			for range r {
				ADDQ(row, to)
			}
		}
		address(rows[0], at)
		address(rows[1], second)
		t := make([]VecVirtual, 4)
		for j := range t {
			t[j] = register()
			VMOVUPS(Mem{Base: at}, t[j])
			if i == 1 {
				e.plus(Mem{Base: second}, t[j], t[j])
			} else {
				e.minus(Mem{Base: second}, t[j], t[j])
			}
			if j < 3 {
				ADDQ(pixel, at)
				ADDQ(pixel, second)
			}
		}
		out := register()
		put := func() {
			VMOVUPS(out, Mem{Base: to})
			ADDQ(point, to)
		}
		e.minus(t[2], t[0], out)
		put()
		e.plus(t[2], t[1], out)
		put()
		e.minus(t[1], t[2], out)
		put()
		e.minus(t[3], t[1], out)
		put()
	}
	ADDQ(Imm(uint64(bytes)), next)
	ADDQ(Imm(uint64(bytes)), v)
	DECQ(left)
	JNZ(LabelRef("vector"))
	LEAQ(Mem{Base: x, Index: pixel, Scale: 2}, x)
	DECQ(n)
	JNZ(LabelRef("patch"))
	VZEROUPPER()
	RET()
}

// outputs writes the transform of a run of products, in vectors of so many bytes.
func outputs(e element, name string, bytes int, register func() VecVirtual) {
	TEXT(name, NOSPLIT, e.signature("func(n, vectors int, m *T, point uintptr, bias *T, low T, y *T, row, pixel uintptr)"))
	Pragma("noescape")
	Doc("y = max(low, bias + AᵀmA), two by two pixels of each of n patches, two pixels apart, in so many vectors: m's 16 points are point bytes apart, patch behind patch; rows of y are row bytes apart, its pixels pixel.",
		"NaN stays.")
	n, vectors := Load(Param("n"), GP64()), Load(Param("vectors"), GP64())
	m, point, bias := Load(Param("m"), GP64()), Load(Param("point"), GP64()), Load(Param("bias"), GP64())
	y, row, pixel := Load(Param("y"), GP64()), Load(Param("row"), GP64()), Load(Param("pixel"), GP64())
	lowAt, _ := Param("low").Resolve()
	low := register()
	e.broadcast(lowAt.Addr, low)
	base, next, left, at := GP64(), GP64(), GP64(), GP64()
	Label("patch")
	MOVQ(y, next)
	MOVQ(bias, base)
	MOVQ(vectors, left)
	Label("vector")
	// Aᵀm, column by column: m0 + m1 + m2, and m1 − m2 − m3
	upper, lower := make([]VecVirtual, 4), make([]VecVirtual, 4)
	four := GP64()
	LEAQ(Mem{Base: point, Index: point, Scale: 2}, four)
	ADDQ(point, four)
	MOVQ(m, at)
	start := GP64()
	MOVQ(m, start)
	for j := range 4 {
		upper[j], lower[j] = register(), register()
		second := register()
		MOVQ(start, at)
		VMOVUPS(Mem{Base: at}, upper[j])
		ADDQ(four, at)
		VMOVUPS(Mem{Base: at}, lower[j])
		e.plus(lower[j], upper[j], upper[j])
		ADDQ(four, at)
		VMOVUPS(Mem{Base: at}, second)
		e.plus(second, upper[j], upper[j])
		e.minus(second, lower[j], lower[j])
		ADDQ(four, at)
		e.minus(Mem{Base: at}, lower[j], lower[j])
		ADDQ(point, start)
	}
	begin := register()
	VMOVUPS(Mem{Base: base}, begin)
	MOVQ(next, at)
	for i, s := range [][]VecVirtual{upper, lower} {
		if i == 1 {
			ADDQ(row, at)
		}
		one, two := register(), register()
		e.plus(s[1], s[0], one)
		e.plus(s[2], one, one)
		e.plus(begin, one, one)
		e.max(one, low, one)
		VMOVUPS(one, Mem{Base: at})
		e.minus(s[2], s[1], two)
		e.minus(s[3], two, two)
		e.plus(begin, two, two)
		e.max(two, low, two)
		VMOVUPS(two, Mem{Base: at, Index: pixel, Scale: 1})
	}
	for _, p := range []Register{m, base, next} {
		ADDQ(Imm(uint64(bytes)), p)
	}
	DECQ(left)
	JNZ(LabelRef("vector"))
	LEAQ(Mem{Base: y, Index: pixel, Scale: 2}, y)
	DECQ(n)
	JNZ(LabelRef("patch"))
	VZEROUPPER()
	RET()
}
