package blas

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// shape is one of the products of a training step.
type shape struct {
	what           string
	transA, transB bool
	m, n, k        int
}

// strides are the leading dimensions of A and B stored without gaps.
func (s shape) strides() (lda, ldb int) {
	lda, ldb = s.k, s.n
	if s.transA {
		lda = s.m
	}
	if s.transB {
		ldb = s.k
	}
	return lda, ldb
}

// lectureShapes are the products of one step of the lecture's network, with that batch and width: forward (Y = X W), input
// gradient (dX = dY Wᵀ) and weight gradient (dW = Xᵀ dY) of the first, an inner and the last layer.
func lectureShapes(batch, width int) []shape {
	return []shape{
		{"forward1", false, false, batch, width, 784},
		{"forward2", false, false, batch, width, width},
		{"forward4", false, false, batch, 10, width},
		{"dX2", false, true, batch, width, width},
		{"dX4", false, true, batch, width, 10},
		{"dW1", true, false, 784, width, batch},
		{"dW2", true, false, width, width, batch},
		{"dW4", true, false, width, 10, batch},
	}
}

// BenchmarkGemm32 gives the rate of every BLAS that is here: GFLOP/s, and GB/s of what must be read and written once. The
// median of the runs, and the best of twenty, which says more on a machine with other work.
func BenchmarkGemm32(b *testing.B) {
	for _, name := range available() {
		for _, threads := range []int{1, 2} {
			for _, batch := range []int{1, 100, 10000} {
				for _, s := range lectureShapes(batch, 633) {
					b.Run(fmt.Sprintf("%s/threads=%d/batch=%d/%s", name, threads, batch, s.what), func(b *testing.B) {
						useFor(b, name, threads)
						benchmarkShape(b, s)
					})
				}
			}
		}
	}
}

func benchmarkShape(b *testing.B, s shape) {
	r := newRandom(1)
	x, y, z := r.slice(s.m*s.k), r.slice(s.k*s.n), make([]float32, s.m*s.n)
	lda, ldb := s.strides()
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		Gemm32(s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	median, best := float64(took[len(took)/2]), float64(took[len(took)/20])
	flop := 2 * float64(s.m) * float64(s.n) * float64(s.k)
	b.ReportMetric(flop/median, "GFLOP/s")
	b.ReportMetric(flop/best, "GFLOP/s(p5)")
	b.ReportMetric(4*float64(s.m*s.k+s.k*s.n+s.m*s.n)/median, "GB/s")
}

// BenchmarkGemm64 is the same in float64, on one thread, every BLAS in turn.
func BenchmarkGemm64(b *testing.B) {
	r := newRandom(1)
	for _, batch := range []int{1, 10, 100, 1000} {
		for _, s := range lectureShapes(batch, 633)[:3] {
			x, y, z := wide(r.slice(s.m*s.k)), wide(r.slice(s.k*s.n)), make([]float64, s.m*s.n)
			lda, ldb := s.strides()
			b.Run(fmt.Sprintf("batch=%d/%s", batch, s.what), func(b *testing.B) {
				took := map[string][]float64{}
				for b.Loop() {
					for _, name := range available() {
						useFor(b, name, 1)
						start := time.Now()
						Gemm64(s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
						took[name] = append(took[name], float64(time.Since(start)))
					}
				}
				for name, times := range took {
					slices.Sort(times)
					b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)/times[len(times)/2], name+"-GFLOP/s")
				}
			})
		}
	}
}

func wide(x []float32) []float64 {
	w := make([]float64, len(x))
	for i, v := range x {
		w[i] = float64(v)
	}
	return w
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
