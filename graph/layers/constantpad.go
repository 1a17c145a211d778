package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// ConstantPad puts so many elements of Value around a sample: [batch,height,width,channels] → [batch,height+…,width+…,channels].
type ConstantPad struct {
	Before []int   // along each axis of a sample, from the first; axes without a number stay as they are
	After  []int   // as many as Before if not given
	Value  float64 // 0 if not given
}

func init() {
	text.Register[graph.Layer]("pad", "puts zeros, or another value, before and after, along a sample's first axes: [batch,height,width,channels]", "pad 2x2 after=1x1", ConstantPad{})
}

// Name is "pad".
func (ConstantPad) Name() string { return "pad" }

// Build is an error of numbers below 0, and of more than there are axes.
func (l ConstantPad) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.Pad(x, l.Before, orSame(l.After, l.Before), l.Value))
}
