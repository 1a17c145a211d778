package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func arithmetic() {
	k := function("add"+suffix(), "(dst, a, b *float32, n int)", "sets dst = a + b.", "dst", "a", "b")
	k.each(4, func() {
		x := k.load("a")
		VADDPS(k.operand("b"), x, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("mul"+suffix(), "(dst, a, b *float32, n int)", "sets dst = a·b.", "dst", "a", "b")
	k.each(4, func() {
		x := k.load("a")
		VMULPS(k.operand("b"), x, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("axpy"+suffix(), "(y, x *float32, n int, alpha float32)", "sets y = alpha·x + y.", "y", "x")
	alpha := scalar("alpha")
	k.each(4, func() {
		y := k.load("y")
		VFMADD231PS(k.operand("x"), alpha, y)
		k.store(y, "y")
	})
	k.done()

	k = function("scale"+suffix(), "(dst, src *float32, n int, alpha float32)", "sets dst = alpha·src.", "dst", "src")
	alpha = scalar("alpha")
	k.each(4, func() {
		x := vector()
		VMULPS(k.operand("src"), alpha, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("clamp"+suffix(), "(dst, src *float32, n int, limit float32)", "sets dst = min(max(src, −limit), limit).", "dst", "src")
	limit, least := scalar("limit"), zeroed()
	VSUBPS(limit, least, least)
	k.each(4, func() {
		x := k.load("src")
		VMAXPS(x, least, x) // NaN stays
		VMINPS(x, limit, x)
		k.store(x, "dst")
	})
	k.done()

	k = function("mix"+suffix(), "(y, x *float32, n int, keep, rest float32)", "sets y = keep·y + rest·x.", "y", "x")
	keep, rest := scalar("keep"), scalar("rest")
	k.each(4, func() {
		y := k.load("y")
		VMULPS(keep, y, y)
		VFMADD231PS(k.operand("x"), rest, y)
		k.store(y, "y")
	})
	k.done()

	exponentials()
}

// exponentials writes e^x for every x, and e^(x−shift) with the sum of them.
func exponentials() {
	k := function("exp"+suffix(), "(dst, src *float32, n int)", "sets dst = e^src.", "dst", "src")
	exp := wideExp()
	k.each(1, func() { k.store(exp(k.load("src")), "dst") })
	k.done()

	k = function("sumExp"+suffix(), "(dst, src *float32, n int, shift float32) float64",
		"sets dst = e^(src − shift), unless dst is nil, and returns the sum, added in float64.", "dst", "src")
	shift := scalar("shift")
	exp = wideExp()
	sums := newEightSums()
	next := func() reg.VecVirtual {
		x := k.load("src")
		VSUBPS(shift, x, x)
		y := exp(x)
		if k.masked {
			only(k.mask, y, y)
		}
		sums.add(y)
		return y
	}
	TESTQ(k.base["dst"], k.base["dst"])
	JZ(LabelRef("sum"))
	k.each(1, func() { k.store(next(), "dst") })
	JMP(LabelRef("return"))
	Label("sum")
	k.each(1, func() { next() })
	Label("return")
	sums.giveBack()
}

// wideExp is e^x for every x. The power of two, 2^−151 to 2^130, is multiplied in two halves, so that the
// result overflows and becomes subnormal as it should.
func wideExp() func(x reg.VecVirtual) reg.VecVirtual {
	e := newSeries(1)
	low, high, one := hold(f32(-105)), hold(f32(90)), hold(f32(1))
	bias := hold(bits(127))
	perLn2 := f32(1 / math.Ln2)
	return func(x reg.VecVirtual) reg.VecVirtual {
		clampBelow(low, x)
		clampAbove(high, x)
		power, first, second := vector(), vector(), vector()
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
		return p
	}
}
