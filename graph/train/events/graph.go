package events

import (
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// network writes the model's layers as a GraphDef (graph.proto): a node a layer, within the layer that it stands in, with the shape of its output.
func (w *Writer) network(m *graph.Model, loss graph.Loss) error {
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: loss})
	if err != nil {
		return err
	}
	nodes := p.Nodes()
	d := drawing{layers: nodes.Layers, makers: map[*gorgonia.Node]string{}}
	for i, in := range m.Inputs() {
		name := "input"
		if len(nodes.Inputs) > 1 {
			name = "input_" + in.Name
		}
		d.makers[nodes.Inputs[i]] = name
		d.node(name, "input", nil, in.Shape)
	}
	for len(d.layers) > 0 {
		d.layer("")
	}
	d.node("loss", loss.Name(), d.sources(nodes.Outputs...), nil)
	d.def = d.def.Bytes(4, message(nil).Int(1, 22)) // versions.producer
	w.event(0, message(nil).Bytes(4, d.def))        // graph_def
	return w.err
}

// A drawing is a GraphDef in the making.
type drawing struct {
	def    message
	layers []graph.LayerNodes        // still to draw
	makers map[*gorgonia.Node]string // the layer whose output a node is
}

// layer draws the next layer, and those within it, within another.
func (d *drawing) layer(within string) {
	l := d.layers[0]
	d.layers = d.layers[1:]
	name := within + strings.ReplaceAll(l.Name, "/", "_use_") // "/" would put it within another
	for len(d.layers) > 0 && d.layers[0].Nested > l.Nested {
		d.layer(name + "/")
	}
	if _, known := d.makers[l.Output]; known { // what the last one within it puts out, or its own input
		return
	}
	from := d.sources(l.Output)
	d.makers[l.Output] = name
	d.node(name, l.Label(), from, l.LayerInfo.Output)
}

// node adds a NodeDef: name, op, input, attr.
func (d *drawing) node(name, op string, inputs []string, shape []int) {
	n := message(nil).Text(1, name).Text(2, op)
	for _, in := range inputs {
		n = n.Text(3, in)
	}
	if shape != nil {
		dims := message(nil).Bytes(2, message(nil).Int(1, -1)) // the batch, of any size
		for _, size := range shape {
			dims = dims.Bytes(2, message(nil).Int(1, int64(size)))
		}
		shapes := message(nil).Bytes(1, message(nil).Bytes(7, dims)) // list.shape
		n = n.Bytes(5, message(nil).Text(1, "_output_shapes").Bytes(2, shapes))
	}
	d.def = d.def.Bytes(1, n)
}

// sources are the layers and inputs that nodes are computed from.
func (d *drawing) sources(nodes ...*gorgonia.Node) []string {
	var found []string
	seen := map[*gorgonia.Node]bool{}
	var walk func(n *gorgonia.Node)
	walk = func(n *gorgonia.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		if name, ok := d.makers[n]; ok {
			if !slices.Contains(found, name) {
				found = append(found, name)
			}
			return
		}
		for _, child := range ops.Inputs(n) {
			walk(child)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	return found
}
