package layers

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Rescaling is Scale·x + Offset of any shape, of two fixed numbers, as in Keras.
type Rescaling struct {
	Scale  float64 `default:"1"`
	Offset float64
}

func init() {
	text.Register[graph.Layer]("rescaling", "scale·x + offset, two fixed numbers, of any shape", "rescaling 0.0078125 offset=-1", Rescaling{})
}

// Build is an error of numbers that are not finite.
func (l Rescaling) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	scale := text.Value(l.Scale, 1)
	if s := math.Abs(scale) + math.Abs(l.Offset); math.IsNaN(s) || math.IsInf(s, 0) {
		return b.Errorf("got Scale %v and Offset %v, want finite numbers", l.Scale, l.Offset)
	}
	return b.Node(ops.Rescale(x, scale, l.Offset))
}
