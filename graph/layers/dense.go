package layers

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Dense is a fully connected layer, f(x·W + b): [batch,in] → [batch,Units]. Its parameters are "weight", [in,Units], and "bias", [Units].
type Dense struct {
	Units      int               // at least 1
	Activation Activation        // f; Linear if not given
	Weights    graph.Initializer // graph.GlorotUniform if nil
	Bias       graph.Initializer // graph.Zeros if nil
}

// Name is "dense".
func (Dense) Name() string { return "dense" }

// Build makes one op of it, or of it and a softmax. An input that is no matrix is an error.
func (d Dense) Build(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	if d.Units < 1 {
		return nil, fmt.Errorf("got Units %d, want at least 1", d.Units)
	}
	if x.Dims() != 2 {
		return nil, fmt.Errorf("want [batch,features]: put a layer before it that reshapes, such as a graph.LayerFunc of ops.Reshape")
	}
	in := x.Shape()[1]
	if d.Weights == nil {
		d.Weights = graph.GlorotUniform
	}
	if d.Bias == nil {
		d.Bias = graph.Zeros
	}
	w, err := b.Param("weight", d.Weights, in, d.Units)
	if err != nil {
		return nil, err
	}
	bias, err := b.Param("bias", d.Bias, d.Units)
	if err != nil {
		return nil, err
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

// Label is "dense", and the activation where it has one.
func (d Dense) Label() string {
	if d.Activation == Linear {
		return d.Name()
	}
	return d.Name() + ", " + d.Activation.String()
}
