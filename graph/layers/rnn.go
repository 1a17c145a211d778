package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// RNN is a simple recurrent layer (Elman 1990), whose state h' = tanh(x·W + h·U + b) goes from step to step: [batch,time,in] → [batch,Units], the last state, or with Sequence
// [batch,time,Units], that of each step. Its parameters are "weight", W, [in,Units], "recurrent", U, [Units,Units], and "bias", [Units].
//
// In a graph.Net it may have more inputs: lengths, int32 [batch], the steps of each sample from 0 on, after which the state stays and a sequence is 0; and the first state, [batch,Units],
// in place of 0.
type RNN struct {
	Units     int               // at least 1
	Sequence  bool              // the state of each step, for another layer over time
	Rectified bool              // max(0, x) in place of tanh (Le, Jaitly and Hinton 2015)
	Weights   graph.Initializer // of W; graph.GlorotUniform if not given
	Recurrent graph.Initializer // of U; graph.Orthogonal if not given
	Bias      graph.Initializer // graph.Zeros if not given
}

func init() {
	text.Register[graph.Layer]("rnn", "simple recurrent: [batch,time,in] → [batch,units], with sequence [batch,time,units]", "rnn 64", RNN{})
}

// Build is Join of the sequence alone.
func (l RNN) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return l.Join(b, x) }

// Join takes the sequence, lengths and the first state, of which both may be left out.
func (l RNN) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	x, o := recurrent(b, l.Units, 1, l.Sequence, xs)
	f := ops.Tanh
	if l.Rectified {
		f = ops.ReLU
	}
	w := b.Param("weight", l.Weights.Or(graph.GlorotUniform), graph.Features(x), l.Units)
	u := b.Param("recurrent", l.Recurrent.Or(graph.Orthogonal(1)), l.Units, l.Units)
	return b.Node(ops.RNN(x, w, u, b.Param("bias", l.Bias.Or(graph.Zeros), l.Units), f, o))
}
