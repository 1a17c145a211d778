package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Sinusoidal adds to each place of a sequence, [batch,time,features], waves that tell it from the others (Vaswani et al. 2017): to features 2i and 2i+1 at time t the sine and the cosine of
// t·10000^(−2i/features).
type Sinusoidal struct{}

func init() {
	text.Register[graph.Layer]("sinusoidal", "adds sines and cosines that tell the places apart: [batch,time,features]", "sinusoidal", Sinusoidal{})
}

// Build is an error for what is no sequence.
func (Sinusoidal) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if x.Dims() != 3 {
		return b.Errorf("want [batch,time,features]: a sample is a sequence of rows, such as graph.Floats(28, 28)")
	}
	return b.Node(ops.AddWaves(x))
}
