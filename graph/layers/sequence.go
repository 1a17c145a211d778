package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// Sequence is several layers as one, each fed by the one before it: for a branch of Residual or Concat that takes more than one.
type Sequence []graph.Layer

func init() {
	text.Register[graph.Layer]("sequence", "layers as one, each fed by the one before it", "sequence(dense 8 relu, dense 4)", Sequence{}, text.Sequence)
}

// Build applies the layers in order. An empty sequence is x itself.
func (s Sequence) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Chain(s, x) }
