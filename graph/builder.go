package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A Builder is what a layer builds with: it names the layers, hands out parameters and random streams, and knows the mode.
type Builder struct {
	known   *params
	making  bool // the model is being made: parameters are created, not looked up
	graph   *gorgonia.ExprGraph
	spec    Spec
	step    *uint64
	path    []string         // the layers that are being built, outermost first
	count   map[string]int   // layers so far of each kind
	params  []*gorgonia.Node // in the model's order
	byName  map[string]int   // index into params
	streams map[string]int   // given so far, by layer
	layers  []builtLayer     // every layer in the order in which it was begun
	watched []watchedNode    // by Watch
}

// LayerInfo describes a layer of a model.
type LayerInfo struct {
	Name   string       // "dense_1"
	Kind   string       // "dense"
	Layer  Layer        // as it was given, for who knows its kind
	Nested int          // how many layers it stands within: 0 at the top
	Output tensor.Shape // without the batch
	Params int          // elements of its parameters, those of layers within it included
}

// Label is the layer's own Label method's word, where it has one, else the kind: "dense, relu".
func (l LayerInfo) Label() string {
	if s, ok := l.Layer.(interface{ Label() string }); ok {
		return s.Label()
	}
	return l.Kind
}

type builtLayer struct {
	LayerInfo
	input, node *gorgonia.Node
}

type watchedNode struct {
	name string
	node *gorgonia.Node
}

func newBuilder(known *params, making bool, spec Spec) *Builder {
	return &Builder{
		known: known, making: making, graph: gorgonia.NewGraph(), spec: spec, step: new(uint64),
		count: map[string]int{}, byName: map[string]int{}, streams: map[string]int{},
	}
}

// Training says whether the program trains; only then are layers such as Dropout at work.
func (b *Builder) Training() bool { return b.spec.Mode == Train }

// Batch is the program's batch size: 2 while NewModel tries the layers out.
func (b *Builder) Batch() int { return b.spec.Batch }

// Apply builds a layer within a layer, giving it a name of its own; Residual and Concat are made of it. The error is wrapped with the name of the
// innermost layer and the shape that it got; a panic in Build becomes one. A Gorgonia variable that is not of Param is an error too.
func (b *Builder) Apply(l Layer, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || x == nil {
		return nil, errors.New("got a nil layer, or a nil node to apply one to: look at the error of the function that made it")
	}
	b.count[l.Name()]++
	name := fmt.Sprintf("%s_%d", l.Name(), b.count[l.Name()])
	at := len(b.layers)
	b.layers = append(b.layers, builtLayer{LayerInfo: LayerInfo{Name: name, Kind: l.Name(), Layer: l, Nested: len(b.path)}, input: x})
	b.path = append(b.path, name)
	before, nodes := len(b.params), len(b.graph.AllNodes())
	defer func() {
		b.path = b.path[:len(b.path)-1]
		if r := recover(); r != nil { // some of Gorgonia's functions panic on shapes they did not expect
			err = fmt.Errorf("its Build panicked: %v (does it look at the error of each function that it calls?)", r)
		}
		var within *layerError
		if err != nil && !errors.As(err, &within) { // the innermost layer is the one to name
			err = &layerError{name, x.Shape(), err}
		}
	}()
	if y, err = l.Build(b, x); err != nil {
		return nil, err
	}
	if y == nil {
		return nil, errors.New("its Build returned no node and no error, want one of them")
	}
	if v := b.unknown(nodes); v != "" {
		return nil, fmt.Errorf("it makes %s that the model does not know: ask for it with b.Param, so that it is drawn from the seed, learnt and saved; a fixed number is gorgonia.NewConstant", v)
	}
	for _, p := range b.params[before:] {
		b.layers[at].Params += p.Shape().TotalSize()
	}
	b.layers[at].Output = y.Shape()[min(1, y.Dims()):].Clone()
	b.layers[at].node = y
	return y, nil
}

// Chain applies layers in order, each to what the one before it made; of none it is x itself. Layers of layers are made of it.
func (b *Builder) Chain(layers []Layer, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	for _, l := range layers {
		if x, err = b.Apply(l, x); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// unknown describes a variable among the graph's nodes from an index on that is no parameter; "" if there is none. It would not be
// learnt, and another program of the model would have one of its own.
func (b *Builder) unknown(from int) string {
	for _, n := range b.graph.AllNodes()[from:] {
		switch {
		case !n.IsVar() || slices.Contains(b.params, n):
		case strings.HasPrefix(n.Name(), "%!s("): // what Gorgonia makes of no name and no op
			return fmt.Sprintf("a variable of shape %v", n.Shape())
		default:
			return fmt.Sprintf("a variable %q of shape %v", n.Name(), n.Shape())
		}
	}
	return ""
}

type layerError struct {
	layer string
	shape tensor.Shape
	err   error
}

func (e *layerError) Error() string {
	return fmt.Sprintf("graph: layer %s, input of shape %v: %v", e.layer, e.shape, e.err)
}
func (e *layerError) Unwrap() error { return e.err }

// Layer is the name of the layer that is being built, such as dense_2.
func (b *Builder) Layer() string {
	if len(b.path) == 0 {
		return "the input"
	}
	return b.path[len(b.path)-1]
}

// Param is a parameter of this layer: a node over a tensor of that shape, which the model keeps under the name
// "layer.name". Its elements are drawn once, when the model is made, from the parameter's own stream. The fan-in and fan-out that init is
// told are the product of all dimensions but the last, and the last; both its length for a vector. Asked for again by the
// same name and shape it is the same parameter. A layer asks for the same parameters, in the same order, in every mode and for every batch size: else
// Compile is an error.
func (b *Builder) Param(name string, init Initializer, shape ...int) (*gorgonia.Node, error) {
	full := b.Layer() + "." + name
	switch {
	case len(b.path) == 0:
		return nil, fmt.Errorf("parameter %q: got asked for outside a layer, want it in a Layer's Build: a loss has none of its own", name)
	case init == nil:
		return nil, fmt.Errorf("parameter %s: got no initializer, want one, such as graph.GlorotUniform", full)
	case len(shape) == 0 || slices.Min(shape) < 1:
		return nil, fmt.Errorf("parameter %s: got shape %v, want at least one size, each at least 1", full, shape)
	}
	if at, ok := b.byName[full]; ok {
		if !slices.Equal(b.params[at].Shape(), shape) {
			return nil, fmt.Errorf("parameter %s: got shape %v, want %v as it was asked for before: give the second one another name", full, shape, []int(b.params[at].Shape()))
		}
		return b.params[at], nil
	}
	if b.making {
		b.known.draw(full, init, shape)
	}
	at := len(b.params)
	if at >= len(b.known.all) || b.known.all[at].Name != full || !slices.Equal(b.known.all[at].Value.Shape(), shape) {
		return nil, fmt.Errorf("parameter %s of shape %v was not asked for in this order when the model was made: a layer's parameters must depend neither on the mode nor on the batch size", full, shape)
	}
	node := gorgonia.NewTensor(b.graph, b.known.dtype, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(full), gorgonia.WithValue(b.known.all[at].Value))
	b.byName[full] = at
	b.params = append(b.params, node)
	return node, nil
}

// Stream is a stream of random numbers for ops.Dropout, a function of the model's seed, of this layer's name, and of how many streams the layer
// has asked for: one that masks two nodes asks twice, always in the same order, and has masks that are independent.
func (b *Builder) Stream() ops.Stream {
	name := b.Layer()
	b.streams[name]++
	if n := b.streams[name]; n > 1 {
		name = fmt.Sprintf("%s, stream %d", name, n)
	}
	return ops.Stream{Seed: b.known.seed ^ hash(name), Step: b.step}
}

// Watch names a node inside a layer, "layer.name": [Program.Recordings] has its value and its gradient, and package inspect records it.
func (b *Builder) Watch(name string, node *gorgonia.Node) {
	b.watched = append(b.watched, watchedNode{b.Layer() + "." + name, node})
}
