package layers

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Noise adds independent N(0, Deviation) numbers to the elements of any shape while training, other ones at each step; in the other modes it is not there (Keras' GaussianNoise).
type Noise struct {
	Deviation float64 // at least 0
}

func init() {
	text.Register[graph.Layer]("noise", "adds normal numbers of a deviation while training: any shape", "noise 0.1", Noise{})
}

// Build is x itself outside training, and where the deviation is 0.
func (l Noise) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if !(l.Deviation >= 0) || math.IsInf(l.Deviation, 0) {
		return b.Errorf("got Deviation %v, want a number of at least 0", l.Deviation)
	}
	if !b.Training() || l.Deviation == 0 {
		return x
	}
	return b.Node(ops.Add(x, b.Node(ops.Scale(b.Normal(x), l.Deviation))))
}
