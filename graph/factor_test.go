package graph_test

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// TestGradOfLeftFactor trains weights that are themselves the left side of a product, W₁·W₂: a solver that multiplies a
// gradient out late must not see W₁ after its own step.
func TestGradOfLeftFactor(t *testing.T) {
	layer := func(multiply func(a, b *gorgonia.Node) (*gorgonia.Node, error)) graph.Layer {
		return graph.LayerFunc("factored", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			v, u := b.Param("v", graph.GlorotNormal, graph.Features(x), 3), b.Param("u", graph.GlorotNormal, 3, 4)
			return b.Node(multiply(x, b.Node(multiply(v, u))))
		})
	}
	for name, optimizer := range optimizers {
		var want []uint32
		for i, l := range []graph.Layer{layer(gorgonia.Mul), layer(matmul)} {
			m := model(t, graph.Config{Input: graph.Floats(5), Seed: 2}, l, layers.Softmax)
			p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 6, Loss: losses.CrossEntropy{}})
			fill(p, 4)
			o := optimizer()
			for range 4 {
				run(t, p)
				if err := o.Step(p.Grads()); err != nil {
					t.Fatal(err)
				}
			}
			if i == 0 {
				want = bits(m)
				continue
			}
			for j, b := range bits(m) {
				closeTo(t, fmt.Sprintf("%s: weight %d of two factors", name, j), floats32(b), floats32(want[j]))
			}
		}
	}
}
