package onnx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/memory"
)

// A ReadConfig is what a file does not say.
type ReadConfig struct {
	Shapes map[string][]int // of inputs whose sizes the file leaves open: of a sample, in the file's order
	Seed   uint64           // graph.Config.Seed, of what the model draws when it is trained on
}

// An Imported says what of a file became what of a model.
type Imported struct {
	Name     string            // of the graph
	Producer string            // such as "pytorch"
	Opset    int               // of the standard operators
	Metadata map[string]string // as in the file
	Inputs   []Place
	Outputs  []Place
	Notes    []string // what a reader should know: constants that were rounded to float32, for instance
}

// A Place is how a sample of an input or an output lies in the file, and in the model.
type Place struct {
	Name  string // in the model, as in the file
	Shape []int  // of a sample in the file, such as [3 224 224]
	Axes  []int  // axis i of a sample of the model, counted from 1, is axis Axes[i−1] of the file's: [2 3 1] of channels that are last here. Nil where they are in one order
}

// Read makes a model of a network in ONNX: layers of package layers, with its weights, which can be trained on, drawn, saved, and written as ONNX again. The first axis of an input is the batch. What is channels
// first there is channels last here, inputs and outputs among them: Imported says which. What no layer does is an error, with the op, the node and the operators' version.
//
// The classes, the loss and the preparation in the metadata of a file that Write wrote are the model's again.
func Read(r io.Reader, c ReadConfig) (*graph.Model, *Imported, error) {
	if r == nil {
		return nil, nil, errors.New("onnx: got nothing to read from")
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: %w", err)
	}
	return imported(data, c, nil)
}

// ReadFile is Read of a file, whose constants may lie in others in its folder.
func ReadFile(path string, c ReadConfig) (*graph.Model, *Imported, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("onnx: %w", err)
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("onnx: %s: it is no ordinary file", path)
	}
	if err := memory.Check(2*uint64(info.Size()), path); err != nil {
		return nil, nil, fmt.Errorf("onnx: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: %w", err)
	}
	defer root.Close()
	m, about, err := imported(data, c, beside(root))
	if err != nil {
		return nil, nil, fmt.Errorf("%w, in %s", err, path)
	}
	return m, about, nil
}

func imported(data []byte, c ReadConfig, external func(string, int64, int64) ([]byte, error)) (*graph.Model, *Imported, error) {
	f, err := decode(data, external)
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: %w", err)
	}
	r := &reader{file: f, net: &graph.Net{}, views: map[string]*view{}, readers: map[string]int{}, done: map[*given]bool{}, count: map[string]int{}}
	outputs := r.network(c)
	if r.err != nil {
		return nil, nil, r.err
	}
	about := &Imported{Name: f.name, Producer: f.producer, Opset: f.opset, Metadata: maps.Clone(f.metadata), Notes: r.notes}
	for _, kind := range slices.Sorted(maps.Keys(f.rounded)) {
		about.Notes = append(about.Notes, fmt.Sprintf("%d constants in %s are float32 here", f.rounded[kind], kind))
	}
	values, bytes := r.weights, uint64(0)
	source := func(name string, shape []int) (*tensor.Dense, error) {
		if len(values) == 0 || values[0] == nil {
			return nil, errors.New("the file has no value for it") // never: each layer is added with what it keeps
		}
		w := values[0]
		values = values[1:]
		if !slices.Equal(w.shape, shape) {
			return nil, fmt.Errorf("the file has a value of shape %v for it", w.shape)
		}
		bytes += 4 * uint64(w.size())
		if err := memory.Check(bytes, "the weights up to "+name); err != nil {
			return nil, err
		}
		v := w.floats
		if w.same() || w.integer {
			v = w.values()
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v))), nil
	}
	m, err := graph.Restore(graph.Config{Seed: c.Seed}, source, r.net)
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: the network that was read cannot be made: %w", err)
	}
	if len(r.frozen) > 0 {
		if err := m.Freeze(r.frozen...); err != nil {
			return nil, nil, fmt.Errorf("onnx: %w", err)
		}
		about.Notes = append(about.Notes, fmt.Sprintf("%s: frozen, since what it keeps are fixed numbers of the file, one for each element of a sample", strings.Join(r.frozen, ", ")))
	}
	said := graph.About{Loss: f.metadata["loss"]}
	if f.metadata["prepared"] != "true" { // else the network prepares its samples itself
		said.Preparation = f.metadata["preparation"]
	}
	if err := json.Unmarshal([]byte(f.metadata["classes"]), &said.Classes); err != nil {
		said.Classes = nil
	}
	m.SetAbout(said)
	for _, in := range r.sources {
		about.Inputs = append(about.Inputs, placed(in.name, in.dims, in.made))
	}
	for i, out := range outputs {
		about.Outputs = append(about.Outputs, placed(f.outputs[i].name, out.dims, out))
	}
	return m, about, nil
}

// placed is how axes of ONNX, the batch first, lie.
func placed(name string, dims [][]*atom, v *view) Place {
	p := Place{Name: name}
	of := map[*atom]int{}
	var ones, order []int
	for i, d := range dims[1:] {
		p.Shape = append(p.Shape, sizeOf(d))
		for _, a := range d {
			of[a] = i + 1
		}
		if len(d) == 0 {
			ones = append(ones, i+1)
		}
	}
	have := v.have
	for _, d := range v.shape {
		switch {
		case d == 1 && len(ones) > 0:
			order, ones = append(order, ones[0]), ones[1:]
		case d != 1 && len(have) > 0:
			order, have = append(order, of[have[0]]), have[1:]
		}
	}
	if len(order) == len(p.Shape) && len(have) == 0 && !slices.IsSorted(order) {
		p.Axes = order
	}
	return p
}

// A reader makes a net of a file's nodes. It keeps the first error; what is made of a value that could not be is nobody's concern.
type reader struct {
	*file
	net     *graph.Net
	views   map[string]*view
	sources []*source
	weights []*constant    // of the layers so far, in the order in which these ask for them; nil is one that is drawn
	readers map[string]int // how many nodes and outputs read a value
	next    map[string]*given
	done    map[*given]bool
	batch   int            // that the file fixes; 0 where it is open
	node    *given         // in hand
	count   map[string]int // layers so far, by kind
	frozen  []string       // layers of fixed numbers
	notes   []string
	err     error
}

func (r *reader) fail(format string, args ...any) {
	if r.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if r.node == nil {
		r.err = fmt.Errorf("onnx: %s", text)
		return
	}
	r.err = fmt.Errorf("onnx: %s: %s", r.node.called(r.opset), text)
}

// called is how errors name a node.
func (n *given) called(opset int) string {
	op := n.op
	if n.domain != "" {
		op = n.domain + "." + op
	}
	name := n.name
	if name == "" && len(n.out) > 0 {
		name = n.out[0]
	}
	return fmt.Sprintf("node %q, op %s of opset %d", name, op, opset)
}

// add adds a layer with what it keeps, in the order in which it asks for it.
func (r *reader) add(l graph.Layer, keeps []*constant, from ...graph.Handle) graph.Handle {
	r.weights = append(r.weights, keeps...)
	r.count[graph.KindOf(l)]++
	return r.net.Add(l, from...)
}

// network reads all nodes, and returns the outputs.
func (r *reader) network(c ReadConfig) (outputs []*view) {
	if len(r.outputs) == 0 {
		r.fail("the graph has no outputs")
		return nil
	}
	made := map[string]bool{}
	for _, n := range r.nodes {
		for _, out := range n.out {
			if out != "" && made[out] {
				r.fail("the value %q is made twice", out)
				return nil
			}
			made[out] = true
		}
	}
	var wanted []string
	for _, out := range r.outputs {
		wanted = append(wanted, out.name)
	}
	r.nodes = needed(loops(r.nodes, r.consts), wanted) // what a Loop's body reads is none of its inputs
	tables(r.nodes, r.consts)
	norms(r.nodes, r.consts)
	r.nodes = fused(r.nodes, wanted, r.consts)
	r.next = map[string]*given{}
	for _, n := range r.nodes {
		for _, in := range n.in {
			r.readers[in]++
			r.next[in] = n
		}
	}
	for _, out := range wanted {
		r.readers[out]++
	}
	r.declare(c)
	for _, n := range r.nodes {
		if r.err != nil {
			return nil
		}
		if r.done[n] {
			continue
		}
		r.node = n
		r.read(n)
	}
	r.node = nil
	for _, out := range r.outputs {
		v := r.views[out.name]
		switch {
		case r.err != nil:
			return nil
		case v == nil:
			r.fail("output %q does not come of an input: it is a constant, or nothing makes it", out.name)
			return nil
		case v.batchAxis() != 0:
			r.fail("output %q has the shape %s, want the batch as its first axis", out.name, shown(v.sizes()))
			return nil
		}
		groups := slices.Clone(v.dims[1:])
		if v.source != nil {
			v = r.open(v, groups)
		}
		// As it lies, if by whole axes; else as ONNX has it.
		lies := len(v.shape) == len(groups)
		rest := slices.Clone(groups)
		for _, a := range v.have {
			at := slices.IndexFunc(rest, func(g []*atom) bool { return len(g) == 1 && g[0] == a })
			if at < 0 {
				lies = false
				break
			}
			rest = slices.Delete(rest, at, at+1)
		}
		if !lies || v.ids {
			v = r.laid(v, groups...)
		}
		if v.handle == (graph.Handle{}) {
			r.fail("output %q was not made", out.name)
			return nil
		}
		r.net.Output(out.name, v.handle)
		outputs = append(outputs, v)
	}
	return outputs
}

// needed are the nodes of which the outputs come.
func needed(nodes []*given, wanted []string) []*given {
	reads := map[string]bool{}
	for _, name := range wanted {
		reads[name] = true
	}
	var all []*given
	for _, n := range slices.Backward(nodes) {
		if !slices.ContainsFunc(n.out, func(out string) bool { return out != "" && reads[out] }) {
			continue
		}
		for _, in := range n.in {
			reads[in] = true
		}
		all = append(all, n)
	}
	slices.Reverse(all)
	return all
}

// declare makes the inputs that are read.
func (r *reader) declare(c ReadConfig) {
	for _, in := range r.inputs {
		if r.consts[in.name] != nil || r.readers[in.name] == 0 {
			continue
		}
		s := &source{declared: in}
		v := &view{source: s}
		switch in.kind {
		case 1, 10, 11, 16:
		case 6, 7:
			v.ids = true
		default:
			r.fail("input %q has elements of %s, want floats, int32 or int64", in.name, typeName(in.kind))
			return
		}
		if given, ok := c.Shapes[in.name]; ok {
			s.shape = append([]int{-1}, given...)
			s.known = true
		}
		if !s.known || len(s.shape) == 0 {
			r.fail("input %q has no shape, or not even a batch, want [batch,…]: say it in ReadConfig.Shapes", in.name)
			return
		}
		if b := s.shape[0]; b > 0 {
			if r.batch > 0 && r.batch != b {
				r.fail("input %q has a batch of %d, another one of %d", in.name, b, r.batch)
				return
			}
			r.batch = b
		}
		s.shape = slices.Clone(s.shape)
		s.shape[0] = batch
		size := 1
		for i, d := range s.shape {
			if i > 0 && (d < 1 || size > 1<<30/d) {
				r.fail("input %q has the shape %s, want known sizes behind the batch, -1 being one that is not, and fewer elements than %d: say it in ReadConfig.Shapes", in.name, shown(s.shape), 1<<30)
				return
			}
			if i > 0 {
				size *= d
			}
			if d != 1 {
				a := &atom{d}
				s.atoms = append(s.atoms, a)
				v.dims = append(v.dims, []*atom{a})
			} else {
				v.dims = append(v.dims, nil)
			}
		}
		s.dims = v.dims
		r.sources = append(r.sources, s)
		r.views[in.name] = v
	}
	if len(r.sources) == 0 {
		r.fail("the graph has no inputs that its outputs depend on")
	}
}

// read reads a node: it is folded, if all that it reads is known, or becomes layers.
func (r *reader) read(n *given) {
	for name, a := range n.attrs {
		switch a := a.(type) {
		case error:
			r.fail("its attribute %s has %v, which is not read", name, a)
			return
		case *file:
			r.fail("its attribute %s has a graph within it, which is read of a Loop alone that is a GRU or a simple recurrent layer of Keras", name)
			return
		}
	}
	for _, in := range n.in {
		if in != "" && r.consts[in] == nil && r.views[in] == nil {
			r.fail("it reads %q, which nothing before it makes", in)
			return
		}
	}
	if n.domain == "" && len(n.out) > 0 {
		c, err := r.fold(n)
		switch {
		case err == nil:
			for i, c := range c {
				if i < len(n.out) {
					r.consts[n.out[i]] = c
				}
			}
			return
		case !errors.Is(err, errNoFold):
			r.fail("%v", err)
			return
		}
	}
	op := reads[n.op]
	if op == nil || n.domain != "" && n.domain != fusedDomain {
		r.fail("no layer does it, or it is not read so far: %d ops are, which the documentation of package onnx lists", len(reads))
		return
	}
	op(r, n)
	for _, out := range n.out {
		if r.err == nil && out != "" && r.readers[out] > 0 && r.views[out] == nil && r.consts[out] == nil {
			r.fail("its output %q is read, and no layer makes it", out)
		}
	}
}

// reads are how ops become layers.
var reads map[string]func(r *reader, n *given)

func readAs(f func(r *reader, n *given), ops ...string) {
	if reads == nil {
		reads = map[string]func(*reader, *given){}
	}
	for _, op := range ops {
		reads[op] = f
	}
}
