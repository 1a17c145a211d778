package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// LayerNorm is layer normalisation, (x − μ)/√(σ² + ε)·scale + shift, μ and σ² being the mean and the variance of the last axis: [batch,…,features] → the same, each row by itself, in
// every mode alike (Ba, Kiros and Hinton 2016). Its parameters are "scale" and "shift", [features].
type LayerNorm struct {
	Epsilon float64           `default:"0.001"` // ε; 0: 0.001, Keras' (PyTorch's is 1e-5)
	Scale   graph.Initializer // graph.Ones if not given
	Shift   graph.Initializer // graph.Zeros if not given
	Plain   bool              // without scale and shift
}

func init() {
	text.Register[graph.Layer]("layernorm", "(x − μ)/√(σ² + ε)·scale + shift, μ and σ² being a row's: [batch,…,features]", "layernorm 1e-05", LayerNorm{})
}

// Build makes one op of it.
func (l LayerNorm) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	epsilon := text.Value(l.Epsilon, .001)
	if !normalizable(b, x, epsilon) {
		return nil
	}
	return b.Node(ops.LayerNorm(x, epsilon, affine(b, graph.Features(x), l.Scale, l.Shift, l.Plain)...))
}
