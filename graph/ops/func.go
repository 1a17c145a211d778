package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Func is an elementwise activation function. Up to SELU each has a derivative that its own value gives, which is what the backward
// pass uses: the input need not be kept, and the function may stand in the op before it. The others fall and rise again: their derivative takes the input, and Dense
// makes a node of its own of them.
type Func uint8

const (
	Identity  Func = iota // z
	Sigmoid               // 1/(1+e^−z)
	Tanh                  // tanh z
	ReLU                  // max(0, z); gradient 0 at 0
	LeakyReLU             // z for z > 0, else LeakySlope·z
	Softplus              // ln(1+e^z)
	ELU                   // z for z > 0, else e^z − 1
	SELU                  // SELUScale·z for z > 0, else SELUScale·SELUAlpha·(e^z − 1)
	GELU                  // z·Φ(z), Φ being the normal distribution function
	GELUTanh              // z·½(1 + tanh(√(2/π)·(z + 0.044715·z³)))
	SiLU                  // z·σ(z)
	Mish                  // z·tanh(ln(1+e^z))
)

// fromInput says whether a function's derivative takes its input.
func (f Func) fromInput() bool { return f >= GELU }

// LeakySlope is LeakyReLU's slope below zero (PyTorch's default).
const LeakySlope = 0.01

// SELU's scale and α (Klambauer et al. 2017).
const (
	SELUScale = vec.SELUScale
	SELUAlpha = vec.SELUAlpha
)

var funcNames = [...]string{"identity", "sigmoid", "tanh", "relu", "leaky relu", "softplus", "elu", "selu", "gelu", "gelu tanh", "silu", "mish"}

// String is the function's name, such as "relu".
func (f Func) String() string {
	if int(f) < len(funcNames) {
		return funcNames[f]
	}
	return fmt.Sprintf("function(%d)", uint8(f))
}

// Activate is f of every element of x, of any shape. Its gradient is dy∘f'(x), where f' is had from y, or from x.
func Activate(x *gorgonia.Node, f Func) (*gorgonia.Node, error) {
	if err := missing("activate", x); err != nil {
		return nil, err
	}
	if int(f) >= len(funcNames) {
		return nil, fmt.Errorf("activate: got function number %d, want one of %v", f, funcNames)
	}
	return apply(&op{
		name:    f.String(),
		sigmoid: f == Sigmoid,
		shape:   x.Shape().Clone(),
		run32:   func(y []float32, in [][]float32) { activate(f, y, in[0]) },
		run64:   func(y []float64, in [][]float64) { activate(f, y, in[0]) },
		differ: func(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			if f.fromInput() {
				y = in[0]
			}
			dx, err := funcGrad(f, dy, y)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// funcGrad is dy∘f', with f' from y = f(x), or from x in place of y.
func funcGrad(f Func, dy, y *gorgonia.Node) (*gorgonia.Node, error) {
	if f == Identity {
		return dy, nil
	}
	return apply(&op{
		name:  "∂" + f.String(),
		shape: y.Shape().Clone(),
		run32: func(dx []float32, in [][]float32) { differentiate(f, dx, in[0], in[1]) },
		run64: func(dx []float64, in [][]float64) { differentiate(f, dx, in[0], in[1]) },
	}, dy, y)
}

// grain is the least number of elements that are worth another thread.
const grain = 4096

// addBias turns the rows of z into f(row + bias), in place.
func addBias[T float](f Func, z, bias []T) {
	n := len(bias)
	parallel.For(len(z)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			row := z[lo*n : (lo+1)*n]
			forward(f, row, row, bias)
		}
	})
}

func activate[T float](f Func, y, x []T) {
	parallel.For(len(y), grain, func(lo, hi int) { forward(f, y[lo:hi], x[lo:hi], nil) })
}

func differentiate[T float](f Func, dx, dy, y []T) {
	parallel.For(len(y), grain, func(lo, hi int) { backward(f, dx[lo:hi], dy[lo:hi], y[lo:hi]) })
}

// forward is y = f(z + bias), of one length; a nil bias is zero.
func forward[T float](f Func, y, z, bias []T) {
	switch f {
	case Identity:
		vec.AddLinear(y, z, bias)
	case Sigmoid:
		vec.AddSigmoid(y, z, bias)
	case Tanh:
		vec.AddTanh(y, z, bias)
	case ReLU:
		vec.AddReLU(y, z, bias)
	case LeakyReLU:
		vec.AddLeakyReLU(y, z, bias, LeakySlope)
	case Softplus:
		vec.AddSoftplus(y, z, bias)
	case ELU:
		vec.AddELU(y, z, bias)
	case SELU:
		vec.AddSELU(y, z, bias)
	case GELU:
		vec.AddGELU(y, z, bias)
	case GELUTanh:
		vec.AddGELUTanh(y, z, bias)
	case SiLU:
		vec.AddSiLU(y, z, bias)
	case Mish:
		vec.AddMish(y, z, bias)
	}
}

// backward is dx = dy∘f', with f' from y, or from x in its place. Identity's is left out of the graph.
func backward[T float](f Func, dx, dy, y []T) {
	switch f {
	case Sigmoid:
		vec.SigmoidGrad(dx, dy, y)
	case Tanh:
		vec.TanhGrad(dx, dy, y)
	case ReLU:
		vec.ReLUGrad(dx, dy, y)
	case LeakyReLU:
		vec.LeakyReLUGrad(dx, dy, y, LeakySlope)
	case Softplus:
		vec.SoftplusGrad(dx, dy, y)
	case ELU:
		vec.ELUGrad(dx, dy, y)
	case SELU:
		vec.SELUGrad(dx, dy, y)
	case GELU:
		vec.GELUGrad(dx, dy, y)
	case GELUTanh:
		vec.GELUTanhGrad(dx, dy, y)
	case SiLU:
		vec.SiLUGrad(dx, dy, y)
	case Mish:
		vec.MishGrad(dx, dy, y)
	}
}
