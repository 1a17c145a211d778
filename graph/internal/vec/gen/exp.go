package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// e^x = 2^k·e^r with k = round(x/ln 2) and |r| ≤ ln 2/2, and e^r = 1 + r + r²·P(r). P is the Chebyshev fit of degree 4
// of (e^r − 1 − r)/r² over |r| ≤ 1.002·ln 2/2, in float32; 1 + r + r²·P(r) is off by 1.0e-8 of e^r, and r + r²·P(r) by 2.5e-8
// of e^r − 1. The clamps before it keep k in the range that the power of two can hold.
var expP = [5]float64{0.5, 0.16666576, 0.041666552, 0.008363293, 0.0013926326}

// ln 2 in two parts. k times the first, taken from x in one FMA, is exact.
const ln2High = float64(float32(math.Ln2))
const ln2Low = math.Ln2 - ln2High

// roundTo is added to a number of at most 2²² in size to round it: the sum's low bits are the rounded number plus bias.
func roundTo(bias float64) Mem { return f32(1.5*(1<<23) + bias) }

// A series is 1 + r + r²·P(r) for sign 1; for sign −1 it is the same of −r.
type series struct {
	sign float64
	c    [5]Mem
}

func newSeries(sign float64) series {
	s := series{sign: sign}
	odd := 1.0
	for i, c := range expP {
		s.c[i] = f32(odd * c)
		odd *= sign
	}
	return s
}

// An exponential splits e^(sign·x) into 2^k and the series.
type exponential struct {
	series
	perLn2, magic reg.VecVirtual
}

// newExponential prepares reduce to return 2^(k+bias−127), bias being such that k+bias stays between 1 and 254.
func newExponential(sign, bias float64) exponential {
	return exponential{newSeries(sign), hold(f32(sign / math.Ln2)), hold(roundTo(bias))}
}

// reduce returns the power of two and leaves sign·r in x. NaN comes through in r.
func (e exponential) reduce(x reg.VecVirtual) (power reg.VecVirtual) {
	k, power := vector(), vector()
	VMOVAPS(e.magic, k)
	VFMADD231PS(e.perLn2, x, k)
	VPSLLD(Imm(23), k, power)
	VSUBPS(e.magic, k, k)
	e.subtract(k, x)
	return power
}

// subtract leaves x − sign·k·ln 2 in x.
func (s series) subtract(k, x reg.VecVirtual) {
	for _, part := range []float64{ln2High, ln2Low} {
		if s.sign > 0 {
			VFNMADD231PS(f32(part), k, x)
		} else {
			VFMADD231PS(f32(part), k, x)
		}
	}
}

// terms returns r² and P(r), in two chains side by side.
func (s series) terms(r reg.VecVirtual) (r2, p reg.VecVirtual) {
	r2, a, b := vector(), vector(), vector()
	VMULPS(r, r, r2)
	VMOVUPS(s.c[3], a)
	VFMADD213PS(s.c[2], r, a)
	VMOVUPS(s.c[1], b)
	VFMADD213PS(s.c[0], r, b)
	VFMADD231PS(s.c[4], r2, a)
	VFMADD231PS(a, r2, b)
	return r2, b
}

// expm1 returns e^r − 1 for sign 1.
func (s series) expm1(r reg.VecVirtual) reg.VecVirtual {
	r2, p := s.terms(r)
	VFMADD213PS(r, r2, p)
	return p
}

// exp returns e^(sign·r), from r and one.
func (s series) exp(r, one reg.VecVirtual) reg.VecVirtual {
	r2, p := s.terms(r)
	if s.sign > 0 {
		VADDPS(r, one, r)
	} else {
		VSUBPS(r, one, r)
	}
	VFMADD213PS(r, r2, p)
	return p
}

// clampBelow and clampAbove let NaN through: MAXPS and MINPS return their last source if either is NaN.
func clampBelow(low, x reg.VecVirtual)  { VMAXPS(x, low, x) }
func clampAbove(high, x reg.VecVirtual) { VMINPS(x, high, x) }
