package layers

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Reshape gives a sample's elements, in row-major order, another shape: [batch,…] → [batch,Shape…].
type Reshape struct {
	Shape []int // of a sample; one of the sizes may be 0: what is left
}

func init() {
	text.Register[graph.Layer]("reshape", "a sample's elements under another shape, of which a 0 is what is left: [batch,…] → [batch,shape…]", "reshape 7x7x16", Reshape{})
}

// Build is an error where the sample has not as many elements.
func (l Reshape) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	size, product, open := x.Shape().TotalSize()/b.Batch(), 1, -1
	shape := slices.Clone(l.Shape)
	for i, d := range shape {
		switch {
		case d == 0 && open < 0:
			open = i
			continue
		case d < 1 || d > size:
			return b.Errorf("got Shape %v for a sample of %d elements, want sizes of at least 1, whose product that is; one may be 0, what is left", l.Shape, size)
		}
		product *= d
	}
	if open >= 0 {
		shape[open] = size / max(1, product)
		product *= shape[open]
	}
	if product != size || len(shape) == 0 {
		return b.Errorf("got Shape %v for a sample of %d elements, want sizes whose product that is; one may be 0, what is left", l.Shape, size)
	}
	return b.Node(ops.Reshape(x, append([]int{b.Batch()}, shape...)...))
}
