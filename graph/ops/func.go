package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Func is an elementwise activation function. Each has a derivative that its own value gives, which is what the backward
// pass uses: the input need not be kept.
type Func uint8

const (
	Identity  Func = iota // z
	Sigmoid               // 1/(1+e^−z)
	Tanh                  // tanh z
	ReLU                  // max(0, z); gradient 0 at 0
	LeakyReLU             // z for z > 0, else LeakySlope·z
	Softplus              // ln(1+e^z)
)

// LeakySlope is LeakyReLU's slope below zero (PyTorch's default).
const LeakySlope = 0.01

var funcNames = [...]string{"identity", "sigmoid", "tanh", "relu", "leaky relu", "softplus"}

// String is the function's name, such as "relu".
func (f Func) String() string {
	if int(f) < len(funcNames) {
		return funcNames[f]
	}
	return fmt.Sprintf("function(%d)", uint8(f))
}

// Activate is f of every element of x, of any shape. Its gradient is dy∘f'(x), where f' is had from y.
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
		differ: func(_ gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := funcGrad(f, dy, y)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// funcGrad is dy∘f', with f' from y = f(x).
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
	}
}

// backward is dx = dy∘f', with f' from y. Identity's is left out of the graph.
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
	}
}
