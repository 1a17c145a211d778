package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Step takes one time of a sequence: [batch,time,…] → [batch,…].
type Step struct {
	At int // the time, from 0 on; from the end, −1 being the last
}

func init() {
	text.Register[graph.Layer]("step", "one time of a sequence, from 0 on, or from the end, -1: [batch,time,…] → [batch,…]", "step -1", Step{})
}

// Build is an error where there is no such time.
func (l Step) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.Step(x, l.At))
}
