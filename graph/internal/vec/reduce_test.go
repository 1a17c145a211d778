package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestReductions(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(13, 14))
		for n := range 150 {
			for start := range 3 {
				s := randomSlices(r, 2, n+start)
				a, b := s[0][start:], s[1][start:]
				var sum, squares, dot float64
				largest, size := inf*-1, inf*-1
				for i, x := range a {
					sum += float64(x)
					squares += float64(x) * float64(x)
					dot += float64(x) * float64(b[i])
					largest, size = max(largest, x), max(size, x, -x)
				}
				for _, c := range []struct {
					name      string
					got, want float64
				}{{"Sum", Sum(a), sum}, {"SumSquares", SumSquares(a), squares}, {"Dot", Dot(a, b), dot}, {"Max", float64(Max(a)), float64(largest)}, {"MaxAbs", float64(MaxAbs(a)), float64(size)}} {
					if c.got != c.want && !(math.Abs(c.got-c.want) < 1e-12) {
						t.Errorf("%s of %d elements: got %v, want %v", c.name, n, c.got, c.want)
					}
				}
			}
		}
	})
}

// One NaN or infinity anywhere is found.
func TestReductionsSeeWhatIsNotFinite(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for n := 1; n < 70; n++ {
			for at := range n {
				x := filled(-3, n)
				for _, bad := range []float32{nan, inf, -inf} {
					x[at] = bad
					if s := SumSquares(x); !math.IsInf(s, 1) && !math.IsNaN(s) {
						t.Errorf("SumSquares of %d elements, %g at %d: got %g", n, bad, at, s)
					}
					if m := MaxAbs(x); bad != bad && m == m || bad == bad && m != inf {
						t.Errorf("MaxAbs of %d elements, %g at %d: got %g", n, bad, at, m)
					}
					m := Max(x)
					switch {
					case bad != bad && m == m,
						bad == inf && m != inf,
						bad == -inf && n > 1 && m != -3, n == 1 && bad == -inf && m != -inf:
						t.Errorf("Max of %d elements, %g at %d: got %g", n, bad, at, m)
					}
				}
			}
		}
		if huge := filled(math.MaxFloat32, 1000); math.IsInf(SumSquares(huge), 1) {
			t.Error("SumSquares of finite numbers overflows")
		}
	})
}

// SumExp against the definition, with and without a place for the terms, and the place of the caller alone written.
func TestSumExp(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(15, 16))
		for n := range 70 {
			room := randomSlices(r, 2, n+2)
			x, dst := room[0][1:n+1], room[1][1:n+1]
			before, after := room[1][0], room[1][n+1]
			shift := Max(x)
			if n == 0 {
				shift = 0
			}
			sum := SumExp(dst, x, shift)
			want, terms := 0.0, 0.0
			for i, v := range x {
				e := math.Exp(float64(v - shift))
				want += e
				terms += float64(dst[i])
				if !(math.Abs(float64(dst[i])-e) <= 1.3e-7*e) {
					t.Errorf("n %d: e^%g is %g, want %g", n, v-shift, dst[i], e)
				}
			}
			if !(math.Abs(sum-want) <= 1.3e-7*want) || math.Abs(sum-terms) > 1e-7*want {
				t.Errorf("n %d: the sum is %g, want %g, and of what was written %g", n, sum, want, terms)
			}
			if alone := SumExp(nil, x, shift); alone != sum {
				t.Errorf("n %d: without dst the sum is %g, with it %g", n, alone, sum)
			}
			if room[1][0] != before || room[1][n+1] != after {
				t.Errorf("n %d: written beside dst", n)
			}
			if same := SumExp(x, x, shift); same != sum {
				t.Errorf("n %d: in place the sum is %g, else %g", n, same, sum)
			}
		}
	})
}

// What is masked off at the end must not count, whatever the shift makes of it; NaN and infinities come through; the largest term is 1 exactly.
func TestSumExpExtremes(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		for n := 1; n < 20; n++ {
			for at := range n {
				x := filled(-1000, n)
				x[at] = -500
				if s := SumExp(nil, x, -500); s != 1 {
					t.Errorf("n %d, largest at %d: the sum is %g, want 1", n, at, s)
				}
				x[at] = -inf
				if s := SumExp(x, x, -1000); s != float64(n-1) || x[at] != 0 {
					t.Errorf("n %d, -Inf at %d: the sum is %g, want %d; its term is %g", n, at, s, n-1, x[at])
				}
				for _, bad := range []float32{nan, inf} {
					x := filled(1, n)
					x[at] = bad
					if s := SumExp(nil, x, Max(x)); s == s {
						t.Errorf("n %d, %g at %d: the sum is %g, want NaN", n, bad, at, s)
					}
				}
			}
		}
	})
}
