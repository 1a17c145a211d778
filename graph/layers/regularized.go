package layers

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Regularized is a layer, or a Sequence, whose weights or output are kept small: what it adds to the model's loss is
//
//	Σ L1·|w| + L2·w² over the weights + Σ ActivityL1·|y| + ActivityL2·y² over the output, by the samples of the batch
//
// as Keras' kernel and activity regularizers have it, where PyTorch's weight_decay of λ is an L2 of λ/2. Weights are the parameters of two axes or more that the layer
// has first: no biases, and no scales and shifts of norms. MaxNorm bounds the norm of each unit's weights after every step. The shape is the layer's.
type Regularized struct {
	Layer      graph.Layer
	L1, L2     float64
	ActivityL1 float64
	ActivityL2 float64
	MaxNorm    float64 // none if 0
}

func init() {
	text.Register[graph.Layer]("regularized", "the layer in brackets, with a penalty on its weights or its output, or a largest norm", "regularized(dense 64 relu) l2=0.0001", Regularized{})
}

// Build is an error without a layer, and for factors out of range.
func (r Regularized) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if r.Layer == nil {
		return b.Errorf("got no layer, want one, as in regularized(dense 64 relu) l2=0.0001")
	}
	for _, factor := range []float64{r.L1, r.L2, r.ActivityL1, r.ActivityL2, r.MaxNorm} {
		if !(factor >= 0 && factor <= math.MaxFloat64) {
			return b.Errorf("got L1 %v, L2 %v, ActivityL1 %v, ActivityL2 %v, MaxNorm %v, want finite numbers of at least 0", r.L1, r.L2, r.ActivityL1, r.ActivityL2, r.MaxNorm)
		}
	}
	before := len(b.Params())
	y := b.Apply(r.Layer, x)
	if b.Err() != nil {
		return nil
	}
	for _, w := range b.Params()[before:] {
		if w.Dims() < 2 {
			continue
		}
		if r.L1 != 0 || r.L2 != 0 {
			b.Penalty(b.Node(ops.Penalty(w, r.L1, r.L2)))
		}
		if r.MaxNorm != 0 {
			b.MaxNorm(w, r.MaxNorm)
		}
	}
	if r.ActivityL1 != 0 || r.ActivityL2 != 0 {
		n := float64(b.Batch())
		b.Penalty(b.Node(ops.Penalty(y, r.ActivityL1/n, r.ActivityL2/n)))
	}
	return y
}
