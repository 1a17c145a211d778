package vec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Bytes count each slice once for reading and once for writing, so GB/s is what the memory or cache had to deliver.
// 4096 elements stay in the first cache; 1.3 million are the parameters of the lecture's network.
func BenchmarkElementwise(b *testing.B) {
	traffic := map[string]int{"SumAccumulate": 12, "Axpy": 12, "SGD": 12, "Momentum": 20, "Nesterov": 20, "Adam": 28, "RMSProp": 20, "AdaGrad": 20}
	for _, op := range operations {
		bytes, ok := traffic[op.name]
		if !ok {
			bytes = 4 * op.slices
		}
		for _, n := range []int{4096, 1_300_000} {
			b.Run(fmt.Sprintf("%s/%d", op.name, n), func(b *testing.B) {
				s := randomSlices(rand.New(rand.NewPCG(1, 1)), op.slices, n)
				for b.Loop() {
					op.run(s)
				}
				rate(b, n, bytes)
			})
		}
	}
}

// BenchmarkPaths times all assembly by turns, in the first cache: the median nanoseconds an element.
func BenchmarkPaths(b *testing.B) {
	const n = 1600
	have := asm
	defer func() { asm = have }()
	all := slices.Concat(operations, []elementwise{
		{"Mask", 1, func(s [][]float32) { Mask(s[0], s[0], 1, 2, 0.7, 1) }},
		{"SumExp", 2, func(s [][]float32) { SumExp(s[0], s[1], 1) }},
	})
	for _, op := range all {
		b.Run(op.name, func(b *testing.B) {
			s := randomSlices(rand.New(rand.NewPCG(1, 1)), op.slices, n)
			took := make([][]float64, len(runnable))
			for b.Loop() {
				for i := range runnable {
					asm = runnable[i]
					start := time.Now()
					for range 10 {
						op.run(s)
					}
					took[i] = append(took[i], float64(time.Since(start))/(10*n))
				}
			}
			for i, t := range took {
				slices.Sort(t)
				b.ReportMetric(t[len(t)/2], runnable[i].name+"-ns/element")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkReduce(b *testing.B) {
	const n = 4096
	s := randomSlices(rand.New(rand.NewPCG(1, 1)), 2, n)
	for name, f := range map[string]func(){
		"Sum":        func() { Sum(s[0]) },
		"SumSquares": func() { SumSquares(s[0]) },
		"Dot":        func() { Dot(s[0], s[1]) },
		"Max":        func() { Max(s[0]) },
		"SumExp":     func() { SumExp(s[1], s[0], 1) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			rate(b, n, 4)
		})
	}
}

func BenchmarkMask(b *testing.B) {
	const n = 4096
	dst := make([]float32, n)
	for b.Loop() {
		Mask(dst, dst, 1, 2, 0.7, 1/0.7)
	}
	rate(b, n, 4)
}

func rate(b *testing.B, n, bytes int) {
	elements := float64(n) * float64(b.N)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/elements, "ns/element")
	b.ReportMetric(elements*float64(bytes)/float64(b.Elapsed().Nanoseconds()), "GB/s")
	b.ReportMetric(0, "ns/op")
}
