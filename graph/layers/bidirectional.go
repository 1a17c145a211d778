package layers

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Bidirectional is a recurrent layer in both directions (Schuster and Paliwal 1997), each with parameters of its own, and what they give side by side: [batch,time,in] →
// [batch,2·units], the last states, or of a layer with Sequence [batch,time,2·units], where the second half of a step is the state of the steps from the end to it.
//
// In a graph.Net it may have more inputs: lengths, int32 [batch], which turn each sample's own steps, and first states, those of the layer forward and then those of the layer backward.
type Bidirectional struct {
	Layer graph.Layer // such as LSTM{Units: 64}
}

func init() {
	text.Register[graph.Layer]("bidirectional", "a recurrent layer in both directions, side by side: [batch,time,in] → [batch,…,2·units]", "bidirectional(lstm 64 sequence)", Bidirectional{})
}

// Build is Join of the sequence alone.
func (l Bidirectional) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return l.Join(b, x) }

// Join hands the layer what it is given itself, and, to the one backward, the sequence turned round.
func (l Bidirectional) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	x, rest := xs[0], xs[1:]
	var lengths *gorgonia.Node
	with := rest[:0:0]
	if len(rest) > 0 && rest[0].Dtype() == tensor.Int32 {
		lengths = rest[0]
		with, rest = rest[:1:1], rest[1:]
	}
	switch {
	case l.Layer == nil:
		return b.Errorf("got no Layer, want a recurrent one, such as layers.LSTM{Units: 64}")
	case x.Dims() != 3 || x.Dtype() == tensor.Int32:
		return b.Errorf("want [batch,time,features] in floats: a sample is a sequence of rows, such as graph.Floats(28, 28)")
	case len(rest)%2 != 0:
		return b.Errorf("got %d inputs of floats beside the sequence, want none, or the first states of both directions", len(rest))
	}
	half := len(rest) / 2
	inputs := func(x *gorgonia.Node, states []*gorgonia.Node) []*gorgonia.Node {
		return append(append([]*gorgonia.Node{x}, with...), states...)
	}
	forward := b.Apply(l.Layer, inputs(x, rest[:half])...)
	backward := b.Apply(l.Layer, inputs(b.Node(ops.Reverse(x, lengths)), rest[half:])...)
	if backward != nil && backward.Dims() == 3 {
		if backward.Shape()[1] != x.Shape()[1] {
			return b.Errorf("its layer makes %d steps of %d, want as many, or the last state alone", backward.Shape()[1], x.Shape()[1])
		}
		backward = b.Node(ops.Reverse(backward, lengths))
	}
	return b.Node(ops.Concat(forward, backward))
}
