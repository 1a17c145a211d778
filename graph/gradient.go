package graph

import (
	"errors"
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/ops"
)

// gradient pairs a parameter with its gradient, for the solver.
//
// The gradient of a weight matrix is a product, left ᵀ·right, that nothing else in the graph reads. Where it can be, that last product
// is left to whoever asks: a solver that only subtracts it from the weights (plain SGD) does both in one pass over memory.
type gradient struct {
	runs        *uint64 // of the program so far
	value       *tensor.Dense
	node        *gorgonia.Node // computes the gradient; nil where left and right stand for it
	left, right *gorgonia.Node
	product     *tensor.Dense // leftᵀ·right, multiplied out when asked for
	run         uint64        // the run that product belongs to
}

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
		left, right := g.Factors()
		blas.TransposedProduct(g.product, left, right, 1, 0)
		g.run = *g.runs
	}
	return g.product, nil
}

// Factors are the two matrices of the last run whose product leftᵀ·right is the gradient; nil where it is no such product.
func (g *gradient) Factors() (left, right *tensor.Dense) {
	if g.node != nil || *g.runs == 0 {
		return nil, nil
	}
	return dense(g.left), dense(g.right)
}

// differentiate gives the gradient node of each parameter.
func differentiate(loss *gorgonia.Node, params gorgonia.Nodes) (gorgonia.Nodes, error) {
	if len(params) == 0 {
		return nil, errors.New("graph: got a model without parameters, want at least one to train: add a layer that has some, such as layers.Dense")
	}
	derivs, err := gorgonia.Grad(loss, params...)
	var d gorgonia.SymDiffError
	if errors.As(err, &d) && len(d.Nodes()) > 0 {
		var names []string
		for _, n := range params {
			if d.Nodes().Contains(n) {
				names = append(names, n.Name())
			}
		}
		if len(names) > 0 {
			return nil, fmt.Errorf("graph: the loss does not depend on parameter %s, so it has no gradient: use it in what its layer returns, or do not ask for it", strings.Join(names, ", "))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("graph: differentiating the loss with regard to %d parameters: %w", len(params), err)
	}
	return derivs, nil
}

// onlyOurOps says whether every op of the graph is of package ops, which write over no node's value before the next run.
func onlyOurOps(g *gorgonia.ExprGraph) bool {
	for _, n := range g.AllNodes() {
		if n.Op() != nil && !ops.Ours(n) && g.From(n.ID()).Len() > 0 {
			return false
		}
	}
	return true
}

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
