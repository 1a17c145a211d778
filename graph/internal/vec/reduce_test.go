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
				largest := inf * -1
				for i, x := range a {
					sum += float64(x)
					squares += float64(x) * float64(x)
					dot += float64(x) * float64(b[i])
					largest = max(largest, x)
				}
				for _, c := range []struct {
					name      string
					got, want float64
				}{{"Sum", Sum(a), sum}, {"SumSquares", SumSquares(a), squares}, {"Dot", Dot(a, b), dot}, {"Max", float64(Max(a)), float64(largest)}} {
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
