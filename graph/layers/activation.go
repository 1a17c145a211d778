package layers

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Activation is an activation function: a field of Dense, or a layer by itself. The zero value is Linear.
type Activation uint8

const (
	Linear     Activation = iota // x
	Sigmoid                      // 1/(1+e^−x)
	Tanh                         // tanh x
	ReLU                         // max(0, x), with slope 0 at 0 (Nair and Hinton 2010)
	LeakyReLU                    // x, or 0.01·x below zero (Maas et al. 2013)
	Softplus                     // ln(1+e^x) (Dugas et al. 2001)
	Softmax                      // e^x / Σ e^x over the last axis
	LogSoftmax                   // x − ln Σ e^x over the last axis
	ELU                          // x, or e^x − 1 below zero (Clevert, Unterthiner and Hochreiter 2016)
	SELU                         // λ·x, or λα·(e^x − 1) below zero, with λ = 1.0507 and α = 1.6733 (Klambauer et al. 2017)
	GELU                         // x·Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel 2016)
	GELUTanh                     // the same by tanh, x·½(1 + tanh(√(2/π)·(x + 0.044715·x³)))
	SiLU                         // x·σ(x), called swish, too (Elfwing, Uchibe and Doya 2018)
	Mish                         // x·tanh(ln(1+e^x)) (Misra 2020)
)

var activations = []string{"linear", "sigmoid", "tanh", "relu", "leaky-relu", "softplus", "softmax", "log-softmax", "elu", "selu", "gelu", "gelu-tanh", "silu", "mish"}

var formulas = []string{"x", "1/(1+e^−x)", "tanh x", "max(0, x)", "x, or 0.01·x below zero", "ln(1+e^x)", "e^x / Σ e^x over the last axis", "x − ln Σ e^x over the last axis",
	"x, or e^x − 1 below zero", "1.0507·x, or 1.7581·(e^x − 1) below zero", "x·Φ(x), Φ being the normal distribution function", "x·½(1 + tanh(√(2/π)·(x + 0.044715·x³)))",
	"x·σ(x), called swish, too", "x·tanh(ln(1+e^x))"}

func init() {
	for i, word := range activations {
		text.Register[graph.Layer](word, formulas[i]+": any shape", word, Activation(i))
	}
}

// ActivationNames lists what ParseActivation understands.
func ActivationNames() []string { return slices.Clone(activations) }

// ParseActivation is the activation of that name, such as "relu"; of another, an error that lists them, and names the one that was perhaps meant.
func ParseActivation(name string) (Activation, error) {
	if i := slices.Index(activations, name); i >= 0 {
		return Activation(i), nil
	}
	return 0, fmt.Errorf("activation: got %q, want one of %s%s", name, strings.Join(activations, ", "), text.DidYouMean(name, activations))
}

// String is the activation's name, as ParseActivation takes it.
func (a Activation) String() string {
	if int(a) < len(activations) {
		return activations[a]
	}
	return fmt.Sprintf("activation(%d)", uint8(a))
}

// Name is the layer's: "leaky_relu".
func (a Activation) Name() string { return strings.ReplaceAll(a.String(), "-", "_") }

// overRows says whether the activation is one of whole rows, not of elements.
func (a Activation) overRows() bool { return a == Softmax || a == LogSoftmax }

// function is the elementwise function; Softmax and LogSoftmax are none.
func (a Activation) function(b *graph.Builder) ops.Func {
	switch a {
	case Linear:
		return ops.Identity
	case Sigmoid:
		return ops.Sigmoid
	case Tanh:
		return ops.Tanh
	case ReLU:
		return ops.ReLU
	case LeakyReLU:
		return ops.LeakyReLU
	case Softplus:
		return ops.Softplus
	case ELU:
		return ops.ELU
	case SELU:
		return ops.SELU
	case GELU:
		return ops.GELU
	case GELUTanh:
		return ops.GELUTanh
	case SiLU:
		return ops.SiLU
	case Mish:
		return ops.Mish
	}
	b.Errorf("got %v, want one of %s", a, strings.Join(activations, ", "))
	return ops.Identity
}

// Build makes the activation a layer of its own, on any shape; Softmax and LogSoftmax are over the last axis.
func (a Activation) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	switch a {
	case Linear:
		return x
	case Softmax:
		return b.Node(ops.Softmax(x))
	case LogSoftmax:
		return b.Node(ops.LogSoftmax(x))
	}
	return b.Node(ops.Activate(x, a.function(b)))
}

// ActivationOf is the activation of a layer that has one, or is one; Linear of any other.
func ActivationOf(l graph.Layer) Activation {
	switch l := l.(type) {
	case Dense:
		return l.Activation
	case Conv:
		return l.Activation
	case Conv1D:
		return l.Activation
	case Depthwise:
		return l.Activation
	case ConvTranspose:
		return l.Activation
	case ConvTranspose1D:
		return l.Activation
	case Activation:
		return l
	}
	return Linear
}
