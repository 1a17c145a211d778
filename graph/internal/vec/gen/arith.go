package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func arithmetic() {
	k := function("addAVX2", "(dst, a, b *float32, n int)", "sets dst = a + b.", "dst", "a", "b")
	k.each(4, func() {
		x := k.load("a")
		VADDPS(k.operand("b"), x, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("mulAVX2", "(dst, a, b *float32, n int)", "sets dst = a·b.", "dst", "a", "b")
	k.each(4, func() {
		x := k.load("a")
		VMULPS(k.operand("b"), x, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("axpyAVX2", "(y, x *float32, n int, alpha float32)", "sets y = alpha·x + y.", "y", "x")
	alpha := scalar("alpha")
	k.each(4, func() {
		y := k.load("y")
		VFMADD231PS(k.operand("x"), alpha, y)
		k.store(y, "y")
	})
	k.done()

	exponentials()
}

// exponentials writes e^x for every x. The power of two, 2^−151 to 2^130, is multiplied in two halves, so that the
// result overflows and becomes subnormal as it should.
func exponentials() {
	k := function("expAVX2", "(dst, src *float32, n int)", "sets dst = e^src.", "dst", "src")
	e := newSeries(1)
	low, high, one := hold(f32(-105)), hold(f32(90)), hold(f32(1))
	bias := hold(bits(127))
	perLn2 := f32(1 / math.Ln2)
	k.each(1, func() {
		x := k.load("src")
		clampBelow(low, x)
		clampAbove(high, x)
		power, first, second := YMM(), YMM(), YMM()
		VMULPS(perLn2, x, power)
		VCVTPS2DQ(power, power)
		VCVTDQ2PS(power, first)
		e.subtract(first, x)
		p := e.exp(x, one)
		VPSRAD(Imm(1), power, first)
		VPSUBD(first, power, second)
		for _, half := range []reg.VecVirtual{first, second} {
			VPADDD(bias, half, half)
			VPSLLD(Imm(23), half, half)
			VMULPS(half, p, p)
		}
		k.store(p, "dst")
	})
	k.done()
}
