package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

var nan, inf = float32(math.NaN()), float32(math.Inf(1))

// samples holds numbers of every exponent and both signs, the limits where a result over- or underflows, and the
// interesting range thickly.
func samples() []float32 {
	r := rand.New(rand.NewPCG(11, 12))
	var x []float32
	for exponent := range uint32(255) {
		for range 40 {
			x = append(x, math.Float32frombits(exponent<<23|r.Uint32()&(1<<23-1)|r.Uint32()&(1<<31)))
		}
		x = append(x, math.Float32frombits(exponent<<23), -math.Float32frombits(exponent<<23))
	}
	for range 200_000 {
		x = append(x, float32(220*r.Float64()-110), float32(4*r.Float64()-2))
	}
	for _, limit := range []float64{88.72283, 87.33655, 103.97208, 16.63553, 9.01, math.Ln2 / 2} {
		for _, sign := range []float64{1, -1} {
			b := math.Float32bits(float32(sign * limit))
			for d := uint32(0); d < 200; d++ {
				x = append(x, math.Float32frombits(b-100+d))
			}
		}
	}
	return x
}

func logistic(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func softplusOf(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func TestAccuracy(t *testing.T) {
	const smallestNormal = 0x1p-126
	functions := []struct {
		name     string
		run      func(dst, x []float32)
		exact    func(x float64) float64
		relative float64 // allowed for normal results; the package comment promises 3e-7
		absolute float64 // allowed for results below the normal numbers
		positive bool    // x ≥ 0 only
	}{
		{"Exp", Exp[float32], math.Exp, 1.3e-7, 0x1p-148, false},
		{"AddSigmoid", func(d, x []float32) { AddSigmoid(d, x, nil) }, logistic, 2e-7, 4e-39, false},
		{"AddTanh", func(d, x []float32) { AddTanh(d, x, nil) }, math.Tanh, 2e-7, 0x1p-148, false},
		{"AddSoftplus", func(d, x []float32) { AddSoftplus(d, x, nil) }, softplusOf, 2.6e-7, 0x1p-148, false},
		{"SoftplusGrad", func(d, x []float32) {
			one := make([]float32, len(d))
			for i := range one {
				one[i] = 1
			}
			SoftplusGrad(d, one, x)
		}, func(x float64) float64 { return -math.Expm1(-x) }, 1.3e-7, 0x1p-148, true},
	}
	x := samples()
	eachPath(t, func(t *testing.T) {
		for _, f := range functions {
			got := make([]float32, len(x))
			f.run(got, x)
			worst, at := 0.0, float32(0)
			for i, x := range x {
				if f.positive && x < 0 {
					continue
				}
				want := f.exact(float64(x))
				switch {
				case want > math.MaxFloat32:
					if want > math.MaxFloat32*(1+3e-7) && got[i] != inf {
						t.Errorf("%s(%g) = %g, want +Inf", f.name, x, got[i])
					}
				case math.Abs(want) < smallestNormal:
					if d := math.Abs(float64(got[i]) - want); !(d <= f.absolute) {
						t.Errorf("%s(%g) = %g, want %g", f.name, x, got[i], want)
					}
				default:
					e := math.Abs(float64(got[i])/want - 1)
					if !(e <= f.relative) {
						t.Errorf("%s(%g) = %g, want %g", f.name, x, got[i], want)
					}
					if e > worst {
						worst, at = e, x
					}
				}
			}
			t.Logf("%s: largest relative error %.3g at %g", f.name, worst, at)
		}
	})
}

func TestSpecialValues(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	odd := math.Float32frombits(0xffc12345) // a NaN with sign and payload
	huge, tiny := float32(math.MaxFloat32), float32(math.SmallestNonzeroFloat32)
	x := []float32{0, negativeZero, inf, -inf, nan, odd, huge, -huge, tiny, -tiny}
	wants := []struct {
		name string
		run  func(dst, x []float32)
		want []float32
	}{
		{"linear", func(d, x []float32) { AddLinear(d, x, nil) }, x},
		{"sigmoid", func(d, x []float32) { AddSigmoid(d, x, nil) }, []float32{.5, .5, 1, 0, nan, nan, 1, 0, .5, .5}},
		{"tanh", func(d, x []float32) { AddTanh(d, x, nil) }, []float32{0, negativeZero, 1, -1, nan, nan, 1, -1, tiny, -tiny}},
		{"relu", func(d, x []float32) { AddReLU(d, x, nil) }, []float32{0, negativeZero, inf, 0, nan, nan, huge, 0, tiny, 0}},
		{"leaky relu", func(d, x []float32) { AddLeakyReLU(d, x, nil, 0.5) }, []float32{0, negativeZero, inf, -inf, nan, nan, huge, -huge / 2, tiny, negativeZero}},
		{"softplus", func(d, x []float32) { AddSoftplus(d, x, nil) }, []float32{math.Ln2, math.Ln2, inf, 0, nan, nan, huge, 0, math.Ln2, math.Ln2}},
		{"exp", Exp[float32], []float32{1, 1, inf, 0, nan, nan, inf, 0, 1, 1}},
		{"relu gradient", func(d, x []float32) { ReLUGrad(d, filled(3, len(d)), x) }, []float32{0, 0, 3, 0, 0, 0, 3, 0, 3, 0}},
		{"leaky relu gradient", func(d, x []float32) { LeakyReLUGrad(d, filled(3, len(d)), x, 0.5) }, []float32{1.5, 1.5, 3, 1.5, 1.5, 1.5, 3, 1.5, 3, 1.5}},
		{"sigmoid gradient of dy", func(d, x []float32) { SigmoidGrad(d, x, filled(.5, len(d))) }, []float32{0, negativeZero, inf, -inf, nan, nan, huge / 4, -huge / 4, 0, negativeZero}},
		{"tanh gradient of dy", func(d, x []float32) { TanhGrad(d, x, filled(.5, len(d))) }, []float32{0, negativeZero, inf, -inf, nan, nan, huge * .75, -huge * .75, tiny, -tiny}},
	}
	eachPath(t, func(t *testing.T) {
		for _, w := range wants {
			got := make([]float32, len(x))
			w.run(got, x)
			for i, g := range got {
				if sameBits(g, w.want[i]) || g != g && w.want[i] != w.want[i] {
					continue
				}
				t.Errorf("%s of %g (%#x): got %g, want %g", w.name, x[i], math.Float32bits(x[i]), g, w.want[i])
			}
		}
	})
}

func filled(x float32, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = x
	}
	return s
}
