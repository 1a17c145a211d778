package graph

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A Builder is what a layer builds with: it names the layers, hands out parameters and random streams, knows the mode, and keeps the first error. After
// that every method of it returns nil and does nothing, and takes nil nodes.
type Builder struct {
	params   *kept
	states   *kept
	frozen   map[string]bool // layers, by name
	times    int             // within OverTime: how many rows a sample has become
	making   bool            // the model is being made: parameters are created, not looked up
	measured *measured       // where the layers are only counted: parameters have no values; else nil
	graph    *gorgonia.ExprGraph
	spec     Spec
	place    *ops.Place
	err      error
	path     []frame          // the layers that are being built, outermost first
	count    map[string]int   // layers so far of each kind
	nodes    kinds            // of the parameters and states so far
	named    map[string]bool  // what variables are called so far
	streams  map[string]int   // given so far, by layer
	layers   []builtLayer     // every layer in the order in which it was begun
	uses     map[*shared]*use // of shared layers
	watched  []watchedNode    // by Watch
	updates  []update
	penalty  []*gorgonia.Node
	norms    map[int]float64 // by MaxNorm, of parameters
}

// kinds are the nodes of a model's tensors, in its order.
type kinds struct {
	params, states gorgonia.Nodes
}

// A frame is a layer that is being built.
type frame struct {
	name  string         // of the layer, "dense_1", under which it has its parameters
	shape []tensor.Shape // of its inputs
}

// A use is what the first use of a shared layer was called, and what was counted before it.
type use struct {
	name  string
	count map[string]int
	times int
}

type builtLayer struct {
	LayerInfo
	inputs gorgonia.Nodes
	node   *gorgonia.Node
}

type watchedNode struct {
	name string
	node *gorgonia.Node
}

// An update is the next value of a state.
type update struct {
	state int
	next  *gorgonia.Node
}

func newBuilder(m *Model, making bool, spec Spec) *Builder {
	return &Builder{
		params: &m.params, states: &m.states, frozen: maps.Clone(m.frozen), making: making, graph: gorgonia.NewGraph(), spec: spec, place: &ops.Place{},
		count: map[string]int{}, streams: map[string]int{}, uses: map[*shared]*use{}, named: map[string]bool{},
	}
}

// Training says whether the program trains, and the layer that is being built is not frozen; only then are layers such as Dropout at work.
func (b *Builder) Training() bool { return b != nil && b.spec.Mode == Train && !b.frozen[b.Layer()] }

// Inspecting says whether the program is one in which every layer's output and its gradient can be seen: then a layer makes no op of itself and another.
func (b *Builder) Inspecting() bool { return b != nil && b.spec.Inspect }

// Batch is the program's batch size: 2 while NewModel tries the layers out.
func (b *Builder) Batch() int {
	if b == nil {
		return 0
	}
	return b.spec.Batch
}

// Err is the first error; nil so far.
func (b *Builder) Err() error {
	if b == nil {
		return errNoBuilder
	}
	return b.err
}

var errNoBuilder = errors.New("graph: got a Builder that is nil or empty, want the one that is given to a layer's Build")

// stopped says whether there is an error; a Builder that nobody made has one.
func (b *Builder) stopped() bool {
	if b != nil && b.graph == nil && b.err == nil {
		b.err = errNoBuilder
	}
	return b == nil || b.err != nil
}

// Node takes what a function of package ops or of Gorgonia returns, and hands on the node: b.Node(ops.Add(x, y)). An error is kept.
func (b *Builder) Node(n *gorgonia.Node, err error) *gorgonia.Node {
	switch {
	case b.stopped():
		return nil
	case err != nil && strings.Contains(err.Error(), "have the same graph"): // Gorgonia's words
		return b.fail(fmt.Errorf("%w: each program has a graph of its own, so a layer keeps no nodes", err))
	case err != nil:
		return b.fail(err)
	case n == nil:
		return b.Errorf("got neither a node nor an error, want one of them")
	}
	return n
}

// Errorf refuses: it keeps an error, unless there is one, with the name of the layer that is being built and the shape that it got. It returns nil.
func (b *Builder) Errorf(format string, args ...any) *gorgonia.Node {
	return b.fail(fmt.Errorf(format, args...))
}

func (b *Builder) fail(err error) *gorgonia.Node {
	if b.stopped() {
		return nil
	}
	if at := len(b.path) - 1; at >= 0 {
		err = &layerError{b.path[at], err}
	}
	b.err = err
	return nil
}

type layerError struct {
	frame
	err error
}

func (e *layerError) Error() string {
	shapes := make([]string, len(e.shape))
	for i, s := range e.shape {
		shapes[i] = fmt.Sprint(s)
	}
	return fmt.Sprintf("graph: layer %s, input of shape %s: %v", e.name, strings.Join(shapes, " and "), e.err)
}
func (e *layerError) Unwrap() error { return e.err }

// mostLayers is how many a network may have: a layer that holds a shared one twice, and is shared, doubles them.
const mostLayers = 1 << 15

// Apply builds a layer within a layer, giving it a name of its own, on one node, or, if it is a [Join], on several. Layers of layers are
// made of it. A panic in Build becomes an error, and so does a Gorgonia variable that is not of Param.
func (b *Builder) Apply(l Layer, xs ...*gorgonia.Node) (y *gorgonia.Node) {
	switch {
	case b.stopped():
		return nil
	case l == nil || len(xs) == 0 || slices.Contains(xs, nil):
		return b.Errorf("got a nil layer, or a nil node to apply one to, want both")
	case len(b.path) > 500:
		return b.Errorf("got layers within layers, 500 deep: does one hold itself?")
	case len(b.layers) >= mostLayers:
		return b.Errorf("got more than %d layers, counted wherever they stand, want fewer", mostLayers)
	}
	for _, x := range xs {
		if b.strange(x) {
			return nil
		}
	}
	if b.measured != nil {
		if err := grow(&b.measured.size.Layers, 1, b.measured.most.Layers, "layers"); err != nil {
			return b.fail(fmt.Errorf("%s: %w", KindOf(l), err))
		}
	}
	kind := KindOf(l)
	name, label, again := b.name(l, kind)
	if again != nil {
		defer func(count map[string]int) { b.count = count }(b.count)
		b.count = again
	}
	at := len(b.layers)
	bare := l
	if s, ok := l.(*shared); ok {
		bare = s.layer
	}
	b.layers = append(b.layers, builtLayer{LayerInfo: LayerInfo{Name: label, Kind: kind, Layer: bare, Nested: len(b.path), Frozen: b.frozen[name], keeps: name}, inputs: xs})
	in := frame{name: name}
	for _, x := range xs {
		in.shape = append(in.shape, x.Shape())
	}
	b.path = append(b.path, in)
	defer func() { b.path = b.path[:len(b.path)-1] }()
	before, nodes := len(b.nodes.params), len(b.graph.AllNodes())
	y = b.recovered(func() *gorgonia.Node { return b.join(l, xs) })
	switch {
	case b.err != nil:
		return nil
	case y == nil:
		return b.Errorf("its Build returned no node and kept no error, want one of them")
	case b.strange(y):
		return nil
	case y.Dims() == 0 || y.Shape()[0] != b.spec.Batch:
		return b.Errorf("it turns a batch of %d samples into shape %v, want [batch,…]", b.spec.Batch, y.Shape())
	}
	if v := b.unknown(nodes); v != "" {
		return b.Errorf("it makes %s that the model does not know: ask for it with b.Param, so that it is drawn from the seed, learnt and saved, or with b.State; a fixed number is b.Constant", v)
	}
	for _, p := range b.nodes.params[before:] {
		b.layers[at].Params += p.Shape().TotalSize()
	}
	b.layers[at].Output = y.Shape()[1:].Clone()
	b.layers[at].node = y
	if b.measured != nil && !slices.ContainsFunc(b.layers[at+1:], func(l builtLayer) bool { return l.node == y }) {
		if err := b.measured.output(y.Shape()[1:]); err != nil {
			return b.fail(err)
		}
	}
	return y
}

// name is what a layer is called, and how it is listed. A shared layer keeps its first name, and has within it what it had then:
// again is what was counted before its first use.
func (b *Builder) name(l Layer, kind string) (name, label string, again map[string]int) {
	s, ok := l.(*shared)
	if ok {
		if u := b.uses[s]; u != nil {
			u.times++
			again = map[string]int{}
			for k, n := range u.count {
				again[k] = n
			}
			return u.name, fmt.Sprintf("%s/%d", u.name, u.times), again
		}
	}
	b.count[kind]++
	name = fmt.Sprintf("%s_%d", kind, b.count[kind])
	if ok {
		u := &use{name: name, count: map[string]int{}, times: 1}
		for k, n := range b.count {
			u.count[k] = n
		}
		b.uses[s] = u
	}
	return name, b.suffixed(name), nil
}

// suffixed is the name of a layer within the second use of a shared one: "dense_1/2".
func (b *Builder) suffixed(name string) string {
	times := 1
	for _, l := range b.layers {
		if first, _, _ := strings.Cut(l.Name, "/"); first == name {
			times++
		}
	}
	if times == 1 {
		return name
	}
	return fmt.Sprintf("%s/%d", name, times)
}

// strange refuses a node that is not of the graph in hand.
func (b *Builder) strange(n *gorgonia.Node) bool {
	if n.Graph() == b.graph {
		return false
	}
	b.Errorf("got a node of another graph, want one made in this Build: each program has a graph of its own, so a layer keeps no nodes")
	return true
}

func (b *Builder) join(l Layer, xs []*gorgonia.Node) *gorgonia.Node {
	if len(xs) == 1 {
		return l.Build(b, xs[0])
	}
	if j, ok := l.(Join); ok {
		return j.Join(b, xs...)
	}
	return b.Errorf("got %d inputs, want one: only a graph.Join, such as layers.Concat, takes several", len(xs))
}

// recovered makes an error of a panic: some of Gorgonia's functions panic on shapes they did not expect, and on nil.
func (b *Builder) recovered(build func() *gorgonia.Node) (y *gorgonia.Node) {
	defer func() {
		if r := recover(); r != nil {
			y = b.Errorf("its Build panicked: %v", r)
		}
	}()
	return build()
}

// Chain applies layers in order, each to what the one before it made; of none it is x itself. Layers of layers are made of it.
func (b *Builder) Chain(layers []Layer, x *gorgonia.Node) *gorgonia.Node {
	for _, l := range layers {
		x = b.Apply(l, x)
	}
	return x
}

// OverTime applies layers, one after another, to each time of x, [batch,time,…], as if each were a sample: they are built for [batch·time,…]. What they make is [batch,time,…] again.
func (b *Builder) OverTime(layers []Layer, x *gorgonia.Node) *gorgonia.Node {
	switch {
	case b.stopped():
		return nil
	case x == nil || x.Dims() < 3 || x.Dtype() == tensor.Int32:
		return b.Errorf("want floats [batch,time,…], with at least one axis after the time: a layer of ids takes every axis of them by itself")
	}
	shape := x.Shape()
	rows := b.Node(ops.Reshape(x, append([]int{shape[0] * shape[1]}, shape[2:]...)...))
	whole, times := b.spec.Batch, b.times
	b.spec.Batch, b.times = shape[0]*shape[1], max(1, times)*shape[1]
	y := b.Chain(layers, rows)
	b.spec.Batch, b.times = whole, times
	if y == nil {
		return nil
	}
	return b.Node(ops.Reshape(y, append([]int{shape[0], shape[1]}, y.Shape()[1:]...)...))
}

// unknown describes a variable among the graph's nodes from an index on that is no parameter and no state; "" if there is none. It would not be
// learnt, and another program of the model would have one of its own.
func (b *Builder) unknown(from int) string {
	for _, n := range b.graph.AllNodes()[from:] {
		switch {
		case !n.IsVar() || slices.Contains(b.nodes.params, n) || slices.Contains(b.nodes.states, n):
		case strings.HasPrefix(n.Name(), "%!s("): // what Gorgonia makes of no name and no op
			return fmt.Sprintf("a variable of shape %v", n.Shape())
		default:
			return fmt.Sprintf("a variable %q of shape %v", n.Name(), n.Shape())
		}
	}
	return ""
}

// Layer is the name of the layer that is being built, such as dense_2.
func (b *Builder) Layer() string {
	if b == nil || len(b.path) == 0 {
		return "the input"
	}
	return b.path[len(b.path)-1].name
}

// Param is a parameter of this layer: a node over a tensor of that shape, which the model keeps under the name
// "layer.name". Its elements are drawn once, when the model is made, from the parameter's own stream. Asked for again by the
// same name and shape it is the same parameter. A layer asks for the same parameters, in the same order, in every mode and for every batch size: else
// Compile is an error.
func (b *Builder) Param(name string, init Initializer, shape ...int) *gorgonia.Node {
	if b.stopped() {
		return nil
	}
	return b.tensor(b.params, &b.nodes.params, name, init, shape)
}

// State is what this layer keeps and does not learn, such as a moving mean: made, named and saved as a parameter is, and no gradient goes to it. Its next value
// is b.Update's.
func (b *Builder) State(name string, init Initializer, shape ...int) *gorgonia.Node {
	if b.stopped() {
		return nil
	}
	return b.tensor(b.states, &b.nodes.states, name, init, shape)
}

func (b *Builder) tensor(kept *kept, nodes *gorgonia.Nodes, name string, init Initializer, shape []int) *gorgonia.Node {
	full := b.Layer() + "." + name
	switch {
	case len(b.path) == 0:
		return b.Errorf("%s %q: got asked for outside a layer, want it in a Layer's Build: a loss has none of its own", kept.what, name)
	case init.Fill == nil:
		return b.Errorf("%s %s: got no initializer, want one, such as graph.GlorotUniform", kept.what, full)
	case len(shape) == 0 || slices.Min(shape) < 1:
		return b.Errorf("%s %s: got shape %v, want at least one size, each at least 1", kept.what, full, shape)
	}
	if kept != b.params && b.params.find(full, len(b.nodes.params)) >= 0 || kept != b.states && b.states.find(full, len(b.nodes.states)) >= 0 {
		return b.Errorf("%s %s: got the name of another tensor of the layer, want one of its own", kept.what, full)
	}
	if at := kept.find(full, len(*nodes)); at >= 0 {
		other := (*nodes)[at]
		if !slices.Equal(other.Shape(), shape) {
			return b.Errorf("%s %s: got shape %v, want %v as it was asked for before: give the second one another name", kept.what, full, shape, []int(other.Shape()))
		}
		return other
	}
	if b.measured != nil {
		if err := b.measured.tensor(kept == b.params, kept.what+" "+full, shape); err != nil {
			return b.fail(err)
		}
		kept.add(b.Layer(), full, nil)
		node := b.variable(full, kept.dtype, shape)
		*nodes = append(*nodes, node)
		return node
	}
	if b.making {
		if err := kept.draw(b.Layer(), full, init, shape); err != nil {
			return b.fail(err)
		}
	}
	at := len(*nodes)
	if at >= len(kept.all) || kept.all[at].Name != full || !slices.Equal(kept.all[at].Value.Shape(), shape) {
		return b.Errorf("%s %s of shape %v was not asked for in this order when the model was made: a layer's tensors must depend neither on the mode nor on the batch size", kept.what, full, shape)
	}
	node := b.variable(full, kept.dtype, kept.all[at].Value.Shape(), gorgonia.WithValue(header(kept.all[at].Value)))
	*nodes = append(*nodes, node)
	return node
}

// variable is a node of a tensor that the graph is given. Gorgonia takes two nodes of one name and shape for one, without a word: of a name that is taken, as that of a
// target by an input called "target", it makes another.
func (b *Builder) variable(name string, dt tensor.Dtype, shape tensor.Shape, opts ...gorgonia.NodeConsOpt) *gorgonia.Node {
	for b.named[name] {
		name += "′"
	}
	b.named[name] = true
	return gorgonia.NewTensor(b.graph, dt, len(shape), append(opts, gorgonia.WithShape(shape...), gorgonia.WithName(name))...)
}

// Update says what a state is to be after this step of training, a node of its shape. It is written by [Program.Commit], never by Run. Where a layer is
// shared, or updates twice, the last one counts.
func (b *Builder) Update(state, next *gorgonia.Node) {
	if b.stopped() {
		return
	}
	at := slices.Index(b.nodes.states, state)
	switch {
	case next == nil:
		b.Errorf("update: got nil as a state's next value, want a node")
	case at < 0:
		b.Errorf("update: got a node that is no state, want one that b.State returned")
	case b.strange(next):
	case !b.Training():
		b.Errorf("update: got an update of %s outside training, want none: ask b.Training first", state.Name())
	case !slices.Equal(state.Shape(), next.Shape()):
		b.Errorf("update: got shape %v for %s, want %v as it is", next.Shape(), state.Name(), state.Shape())
	default:
		b.updates = slices.DeleteFunc(b.updates, func(u update) bool { return u.state == at })
		b.updates = append(b.updates, update{at, next})
	}
}

// Constant is a fixed number as a scalar node of the model's element type.
func (b *Builder) Constant(c float64) *gorgonia.Node {
	if b.stopped() {
		return nil
	}
	if b.params.dtype == tensor.Float64 {
		return b.graph.AddNode(gorgonia.NewConstant(c))
	}
	return b.graph.AddNode(gorgonia.NewConstant(float32(c)))
}

// Penalty adds a scalar of the layer's own to the model's loss, such as a multiple of Σw²: once for a batch, into however many shards it is cut.
func (b *Builder) Penalty(scalar *gorgonia.Node) {
	switch {
	case b.stopped():
	case scalar != nil && b.strange(scalar):
	case scalar == nil || !scalar.IsScalar():
		b.Errorf("penalty: got no scalar node, want one: add up or take the mean of what is to be small")
	default:
		b.penalty = append(b.penalty, scalar)
	}
}

// Normal is a node of x's shape of independent N(0, 1) numbers, other ones at each step, from a stream of this layer's.
func (b *Builder) Normal(x *gorgonia.Node) *gorgonia.Node {
	if b.stopped() {
		return nil
	}
	return b.Node(ops.Normal(x, b.Stream()))
}

// Stream is a stream of random numbers for ops.Dropout and ops.Normal, a function of the model's seed, of this layer's name, and of how many streams the layer
// has asked for: one that masks two nodes asks twice, always in the same order, and has masks that are independent.
func (b *Builder) Stream() ops.Stream {
	if b.stopped() {
		return ops.Stream{}
	}
	name := b.Layer()
	b.streams[name]++
	if n := b.streams[name]; n > 1 {
		name = fmt.Sprintf("%s, stream %d", name, n)
	}
	return ops.Stream{Seed: b.params.seed ^ hash(name), At: b.place, Times: b.times}
}

// Watch names a node inside a layer, "layer.name": [Program.Recordings] has its value and its gradient, and package inspect records it.
func (b *Builder) Watch(name string, node *gorgonia.Node) {
	if b.stopped() {
		return
	}
	if node == nil {
		b.Errorf("watched node %q is nil, want one", name)
		return
	}
	if b.strange(node) {
		return
	}
	b.watched = append(b.watched, watchedNode{b.Layer() + "." + name, node})
}

// loss builds the values of a loss, which may be anybody's, and checks what it gives.
func (b *Builder) loss(t TargetInfo, output, target *gorgonia.Node) (*gorgonia.Node, error) {
	nodes := len(b.graph.AllNodes())
	n := b.recovered(func() *gorgonia.Node { return t.Loss.Build(b, output, target) })
	switch {
	case b.err != nil:
	case n == nil:
		b.err = errors.New("its Build returned no node and kept no error, want one of them")
	case b.strange(n):
	case n.Dims() == 0 || n.Shape()[0] != b.spec.Batch || n.Dims() > output.Dims():
		b.err = fmt.Errorf("got shape %v, want one value a sample, [batch], or a position, [batch,time]: the mean over them is the graph's to take", n.Shape())
	case b.unknown(nodes) != "":
		b.err = fmt.Errorf("it makes %s that the model does not know: a loss has none of its own: what is learnt belongs in a layer, by b.Param; a fixed number is b.Constant", b.unknown(nodes))
	}
	if b.err != nil {
		return nil, fmt.Errorf("graph: loss %s on an output of shape %v: %w", t.Loss.Name(), output.Shape(), b.err)
	}
	return n, nil
}
