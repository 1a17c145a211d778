package inspect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// DrawLayers draws a model by its layers. An arrow carries the shape of a sample that goes along it and the number of
// parameters that the layer at its end learns; with gradients, the way back is drawn too, and told in the table. The error is that of compiling the model for the
// loss.
func DrawLayers(m *graph.Model, loss graph.Loss, gradients bool) (*Drawing, error) {
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: loss})
	if err != nil {
		return nil, err
	}
	nodes := p.Nodes()
	w := &layerDrawing{
		Drawing:  Drawing{title: "layers"},
		layers:   nodes.Layers,
		producer: map[*gorgonia.Node]string{},
		shapes:   map[string]tensor.Shape{},
		back:     gradients,
	}
	w.line("layer", "from", "shape", "parameters")
	for _, in := range nodes.Inputs {
		name := "input"
		if len(nodes.Inputs) > 1 {
			name += " " + in.Name()
		}
		w.producer[in], w.shapes[name] = name, in.Shape()[1:]
		w.given = append(w.given, name)
		w.boxes = append(w.boxes, box{id: name, label: name, fill: givenFill})
		w.line(name, "", size(w.shapes[name]), "")
	}
	for w.at < len(w.layers) {
		w.draw(nil)
	}
	// A loss that looks through the softmax takes the logits: what one wants to see is the output.
	from := w.sources(nodes.Outputs...)
	w.boxes = append(w.boxes, box{id: "loss", label: "loss\n" + loss.Name(), fill: lossFill})
	w.line("loss ("+loss.Name()+")", strings.Join(from, ", "), "scalar", "")
	w.arrows(from, "loss", 0)
	w.line("total", "", "", thousands(m.ParamCount()))
	w.wayBack()
	w.text = w.table()
	return &w.Drawing, nil
}

type layerDrawing struct {
	Drawing
	layers   []graph.LayerNodes
	at       int                       // the layer to draw next
	producer map[*gorgonia.Node]string // the box whose output a node is
	shapes   map[string]tensor.Shape   // of the boxes' outputs, for a sample
	back     bool
	given    []string    // the inputs' boxes
	rows     [][4]string // name, from, shape, parameters
}

// draw draws the next layer and those within it.
func (w *layerDrawing) draw(within []string) {
	l := w.layers[w.at]
	w.at++
	label := l.Label()
	if l.Frozen {
		label += ", frozen"
	}
	name := strings.Repeat("  ", len(within)) + l.Name + " (" + label + ")"
	if w.at == len(w.layers) || w.layers[w.at].Nested <= l.Nested { // none within it
		if l.Output != l.Inputs[0] { // else it does nothing
			from := w.sources(l.Inputs...)
			w.add(l, l.Name+"\n"+label, within, from, l.Params)
			w.line(name, strings.Join(from, ", "), size(l.LayerInfo.Output), thousands(l.Params))
		}
		return
	}
	above := w.rows // the line of a layer goes before those of the layers within it, but is known after them
	w.rows = nil
	learnt := l.Params
	for w.at < len(w.layers) && w.layers[w.at].Nested > l.Nested {
		learnt -= w.layers[w.at].Params // direct children only: draw takes the rest
		w.draw(append(slices.Clone(within), l.Name))
	}
	inner := w.rows
	w.rows = above
	if _, known := w.producer[l.Output]; known { // what the last one within puts out
		w.line(name, "", size(l.LayerInfo.Output), "")
	} else {
		from := w.sources(l.Output)
		w.add(l, l.Name+"\n"+label, within, from, learnt)
		w.line(name, strings.Join(from, ", "), size(l.LayerInfo.Output), thousands(learnt))
	}
	w.rows = append(w.rows, inner...)
}

// add draws a box and the arrows to it.
func (w *layerDrawing) add(l graph.LayerNodes, label string, within, from []string, learnt int) {
	w.boxes = append(w.boxes, box{l.Name, label, forwardFill, within})
	w.arrows(from, l.Name, learnt)
	w.producer[l.Output] = l.Name
	w.shapes[l.Name] = l.LayerInfo.Output
}

func (w *layerDrawing) arrows(from []string, to string, learnt int) {
	for i, f := range from {
		label := size(w.shapes[f])
		if learnt > 0 && i == 0 {
			label += "\n" + thousands(learnt) + " parameters"
		}
		w.edges = append(w.edges, edge{from: f, to: to, label: label})
		if w.back && !slices.Contains(w.given, f) {
			w.edges = append(w.edges, edge{from: to, to: f, label: "∂", back: true})
		}
	}
}

// wayBack adds the backward pass to the table: from which layers the gradient of each one's output comes, from the loss on. A gradient has the
// shape of what it is of.
func (w *layerDrawing) wayBack() {
	if !w.back {
		return
	}
	w.line("backward", "gradient from", "", "")
	for _, b := range slices.Backward(w.boxes) {
		var from []string
		for _, e := range w.edges {
			if e.back && e.to == b.id {
				from = append(from, e.from)
			}
		}
		if len(from) > 0 {
			w.line(b.id, strings.Join(from, ", "), size(w.shapes[b.id]), "")
		}
	}
}

// sources are the boxes that nodes are computed from, in the order of the ops' inputs.
func (w *layerDrawing) sources(nodes ...*gorgonia.Node) []string {
	var found []string
	seen := map[*gorgonia.Node]bool{}
	var walk func(n *gorgonia.Node)
	walk = func(n *gorgonia.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if id, ok := w.producer[n]; ok {
			if !slices.Contains(found, id) {
				found = append(found, id)
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

func (w *layerDrawing) line(name, from, shape, params string) {
	w.rows = append(w.rows, [4]string{name, from, shape, params})
}

// table is the rows as text, the columns as wide as what is in them.
func (w *layerDrawing) table() string {
	widths := [3]int{30, 24, 10}
	for _, r := range w.rows {
		for i := range widths {
			widths[i] = max(widths[i], utf8.RuneCountInString(r[i]))
		}
	}
	var s strings.Builder
	for _, r := range w.rows {
		s.WriteString(strings.TrimRight(fmt.Sprintf("%-*s %-*s %*s %12s", widths[0], r[0], widths[1], r[1], widths[2], r[2], r[3]), " ") + "\n")
	}
	return s.String()
}

// size is a shape as 28×28.
func size(s tensor.Shape) string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "×")
}

// thousands is 1306210 as 1,306,210; nothing for 0.
func thousands(n int) string {
	if n == 0 {
		return ""
	}
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
