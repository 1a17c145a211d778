package blas

import (
	"math/rand/v2"
	"testing"
)

// available lists every BLAS that this machine has.
func available() []string {
	var list []string
	for _, name := range Names()[1:] {
		if _, err := open(name); err == nil {
			list = append(list, name)
		}
	}
	return list
}

// useFor chooses a BLAS until the test ends.
func useFor(t testing.TB, name string, threads int) {
	t.Helper()
	before := Current()
	if _, err := Use(name, threads); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := Use(before.Name, before.Threads); err != nil {
			t.Fatal(err)
		}
	})
}

type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0))} }

func (r random) slice(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = r.Float32()*2 - 1
	}
	return s
}

func TestGemm32(t *testing.T) {
	for _, name := range available() {
		t.Run(name, func(t *testing.T) {
			useFor(t, name, 2)
			t.Logf("%+v", Current())
			r := newRandom(1)
			for _, s := range []shape{{"", false, false, 100, 63, 78}, {"", true, false, 100, 63, 78}, {"", false, true, 100, 63, 78}, {"", true, true, 100, 63, 78}, {"", false, false, 1, 633, 784}} {
				a, b, c := r.slice(s.m*s.k), r.slice(s.k*s.n), r.slice(s.m*s.n)
				lda, ldb := s.k, s.n
				if s.transA {
					lda = s.m
				}
				if s.transB {
					ldb = s.k
				}
				Gemm32(s.transA, s.transB, s.m, s.n, s.k, 1, a, lda, b, ldb, 0, c, s.n)
				for i := range s.m {
					for j := range s.n {
						sum := 0.0
						for l := range s.k {
							x, y := a[i*s.k+l:], b[l*s.n+j:]
							if s.transA {
								x = a[l*s.m+i:]
							}
							if s.transB {
								y = b[j*s.k+l:]
							}
							sum += float64(x[0]) * float64(y[0])
						}
						if d := sum - float64(c[i*s.n+j]); d > 1e-4 || d < -1e-4 {
							t.Fatalf("%+v (%d,%d): %g want %g", s, i, j, c[i*s.n+j], sum)
						}
					}
				}
			}
		})
	}
}
