package layers

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// LSTM is long short-term memory (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000): [batch,time,in] → [batch,Units], the last h, or with Sequence
// [batch,time,Units], that of each step. Through c the gradient passes many steps:
//
//	i, f, o = σ(x·W + h·U + b)    g = tanh(x·W + h·U + b)
//	c' = f∘c + i∘g    h' = o∘tanh(c')
//
// Its parameters are "weight", W, [in,4·Units], "recurrent", U, [Units,4·Units], and "bias", [4·Units], in the order i, f, g, o, which is Keras' and PyTorch's.
//
// In a graph.Net it may have more inputs: lengths, int32 [batch], the steps of each sample from 0 on, after which the state stays and a sequence is 0; and the first h and c,
// [batch,Units] each, in place of 0.
type LSTM struct {
	Units     int               // at least 1
	Sequence  bool              // h of each step, for another layer over time
	Weights   graph.Initializer // of W; graph.GlorotUniform if not given
	Recurrent graph.Initializer // of U; graph.Orthogonal if not given
	Bias      graph.Initializer // if not given 1 for f, so that it remembers at first (Jozefowicz, Zaremba and Sutskever 2015), and 0 elsewhere
}

func init() {
	text.Register[graph.Layer]("lstm", "long short-term memory: [batch,time,in] → [batch,units], with sequence [batch,time,units]", "lstm 64 sequence", LSTM{})
}

// remembers is 1 for the forget gate's quarter of a bias.
var remembers = graph.Initializer{Name: "forget-bias", Fill: func(_ *rand.Rand, w []float64, _ []int) {
	clear(w)
	for i := len(w) / 4; i < len(w)/2; i++ {
		w[i] = 1
	}
}}

// Build is Join of the sequence alone.
func (l LSTM) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return l.Join(b, x) }

// Join takes the sequence, lengths, and h and c, of which lengths and both states may be left out.
func (l LSTM) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	x, o := recurrent(b, l.Units, 2, l.Sequence, xs)
	w := b.Param("weight", l.Weights.Or(graph.GlorotUniform), graph.Features(x), 4*l.Units)
	u := b.Param("recurrent", l.Recurrent.Or(graph.Orthogonal(1)), l.Units, 4*l.Units)
	return b.Node(ops.LSTM(x, w, u, b.Param("bias", l.Bias.Or(remembers), 4*l.Units), o))
}
