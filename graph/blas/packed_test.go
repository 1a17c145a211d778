package blas

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestPacked: a packed matrix gives the product's values, of rows however they are cut, in memory that is packed anew.
func TestPacked(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		testPacked[float32](t, name, 1e-5)
		testPacked[float64](t, name, 1e-13)
	})
}

func testPacked[T float](t *testing.T, name string, tolerance float64) {
	r := rand.New(rand.NewPCG(1, 2))
	var p Packed[T]
	for _, s := range [][3]int{{7, 150, 650}, {1, 1, 1}, {1, 17, 3}, {13, 5, 1300}, {6, 8, 8}, {29, 64, 128}, {30, 65, 9}, {0, 3, 4}, {3, 0, 4}, {3, 4, 0}} {
		for _, transB := range []bool{false, true} {
			m, n, k := s[0], s[1], s[2]
			what := fmt.Sprintf("%T, transB %v, %v", *new(T), transB, s)
			lda, ldc := k+2, n+3
			rows, ldb := k, n+1
			if transB {
				rows, ldb = n, k+1
			}
			draw := func(n int) []T {
				x := make([]T, n)
				for i := range x {
					x[i] = T(r.Float64()*2 - 1)
				}
				return x
			}
			a, b, before := draw(m*lda), draw(rows*ldb), draw(m*ldc)
			p.Pack(transB, n, k, b, ldb)
			for _, beta := range []T{0, 1} {
				whole := slices.Clone(before)
				p.Multiply(m, a, lda, beta, whole, ldc)
				for i := range m {
					for j := range ldc {
						want := float64(before[i*ldc+j])
						if j < n {
							want *= float64(beta)
							for l := range k {
								if transB {
									want += float64(a[i*lda+l]) * float64(b[j*ldb+l])
								} else {
									want += float64(a[i*lda+l]) * float64(b[l*ldb+j])
								}
							}
						}
						if d := float64(whole[i*ldc+j]) - want; !(d*d <= tolerance*tolerance*float64(k+1)) {
							t.Fatalf("%s, beta %v: element %d,%d is %v, want %v", what, beta, i, j, whole[i*ldc+j], want)
						}
					}
				}
				if name != "builtin" {
					continue
				}
				for cut := 1; cut < m; cut++ {
					parts := slices.Clone(before)
					p.Multiply(cut, a, lda, beta, parts, ldc)
					p.Multiply(m-cut, a[cut*lda:], lda, beta, parts[cut*ldc:], ldc)
					if !slices.Equal(parts, whole) {
						t.Fatalf("%s, beta %v: other bits where rows are cut at %d", what, beta, cut)
					}
				}
			}
		}
	}
}

// TestPackedRefuses: slices that are too short, and a matrix that was never packed.
func TestPackedRefuses(t *testing.T) {
	var p Packed[float32]
	x := make([]float32, 12)
	mustPanic(t, "before Pack", func() { p.Multiply(1, x, 3, 0, x, 3) })
	mustPanic(t, "insufficient length of b", func() { p.Pack(false, 4, 4, x, 4) })
	p.Pack(false, 4, 3, x, 4)
	mustPanic(t, "insufficient length of a", func() { p.Multiply(5, x, 3, 0, make([]float32, 20), 4) })
	mustPanic(t, "insufficient length of c", func() { p.Multiply(4, x, 3, 0, x, 4) })
	mustPanic(t, "insufficient length of c", func() { Serial(false, false, 4, 4, 3, 1, x, 3, x, 4, 0, x, 4) })
}

// TestSerial: the values of Gemm32 and Gemm64.
func TestSerial(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		for i, p := range problems() {
			if i%29 == 0 {
				verify(t, p, slice, func(p product[float32]) {
					Serial(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
				})
				verify(t, p, slice, func(p product[float64]) {
					Serial(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
				})
			}
		}
	})
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	if got := panicOf(f); !strings.Contains(fmt.Sprint(got), want) {
		t.Errorf("got panic %v, want %s", got, want)
	}
}
