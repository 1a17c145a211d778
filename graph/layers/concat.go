package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Concat feeds x to each of its layers and puts what they give side by side along the last axis: [batch,…,in] → [batch,…,n1+n2+…]. In a graph.Net it may have
// several inputs and no layers: then it puts these side by side.
type Concat []graph.Layer

func init() {
	text.Register[graph.Layer]("concat", "branches side by side: [batch,…,in] → [batch,…,n1+n2+…]; without brackets its inputs", "concat(dense 8 | dense 16 relu, dense 8)", Concat{}, text.Branches)
}

// Build is an error where the layers' outputs differ in another axis than the last, or there are no layers.
func (c Concat) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if len(c) == 0 {
		return b.Errorf("got no layers, want at least one")
	}
	parts := make([]*gorgonia.Node, len(c))
	for i, l := range c {
		parts[i] = b.Apply(l, x)
	}
	return b.Node(ops.Concat(parts...))
}

// Join is an error where there are layers: they take one input.
func (c Concat) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	if len(c) > 0 {
		return b.Errorf("got %d inputs for layers that take one: leave the layers out, and the inputs stand side by side", len(xs))
	}
	return b.Node(ops.Concat(xs...))
}
