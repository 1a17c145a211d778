package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// TimeDistributed applies its layers to each time of a sequence as if it were a sample of its own, with the same parameters: [batch,time,…] → [batch,time,…]. Layers that work on the last
// axis, such as Dense, need none; one that looks at a whole sample, such as Flatten or a convolution, does. Batch normalisation in it takes the moments over all times.
type TimeDistributed []graph.Layer

func init() {
	text.Register[graph.Layer]("timedistributed", "the layers in brackets at each time by itself: [batch,time,…] → [batch,time,…]", "timedistributed(flatten, dense 8 relu)", TimeDistributed{})
}

// Build is an error of no layers, and of samples without a time and something at each.
func (l TimeDistributed) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if len(l) == 0 {
		return b.Errorf("got no layers, want at least one")
	}
	return b.OverTime(l, x)
}
