package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Crop cuts so many elements off along the axes of a sample: [batch,height,width,channels] → [batch,height−…,width−…,channels].
type Crop struct {
	Before []int // along each axis of a sample, from the first; axes without a number stay whole
	After  []int // as many as Before if not given
}

func init() {
	text.Register[graph.Layer]("crop", "cuts elements off before and after, along a sample's first axes: [batch,height,width,channels]", "crop 2x2 after=1x1", Crop{})
}

// Build is an error where nothing is left.
func (l Crop) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.Crop(x, l.Before, orSame(l.After, l.Before)))
}

// orSame is a list, or another where it is empty.
func orSame(list, other []int) []int {
	if len(list) == 0 {
		return other
	}
	return list
}
