package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Product multiplies its inputs, of one shape, element by element: what a gate does in a graph.Net.
type Product struct{}

func init() {
	text.Register[graph.Layer]("product", "multiplies its inputs, of one shape, element by element", "product", Product{})
}

// Build is x itself.
func (Product) Build(_ *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x }

// Join is an error where the shapes differ.
func (Product) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	y := xs[0]
	for _, x := range xs[1:] {
		y = b.Node(ops.Mul(y, x))
	}
	return y
}
