package layers

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Residual is x + f(x), f being the layers one after another, whose output must have the shape of their input (He et al. 2016, Deep Residual
// Learning). The gradient goes past f unchanged, however deep the network.
type Residual []graph.Layer

// Name is "residual".
func (Residual) Name() string { return "residual" }

// Build is an error where f changes the shape, or there are no layers.
func (r Residual) Build(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if len(r) == 0 {
		return nil, errors.New("got no layers, want at least one")
	}
	y, err := b.Chain(r, x)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(y.Shape(), x.Shape()) {
		return nil, fmt.Errorf("its layers end in shape %v, want that of the input, %v: change the last layer's width", y.Shape(), x.Shape())
	}
	return ops.Add(x, y)
}
