package graph

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/ops"
)

// Sequence is several layers as one, each fed by the one before it: for a branch of Residual or Concat that takes more than one.
type Sequence []Layer

// Name is "sequence".
func (Sequence) Name() string { return "sequence" }

// Build applies the layers in order. An empty sequence is x itself.
func (s Sequence) Build(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	var err error
	for _, l := range s {
		if x, err = b.Apply(l, x); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// Residual is x + f(x), f being the layers one after another, whose output must have the shape of their input (He et al. 2016, Deep Residual
// Learning). The gradient goes past f unchanged, however deep the network.
type Residual []Layer

// Name is "residual".
func (Residual) Name() string { return "residual" }

// Build is an error where f changes the shape, or there are no layers.
func (r Residual) Build(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if len(r) == 0 {
		return nil, errors.New("got no layers, want at least one")
	}
	y, err := Sequence(r).Build(b, x)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(y.Shape(), x.Shape()) {
		return nil, fmt.Errorf("its layers end in shape %v, want that of the input, %v: change the last layer's width", y.Shape(), x.Shape())
	}
	return ops.Add(x, y)
}

// Concat feeds x to each of its layers and puts what they give side by side: [batch,in] → [batch,n1+n2+…].
type Concat []Layer

// Name is "concat".
func (Concat) Name() string { return "concat" }

// Build is an error where a layer's output is no matrix, or there are no layers.
func (c Concat) Build(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
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
