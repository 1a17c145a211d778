package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// The ops of this file are element by element on one or two tensors of one shape, which are nowhere broadcast. They write neither operand.

// Add is a + b. The gradient of each is the result's.
func Add(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	if err := alike("add", a, b); err != nil {
		return nil, err
	}
	return apply(&op{
		name:  "add",
		shape: a.Shape().Clone(),
		run32: addUp[float32],
		run64: addUp[float64],
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			return gorgonia.Nodes{grad, grad}, nil
		},
	}, a, b)
}

// Sub is a − b; da = dy, db = −dy.
func Sub(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	if err := alike("subtract", a, b); err != nil {
		return nil, err
	}
	return apply(&op{
		name:  "subtract",
		shape: a.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { each2(out, in, func(a, b float64) float64 { return a - b }) },
		run64: func(out []float64, in [][]float64) { each2(out, in, func(a, b float64) float64 { return a - b }) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			db, err := Scale(grad, -1)
			return gorgonia.Nodes{grad, db}, err
		},
	}, a, b)
}

// Mul is a∘b, element by element; da = dy∘b, db = dy∘a.
func Mul(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	if err := alike("multiply", a, b); err != nil {
		return nil, err
	}
	return apply(&op{
		name:  "multiply",
		shape: a.Shape().Clone(),
		run32: multiplied[float32],
		run64: multiplied[float64],
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			da, err := Mul(grad, in[1])
			if err != nil {
				return nil, err
			}
			db, err := Mul(grad, in[0])
			return gorgonia.Nodes{da, db}, err
		},
	}, a, b)
}

// Scale is c·x; dx = c·dy.
func Scale(x *gorgonia.Node, c float64) (*gorgonia.Node, error) {
	if err := missing("scale", x); err != nil {
		return nil, err
	}
	return apply(&op{
		name:  fmt.Sprintf("scale %v", c),
		shape: x.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { each1(out, in, func(x float64) float64 { return c * x }) },
		run64: func(out []float64, in [][]float64) { each1(out, in, func(x float64) float64 { return c * x }) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Scale(grad, c)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// Lerp is a + t·(b−a), the way from a to b that a moving average goes; da = (1−t)·dy, db = t·dy.
func Lerp(a, b *gorgonia.Node, t float64) (*gorgonia.Node, error) {
	if err := alike("lerp", a, b); err != nil {
		return nil, err
	}
	lerp := func(a, b float64) float64 { return a + t*(b-a) }
	return apply(&op{
		name:  fmt.Sprintf("lerp %v", t),
		shape: a.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { each2(out, in, lerp) },
		run64: func(out []float64, in [][]float64) { each2(out, in, lerp) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			da, err := Scale(grad, 1-t)
			if err != nil {
				return nil, err
			}
			db, err := Scale(grad, t)
			return gorgonia.Nodes{da, db}, err
		},
	}, a, b)
}

// Abs is |x|; dx = dy·sign x, and 0 at 0.
func Abs(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("abs", x); err != nil {
		return nil, err
	}
	sign := func(dy, x float64) float64 {
		switch {
		case x > 0:
			return dy
		case x < 0:
			return -dy
		}
		return 0 * x // NaN stays
	}
	return apply(&op{
		name:  "abs",
		shape: x.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { each1(out, in, math.Abs) },
		run64: func(out []float64, in [][]float64) { each1(out, in, math.Abs) },
		differ: func(in gorgonia.Nodes, y, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂abs",
				shape: y.Shape().Clone(),
				run32: func(out []float32, in [][]float32) { each2(out, in, sign) },
				run64: func(out []float64, in [][]float64) { each2(out, in, sign) },
			}, grad, in[0])
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// alike is an error unless the nodes are there and of one shape; Shape.Eq would take (3) for (3, 1).
func alike(name string, a, b *gorgonia.Node) error {
	if err := missing(name, a, b); err != nil {
		return err
	}
	if !slices.Equal(a.Shape(), b.Shape()) {
		return fmt.Errorf("%s: got shapes %v and %v, want them equal", name, a.Shape(), b.Shape())
	}
	return nil
}

func addUp[T float](out []T, in [][]T) {
	parallel.For(len(out), grain, func(lo, hi int) { vec.Add(out[lo:hi], in[0][lo:hi], in[1][lo:hi]) })
}

func multiplied[T float](y []T, in [][]T) {
	parallel.For(len(y), grain, func(lo, hi int) { vec.Mul(y[lo:hi], in[0][lo:hi], in[1][lo:hi]) })
}

// each1 is f of every element.
func each1[T float](out []T, in [][]T, f func(x float64) float64) {
	parallel.For(len(out), grain, func(lo, hi int) {
		for i, x := range in[0][lo:hi] {
			out[lo+i] = T(f(float64(x)))
		}
	})
}

// each2 is f of every pair of elements.
func each2[T float](out []T, in [][]T, f func(a, b float64) float64) {
	parallel.For(len(out), grain, func(lo, hi int) {
		b := in[1][lo:hi]
		for i, a := range in[0][lo:hi] {
			out[lo+i] = T(f(float64(a), float64(b[i])))
		}
	})
}
