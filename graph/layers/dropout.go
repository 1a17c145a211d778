package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Dropout sets a share Rate, in [0, 1), of the elements of any shape to zero while training, at random, and divides the
// rest by 1−Rate (inverted dropout; Srivastava et al. 2014); in the other modes it is not there. The masks are a function of the model's
// seed, the layer's name, the step of training and the sample's row in the batch.
type Dropout struct {
	Rate float64 // of elements that are dropped: Keras' rate, PyTorch's p
}

func init() {
	text.Register[graph.Layer]("dropout", "sets a share of the elements to 0 while training: any shape", "dropout 0.5", Dropout{})
}

// Build is x itself outside training, and where the rate is 0.
func (d Dropout) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if !(d.Rate >= 0 && d.Rate < 1) {
		return b.Errorf("got Rate %v, want at least 0 and below 1", d.Rate)
	}
	if !b.Training() || d.Rate == 0 {
		return x
	}
	return b.Node(ops.Dropout(x, d.Rate, b.Stream()))
}
