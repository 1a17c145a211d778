package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Affine is x∘scale + shift, channel by channel: [batch,…,channels] → the same. Its parameters are "scale" and "shift", [channels]: what a normalisation does behind its standardizing.
type Affine struct {
	Scale graph.Initializer // graph.Ones if not given
	Shift graph.Initializer // graph.Zeros if not given
}

func init() {
	text.Register[graph.Layer]("affine", "x∘scale + shift, channel by channel, both learnt: [batch,…,channels]", "affine", Affine{})
}

// Build wants channels.
func (l Affine) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if !normalizable(b, x, 0) {
		return nil
	}
	p := affine(b, graph.Features(x), l.Scale, l.Shift, false)
	return b.Node(ops.AddRow(b.Node(ops.MulRow(x, p[0])), p[1]))
}
