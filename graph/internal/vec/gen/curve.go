package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// curves writes the activations of vec/curve.go. Where x is multiplied by what goes to 0 it is held within bounds beyond which the product is 0 in float32, too.
func curves() {
	for _, c := range []struct {
		name         string
		scale, alpha float64
	}{{"ELU", 1, 1}, {"SELU", 1.0507009873554804934193349852946, 1.6732632423543772848170429916717}} {
		activation(c.name, "dst = scale·x where x = src + bias is positive, else scale·alpha·(e^x − 1)", 1, func() func(x reg.VecVirtual) reg.VecVirtual {
			e := newExponential(1, 127)
			low, zero, one, scale, alpha := hold(f32(-40)), zeroed(), hold(f32(1)), hold(f32(c.scale)), hold(f32(c.scale*c.alpha))
			return func(x reg.VecVirtual) reg.VecVirtual {
				u := vector()
				VMOVAPS(x, u)
				clampAbove(zero, u)
				clampBelow(low, u)
				d := scaledExpm1(e, u, one)
				VMULPS(alpha, d, d)
				VMULPS(scale, x, u)
				blend(negative(x), d, u, u)
				return u
			}
		})
	}
	activation("GELU", "dst = x·Φ(x), x = src + bias", 1, func() func(x reg.VecVirtual) reg.VecVirtual {
		normal, low := distribution(), hold(f32(-20))
		return func(x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			phi, _ := normal(x)
			VMULPS(x, phi, phi)
			return phi
		}
	})
	activation("GELUTanh", "dst = x·σ(2u), u = √(2/π)·(x + 0.044715·x³), x = src + bias", 1, func() func(x reg.VecVirtual) reg.VecVirtual {
		inner, s, low := cubic(), sigmoid(), hold(f32(-20))
		return func(x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			u, _ := inner(x)
			y := s(u)
			VMULPS(x, y, y)
			return y
		}
	})
	activation("SiLU", "dst = x·σ(x), x = src + bias", 1, func() func(x reg.VecVirtual) reg.VecVirtual {
		s, low := sigmoid(), hold(f32(-104))
		return func(x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			u := vector()
			VMOVAPS(x, u)
			y := s(u)
			VMULPS(x, y, y)
			return y
		}
	})
	activation("Mish", "dst = x·tanh(ln(1 + e^x)), x = src + bias", 1, func() func(x reg.VecVirtual) reg.VecVirtual {
		t, low := tanhSoftplus(), hold(f32(-104))
		return func(x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			y, _ := t(x)
			VMULPS(x, y, y)
			return y
		}
	})
}

// curveGradients writes their gradients: of ELU and SELU from the output, of the others from the input.
func curveGradients() {
	for _, c := range []struct {
		name         string
		scale, alpha float64
	}{{"elu", 1, 1}, {"selu", 1.0507009873554804934193349852946, 1.6732632423543772848170429916717}} {
		gradient(c.name, "scale·dy where y > 0, else dy·(y + scale·alpha)", 2, func() func(dy, y reg.VecVirtual) reg.VecVirtual {
			zero, scale, alpha := zeroed(), hold(f32(c.scale)), hold(f32(c.scale*c.alpha))
			return func(dy, y reg.VecVirtual) reg.VecVirtual {
				slope, mask := vector(), newMask()
				VADDPS(alpha, y, slope)
				VCMPPS(Imm(greater), zero, y, mask)
				blend(mask, scale, slope, slope)
				VMULPS(dy, slope, slope)
				return slope
			}
		})
	}
	gradient("gelu", "dy·(Φ(x) + x·φ(x)), x in y's place", 1, func() func(dy, x reg.VecVirtual) reg.VecVirtual {
		normal, low, high, density := distribution(), hold(f32(-20)), hold(f32(20)), f32(1/math.Sqrt(2*math.Pi))
		return func(dy, x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			clampAbove(high, x)
			phi, e := normal(x)
			VMULPS(density, e, e)
			VFMADD231PS(x, e, phi)
			VMULPS(dy, phi, phi)
			return phi
		}
	})
	gradient("geluTanh", "dy·(s + x·s·(1 − s)·2u′), s = σ(2u), x in y's place", 1, func() func(dy, x reg.VecVirtual) reg.VecVirtual {
		inner, sigma, low, high, one := cubic(), sigmoid(), hold(f32(-20)), hold(f32(20)), hold(f32(1))
		return func(dy, x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			clampAbove(high, x)
			u, slope := inner(x)
			s := sigma(u)
			VMULPS(x, slope, slope)
			return slopeOf(dy, s, slope, one)
		}
	})
	gradient("silu", "dy·(s + x·s·(1 − s)), s = σ(x), x in y's place", 1, func() func(dy, x reg.VecVirtual) reg.VecVirtual {
		sigma, low, high, one := sigmoid(), hold(f32(-104)), hold(f32(104)), hold(f32(1))
		return func(dy, x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			clampAbove(high, x)
			u := vector()
			VMOVAPS(x, u)
			return slopeOf(dy, sigma(u), x, one)
		}
	})
	gradient("mish", "dy·(t + x·(1 − t²)·σ(x)), t = tanh(ln(1 + e^x)), x in y's place", 1, func() func(dy, x reg.VecVirtual) reg.VecVirtual {
		through, low, high, one := tanhSoftplus(), hold(f32(-104)), hold(f32(104)), hold(f32(1))
		return func(dy, x reg.VecVirtual) reg.VecVirtual {
			clampBelow(low, x)
			clampAbove(high, x)
			t, e := through(x)
			s, rest := vector(), vector()
			VADDPS(one, e, s)
			VDIVPS(s, e, s)
			VMOVAPS(t, rest)
			VFNMADD213PS(one, t, rest)
			VMULPS(x, rest, rest)
			VFMADD231PS(s, rest, t)
			VMULPS(dy, t, t)
			return t
		}
	})
}

// slopeOf is dy·(s + v·s·(1 − s)).
func slopeOf(dy, s, v, one reg.VecVirtual) reg.VecVirtual {
	rest := vector()
	VSUBPS(s, one, rest)
	VMULPS(s, rest, rest)
	VFMADD231PS(v, rest, s)
	VMULPS(dy, s, s)
	return s
}

// distribution returns Φ(x) and e^(−x²/2). ½·erfc(|x|/√2) is ½·(a₁t + … + a₅t⁵)·e^(−x²/2) with t = 1/(1 + 0.3275911·|x|/√2), off by 0.75e-7 (Abramowitz and
// Stegun 1964, 7.1.26): Φ below zero, and 1 − Φ above it.
func distribution() func(x reg.VecVirtual) (phi, e reg.VecVirtual) {
	exp := newExponential(1, 127)
	low, one, sign, half := hold(f32(-87)), hold(f32(1)), hold(bits(1<<31)), f32(-.5)
	a := [5]float64{0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429}
	return func(x reg.VecVirtual) (phi, e reg.VecVirtual) {
		u, t, q := vector(), vector(), vector()
		VMULPS(x, x, u)
		VMULPS(half, u, u)
		clampBelow(low, u)
		scale := exp.reduce(u)
		e = exp.exp(u, one)
		VMULPS(scale, e, e)
		VANDNPS(x, sign, t)
		VMULPS(f32(0.3275911/math.Sqrt2), t, t)
		VADDPS(one, t, t)
		VDIVPS(t, one, t)
		VMOVUPS(f32(a[4]/2), q)
		for i := 3; i >= 0; i-- {
			VFMADD213PS(f32(a[i]/2), t, q)
		}
		VMULPS(t, q, q)
		VMULPS(e, q, q)
		phi = vector()
		VSUBPS(q, one, phi)
		blend(negative(x), q, phi, phi)
		return phi, e
	}
}

// cubic returns 2u = 2√(2/π)·(x + c·x³), and its slope.
func cubic() func(x reg.VecVirtual) (u, slope reg.VecVirtual) {
	const c = 0.044715
	k := 2 * math.Sqrt(2/math.Pi)
	return func(x reg.VecVirtual) (u, slope reg.VecVirtual) {
		square := vector()
		u, slope = vector(), vector()
		VMULPS(x, x, square)
		VMOVUPS(f32(k*c), u)
		VFMADD213PS(f32(k), square, u)
		VMULPS(x, u, u)
		VMOVUPS(f32(3*k*c), slope)
		VFMADD213PS(f32(k), square, slope)
		return u, slope
	}
}

// tanhSoftplus returns n/(n + 2) with n = e^x·(e^x + 2), and e^x, which from x = 20 on stays as it is there: 1 in float32.
func tanhSoftplus() func(x reg.VecVirtual) (t, e reg.VecVirtual) {
	exp := newExponential(1, 127)
	low, high, one, two := hold(f32(-87)), hold(f32(20)), hold(f32(1)), f32(2)
	return func(x reg.VecVirtual) (t, e reg.VecVirtual) {
		u, n := vector(), vector()
		VMOVAPS(x, u)
		clampBelow(low, u)
		clampAbove(high, u)
		scale := exp.reduce(u)
		e = exp.exp(u, one)
		VMULPS(scale, e, e)
		VADDPS(two, e, n)
		VMULPS(e, n, n)
		t = vector()
		VADDPS(two, n, t)
		VDIVPS(t, n, t)
		return t, e
	}
}
