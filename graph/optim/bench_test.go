package optim

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// BenchmarkStep times steps on the lecture's network: 1.3 million parameters, 5.2 MB a tensor. Each step reads the gradients, and reads and writes
// weights and running values; what a wrapper reads and writes besides comes to that. The optimizers take turns, two steps each, and the shortest of
// an optimizer's steps is what is reported: only that says something on a machine that does other things, too.
func BenchmarkStep(b *testing.B) {
	const turns = 200
	type stepped struct {
		words string
		more  int // bytes an element, beside those of the optimizer within
	}
	var all []stepped
	for _, name := range Names() {
		all = append(all, stepped{name, 0})
	}
	all = append(all, stepped{"adam amsgrad", 0}, stepped{"adam weight-decay=0.01", 0}, stepped{"sgd weight-decay=0.01", 0},
		stepped{"clip sgd 0.001", 4}, stepped{"clip adam 0.001", 4}, stepped{"clip adam layer=0.001", 4}, stepped{"clip adam value=0.001", 4}, stepped{"clip adam 1e9", 4}, // which clips nothing
		stepped{"ema adam 0.999", 12}, stepped{"scheduled adam (constant)", 0})
	shapes := [][]int{{784, 633}, {633}, {633, 633}, {633}, {633, 633}, {633}, {633, 10}, {10}}
	elements := 0
	for _, shape := range shapes {
		n := 1
		for _, d := range shape {
			n *= d
		}
		elements += n
	}
	defer parallel.SetThreads(parallel.Threads())
	for _, threads := range []int{1, 2} {
		measured := sync.OnceValues(func() (bytes []int, least []time.Duration) {
			model := newModel[float32](1, shapes...)
			optimizers := make([]Optimizer, len(all))
			for i, s := range all {
				optimizers[i] = mustNew(b, s.words)
				within := optimizers[i]
				for w := unwrap(within); w != nil; w = unwrap(within) {
					within = w
				}
				bytes, least = append(bytes, 12+8*len(within.(rule).slots())+s.more), append(least, math.MaxInt64)
			}
			for range turns {
				for i, o := range optimizers {
					for range 2 { // of which the first brings its values into the cache, or makes them
						start := time.Now()
						if err := o.Step(model); err != nil {
							b.Fatal(err)
						}
						least[i] = min(least[i], time.Since(start))
					}
				}
			}
			return bytes, least
		})
		for i, s := range all {
			b.Run(fmt.Sprintf("%s/threads=%d", s.words, threads), func(b *testing.B) {
				parallel.SetThreads(threads)
				bytes, least := measured()
				for b.Loop() { // it is measured
				}
				ns := float64(least[i].Nanoseconds()) / float64(elements)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ns, "ns/element")
				b.ReportMetric(float64(bytes[i])/ns, "GB/s")
			})
		}
	}
}
