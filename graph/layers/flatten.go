package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Flatten makes one axis of a sample's, in row-major order: [batch,a,b,…] → [batch,a·b·…]; [batch] → [batch,1].
type Flatten struct{}

// Build is x itself where there is one axis already.
func (Flatten) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if x.Dims() == 2 {
		return x
	}
	return b.Node(ops.Reshape(x, b.Batch(), x.Shape().TotalSize()/b.Batch()))
}
