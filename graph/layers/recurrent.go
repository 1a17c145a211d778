package layers

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// recurrent sorts the inputs of a recurrent layer: the sequence, then, if there are any, lengths and the first state. x is nil where they are others.
func recurrent(b *graph.Builder, units, states int, sequence bool, xs []*gorgonia.Node) (x *gorgonia.Node, o ops.Recurrent) {
	x, rest := xs[0], xs[1:]
	if len(rest) > 0 && rest[0].Dtype() == tensor.Int32 {
		o.Lengths, rest = rest[0], rest[1:]
	}
	switch {
	case units < 1:
		return tooFew(b, "Units", units, "lstm 64"), o
	case x.Dtype() == tensor.Int32:
		return b.Errorf("got ids, want floats, [batch,time,features]: put an embedding before it"), o
	case x.Dims() != 3:
		return b.Errorf("want [batch,time,features]: a sample is a sequence of rows, such as graph.Floats(28, 28)"), o
	case len(rest) > 0 && len(rest) != states:
		return b.Errorf("got %d inputs of floats beside the sequence, want none, or the first state: %d of shape [batch,units]", len(rest), states), o
	}
	o.Sequence, o.First = sequence, rest
	return x, o
}
