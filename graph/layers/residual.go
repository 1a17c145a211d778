package layers

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Residual is x + f(x), f being the layers one after another, whose output must have the shape of their input (He et al. 2016, Deep Residual
// Learning). The gradient goes past f unchanged, however deep the network.
type Residual []graph.Layer

func init() {
	text.Register[graph.Layer]("residual", "x + f(x) of the layers in brackets, which keep the shape", "residual(dense 8 relu, dense 8)", Residual{})
}

// Build is an error where f changes the shape, or there are no layers.
func (r Residual) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	if len(r) == 0 {
		return b.Errorf("got no layers, want at least one")
	}
	y := b.Chain(r, x)
	if y != nil && !slices.Equal(y.Shape(), x.Shape()) {
		return b.Errorf("its layers end in shape %v, want that of the input, %v: change the last layer's width", y.Shape(), x.Shape())
	}
	return b.Node(ops.Add(x, y))
}
