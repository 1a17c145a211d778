package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Positions adds to each place of a sequence, [batch,time,features], a vector of its own that is learnt (Gehring et al. 2017). Its parameter is "weight", [time,features].
type Positions struct {
	Weights graph.Initializer // graph.Normal(0.02) if not given
}

func init() {
	text.Register[graph.Layer]("positions", "adds a learnt vector to each place: [batch,time,features]", "positions", Positions{})
}

// Build is an error for what is no sequence.
func (p Positions) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if x.Dims() != 3 {
		return b.Errorf("want [batch,time,features]: a sample is a sequence of rows, such as graph.Floats(28, 28)")
	}
	return b.Node(ops.AddEach(x, b.Param("weight", p.Weights.Or(graph.Normal(.02)), x.Shape()[1:]...)))
}
