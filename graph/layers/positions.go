package layers

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Positions adds to each place of a sequence, [batch,time,features], a vector of its own that is learnt (Gehring et al. 2017). Its parameter is "weight", [time,features].
type Positions struct {
	Weights graph.Initializer // N(0, 0.02) if not given
}

func init() {
	text.Register[graph.Layer]("positions", "adds a learnt vector to each place: [batch,time,features]", "positions", Positions{})
}

var narrow = graph.InitFunc("normal-0.02", func(r *rand.Rand, _, _ int) float64 { return .02 * r.NormFloat64() })

// Build is an error for what is no sequence.
func (p Positions) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if x.Dims() != 3 {
		return b.Errorf("want [batch,time,features]: a sample is a sequence of rows, such as graph.Floats(28, 28)")
	}
	return b.Node(ops.AddEach(x, b.Param("weight", p.Weights.Or(narrow), x.Shape()[1:]...)))
}
