package optim

import (
	"fmt"
	"testing"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// The lecture's network: 1.3 million parameters, 5.2 MB a tensor. Each step reads the gradients, and reads and writes
// weights and running values.
func BenchmarkStep(b *testing.B) {
	shapes := [][]int{{784, 633}, {633}, {633, 633}, {633}, {633, 633}, {633}, {633, 10}, {10}}
	defer parallel.SetThreads(parallel.Threads())
	for _, threads := range []int{1, 2} {
		for _, name := range Names() {
			b.Run(fmt.Sprintf("%s/threads=%d", name, threads), func(b *testing.B) {
				parallel.SetThreads(threads)
				o, model := mustNew(b, name), newModel[float32](1, shapes...)
				elements := 0
				for _, p := range model {
					elements += p.Value().Shape().TotalSize()
				}
				if err := o.Step(model); err != nil { // allocates the running values
					b.Fatal(err)
				}
				for b.Loop() {
					if err := o.Step(model); err != nil {
						b.Fatal(err)
					}
				}
				bytes := 12 + 8*len(o.(rule).slots())
				ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(elements)
				b.ReportMetric(ns, "ns/element")
				b.ReportMetric(float64(bytes)/ns, "GB/s")
			})
		}
	}
}
