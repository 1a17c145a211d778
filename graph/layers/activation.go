package layers

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Activation is an activation function: a field of Dense, or a layer by itself. The zero value is Linear.
type Activation uint8

const (
	Linear    Activation = iota // x
	Sigmoid                     // 1/(1+e^−x)
	Tanh                        // tanh x
	ReLU                        // max(0, x), with slope 0 at 0 (Nair and Hinton 2010)
	LeakyReLU                   // x, or 0.01·x below zero (Maas et al. 2013)
	Softplus                    // ln(1+e^x) (Dugas et al. 2001)
	Softmax                     // e^x / Σ e^x over the features of a sample
)

var activations = []string{"linear", "sigmoid", "tanh", "relu", "leaky-relu", "softplus", "softmax"}

// ActivationNames lists what ParseActivation understands.
func ActivationNames() []string { return slices.Clone(activations) }

// ParseActivation is the activation of that name, such as "relu"; of another, an error that lists them.
func ParseActivation(name string) (Activation, error) {
	if i := slices.Index(activations, name); i >= 0 {
		return Activation(i), nil
	}
	return 0, fmt.Errorf("activation: got %q, want one of %s", name, strings.Join(activations, ", "))
}

// String is the activation's name, as ParseActivation takes it.
func (a Activation) String() string {
	if int(a) < len(activations) {
		return activations[a]
	}
	return fmt.Sprintf("activation(%d)", uint8(a))
}

// Name is the layer's name.
func (a Activation) Name() string { return strings.ReplaceAll(a.String(), "-", "_") }

// function is the elementwise function; Softmax is none.
func (a Activation) function() (ops.Func, error) {
	switch a {
	case Linear:
		return ops.Identity, nil
	case Sigmoid:
		return ops.Sigmoid, nil
	case Tanh:
		return ops.Tanh, nil
	case ReLU:
		return ops.ReLU, nil
	case LeakyReLU:
		return ops.LeakyReLU, nil
	case Softplus:
		return ops.Softplus, nil
	}
	return 0, fmt.Errorf("got %v, want one of %s", a, strings.Join(activations, ", "))
}

// Build makes the activation a layer of its own; Softmax wants [batch,features], the others take any shape.
func (a Activation) Build(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	switch a {
	case Linear:
		return x, nil
	case Softmax:
		return ops.Softmax(x)
	}
	f, err := a.function()
	if err != nil {
		return nil, err
	}
	return ops.Activate(x, f)
}

// ActivationOf is the activation of a Dense or Activation layer; Linear of any other.
func ActivationOf(l graph.Layer) Activation {
	switch l := l.(type) {
	case Dense:
		return l.Activation
	case Activation:
		return l
	}
	return Linear
}
