package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Dot is the matrix product of two inputs, sample by sample: [batch,…,m,k] and [batch,…,k,n] → [batch,…,m,n], or with Transposed [batch,…,m,k] and [batch,…,n,k], the products of each row with
// each. Attention is made of two; package layers has one of its own, which does it in one.
type Dot struct {
	Transposed bool // the second one's last two axes
}

func init() {
	text.Register[graph.Layer]("dot", "the matrix product of two inputs: [batch,…,m,k] and [batch,…,k,n] → [batch,…,m,n]", "dot transposed", Dot{})
}

// Build refuses: it takes two inputs.
func (Dot) Build(b *graph.Builder, _ *gorgonia.Node) *gorgonia.Node {
	return b.Errorf("got one input, want two: add it to a graph.Net")
}

// Join is an error unless there are two inputs whose sizes go together.
func (d Dot) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	if len(xs) != 2 {
		return b.Errorf("got %d inputs, want two", len(xs))
	}
	return b.Node(ops.BatchMatMul(xs[0], xs[1], false, d.Transposed))
}
