package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// LRN is local response normalisation, x/(K + Alpha/Size·Σ x²)^Beta with the sum over Size neighbouring channels, ⌊(Size−1)/2⌋ of them before each: [batch,…,channels] → the same (Krizhevsky, Sutskever and Hinton 2012,
// whose α is Alpha/Size here, as in PyTorch and ONNX). It learns nothing.
type LRN struct {
	Size  int     `default:"5"`
	Alpha float64 `default:"0.0001"`
	Beta  float64 `default:"0.75"`
	K     float64 `default:"1"`
}

func init() {
	text.Register[graph.Layer]("lrn", "local response normalisation: each channel by those beside it: [batch,…,channels]", "lrn 5 alpha=0.001", LRN{})
}

// Build is an error of a size below 1, of numbers below 0, and of a K of 0.
func (l LRN) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if l.Size == 0 {
		l.Size = 5
	}
	return b.Node(ops.LRN(x, l.Size, text.Value(l.Alpha, 1e-4), text.Value(l.Beta, .75), text.Value(l.K, 1)))
}
