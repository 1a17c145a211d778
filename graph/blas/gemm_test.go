package blas

import (
	"fmt"
	"math"
	"slices"
	"sync"
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
			t.Error(err)
		}
	})
}

// eachKernel runs a test with every kernel of a BLAS: the built-in one has some.
func eachKernel(t *testing.T, name string, f func(t *testing.T)) {
	if name != "builtin" {
		t.Run(name, f)
		return
	}
	for _, kernel := range kernelNames() {
		t.Run(name+"/"+kernel, func(t *testing.T) {
			useKernel(t, kernel)
			f(t)
		})
	}
}

// eachBLAS runs a test with every BLAS that is here, and every kernel of it, on one thread and on three.
func eachBLAS(t *testing.T, f func(t *testing.T, name string)) {
	for _, name := range available() {
		eachKernel(t, name, func(t *testing.T) {
			for _, threads := range []int{1, 3} {
				t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) {
					useFor(t, name, threads)
					f(t, name)
				})
			}
		})
	}
}

func gemm32(p product[float32]) {
	Gemm32(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

func gemm64(p product[float64]) {
	Gemm64(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

// slice is the memory of a test that does not guard it.
func slice[T float](n int) []T { return make([]T, n) }

func TestGemm(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		for i, p := range problems() {
			if i%2 == 0 || name == "builtin" {
				verify(t, p, slice, gemm32)
			}
			if i%5 == 0 {
				verify(t, p, slice, gemm64)
			}
		}
	})
}

// Every pair of alpha and beta, for a general product and for those with a side of 1.
func TestAlphaBeta(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		for _, s := range [][3]int{{20, 37, 11}, {1, 37, 11}, {20, 1, 11}, {20, 37, 1}} {
			for _, alpha := range []float64{0, 1, -1, 0.3, 7} {
				for _, beta := range []float64{0, math.Copysign(0, -1), 1, -1, 0.3, 7} {
					eachTranspose(func(transA, transB bool) {
						p := problem{transA: transA, transB: transB, m: s[0], n: s[1], k: s[2], alpha: alpha, beta: beta}
						verify(t, p, slice, gemm32)
						verify(t, p, slice, gemm64)
					})
				}
			}
		}
	})
}

// Sizes that the grid of cells does not divide, at every number of threads.
func TestThreads(t *testing.T) {
	for _, name := range available() {
		eachKernel(t, name, func(t *testing.T) {
			for _, threads := range []int{1, 2, 3, 4, 5, 8} {
				useFor(t, name, threads)
				for _, s := range [][3]int{{100, 63, 130}, {7, 633, 130}, {633, 10, 130}, {1, 633, 900}, {1, 1201, 1001}, {130, 5, 900}} {
					if raceEnabled && threads%3 > 0 {
						continue
					}
					verify(t, problem{m: s[0], n: s[1], k: s[2], alpha: 1}, slice, gemm32)
					verify(t, problem{transA: true, transB: true, m: s[0], n: s[1], k: s[2], alpha: 1, beta: 1}, slice, gemm32)
				}
			}
		})
	}
}

// The built-in kernels have the same bits, all of them, on any number of threads.
func TestBuiltinBits(t *testing.T) {
	if !slices.Contains(available(), "builtin") {
		return // every BLAS of this processor is somebody else's
	}
	r := newRandom(9)
	list := problems()
	for _, s := range [][3]int{{1, 633, 784}, {1, 2000, 700}, {1, 1, 300000}, {1, 3000, 130}, {7, 633, 900}, {13, 16, 3000}, {25, 5, 3000}, {100, 633, 784}, {10, 633, 641}, {633, 1, 784}, {2, 784, 700}, {601, 3, 257}} {
		eachTranspose(func(transA, transB bool) {
			list = append(list, problem{transA: transA, transB: transB, m: s[0], n: s[1], k: s[2], alpha: -.01, beta: 1})
		})
	}
	for i, p := range list {
		if i%3 > 0 && p.m*p.n*p.k < 1<<17 { // one thread does it
			continue
		}
		s := shape{"", p.transA, p.transB, p.m, p.n, p.k}
		lda, ldb := s.strides()
		a, b, c := r.slice(s.m*s.k), r.slice(s.k*s.n), r.slice(s.m*s.n)
		var first []float32
		for _, name := range kernelNames() {
			for _, threads := range []int{1, 2, 3, 5} {
				useKernel(t, name)
				useFor(t, "builtin", threads)
				got := slices.Clone(c)
				Gemm32(s.transA, s.transB, s.m, s.n, s.k, float32(p.alpha), a, lda, b, ldb, float32(p.beta), got, s.n)
				if first == nil {
					first = got
				}
				if !slices.Equal(first, got) {
					t.Errorf("%v: other bits by %s on %d threads than by %s on one", p, name, threads, kernelNames()[0])
				}
			}
		}
	}
}

// In float64 too; and the built-in kernel's and gonum's bits are the same for any number of threads.
func TestThreads64(t *testing.T) {
	r := newRandom(5)
	for _, s := range []shape{{"", false, false, 7, 37, 300}, {"", true, false, 131, 63, 600}, {"", false, true, 6, 633, 40}, {"", false, false, 1, 633, 900}, {"", true, true, 130, 8, 257}} {
		lda, ldb := s.strides()
		a, b, c := wide(r.slice(s.m*s.k)), wide(r.slice(s.k*s.n)), wide(r.slice(s.m*s.n))
		for _, name := range available() {
			var first []float64
			for _, threads := range []int{1, 2, 3, 5} {
				useFor(t, name, threads)
				verify(t, problem{transA: s.transA, transB: s.transB, m: s.m, n: s.n, k: s.k, alpha: .5, beta: -2}, slice, gemm64)
				if name != "builtin" && name != "gonum" {
					continue
				}
				got := slices.Clone(c)
				Gemm64(s.transA, s.transB, s.m, s.n, s.k, .5, a, lda, b, ldb, -2, got, s.n)
				if first == nil {
					first = got
				}
				if !slices.Equal(first, got) {
					t.Errorf("%s, %v: other bits on %d threads than on one", name, s, threads)
				}
			}
		}
	}
}

// With no columns in A there is nothing to add: C is beta C. With no rows or columns in C there is nothing to do.
func TestSizeZero(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		c := []float32{1, 2, 3, 4, 5}
		Gemm32(false, false, 2, 2, 0, 1, nil, 1, nil, 2, 3, c, 3)
		if want := []float32{3, 6, 3, 12, 15}; !slices.Equal(c, want) {
			t.Errorf("C is %v, want %v", c, want)
		}
		Gemm32(false, false, 0, 2, 3, 1, nil, 3, nil, 2, 0, nil, 2)
		Gemm64(true, true, 2, 0, 3, 1, nil, 2, nil, 3, 0, nil, 1)
	})
}

// A NaN in one row of A, or column of B, reaches that row, or column, of C and no other.
func TestNaNStaysInItsPlace(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		const m, n, k = 13, 21, 10
		eachTranspose(func(transA, transB bool) {
			a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
			for _, s := range [][]float32{a, b} {
				for i := range s {
					s[i] = 1
				}
			}
			lda, ldb, atA, atB := k, n, 5*k+3, 3*n+20
			if transA {
				lda, atA = m, 3*m+5
			}
			if transB {
				ldb, atB = k, 20*k+3
			}
			nan := float32(math.NaN())
			a[atA], b[atB] = nan, nan
			Gemm32(transA, transB, m, n, k, 1, a, lda, b, ldb, 0, c, n)
			for i, v := range c {
				if isNaN := v != v; isNaN != (i/n == 5 || i%n == 20) {
					t.Fatalf("transA=%v transB=%v: C[%d,%d] is %v", transA, transB, i/n, i%n, v)
				}
			}
		})
	})
}

func TestSameBitsEachTime(t *testing.T) {
	eachBLAS(t, func(t *testing.T, name string) {
		r := newRandom(3)
		for _, s := range []shape{{"", false, false, 100, 633, 784}, {"", true, false, 784, 63, 100}, {"", false, true, 100, 63, 633}, {"", false, false, 1, 633, 784}} {
			a, b := r.slice(s.m*s.k), r.slice(s.k*s.n)
			lda, ldb := s.strides()
			first := make([]float32, s.m*s.n)
			Gemm32(s.transA, s.transB, s.m, s.n, s.k, 1, a, lda, b, ldb, 0, first, s.n)
			var wg sync.WaitGroup
			for range 4 { // at once: all but one of them find the pool taken
				wg.Go(func() {
					for range 3 {
						again := make([]float32, s.m*s.n)
						Gemm32(s.transA, s.transB, s.m, s.n, s.k, 1, a, lda, b, ldb, 0, again, s.n)
						if !slices.Equal(first, again) {
							t.Errorf("%v: other bits the second time", s)
						}
					}
				})
			}
			wg.Wait()
		}
	})
}

func TestGemmAllocatesNothing(t *testing.T) {
	for _, name := range []string{"builtin", "gonum"} {
		if !slices.Contains(available(), name) {
			continue
		}
		useFor(t, name, 2)
		a, b, c := make([]float32, 100*80), make([]float32, 80*60), make([]float32, 100*60)
		allocs := testing.AllocsPerRun(50, func() { Gemm32(false, false, 100, 60, 80, 1, a, 80, b, 60, 0, c, 60) })
		if allocs > 0 && !raceEnabled { // under the race detector, sync.Pool drops what it likes
			t.Errorf("%s: %v allocations a product, want none", name, allocs)
		}
	}
}

// Cells cover C once, start at multiples of what the kernels take, and are no more than the threads.
func TestCut(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 4, 7, 8, 16, 61, 64} {
		for _, s := range [][3]int{{1, 1, 1}, {100, 633, 784}, {784, 633, 100}, {10000, 633, 784}, {633, 10, 100}, {1, 633, 784}, {1, 10, 633}, {13, 17, 100000}, {5000, 1, 9}} {
			w := newTask[float32]()
			w.m, w.n, w.k = s[0], s[1], s[2]
			cells := w.cut(threads)
			if cells < 1 || cells > threads {
				t.Fatalf("%v on %d threads: %d cells", s, threads, cells)
			}
			if w.height%cellRows != 0 || w.width%cellCols != 0 {
				t.Fatalf("%v on %d threads: cells of %d x %d", s, threads, w.height, w.width)
			}
			down := cells / w.across
			if cells != down*w.across || (down-1)*w.height >= w.m || down*w.height < w.m || (w.across-1)*w.width >= w.n || w.across*w.width < w.n {
				t.Fatalf("%v on %d threads: %d cells of %d x %d, %d across", s, threads, cells, w.height, w.width, w.across)
			}
		}
	}
}

// Without the last flag Go's minimisation starves it: go test ./graph/blas -run - -fuzz '^FuzzGemm$' -fuzzminimizetime 1x
func FuzzGemm(f *testing.F) {
	f.Add(uint16(100), uint16(63), uint16(78), uint8(0), uint8(0), uint8(0), 1.0, 0.0, uint8(2))
	f.Add(uint16(1), uint16(633), uint16(401), uint8(2), uint8(3), uint8(1), -0.5, 1.0, uint8(3))
	f.Add(uint16(12), uint16(1), uint16(9), uint8(3), uint8(9), uint8(7), 2.0, -1.0, uint8(1))
	f.Add(uint16(37), uint16(29), uint16(1), uint8(1), uint8(1), uint8(2), 1.0, 0.5, uint8(5))
	names := available()
	f.Fuzz(func(t *testing.T, m, n, k uint16, trans, padAB, padC uint8, alpha, beta float64, threads uint8) {
		p := problem{
			transA: trans&1 != 0, transB: trans&2 != 0, m: 1 + int(m)%220, n: 1 + int(n)%70, k: 1 + int(k)%450,
			padA: int(padAB) % 16, padB: int(padAB) / 16, padC: int(padC) % 9, alpha: float64(float32(alpha)), beta: float64(float32(beta)),
		}
		if !(math.Abs(alpha) < 1e6 && math.Abs(beta) < 1e6) || alpha != 0 && math.Abs(alpha) < 1e-6 || beta != 0 && math.Abs(beta) < 1e-6 {
			return // sums would overflow or lose bits, in the reference's way or in another
		}
		for _, name := range names {
			useFor(t, name, 1+int(threads)%4)
			verify(t, p, slice, gemm32)
			verify(t, p, slice, gemm64)
		}
	})
}
