package blas

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/graph/blas/internal/simd"
)

// kernelNames are the built-in kernels that this machine can run, the best one first.
func kernelNames() (names []string) {
	for _, k := range simd.Kernels() {
		names = append(names, k.String())
	}
	return names
}

// useKernel makes the built-in kernel the one of that name until the test ends.
func useKernel(t testing.TB, name string) {
	before := kernel
	t.Cleanup(func() { kernel = before })
	for _, k := range simd.Kernels() {
		if k.String() == name {
			kernel = k
		}
	}
}

// BenchmarkKernels gives the rates of all built-in kernels, by turns, and of their peak beside each: the medians.
func BenchmarkKernels(b *testing.B) {
	if len(kernelNames()) == 0 {
		b.Skip("this processor runs none")
	}
	useKernel(b, kernelNames()[0])
	for _, threads := range []int{1, 2} {
		for _, batch := range []int{1, 10, 100, 1000} {
			for _, s := range lectureShapes(batch, 633) {
				for _, beta := range []float32{0, 1} {
					if beta == 1 && s.what[:2] != "dW" {
						continue
					}
					b.Run(fmt.Sprintf("threads=%d/batch=%d/%s/beta=%v", threads, batch, s.what, beta), func(b *testing.B) {
						useFor(b, "builtin", threads)
						r := newRandom(1)
						x, y, z := r.slice(s.m*s.k), r.slice(s.k*s.n), make([]float32, s.m*s.n)
						lda, ldb := s.strides()
						took := make([][]float64, len(simd.Kernels()))
						peak := make([][]float64, len(took))
						for b.Loop() {
							for i, k := range simd.Kernels() {
								kernel = k
								start := time.Now()
								kernel.FMA(1 << 21)
								peak[i] = append(peak[i], float64(threads)*(1<<21)/float64(time.Since(start)))
								start = time.Now()
								Gemm32(s.transA, s.transB, s.m, s.n, s.k, -.01, x, lda, y, ldb, beta, z, s.n)
								took[i] = append(took[i], 2*float64(s.m)*float64(s.n)*float64(s.k)/float64(time.Since(start)))
							}
						}
						for i, k := range simd.Kernels() {
							slices.Sort(took[i])
							slices.Sort(peak[i])
							b.ReportMetric(took[i][len(took[i])/2], strings.Fields(k.String())[0]+"-GFLOP/s")
							b.ReportMetric(took[i][len(took[i])-1-len(took[i])/50], strings.Fields(k.String())[0]+"-p98")
							b.ReportMetric(peak[i][len(peak[i])*9/10], strings.Fields(k.String())[0]+"-peak")
						}
					})
				}
			}
		}
	}
}
