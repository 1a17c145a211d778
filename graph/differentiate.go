package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/ops"
)

// differentiate gives the derivative, with regard to each node that the parameters reach, and those that others do also, of a scalar whose derivatives with regard to some nodes are the
// seeds. It goes over the nodes against the order in which they were made, asks each op for its own symbolic derivative, and adds up what several
// readers of a node send back, by our own Add: Gorgonia's sum works in place, in buffers that are not its. A parameter without a derivative is an error, unless it
// serves an output that is idle, of which there is no loss, and others learn.
func differentiate(g *gorgonia.ExprGraph, seeds map[*gorgonia.Node]*gorgonia.Node, params, also, idle gorgonia.Nodes) (map[*gorgonia.Node]*gorgonia.Node, error) {
	if len(params) == 0 && len(also) == 0 {
		return nil, errors.New("graph: got a model without parameters, want at least one to train: add a layer that has some, such as layers.Dense")
	}
	all := g.AllNodes()
	all = all[:len(all):len(all)]
	reached := map[*gorgonia.Node]bool{} // from a parameter
	for _, p := range slices.Concat(params, also) {
		reached[p] = true
	}
	for _, n := range all {
		if wrt := differentiable(n); wrt != nil {
			for i, in := range ops.Inputs(n) {
				reached[n] = reached[n] || wrt[i] && reached[in]
			}
		}
	}
	sent := map[*gorgonia.Node]gorgonia.Nodes{}
	for n, seed := range seeds {
		sent[n] = gorgonia.Nodes{seed}
	}
	derivs := map[*gorgonia.Node]*gorgonia.Node{}
	for i := len(all) - 1; i >= 0; i-- {
		n := all[i]
		if len(sent[n]) == 0 || !reached[n] {
			continue
		}
		grad := sent[n][0]
		for _, other := range sent[n][1:] {
			var err error
			if grad, err = ops.Add(grad, other); err != nil {
				return nil, fmt.Errorf("graph: adding up the gradients of %s: %w", describe(n), err)
			}
		}
		derivs[n] = grad
		wrt := differentiable(n)
		if wrt == nil {
			continue
		}
		if err := backward(n); err != nil {
			return nil, fmt.Errorf("graph: differentiating %s: %w", describe(n), err)
		}
		inputs := ops.Inputs(n)
		back, err := n.Op().(gorgonia.SDOp).SymDiff(inputs, n, grad)
		if err == nil && len(back) < len(inputs) { // some of Gorgonia's give more, of what they hold inside
			err = fmt.Errorf("got %d derivatives, want %d, one for each input", len(back), len(inputs))
		}
		if err != nil {
			return nil, fmt.Errorf("graph: differentiating %s: %w", describe(n), err)
		}
		for i, in := range inputs {
			if wrt[i] && reached[in] {
				if back[i] == nil {
					return nil, fmt.Errorf("graph: differentiating %s: got no derivative with regard to input %d, which it says that it has", describe(n), i)
				}
				sent[in] = append(sent[in], back[i])
			}
		}
	}
	var without []string
	learnt := slices.ContainsFunc(params, func(p *gorgonia.Node) bool { return derivs[p] != nil })
	serving := map[*gorgonia.Node]bool{}
	for len(idle) > 0 {
		n := idle[len(idle)-1]
		if idle = idle[:len(idle)-1]; !serving[n] {
			serving[n] = true
			idle = append(idle, ops.Inputs(n)...)
		}
	}
	for _, p := range params {
		if derivs[p] == nil && (!serving[p] || !learnt) {
			without = append(without, p.Name())
		}
	}
	if len(without) > 0 {
		return nil, fmt.Errorf("graph: the loss does not depend on parameter %s, so it has no gradient: use it in what its layer returns, or do not ask for it", strings.Join(without, ", "))
	}
	return derivs, nil
}

// differentiable says with regard to which of its inputs an op has a derivative; nil where to none, or n is no op.
func differentiable(n *gorgonia.Node) []bool {
	if n.Op() == nil {
		return nil
	}
	op, ok := n.Op().(gorgonia.SDOp)
	if !ok || op.Arity() == 0 {
		return nil
	}
	return op.DiffWRT(len(ops.Inputs(n)))
}

// describe is a node for a message: its op and shape.
func describe(n *gorgonia.Node) string {
	if n.Op() == nil {
		return n.Name()
	}
	return fmt.Sprintf("%v of shape %v", n.Op(), n.Shape())
}
