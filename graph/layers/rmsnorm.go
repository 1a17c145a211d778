package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// RMSNorm is x/√(mean x² + ε)·scale, with the mean over the last axis: [batch,…,features] → the same, each row by itself (Zhang and Sennrich 2019). Its parameter is "scale", [features].
type RMSNorm struct {
	Epsilon float64           `default:"1e-6"` // ε; 0: 1e-6, Keras'
	Scale   graph.Initializer // graph.Ones if not given
	Plain   bool              // without scale
}

func init() {
	text.Register[graph.Layer]("rmsnorm", "x/√(mean x² + ε)·scale, the mean being a row's: [batch,…,features]", "rmsnorm", RMSNorm{})
}

// Build makes one op of it.
func (l RMSNorm) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	epsilon := text.Value(l.Epsilon, 1e-6)
	if !normalizable(b, x, epsilon) {
		return nil
	}
	if l.Plain {
		return b.Node(ops.RMSNorm(x, epsilon))
	}
	return b.Node(ops.RMSNorm(x, epsilon, b.Param("scale", l.Scale.Or(graph.Ones), graph.Features(x))))
}
