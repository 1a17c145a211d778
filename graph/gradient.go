package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
)

// gradient pairs a parameter with its gradient, for the solver.
//
// The gradient of a weight matrix is a product, left ᵀ·right, that nothing else in the graph reads. Where it can be, that last product
// is left to whoever asks: a solver that only subtracts it from the weights (plain SGD) does both in one pass over memory.
type gradient struct {
	name        string  // of the parameter
	runs        *uint64 // of the program so far
	value       *tensor.Dense
	node        *gorgonia.Node // computes the gradient; nil where left and right stand for it, and where all three are nil it is 0
	left, right *gorgonia.Node
	rows        int           // of left and right, whatever their shapes
	product     *tensor.Dense // leftᵀ·right, multiplied out when asked for
	run         uint64        // the run that product belongs to
	sides       [2]side
}

// Name is the parameter's, "dense_1.weight": what treats layers differently goes by it.
func (g *gradient) Name() string { return g.name }

func (g *gradient) Value() gorgonia.Value { return g.value }

// Grad is the gradient of the last run.
func (g *gradient) Grad() (gorgonia.Value, error) {
	if *g.runs == 0 {
		return nil, fmt.Errorf("graph: got no gradient of a parameter of shape %v: run the program first", g.value.Shape())
	}
	if g.node != nil {
		return g.node.Value(), nil
	}
	if g.run != *g.runs {
		if g.product == nil {
			g.product = tensor.New(tensor.Of(g.value.Dtype()), tensor.WithShape(g.value.Shape()...))
		}
		if left, right := g.factors(); left != nil {
			blas.TransposedProduct(g.product, left, right, 1, 0)
		}
		g.run = *g.runs
	}
	return g.product, nil
}

// Factors are the two matrices of the last run whose product leftᵀ·right is the gradient; nil where it is no such product, or one that has been multiplied out already.
func (g *gradient) Factors() (left, right *tensor.Dense) {
	if g.run == *g.runs {
		return nil, nil
	}
	return g.factors()
}

func (g *gradient) factors() (left, right *tensor.Dense) {
	if g.node != nil || g.left == nil || *g.runs == 0 {
		return nil, nil
	}
	return g.matrix(&g.sides[0], dense(g.left)), g.matrix(&g.sides[1], dense(g.right))
}

// matrix is a factor as a matrix, over the same storage; the header is kept from run to run.
func (g *gradient) matrix(side *side, t *tensor.Dense) *tensor.Dense {
	if t.Dims() == 2 {
		return t
	}
	if side.of != t {
		side.of, side.matrix = t, shaped(t, tensor.Shape{g.rows, t.Shape().TotalSize() / g.rows})
	}
	return side.matrix
}

// A side is a factor that is no matrix, and its form as one.
type side struct{ of, matrix *tensor.Dense }

// dense is a node's value as a tensor, a scalar's as one of shape (1); nil where there is none.
func dense(n *gorgonia.Node) *tensor.Dense {
	if n == nil {
		return nil
	}
	switch v := n.Value().(type) {
	case *tensor.Dense:
		return v
	case *gorgonia.F32:
		return tensor.New(tensor.WithBacking([]float32{float32(*v)}))
	case *gorgonia.F64:
		return tensor.New(tensor.WithBacking([]float64{float64(*v)}))
	}
	return nil
}
