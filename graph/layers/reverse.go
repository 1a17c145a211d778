package layers

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Reverse turns the times of a sequence round, [batch,time,…] → the same: with one before and one behind it, a recurrent layer goes backward. In a graph.Net lengths, int32 [batch], may be a second input: then each
// sample's own times are turned, and those after them stay.
type Reverse struct{}

func init() {
	text.Register[graph.Layer]("reverse", "the times of a sequence turned round: [batch,time,…]", "reverse", Reverse{})
}

// Build is Join of the sequence alone.
func (l Reverse) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return l.Join(b, x) }

// Join takes the sequence, and lengths, which may be left out.
func (Reverse) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	switch {
	case len(xs) > 2 || len(xs) == 2 && xs[1].Dtype() != tensor.Int32:
		return b.Errorf("want a sequence, and at most lengths, int32 [batch]")
	case xs[0].Dims() < 2 || xs[0].Dtype() == tensor.Int32:
		return b.Errorf("want [batch,time,…] in floats: ids take an embedding before it")
	case len(xs) == 1:
		return b.Node(ops.Reverse(xs[0], nil))
	}
	return b.Node(ops.Reverse(xs[0], xs[1]))
}
