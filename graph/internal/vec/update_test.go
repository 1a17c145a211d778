package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Float64 runs the same generic code that stands in for the assembly; the rules are written down once more here.
func TestUpdates(t *testing.T) {
	c := AdamTerms[float64]{Beta1: 0.8, Rest1: 0.2, Beta2: 0.95, Rest2: 0.05, Rate: 0.02, Direct: 0.003, Root: 1.7, Epsilon: 1e-3}
	c32 := AdamTerms[float32]{Beta1: 0.8, Rest1: 0.2, Beta2: 0.95, Rest2: 0.05, Rate: 0.02, Direct: 0.003, Root: 1.7, Epsilon: 1e-3}
	rules := []struct {
		name  string
		run   func(w, g, a, b []float32)
		run64 func(w, g, a, b []float64)
		want  func(w, g, a, b float64) (float64, float64, float64)
	}{
		{"SGD", func(w, g, a, b []float32) { SGD(w, g, 0.1) }, func(w, g, a, b []float64) { SGD(w, g, 0.1) },
			func(w, g, a, b float64) (float64, float64, float64) { return w - 0.1*g, a, b }},
		{"Momentum", func(w, g, a, b []float32) { Momentum(w, g, a, 0.1, 0.9, false) },
			func(w, g, a, b []float64) { Momentum(w, g, a, 0.1, 0.9, false) },
			func(w, g, a, b float64) (float64, float64, float64) { v := 0.9*a + g; return w - 0.1*v, v, b }},
		{"Nesterov", func(w, g, a, b []float32) { Momentum(w, g, a, 0.1, 0.9, true) },
			func(w, g, a, b []float64) { Momentum(w, g, a, 0.1, 0.9, true) },
			func(w, g, a, b float64) (float64, float64, float64) { v := 0.9*a + g; return w - 0.1*(g+0.9*v), v, b }},
		{"Adam", func(w, g, a, b []float32) { Adam(w, g, a, b, c32) }, func(w, g, a, b []float64) { Adam(w, g, a, b, c) },
			func(w, g, a, b float64) (float64, float64, float64) {
				m, v := 0.8*a+0.2*g, 0.95*b+0.05*g*g
				return w - 0.02*m/(1.7*math.Sqrt(v)+1e-3), m, v
			}},
		{"AMSGrad", func(w, g, a, b []float32) {
			top := append([]float32(nil), b...)
			AMSGrad(w, g, a, b, top, c32)
			copy(b, top)
		}, func(w, g, a, b []float64) {
			top := append([]float64(nil), b...)
			AMSGrad(w, g, a, b, top, c)
			copy(b, top)
		}, func(w, g, a, b float64) (float64, float64, float64) {
			m, top := 0.8*a+0.2*g, max(b, 0.95*b+0.05*g*g)
			return w - 0.02*m/(1.7*math.Sqrt(top)+1e-3), m, top
		}},
		{"Nadam", func(w, g, a, b []float32) { Nadam(w, g, a, b, c32) }, func(w, g, a, b []float64) { Nadam(w, g, a, b, c) },
			func(w, g, a, b float64) (float64, float64, float64) {
				m, v := 0.8*a+0.2*g, 0.95*b+0.05*g*g
				return w - (0.02*m+0.003*g)/(1.7*math.Sqrt(v)+1e-3), m, v
			}},
		{"Lion", func(w, g, a, b []float32) { Lion(w, g, a, 0.1, 0.9, 0.1, 0.7, 0.3) },
			func(w, g, a, b []float64) { Lion(w, g, a, 0.1, 0.9, 0.1, 0.7, 0.3) },
			func(w, g, a, b float64) (float64, float64, float64) {
				return w - math.Copysign(0.1, 0.9*a+0.1*g), 0.7*a + 0.3*g, b
			}},
		{"RMSProp", func(w, g, a, b []float32) { RMSProp(w, g, b, 0.1, 0.9, 0.1, 1e-3) },
			func(w, g, a, b []float64) { RMSProp(w, g, b, 0.1, 0.9, 0.1, 1e-3) },
			func(w, g, a, b float64) (float64, float64, float64) {
				v := 0.9*b + 0.1*g*g
				return w - 0.1*g/(math.Sqrt(v)+1e-3), a, v
			}},
		{"AdaGrad", func(w, g, a, b []float32) { AdaGrad(w, g, b, 0.1, 1e-3) },
			func(w, g, a, b []float64) { AdaGrad(w, g, b, 0.1, 1e-3) },
			func(w, g, a, b float64) (float64, float64, float64) {
				v := b + g*g
				return w - 0.1*g/(math.Sqrt(v)+1e-3), a, v
			}},
	}
	eachPath(t, func(t *testing.T) {
		for _, rule := range rules {
			s := randomSlices(rand.New(rand.NewPCG(15, 16)), 4, 203)
			got, wide := clone(s), make([][]float64, 4)
			for i := range s {
				for _, x := range s[i] {
					wide[i] = append(wide[i], float64(x))
				}
			}
			rule.run(got[0], got[1], got[2], got[3])
			rule.run64(wide[0], wide[1], wide[2], wide[3])
			for i := range s[0] {
				w, a, b := rule.want(float64(s[0][i]), float64(s[1][i]), float64(s[2][i]), float64(s[3][i]))
				for k, want := range []float64{w, float64(s[1][i]), a, b} {
					if d := math.Abs(float64(got[k][i]) - want); !(d <= 5e-7*(1+math.Abs(want))) {
						t.Errorf("%s: slice %d, element %d: got %g, want %g", rule.name, k, i, got[k][i], want)
					}
					if d := math.Abs(wide[k][i] - want); !(d <= 1e-14*(1+math.Abs(want))) {
						t.Errorf("%s in float64: slice %d, element %d: got %g, want %g", rule.name, k, i, wide[k][i], want)
					}
				}
			}
		}
	})
}

// The sign of 0 is 0, and what is no number shows in the weights.
func TestLionsSign(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for n := 1; n < 20; n++ {
			w, g, m := filled(1, n), filled(0, n), filled(0, n)
			g[n-1] = nan
			Lion(w, g, m, 0.1, 0.9, 0.1, 0.9, 0.1)
			for i, got := range w {
				if i < n-1 && got != 1 || i == n-1 && got == got {
					t.Errorf("weight %d of %d: got %v", i, n, got)
				}
			}
		}
	})
}
