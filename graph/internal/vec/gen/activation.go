package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const activationSignature = "(dst, src, bias *float32, n int, slope float32)"

// activations writes dst = f(src + bias), with a loop of its own for a bias of nil.
func activations() {
	activation("Linear", "dst = src + bias", 4, func() func(x reg.VecVirtual) reg.VecVirtual {
		return func(x reg.VecVirtual) reg.VecVirtual { return x }
	})
	activation("Sigmoid", "dst = σ(src + bias)", 1, sigmoid)
	activation("Tanh", "dst = tanh(src + bias)", 1, tanh)
	activation("ReLU", "dst = max(src + bias, 0)", 4, func() func(x reg.VecVirtual) reg.VecVirtual {
		zero := zeroed()
		return func(x reg.VecVirtual) reg.VecVirtual {
			VMAXPS(x, zero, x) // NaN and −0 stay
			return x
		}
	})
	activation("LeakyReLU", "dst = max(x, 0) + slope·min(x, 0), x = src + bias", 4, func() func(x reg.VecVirtual) reg.VecVirtual {
		slope := scalar("slope")
		return func(x reg.VecVirtual) reg.VecVirtual {
			y := vector()
			VMULPS(x, slope, y)
			blend(negative(x), y, x, y)
			return y
		}
	})
	activation("Softplus", "dst = ln(1 + e^(src + bias))", 1, softplus)
}

func activation(name, doc string, unroll int, prepare func() func(x reg.VecVirtual) reg.VecVirtual) {
	k := function("add"+name+suffix(), activationSignature, "sets "+doc+"; bias may be nil.", "dst", "src", "bias")
	f := prepare()
	TESTQ(k.base["bias"], k.base["bias"])
	JZ(LabelRef("plain"))
	k.each(unroll, func() {
		x := k.load("src")
		VADDPS(k.operand("bias"), x, x)
		k.store(f(x), "dst")
	})
	k.done()
	Label("plain")
	k.each(unroll, func() { k.store(f(k.load("src")), "dst") })
	k.done()
}

func zeroed() reg.VecVirtual {
	z := vector()
	VXORPS(z, z, z)
	return z
}

// sigmoid is 1/(1 + 2h) with h = e^(−x)/2, which stays finite up to where the sum must be infinite. Beyond the clamps the
// result is 0 and 1.
func sigmoid() func(x reg.VecVirtual) reg.VecVirtual {
	e := newExponential(-1, 126)
	low, high, one, two := hold(f32(-89)), hold(f32(80)), hold(f32(1)), hold(f32(2))
	return func(x reg.VecVirtual) reg.VecVirtual {
		clampBelow(low, x)
		clampAbove(high, x)
		half := e.reduce(x)
		h := e.exp(x, one)
		VMULPS(half, h, h)
		VFMADD213PS(one, two, h)
		VDIVPS(h, one, h)
		return h
	}
}

// tanh is −d/(d + 2) with d = e^(−2|x|) − 1, under the sign of x: nothing cancels, near 0 either.
func tanh() func(x reg.VecVirtual) reg.VecVirtual {
	e := newExponential(1, 127)
	sign, low, one, two := hold(bits(1<<31)), hold(f32(-40)), hold(f32(1)), hold(f32(2))
	return func(x reg.VecVirtual) reg.VecVirtual {
		s, u := vector(), vector()
		VANDPS(x, sign, s)
		VADDPS(x, x, u)
		VORPS(u, sign, u)
		clampBelow(low, u)
		d := scaledExpm1(e, u, one)
		VADDPS(d, two, u)
		VDIVPS(u, d, d)
		VANDNPS(d, sign, d)
		VORPS(d, s, d)
		return d
	}
}

// scaledExpm1 returns e^u − 1 = 2^k·(e^r − 1) + (2^k − 1).
func scaledExpm1(e exponential, u, one reg.VecVirtual) reg.VecVirtual {
	scale := e.reduce(u)
	d := e.expm1(u)
	less := vector()
	VSUBPS(one, scale, less)
	VFMADD213PS(less, scale, d)
	return d
}

// softplus is max(x, 0) + ln(1 + e) with e = e^(−|x|) in [0, 1], and ln(1 + e) = 2·artanh(s) = s·(2 + s²·R(s²)) with
// s = e/(2 + e), at most 1/3. R is the Chebyshev fit of degree 3 over s² ≤ 1/9, off by 1.6e-8 of the whole.
func softplus() func(x reg.VecVirtual) reg.VecVirtual {
	const shift = 32 // the power of two is made 2³² too large, and may then end up subnormal
	e := newExponential(1, 127+shift)
	sign, low, one, two, zero := hold(bits(1<<31)), hold(f32(-105)), hold(f32(1)), hold(f32(2)), zeroed()
	unshift := f32(1.0 / (1 << shift))
	return func(x reg.VecVirtual) reg.VecVirtual {
		u := vector()
		VORPS(x, sign, u)
		clampBelow(low, u)
		scale := e.reduce(u)
		s := e.exp(u, one)
		VMULPS(scale, s, s)
		VMULPS(unshift, s, s)
		VADDPS(s, two, u)
		VDIVPS(u, s, s)
		z, p := vector(), vector()
		VMULPS(s, s, z)
		VMOVUPS(f32(0.26852027), p)
		VFMADD213PS(f32(0.28236547), z, p)
		VFMADD213PS(f32(0.40007564), z, p)
		VFMADD213PS(f32(0.6666664), z, p)
		VFMADD213PS(two, z, p)
		VMAXPS(x, zero, x)
		VFMADD231PS(p, s, x)
		return x
	}
}

func gradients() {
	gradient("sigmoid", "dy·y·(1 − y)", 2, func() func(dy, y reg.VecVirtual) reg.VecVirtual {
		one := hold(f32(1))
		return func(dy, y reg.VecVirtual) reg.VecVirtual {
			t := vector()
			VSUBPS(y, one, t)
			VMULPS(t, y, y)
			VMULPS(dy, y, y)
			return y
		}
	})
	gradient("tanh", "dy·(1 − y²)", 2, func() func(dy, y reg.VecVirtual) reg.VecVirtual {
		one := hold(f32(1))
		return func(dy, y reg.VecVirtual) reg.VecVirtual {
			VFNMADD213PS(one, y, y)
			VMULPS(dy, y, y)
			return y
		}
	})
	gradient("relu", "dy where y > 0, else 0", 2, func() func(dy, y reg.VecVirtual) reg.VecVirtual {
		zero := zeroed()
		return func(dy, y reg.VecVirtual) reg.VecVirtual {
			mask := newMask()
			VCMPPS(Imm(greater), zero, y, mask)
			only(mask, dy, y)
			return y
		}
	})
	gradient("leakyReLU", "dy where y > 0, else slope·dy", 2, func() func(dy, y reg.VecVirtual) reg.VecVirtual {
		zero, slope := zeroed(), scalar("slope")
		return func(dy, y reg.VecVirtual) reg.VecVirtual {
			t, mask := vector(), newMask()
			VCMPPS(Imm(greater), zero, y, mask)
			VMULPS(dy, slope, t)
			blend(mask, dy, t, t)
			return t
		}
	})
	gradient("softplus", "dy·(1 − e^−y)", 1, func() func(dy, y reg.VecVirtual) reg.VecVirtual {
		e := newExponential(1, 127)
		sign, low, one := hold(bits(1<<31)), hold(f32(-40)), hold(f32(1))
		return func(dy, y reg.VecVirtual) reg.VecVirtual {
			VXORPS(y, sign, y)
			clampBelow(low, y)
			d := scaledExpm1(e, y, one)
			VXORPS(d, sign, d)
			VMULPS(dy, d, d)
			return d
		}
	})
}

const greater = 0x1e // the predicate "greater than, ordered, quiet" of VCMPPS

func gradient(name, doc string, unroll int, prepare func() func(dy, y reg.VecVirtual) reg.VecVirtual) {
	k := function(name+"Grad"+suffix(), "(dst, dy, y *float32, n int, slope float32)", "sets dst = "+doc+".", "dst", "dy", "y")
	f := prepare()
	k.each(unroll, func() { k.store(f(k.load("dy"), k.load("y")), "dst") })
	k.done()
}
