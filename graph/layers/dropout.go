package layers

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Dropout sets a share Rate, in [0, 1), of the elements of any shape to zero while training, at random, and divides the
// rest by 1−Rate (inverted dropout; Srivastava et al. 2014); in the other modes it is not there. The masks are a function of the model's
// seed, the layer's name and the program's step (graph.Program.SetStep).
type Dropout struct {
	Rate float64 // of elements that are dropped: Keras' rate, PyTorch's p
}

// Name is "dropout".
func (Dropout) Name() string { return "dropout" }

// Build is x itself outside training, and where the rate is 0.
func (d Dropout) Build(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if !(d.Rate >= 0 && d.Rate < 1) {
		return nil, fmt.Errorf("got Rate %v, want at least 0 and below 1", d.Rate)
	}
	if !b.Training() || d.Rate == 0 {
		return x, nil
	}
	return ops.Dropout(x, d.Rate, b.Stream())
}
