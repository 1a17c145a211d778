package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Sum adds up its inputs, of one shape, element by element: where branches of a graph.Net meet.
type Sum struct{}

func init() {
	text.Register[graph.Layer]("sum", "adds up its inputs, of one shape", "sum", Sum{})
}

// Build is x itself.
func (Sum) Build(_ *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x }

// Join is an error where the shapes differ.
func (Sum) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	sum := xs[0]
	for _, x := range xs[1:] {
		sum = b.Node(ops.Add(sum, x))
	}
	return sum
}
