package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// norms writes the kernels of normalisation: sums down the columns of rows, the passes that are given a vector for the columns, and those over a single row.
func norms() {
	columns("moments", "(sum, squares *float64, x, about *float32, n, rows int)",
		"sets sum and squares to Σ(x − about) and Σ(x − about)² down the columns of rows of n; both have room for n rounded up to 8.", []string{"x"}, func(v []reg.VecVirtual) (one, other reg.VecVirtual) {
			return v[0], v[0]
		})
	columns("cross", "(sum, dot *float64, x, about, dy *float32, n, rows int)",
		"sets sum and dot to Σdy and Σdy·(x − about) down the columns of rows of n; both have room for n rounded up to 8.", []string{"x", "dy"}, func(v []reg.VecVirtual) (one, other reg.VecVirtual) {
			return v[1], v[0]
		})

	k := function("standardizeAVX2", "(dst, x, mean, scale, shift *float32, n int)", "sets dst = (x − mean)·scale + shift.", "dst", "x", "mean", "scale", "shift")
	k.each(2, func() {
		x, scale := k.load("x"), k.load("scale")
		VSUBPS(k.operand("mean"), x, x)
		VFMADD213PS(k.operand("shift"), scale, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("standardizeGradAVX2", "(dst, dy, x, mean, a, b, c *float32, n int)", "sets dst = a·dy + b·(x − mean) + c.", "dst", "dy", "x", "mean", "a", "b", "c")
	k.each(2, func() {
		x, dy, b := k.load("x"), k.load("dy"), k.load("b")
		VSUBPS(k.operand("mean"), x, x)
		VFMADD213PS(k.operand("c"), b, x)
		VFMADD231PS(k.operand("a"), dy, x)
		k.store(x, "dst")
	})
	k.done()

	squaresAbout()

	k = function("normalizeAVX2", "(dst, x, scale, shift *float32, n int, mean, rstd float32)", "sets dst = (x − mean)·rstd·scale + shift.", "dst", "x", "scale", "shift")
	mean, rstd := scalar("mean"), scalar("rstd")
	k.each(2, func() {
		x, scale := k.load("x"), k.load("scale")
		VSUBPS(mean, x, x)
		VMULPS(rstd, x, x)
		VFMADD213PS(k.operand("shift"), scale, x)
		k.store(x, "dst")
	})
	k.done()

	normalizeSums()

	k = function("normalizeGradAVX2", "(dst, dscale, dshift, dy, x, scale *float32, n int, mean, rstd, b, c float32)",
		"sets dst = rstd·scale·dy + b·(x − mean) + c, and adds dy·(x − mean)·rstd to dscale and dy to dshift.", "dst", "dscale", "dshift", "dy", "x", "scale")
	mean, rstd = scalar("mean"), scalar("rstd")
	b, c := scalar("b"), scalar("c")
	k.each(1, func() {
		x, dy, scale, dscale, dshift, dx := k.load("x"), k.load("dy"), k.load("scale"), k.load("dscale"), k.load("dshift"), YMM()
		VSUBPS(mean, x, x)
		VADDPS(dy, dshift, dshift)
		k.store(dshift, "dshift")
		VMULPS(rstd, dy, dy)
		VFMADD231PS(dy, x, dscale)
		k.store(dscale, "dscale")
		VMOVAPS(x, dx)
		VFMADD213PS(c, b, dx)
		VFMADD231PS(dy, scale, dx)
		k.store(dx, "dst")
	})
	k.done()
}

// widen is eight float32 as two times four float64.
func widen(v reg.VecVirtual) (low, high reg.VecVirtual) {
	low, high = YMM(), YMM()
	VCVTPS2PD(v.AsX(), low)
	VEXTRACTF128(Imm(1), v, high.AsX())
	VCVTPS2PD(high.AsX(), high)
	return low, high
}

// columns sums two things down eight columns at a time: the first that terms gives of a row, and the product of both. The first pointer of a row has about taken from it.
func columns(name, signature, doc string, rowPointers []string, terms func(v []reg.VecVirtual) (one, other reg.VecVirtual)) {
	results := map[string][2]string{"moments": {"sum", "squares"}, "cross": {"sum", "dot"}}[name]
	k := function(name+"AVX2", signature, doc, append([]string{results[0], results[1], "about"}, rowPointers...)...)
	rows, stride := Load(Param("rows"), GP64()), GP64()
	MOVQ(k.n, stride)
	SHLQ(Imm(2), stride)
	loops := 0
	k.each(1, func() {
		loops++
		again := fmt.Sprintf("row%d", loops)
		about := k.load("about")
		sum, other := [2]reg.VecVirtual{zeroed(), zeroed()}, [2]reg.VecVirtual{zeroed(), zeroed()}
		at := make([]reg.GPVirtual, len(rowPointers))
		for i, p := range rowPointers {
			at[i] = GP64()
			LEAQ(k.at(p), at[i])
		}
		left := GP64()
		MOVQ(rows, left)
		Label(again)
		v := make([]reg.VecVirtual, len(rowPointers))
		for i := range rowPointers {
			v[i] = YMM()
			if k.masked {
				VMASKMOVPS(Mem{Base: at[i]}, k.mask, v[i])
			} else {
				VMOVUPS(Mem{Base: at[i]}, v[i])
			}
		}
		VSUBPS(about, v[0], v[0])
		one, two := terms(v)
		low, high := widen(one)
		low2, high2 := low, high
		if two != one {
			low2, high2 = widen(two)
		}
		VADDPD(low, sum[0], sum[0])
		VADDPD(high, sum[1], sum[1])
		VFMADD231PD(low, low2, other[0])
		VFMADD231PD(high, high2, other[1])
		for i := range rowPointers {
			ADDQ(stride, at[i])
		}
		DECQ(left)
		JNZ(LabelRef(again))
		for half := range 2 {
			VMOVUPD(sum[half], Mem{Base: k.base[results[0]], Index: k.index, Scale: 2, Disp: 32 * half})
			VMOVUPD(other[half], Mem{Base: k.base[results[1]], Index: k.index, Scale: 2, Disp: 32 * half})
		}
	})
	k.done()
}

func squaresAbout() {
	k := function("sumSquaresAboutAVX2", "(x *float32, n int, about float32) float64", "returns Σ(x − about)², added in float64.", "x")
	about := scalar("about")
	sums := [2]reg.VecVirtual{zeroed(), zeroed()}
	k.each(2, func() {
		x := k.load("x")
		VSUBPS(about, x, x)
		if k.masked {
			VANDPS(k.mask, x, x)
		}
		low, high := widen(x)
		VFMADD231PD(low, low, sums[0])
		VFMADD231PD(high, high, sums[1])
	})
	VADDPD(sums[1], sums[0], sums[0])
	returnLanes(sums[0])
}

func normalizeSums() {
	k := function("normalizeSumsAVX2", "(dy, x, scale *float32, n int, mean float32) (sum, dot float64)",
		"returns Σ dy·scale and Σ dy·scale·(x − mean), added in float64.", "dy", "x", "scale")
	mean := scalar("mean")
	sum, dot := zeroed(), zeroed()
	sumHigh, dotHigh := zeroed(), zeroed()
	k.each(1, func() {
		g, x := k.load("dy"), k.load("x")
		VMULPS(k.operand("scale"), g, g)
		VSUBPS(mean, x, x)
		low, high := widen(g)
		xLow, xHigh := widen(x)
		VADDPD(low, sum, sum)
		VADDPD(high, sumHigh, sumHigh)
		VFMADD231PD(low, xLow, dot)
		VFMADD231PD(high, xHigh, dotHigh)
	})
	VADDPD(sumHigh, sum, sum)
	VADDPD(dotHigh, dot, dot)
	returnLanes(sum, dot)
}
