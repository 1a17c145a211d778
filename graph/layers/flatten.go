package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Flatten makes one axis of a sample's, in row-major order: [batch,a,b,…] → [batch,a·b·…]; [batch] → [batch,1].
type Flatten struct{}

func init() {
	text.Register[graph.Layer]("flatten", "one axis of all: [batch,a,b,…] → [batch,a·b·…]", "flatten", Flatten{})
}

// Build is x itself where there is one axis already.
func (Flatten) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if x.Dims() == 2 {
		return x
	}
	return b.Node(ops.Reshape(x, b.Batch(), x.Shape().TotalSize()/b.Batch()))
}
