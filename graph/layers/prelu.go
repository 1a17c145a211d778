package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// PReLU is x, or slope·x below zero, with a slope for each channel that is learnt: [batch,…,channels] → the same (He et al. 2015, Delving Deep into Rectifiers). Its parameter is
// "slope", [channels]. (Keras' has a slope for each element of a sample, which begins at 0; PyTorch's a single one.)
type PReLU struct {
	Slope graph.Initializer // graph.Constant(0.25) if not given, He's and PyTorch's
}

func init() {
	text.Register[graph.Layer]("prelu", "x, or slope·x below zero, the slope being learnt: [batch,…,channels]", "prelu zeros", PReLU{})
}

// Build makes one op of it.
func (l PReLU) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.PReLU(x, b.Param("slope", l.Slope.Or(graph.Constant(.25)), graph.Features(x))))
}
