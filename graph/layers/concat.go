package layers

import (
	"errors"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Concat feeds x to each of its layers and puts what they give side by side: [batch,in] → [batch,n1+n2+…].
type Concat []graph.Layer

// Name is "concat".
func (Concat) Name() string { return "concat" }

// Build is an error where a layer's output is no matrix, or there are no layers.
func (c Concat) Build(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if len(c) == 0 {
		return nil, errors.New("got no layers, want at least one")
	}
	parts := make([]*gorgonia.Node, len(c))
	for i, l := range c {
		var err error
		if parts[i], err = b.Apply(l, x); err != nil {
			return nil, err
		}
	}
	return ops.Concat(parts...)
}
