package onnx

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// An Exporter is a graph of ONNX in the making. It keeps the first error, as graph.Builder does: a layer's method looks at none, and everything takes the empty name that stands for a
// value that could not be made.
type Exporter struct {
	model    *graph.Model
	infos    []graph.LayerInfo // of the layers still to come, in the model's order
	layer    graph.LayerInfo   // in hand
	kept     map[string]*tensor.Dense
	nodes    []node
	consts   []message
	names    map[string]int
	made     map[string]string  // initializers of parameters and states, by their names in the model
	shapes   map[string][]int   // of layers' inputs and outputs, without the batch
	ids      map[string]bool    // inputs in int32
	prepared map[string]string  // what takes the place of an input
	turned   map[string]turning // by the output of a Transpose
	err      error
}

// A turning is a Transpose: what of, and how.
type turning struct {
	of   string
	axes []int
}

// A Layer is a layer that writes itself: Inputs are names of values, [batch,…], and so is what it returns. It does what its Build does at rest.
type Layer interface {
	graph.Layer
	ONNX(e *Exporter, xs ...string) string
}

// Errorf refuses: the error names the layer in hand.
func (e *Exporter) Errorf(format string, args ...any) string {
	if e.err == nil {
		e.err = fmt.Errorf("onnx: layer %s: %s", e.layer.Name, fmt.Sprintf(format, args...))
	}
	return ""
}

// Node adds a node of the standard operators with one output, and returns its name.
func (e *Exporter) Node(op string, inputs []string, attrs ...Attr) string {
	outs := e.Nodes(op, inputs, 1, attrs...)
	return outs[0]
}

// Nodes is Node with so many outputs.
func (e *Exporter) Nodes(op string, inputs []string, outputs int, attrs ...Attr) []string {
	outs := make([]string, outputs)
	if e.err != nil {
		return outs
	}
	for _, a := range attrs {
		if a.encode() == nil {
			e.Errorf("attribute %s of %s: got a %T, want an int, a float64, a string, []int, []float64 or []string", a.Name, op, a.Value)
			return outs
		}
	}
	name := e.unique(e.layer.Name + "/" + op)
	outs[0] = name
	for i := range outs[1:] {
		outs[i+1] = fmt.Sprintf("%s:%d", name, i+1)
	}
	e.nodes = append(e.nodes, node{op, name, inputs, outs, attrs})
	return outs
}

// unique is a name that nothing else has.
func (e *Exporter) unique(name string) string {
	e.names[name]++
	if n := e.names[name]; n > 1 {
		return e.unique(fmt.Sprintf("%s_%d", name, n))
	}
	return name
}

// Param is a parameter or state of the layer in hand, by the name that its Build gives it, such as "weight".
func (e *Exporter) Param(name string) string {
	t := e.Value(name)
	if t == nil {
		return ""
	}
	full := e.of(name)
	if e.made[full] == "" {
		e.made[full] = e.keep(full, t.Shape(), t.Float32s())
	}
	return e.made[full]
}

// of is the full name of a parameter of the layer in hand.
func (e *Exporter) of(name string) string {
	first, _, _ := strings.Cut(e.layer.Name, "/") // a shared layer's second use is dense_1/2
	return first + "." + name
}

// Value is a parameter or state of the layer in hand, in float32: for who writes it otherwise than it is. It must not be changed.
func (e *Exporter) Value(name string) *tensor.Dense {
	if e.err != nil {
		return nil
	}
	t := e.kept[e.of(name)]
	if t == nil {
		e.Errorf("it has no parameter or state called %q", name)
	}
	return t
}

// keep adds an initializer.
func (e *Exporter) keep(name string, shape []int, v []float32) string {
	name = e.unique(name)
	if e.err == nil {
		e.consts = append(e.consts, floats(name, shape, v))
	}
	return name
}

// Floats is a constant of the layer in hand, called by name.
func (e *Exporter) Floats(name string, shape []int, v ...float32) string {
	if size := tensor.Shape(shape).TotalSize(); len(shape) > 0 && size != len(v) || len(shape) == 0 && len(v) != 1 {
		return e.Errorf("constant %s: got %d numbers for shape %v", name, len(v), shape)
	}
	return e.keep(e.layer.Name+"/"+name, shape, v)
}

// Ints is a list of whole numbers, as shapes and axes are given.
func (e *Exporter) Ints(name string, v ...int) string {
	name = e.unique(e.layer.Name + "/" + name)
	if e.err == nil {
		e.consts = append(e.consts, ints(name, []int{len(v)}, v))
	}
	return name
}

// int32s and strings are lists, for what a preparation does.
func (e *Exporter) int32s(name string, v []int32) string {
	name = e.unique(e.layer.Name + "/" + name)
	e.consts = append(e.consts, int32s(name, v))
	return name
}

func (e *Exporter) strings(name string, v []string) string {
	name = e.unique(e.layer.Name + "/" + name)
	e.consts = append(e.consts, texts(name, v))
	return name
}

// Shape is that of an input of a layer, without the batch.
func (e *Exporter) Shape(x string) []int {
	s, ok := e.shapes[x]
	if !ok && e.err == nil {
		e.Errorf("value %q: its shape is not known: it is no input of a layer", x)
	}
	return s
}

// Transpose moves the axes, the batch among them: axis i of what it returns is axes[i] of x. What undoes a Transpose before it is that one's input.
func (e *Exporter) Transpose(x string, axes ...int) string {
	if slices.IsSorted(axes) {
		return x
	}
	if t, ok := e.turned[x]; ok && len(t.axes) == len(axes) {
		through := make([]int, len(axes))
		for i, a := range axes {
			through[i] = t.axes[a]
		}
		return e.Transpose(t.of, through...)
	}
	y := e.Node("Transpose", []string{x}, Attr{"perm", axes})
	e.turned[y] = turning{x, axes}
	return y
}

// Reshape gives a sample another shape.
func (e *Exporter) Reshape(x string, shape ...int) string {
	return e.Node("Reshape", []string{x, e.Ints("shape", append([]int{0}, shape...)...)}) // 0 is the batch's size, as it is
}

// Layer exports a layer that stands within the one in hand, as graph.Builder's Apply builds it.
func (e *Exporter) Layer(l graph.Layer, xs ...string) string {
	if e.err != nil {
		return ""
	}
	if len(e.infos) == 0 {
		return e.Errorf("it has more layers within it than when it was built")
	}
	outer := e.layer
	e.layer, e.infos = e.infos[0], e.infos[1:]
	y := e.export(l, xs)
	if e.err == nil {
		e.shapes[y] = e.layer.Output
	}
	e.layer = outer
	return y
}

// Chain exports layers one after another, as graph.Builder's Chain builds them.
func (e *Exporter) Chain(layers []graph.Layer, x string) string {
	for _, l := range layers {
		x = e.Layer(l, x)
	}
	return x
}

func (e *Exporter) export(l graph.Layer, xs []string) string {
	for bare, ok := graph.Shared(l); ok; bare, ok = graph.Shared(l) {
		l = bare
	}
	if own, ok := l.(Layer); ok {
		return own.ONNX(e, xs...)
	}
	if known := exports[typeOf(l)]; known != nil {
		return known(e, l, xs)
	}
	return e.Errorf("a layer of type %T has no form in ONNX that is known here: give it a method ONNX, as onnx.Layer has it", l)
}
