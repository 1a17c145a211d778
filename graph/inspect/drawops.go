package inspect

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// DrawOps draws Gorgonia's expression graph for training on batches of that size, op by op; with gradients, the backward
// pass too. Nodes are numbered in an order of computing them that depends on nothing but the graph. Ops of package ops have names
// such as "dense+relu", the gradient of one "∂relu"; of Gorgonia's, ⊙ is the elementwise product, × the matrix product, Σ a sum. The error is that
// of compiling the model for the loss.
func DrawOps(m *graph.Model, loss graph.Loss, batch int, gradients bool) (*Drawing, error) {
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: batch, Loss: loss})
	if err != nil {
		return nil, err
	}
	nodes := p.Nodes()
	order := &opOrder{number: map[*gorgonia.Node]int{}}
	for _, l := range nodes.Layers {
		order.visit(l.Output)
	}
	order.visit(nodes.Loss)
	forward := len(order.nodes)
	results := map[*gorgonia.Node]string{nodes.Loss: "loss"}
	for i, o := range nodes.Outputs {
		results[o] = "output"
		if len(nodes.Outputs) > 1 {
			results[o] += " " + m.Outputs()[i].Name
		}
	}
	if gradients {
		for i := len(nodes.Params) - 1; i >= 0; i-- { // as they are computed: last layer first
			order.visit(nodes.Derivs[nodes.Params[i]])
		}
		for _, param := range nodes.Params {
			results[nodes.Derivs[param]] = "gradient of " + param.Name()
		}
	}
	d := &Drawing{title: "ops"}
	var text strings.Builder
	row := func(id, op, shape, note string) {
		text.WriteString(strings.TrimRight(fmt.Sprintf("%-5s %-44s %-14s %s", id, op, shape, note), " ") + "\n")
	}
	row("node", "op", "shape", "")
	for i, n := range order.nodes {
		id := fmt.Sprintf("n%d", i)
		b := box{id: id, label: describe(n), fill: forwardFill}
		call := b.label
		back := i >= forward
		switch {
		case n.Op() == nil || len(ops.Inputs(n)) == 0:
			b.fill = givenFill
		default:
			var inputs []string
			for _, child := range ops.Inputs(n) {
				from := fmt.Sprintf("n%d", order.number[child])
				inputs = append(inputs, from)
				d.edges = append(d.edges, edge{from: from, to: id, back: back})
			}
			call += "(" + strings.Join(inputs, ", ") + ")"
			if back {
				b.fill = backwardFill
			}
			if n == nodes.Loss {
				b.fill = lossFill
			}
		}
		shape := "scalar"
		if len(n.Shape()) > 0 {
			shape = size(n.Shape())
			b.label += "\n" + shape
		}
		note := results[n]
		if note != "" {
			b.label += "\n" + note
		}
		if i == forward {
			text.WriteString("backward\n")
		}
		row(id, call, shape, note)
		d.boxes = append(d.boxes, b)
	}
	d.text = text.String()
	return d, nil
}

// opOrder numbers nodes after those that they are computed from.
type opOrder struct {
	number map[*gorgonia.Node]int
	nodes  gorgonia.Nodes
}

func (o *opOrder) visit(n *gorgonia.Node) {
	if n == nil {
		return
	}
	if _, done := o.number[n]; done {
		return
	}
	for _, child := range ops.Inputs(n) {
		o.visit(child)
	}
	o.number[n] = len(o.nodes)
	o.nodes = append(o.nodes, n)
}

// describe is an op's name, or an input's. A constant, which Gorgonia numbers by its place in memory, is its value. What Gorgonia writes
// behind the sign of an elementwise op, "⊙ false", is whether a comparison gives numbers: no part of the name.
func describe(n *gorgonia.Node) string {
	switch {
	case n.Op() == nil:
		return n.Name()
	case len(n.Shape()) == 0 && n.Op().Arity() == 0:
		return fmt.Sprintf("constant %v", n.Value())
	}
	sign, _ := strings.CutSuffix(n.Op().String(), " false")
	sign, _ = strings.CutSuffix(sign, " true")
	return sign
}
