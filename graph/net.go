package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// A Net is a network that is no chain: with branches that meet, layers that are shared, several inputs or outputs. Its zero value is empty and ready to use.
//
//	var n graph.Net
//	tower := n.Share(layers.Dense{Units: 64, Activation: layers.Tanh})
//	left, right := n.Add(tower, n.Input("left", graph.Floats(28))), n.Add(tower, n.Input("right", graph.Floats(28)))
//	n.Output("same", n.Add(layers.Dense{Units: 1}, n.Add(layers.AbsDiff{}, left, right)))
//	model, err := graph.NewModel(graph.Config{Seed: 1}, &n)
//
// It is data: NewModel copies it, and builds it for each program anew. What is wrong with it is NewModel's error. A Net of one input and one
// output is a layer, too, and may stand in another.
type Net struct {
	items   []item
	outputs []output
	err     error
}

// An item is an input, or a layer with what it is fed with.
type item struct {
	name  string // of an input
	input Input
	layer Layer // nil for an input
	from  []int // items
}

type output struct {
	name string
	of   int
}

// A Handle is a place in a Net: an input, or what a layer puts out.
type Handle struct {
	net *Net
	at  int // item, from 1
}

func (n *Net) fail(format string, args ...any) Handle {
	if n == nil {
		return Handle{}
	}
	if n.err == nil {
		n.err = fmt.Errorf("graph: net: "+format, args...)
	}
	return Handle{n, 0}
}

// Input adds an input. The names of inputs, and those of outputs, differ from one another. One input may be Input{}: what Config.Input says.
func (n *Net) Input(name string, in Input) Handle {
	if n == nil || name == "" || slices.ContainsFunc(n.items, func(i item) bool { return i.layer == nil && i.name == name }) {
		return n.fail("got an input called %q, want a name that no other input has", name)
	}
	if err := in.check(); err != nil {
		return n.fail("input %q: %v", name, err)
	}
	n.items = append(n.items, item{name: name, input: in})
	return Handle{n, len(n.items)}
}

// Add feeds a layer: with one handle, or, if it is a [Join], with several.
func (n *Net) Add(l Layer, from ...Handle) Handle {
	if n == nil {
		return Handle{}
	}
	if l == nil {
		return n.fail("got nil as layer %d, want a layer", len(n.items)+1)
	}
	if _, join := l.(Join); len(from) == 0 || len(from) > 1 && !join {
		return n.fail("layer %s: got %d inputs, want one: only a graph.Join, such as layers.Concat, takes several", KindOf(l), len(from))
	}
	i := item{layer: l}
	for _, h := range from {
		if h.net != n || h.at == 0 && n.err == nil {
			return n.fail("layer %s: got a handle of another net, want one that this net's Input or Add returned", KindOf(l))
		}
		i.from = append(i.from, h.at-1)
	}
	n.items = append(n.items, i)
	return Handle{n, len(n.items)}
}

// Share makes a layer whose parameters are the same wherever in the net it stands.
func (n *Net) Share(l Layer) Layer {
	if l == nil {
		n.fail("got nil to share, want a layer")
	}
	return &shared{l}
}

// shared is known by its address.
type shared struct{ layer Layer }

func (s *shared) Name() string                                      { return KindOf(s.layer) }
func (s *shared) Build(b *Builder, x *gorgonia.Node) *gorgonia.Node { return s.layer.Build(b, x) }
func (s *shared) Join(b *Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	return b.join(s.layer, xs)
}

// Output names what the model puts out.
func (n *Net) Output(name string, h Handle) {
	switch {
	case n == nil:
		return
	case h.net != n || h.at == 0 && n.err == nil:
		n.fail("output %q: got a handle of another net, want one that this net's Input or Add returned", name)
	case name == "" || slices.ContainsFunc(n.outputs, func(o output) bool { return o.name == name }):
		n.fail("got an output called %q, want a name that no other output has", name)
	}
	n.outputs = append(n.outputs, output{name, h.at - 1})
}

// A Part is an input of a net, a layer with what it is fed with, or an output.
type Part struct {
	Name  string // of an input or an output
	Input Input  // of an input; its Shape is nil where Config.Input is to say it
	Layer Layer  // nil for an input and an output
	From  []int  // the parts that feed it, each before it; none for an input, one for an output
}

// Parts are the net's inputs and layers, in the order in which they were added, and its outputs: what a net is written down from. The error is what is wrong with the net.
func (n *Net) Parts() ([]Part, error) {
	if n == nil {
		return nil, errors.New("graph: net: got nil, want a net")
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	var parts []Part
	for _, i := range n.items {
		parts = append(parts, Part{i.name, i.input, i.layer, slices.Clone(i.from)})
	}
	for _, o := range n.outputs {
		parts = append(parts, Part{Name: o.name, From: []int{o.of}})
	}
	return parts, nil
}

// Shared is the layer that Share was given for this one; not ok for another layer.
func Shared(l Layer) (bare Layer, ok bool) {
	s, ok := l.(*shared)
	if !ok || s == nil {
		return nil, false
	}
	return s.layer, true
}

// given fills in what Config.Input says.
func (n *Net) given(in Input) error {
	var open []int
	for i, item := range n.items {
		if item.layer == nil && item.input.Shape == nil {
			open = append(open, i)
		}
	}
	switch {
	case in.Shape == nil && len(open) > 0:
		return fmt.Errorf("graph: got no Input, want what a sample is, because the net does not say it for %q: set Config.Input, such as graph.Floats(784)", n.items[open[0]].name)
	case in.Shape == nil:
		return nil
	case len(open) == 0:
		return errors.New("graph: got Config.Input and a Net, want no Input: a Net names its inputs itself, by Net.Input")
	case len(open) > 1:
		return fmt.Errorf("graph: got one Config.Input for %d inputs that the net leaves open, want one: give Net.Input their shapes", len(open))
	}
	n.items[open[0]].input = in
	return nil
}

// check is the first thing that is wrong.
func (n *Net) check() error {
	if n == nil {
		return errors.New("graph: net: got nil, want a Net")
	}
	if n.err != nil {
		return n.err
	}
	read := make([]bool, len(n.items))
	for _, i := range n.items {
		for _, from := range i.from {
			read[from] = true
		}
	}
	for _, o := range n.outputs {
		read[o.of] = true
	}
	for at, i := range n.items {
		if i.layer == nil && !read[at] {
			return fmt.Errorf("graph: net: input %q feeds no layer: add one, or leave the input out", i.name)
		}
	}
	switch {
	case len(n.inputs()) == 0:
		return fmt.Errorf("graph: net: got no input, want at least one: Net.Input")
	case len(n.outputs) == 0:
		return fmt.Errorf("graph: net: got no output, want at least one: Net.Output")
	}
	return nil
}

func (n *Net) inputs() (in []item) {
	if n == nil {
		return nil
	}
	for _, i := range n.items {
		if i.layer == nil {
			in = append(in, i)
		}
	}
	return in
}

func (n *Net) clone() *Net {
	if n == nil {
		return &Net{}
	}
	return &Net{items: slices.Clone(n.items), outputs: slices.Clone(n.outputs), err: n.err}
}

// chain is the net of a list of layers.
func chain(in Input, layers []Layer) *Net {
	n := &Net{}
	h := n.Input("x", in)
	for _, l := range layers {
		h = n.Add(l, h)
	}
	n.Output("output", h)
	return n
}

// build builds the layers on the inputs, and returns the outputs.
func (n *Net) build(b *Builder, inputs []*gorgonia.Node) []*gorgonia.Node {
	nodes := make([]*gorgonia.Node, len(n.items))
	for i, item := range n.items {
		if item.layer == nil {
			nodes[i], inputs = inputs[0], inputs[1:]
			continue
		}
		var from []*gorgonia.Node
		for _, at := range item.from {
			from = append(from, nodes[at])
		}
		nodes[i] = b.Apply(item.layer, from...)
	}
	outputs := make([]*gorgonia.Node, len(n.outputs))
	for i, o := range n.outputs {
		outputs[i] = nodes[o.of]
	}
	return outputs
}

// Build makes the net a layer within another network.
func (n *Net) Build(b *Builder, x *gorgonia.Node) *gorgonia.Node {
	if err := n.check(); err != nil {
		return b.Errorf("%v", err)
	}
	if in := n.inputs(); len(in) != 1 || len(n.outputs) != 1 {
		return b.Errorf("got a net of %d inputs and %d outputs, want one of each where it stands among layers", len(in), len(n.outputs))
	}
	return n.build(b, []*gorgonia.Node{x})[0]
}

// An OutputInfo is one of a model's outputs.
type OutputInfo struct {
	Name   string
	Shape  []int // without the batch
	Linear bool  // a layer without activation made it, or a log-softmax: where probabilities are wanted, these are their logits
}

// An InputInfo is one of a model's inputs.
type InputInfo struct {
	Name string
	Input
}

func names(outputs []OutputInfo) string {
	var all []string
	for _, o := range outputs {
		all = append(all, fmt.Sprintf("%q", o.Name))
	}
	return strings.Join(all, ", ")
}
