package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Permute puts a sample's axes into another order: [batch,a,b] → [batch,b,a] of Axes 2, 1.
type Permute struct {
	Axes []int // of a sample, counted from 1, as in Keras
}

func init() {
	text.Register[graph.Layer]("permute", "a sample's axes, counted from 1, in another order: [batch,a,b] → [batch,b,a]", "permute 2x1", Permute{})
}

// Build is an error unless each axis is named once.
func (l Permute) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	named := make([]bool, x.Dims())
	for _, axis := range l.Axes {
		if axis < 1 || axis >= x.Dims() || named[axis] {
			return b.Errorf("got Axes %v for a sample of %d axes, want each once, counted from 1", l.Axes, x.Dims()-1)
		}
		named[axis] = true
	}
	if len(l.Axes) == 0 || len(l.Axes) != x.Dims()-1 {
		return b.Errorf("got Axes %v for a sample of %d axes, want each once, counted from 1", l.Axes, x.Dims()-1)
	}
	return b.Node(ops.Permute(x, append([]int{0}, l.Axes...)...))
}
