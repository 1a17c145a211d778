package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// GRU is a gated recurrent unit (Cho et al. 2014), whose reset gate acts on the state's product, as in PyTorch and in Keras' default: [batch,time,in] → [batch,Units], the last
// state, or with Sequence [batch,time,Units], that of each step:
//
//	z, r = σ(x·W + b + h·U + d)    n = tanh(x·W + b + r∘(h·U + d))
//	h' = z∘h + (1−z)∘n
//
// Its parameters are "weight", W, [in,3·Units], "recurrent", U, [Units,3·Units], "bias", b, and "recurrent_bias", d, [3·Units], in Keras' order z, r, n; PyTorch's is r, z, n.
//
// In a graph.Net it may have more inputs: lengths, int32 [batch], the steps of each sample from 0 on, after which the state stays and a sequence is 0; and the first state, [batch,Units],
// in place of 0.
type GRU struct {
	Units     int               // at least 1
	Sequence  bool              // the state of each step, for another layer over time
	Weights   graph.Initializer // of W; graph.GlorotUniform if not given
	Recurrent graph.Initializer // of U; graph.Orthogonal if not given
	Bias      graph.Initializer // of b and d; graph.Zeros if not given
}

func init() {
	text.Register[graph.Layer]("gru", "gated recurrent unit: [batch,time,in] → [batch,units], with sequence [batch,time,units]", "gru 64", GRU{})
}

// Build is Join of the sequence alone.
func (l GRU) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return l.Join(b, x) }

// Join takes the sequence, lengths and the first state, of which both may be left out.
func (l GRU) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	x, o := recurrent(b, l.Units, 1, l.Sequence, xs)
	w := b.Param("weight", l.Weights.Or(graph.GlorotUniform), graph.Features(x), 3*l.Units)
	u := b.Param("recurrent", l.Recurrent.Or(graph.Orthogonal(1)), l.Units, 3*l.Units)
	bias := b.Param("bias", l.Bias.Or(graph.Zeros), 3*l.Units)
	return b.Node(ops.GRU(x, w, u, bias, b.Param("recurrent_bias", l.Bias.Or(graph.Zeros), 3*l.Units), o))
}
