package vec

import (
	"math"
	"testing"
)

// TestCurves: the activations that bend, and their slopes, against float64, from the smallest number to where a naive formula overflows.
func TestCurves(t *testing.T) {
	phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	density := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	inner := func(x float64) float64 { return 2 * math.Sqrt(2/math.Pi) * (x + .044715*x*x*x) }
	away := func(x, f float64) float64 { // x·f, 0 where f is
		if f == 0 {
			return 0
		}
		return x * f
	}
	functions := map[string]struct {
		run, slope     func(dst, x []float32)
		exact, tangent func(x float64) float64
	}{
		"ELU":  {func(d, x []float32) { AddELU(d, x, nil) }, fromOutput(AddELU[float32], ELUGrad[float32]), elu(1, 1), eluSlope(1, 1)},
		"SELU": {func(d, x []float32) { AddSELU(d, x, nil) }, fromOutput(AddSELU[float32], SELUGrad[float32]), elu(SELUScale, SELUAlpha), eluSlope(SELUScale, SELUAlpha)},
		"GELU": {func(d, x []float32) { AddGELU(d, x, nil) }, fromInput(GELUGrad[float32]), func(x float64) float64 { return away(x, phi(x)) },
			func(x float64) float64 { return phi(x) + away(x, density(x)) }},
		"GELUTanh": {func(d, x []float32) { AddGELUTanh(d, x, nil) }, fromInput(GELUTanhGrad[float32]), func(x float64) float64 { return away(x, logistic(inner(x))) },
			func(x float64) float64 {
				s := logistic(inner(x))
				return s + away(away(x, s*logistic(-inner(x))), 2*math.Sqrt(2/math.Pi)*(1+3*.044715*x*x))
			}},
		"SiLU": {func(d, x []float32) { AddSiLU(d, x, nil) }, fromInput(SiLUGrad[float32]), func(x float64) float64 { return away(x, logistic(x)) },
			func(x float64) float64 { return logistic(x) + away(x, logistic(x)*logistic(-x)) }},
		"Mish": {func(d, x []float32) { AddMish(d, x, nil) }, fromInput(MishGrad[float32]), func(x float64) float64 { return away(x, math.Tanh(softplusOf(x))) },
			func(x float64) float64 {
				sech := 1 / math.Cosh(softplusOf(x))
				return math.Tanh(softplusOf(x)) + away(x, sech*sech*logistic(x))
			}},
	}
	x := samples()
	eachPath(t, func(t *testing.T) {
		for name, f := range functions {
			y, slope := make([]float32, len(x)), make([]float32, len(x))
			f.run(y, x)
			f.slope(slope, x)
			for i, x := range x {
				want, tangent := f.exact(float64(x)), f.tangent(float64(x))
				if !(math.Abs(float64(y[i])-want) <= 4e-7*max(math.Abs(want), min(1, math.Abs(float64(x)))+1e-37)) && math.Abs(want) <= math.MaxFloat32 {
					t.Fatalf("%s(%g) = %g, want %g", name, x, y[i], want)
				}
				if !(math.Abs(float64(slope[i])-tangent) <= 2e-6) {
					t.Fatalf("%s′(%g) = %g, want %g", name, x, slope[i], tangent)
				}
			}
			odd := []float32{nan, 1, nan, 1, 1, 1, 1, 1, 1, nan}
			f.run(odd, odd)
			for i, y := range odd {
				if (y != y) != (i == 0 || i == 2 || i == 9) {
					t.Errorf("%s: got %v, want NaN of NaN, and of nothing else", name, odd)
				}
			}
		}
	})
}

func elu(scale, alpha float64) func(x float64) float64 {
	return func(x float64) float64 {
		if x > 0 {
			return scale * x
		}
		return scale * alpha * math.Expm1(x)
	}
}

func eluSlope(scale, alpha float64) func(x float64) float64 {
	return func(x float64) float64 {
		if x > 0 {
			return scale
		}
		return scale * alpha * math.Exp(x)
	}
}

// fromInput is the slope of a function whose gradient takes the input.
func fromInput(grad func(dst, dy, x []float32)) func(dst, x []float32) {
	return func(dst, x []float32) { grad(dst, filled(1, len(x)), x) }
}

// fromOutput is the slope of a function whose gradient takes the output.
func fromOutput(f, grad func(dst, a, b []float32)) func(dst, x []float32) {
	return func(dst, x []float32) {
		y := make([]float32, len(x))
		f(y, x, nil)
		grad(dst, filled(1, len(x)), y)
	}
}
