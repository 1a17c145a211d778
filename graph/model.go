package graph

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// Config is what a model is made of beside its layers.
type Config struct {
	Input   Input  // of one sample, such as Floats(784) or Floats(28, 28); a Net names its inputs itself, but for one that it may leave open
	Seed    uint64 // of every random number that the model draws: first weights, dropout masks
	Float64 bool   // compute in float64: for gradient checks, several times slower
}

// A Model is layers and what they keep, parameters and states. Any number of goroutines may look at it and run programs of it as long as none
// trains it; who trains it has it alone.
type Model struct {
	config  Config
	net     *Net
	params  kept
	states  kept
	frozen  map[string]bool // layers, by name
	about   About
	infos   []LayerInfo
	outputs []OutputInfo
	norms   map[int]float64 // of parameters, by Builder.MaxNorm; never written to
}

// NewModel makes a model of a list of layers, each fed by the one before it, or of one [Net]: it builds them once, for a batch of 2 samples, which checks that
// each shape fits the next, and draws their parameters. The error names the layer, the shape it got, and what it wants. A model too large for
// the machine's memory is an error before it is made.
func NewModel(c Config, layers ...Layer) (*Model, error) { return Restore(c, nil, layers...) }

// A Source gives the first value of a tensor of a model, by its name and shape, in the model's element type; nil where it is to be drawn.
type Source func(name string, shape []int) (*tensor.Dense, error)

// Restore is NewModel where the first values of parameters and states are given: it asks for each before it takes memory for it. The tensors become the model's own.
func Restore(c Config, values Source, layers ...Layer) (*Model, error) {
	net, err := netOf(c, layers)
	if err != nil {
		return nil, err
	}
	return assemble(c, net, values)
}

// netOf is the net that layers are, whose inputs have their shapes.
func netOf(c Config, layers []Layer) (*Net, error) {
	if len(layers) == 0 {
		return nil, errors.New("graph: got no layers, want at least one, such as layers.Dense{Units: 10}")
	}
	for i, l := range layers {
		if l == nil {
			return nil, fmt.Errorf("graph: got nil as layer %d of %d, want a layer", i+1, len(layers))
		}
	}
	if n, ok := layers[0].(*Net); ok && len(layers) == 1 && n != nil {
		net := n.clone()
		return net, net.given(c.Input)
	}
	if c.Input.Shape == nil {
		return nil, errors.New("graph: got no Input, want what a sample is: set Config.Input, such as graph.Floats(784)")
	}
	return chain(c.Input, layers), nil
}

// assemble makes the model of a net, whose inputs have their shapes.
func assemble(c Config, net *Net, values Source) (*Model, error) {
	if err := net.check(); err != nil {
		return nil, err
	}
	kept := kept{seed: c.Seed, dtype: c.dtype(), source: values}
	m := &Model{config: c, net: net, params: kept, states: kept}
	m.params.what, m.states.what = "parameter", "state"
	b, _, outputs, err := m.build(Spec{Mode: Train, Batch: 2}, true)
	if err != nil {
		return nil, err
	}
	m.params.source, m.states.source = nil, nil
	m.norms = b.norms
	for _, l := range b.layers {
		m.infos = append(m.infos, l.LayerInfo)
	}
	for i, o := range outputs {
		m.outputs = append(m.outputs, OutputInfo{m.net.outputs[i].name, o.Shape()[1:].Clone(), ops.IsLinear(o) || ops.IsLogSoftmax(o)})
	}
	return m, nil
}

// Config returns what the model was made with.
func (m *Model) Config() Config { return m.made().config }

// Net is the model's layers as a net, a copy, with the shapes of its inputs: of it the model can be made again, or written down.
func (m *Model) Net() *Net { return m.made().net.clone() }

// Inputs are the model's inputs: one, called "x", of a list of layers, else as the Net names them.
func (m *Model) Inputs() []InputInfo {
	var all []InputInfo
	for _, i := range m.made().net.inputs() {
		all = append(all, InputInfo{i.name, i.input})
	}
	return all
}

// Outputs are the model's outputs: one, called "output", of a list of layers, else as the Net names them.
func (m *Model) Outputs() []OutputInfo { return slices.Clone(m.made().outputs) }

// Params are the parameters in the order in which the layers asked for them. The tensors are the model's own.
func (m *Model) Params() []Param { return slices.Clone(m.made().params.all) }

// States are what the layers keep and do not learn, in the order in which they asked for it. The tensors are the model's own.
func (m *Model) States() []Param { return slices.Clone(m.made().states.all) }

// Tensors are all that the model keeps: its parameters, then its states.
func (m *Model) Tensors() []Param { return slices.Concat(m.made().params.all, m.made().states.all) }

// ParamCount is the number of elements of the parameters, frozen ones among them.
func (m *Model) ParamCount() int {
	n := 0
	for _, p := range m.made().params.all {
		n += p.Value.Shape().TotalSize()
	}
	return n
}

// Layers describes the layers in order: after a layer those within it.
func (m *Model) Layers() []LayerInfo {
	all := slices.Clone(m.made().infos)
	for i := range all {
		all[i].Frozen = m.frozen[all[i].keeps]
	}
	return all
}

// Float64 returns the model in float64 with parameters and states of its own, copied from this one's: for what float32 is too coarse for, such as a
// numeric gradient check.
func (m *Model) Float64() *Model {
	c := *m.made()
	c.config.Float64 = true
	c.params, c.states, c.frozen = c.params.copied(tensor.Float64), c.states.copied(tensor.Float64), maps.Clone(c.frozen)
	return &c
}

// Float32 returns the model in float32 with parameters and states of its own, copied from this one's.
func (m *Model) Float32() *Model {
	c := *m.made()
	c.config.Float64 = false
	c.params, c.states, c.frozen = c.params.copied(tensor.Float32), c.states.copied(tensor.Float32), maps.Clone(c.frozen)
	return &c
}

// Clone returns the model with parameters and states of its own, copied from this one's.
func (m *Model) Clone() *Model {
	c := *m.made()
	c.params, c.states, c.frozen = c.params.copied(c.params.dtype), c.states.copied(c.states.dtype), maps.Clone(c.frozen)
	return &c
}

// made is the model itself, or an empty one in place of nil.
func (m *Model) made() *Model {
	if m == nil {
		return &Model{}
	}
	return m
}

func (c Config) dtype() tensor.Dtype {
	if c.Float64 {
		return tensor.Float64
	}
	return tensor.Float32
}

// build makes a graph of the layers for spec.
func (m *Model) build(spec Spec, making bool) (b *Builder, inputs, outputs []*gorgonia.Node, err error) {
	b = newBuilder(m, making, spec)
	inputs, outputs, err = m.built(b)
	return b, inputs, outputs, err
}

// built is build with a Builder.
func (m *Model) built(b *Builder) (inputs, outputs []*gorgonia.Node, err error) {
	making, spec := b.making || b.measured != nil, b.spec
	for _, in := range m.Inputs() {
		inputs = append(inputs, b.variable(in.Name, in.of(m.params.dtype), in.batched(spec.Batch)))
	}
	outputs = m.net.build(b, inputs)
	if b.err == nil && !making && (len(b.nodes.params) != len(m.params.all) || len(b.nodes.states) != len(m.states.all)) {
		b.err = fmt.Errorf("graph: the layers ask for %d parameters and %d states in mode %v, want %d and %d as when the model was made: they must depend neither on the mode nor on the batch size",
			len(b.nodes.params), len(b.nodes.states), spec.Mode, len(m.params.all), len(m.states.all))
	}
	for i, o := range outputs {
		if b.err != nil {
			break
		}
		name := m.net.outputs[i].name
		switch {
		case o.Dtype() != m.params.dtype:
			b.err = fmt.Errorf("graph: output %q: got elements of type %v, want %v: end in a layer that gives numbers, such as layers.Dense", name, o.Dtype(), m.params.dtype)
		case !making && !slices.Equal(o.Shape()[1:], m.outputs[i].Shape):
			b.err = fmt.Errorf("graph: output %q: got shape %v in mode %v for a batch of %d, want %v for each sample as when the model was made: what a layer gives must depend neither on the mode nor on the batch size",
				name, o.Shape(), spec.Mode, spec.Batch, m.outputs[i].Shape)
		}
	}
	return inputs, outputs, b.err
}
