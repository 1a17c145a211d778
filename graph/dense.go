package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/ops"
)

// Dense is a fully connected layer, f(x·W + b): [batch,in] → [batch,Units]. Its parameters are "weight", [in,Units], and "bias", [Units].
type Dense struct {
	Units      int         // at least 1
	Activation Activation  // f; Linear if not given
	Weights    Initializer // GlorotUniform if nil
	Bias       Initializer // Zeros if nil
}

// Name is "dense".
func (Dense) Name() string { return "dense" }

// Build makes one op of it, or of it and a softmax. An input that is no matrix is an error.
func (d Dense) Build(b *Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if d.Units < 1 {
		return nil, fmt.Errorf("got Units %d, want at least 1", d.Units)
	}
	if x.Dims() != 2 {
		return nil, fmt.Errorf("want [batch,features]: put a layer before it that reshapes, such as a graph.LayerFunc of ops.Reshape")
	}
	in := x.Shape()[1]
	if d.Weights == nil {
		d.Weights = GlorotUniform
	}
	if d.Bias == nil {
		d.Bias = Zeros
	}
	w, err := b.Param("weight", d.Weights, in, d.Units)
	if err != nil {
		return nil, err
	}
	bias, err := b.Param("bias", d.Bias, d.Units)
	if err != nil {
		return nil, err
	}
	if b.plain {
		z, err := gorgonia.Mul(x, w)
		if err != nil {
			return nil, err
		}
		// A vector is broadcast onto a matrix as a row.
		if z, err = gorgonia.BroadcastAdd(z, bias, nil, []byte{0}); err != nil {
			return nil, err
		}
		return d.Activation.Build(b, z)
	}
	if d.Activation == Softmax {
		z, err := ops.Dense(x, w, bias, ops.Identity)
		if err != nil {
			return nil, err
		}
		return ops.Softmax(z)
	}
	f, err := d.Activation.function()
	if err != nil {
		return nil, err
	}
	return ops.Dense(x, w, bias, f)
}
