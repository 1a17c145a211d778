package blas

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// shape is one of the products of a training step of the lecture's network.
type shape struct {
	what           string
	transA, transB bool
	m, n, k        int
}

// lectureShapes are the products of one step with that batch and width: forward (Y = XW), input gradient (dX = dY
// transpose(W)) and weight gradient (dW = transpose(X) dY) of the first, an inner and the last layer.
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

// BenchmarkGemm32 gives GFLOP/s (median and best of the runs), for every BLAS that is here.
func BenchmarkGemm32(b *testing.B) {
	for _, name := range available() {
		for _, threads := range []int{1, 2} {
			for _, batch := range []int{1, 100, 10000} {
				for _, s := range lectureShapes(batch, 633) {
					if name == "gonum" && batch > 100 {
						continue
					}
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
	lda, ldb := s.k, s.n
	if s.transA {
		lda = s.m
	}
	if s.transB {
		ldb = s.k
	}
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		Gemm32(s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	flop := 2 * float64(s.m) * float64(s.n) * float64(s.k)
	b.ReportMetric(flop/float64(took[len(took)/2]), "GFLOP/s")
	b.ReportMetric(flop/float64(took[len(took)/20]), "GFLOP/s(p5)")
	b.ReportMetric(0, "ns/op")
	_ = parallel.Threads()
}
