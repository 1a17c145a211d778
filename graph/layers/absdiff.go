package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// AbsDiff is |a − b| of two inputs of one shape, element by element: how far two towers are apart, whichever is which (Koch, Zemel and Salakhutdinov 2015).
type AbsDiff struct{}

func init() {
	text.Register[graph.Layer]("absdiff", "|a − b| of two inputs of one shape", "absdiff", AbsDiff{})
}

// Build refuses: it takes two inputs.
func (AbsDiff) Build(b *graph.Builder, _ *gorgonia.Node) *gorgonia.Node {
	return b.Errorf("got one input, want two: add it to a graph.Net")
}

// Join is an error unless there are two inputs of one shape.
func (d AbsDiff) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	if len(xs) != 2 {
		return b.Errorf("got %d inputs, want two", len(xs))
	}
	return b.Node(ops.Abs(b.Node(ops.Sub(xs[0], xs[1]))))
}
