package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Config is what a model is made of beside its layers.
type Config struct {
	Inputs  int    // features of a sample, such as 784 for 28×28 pixels
	Seed    uint64 // of every random number that the model draws: first weights, dropout masks
	Float64 bool   // compute in float64: for gradient checks, several times slower
}

// A Model is layers and their parameters. It is not safe for use by two goroutines at once where one of them trains.
type Model struct {
	config Config
	layers []Layer
	params []Param
	infos  []LayerInfo
}

// A Param is one tensor that is learnt.
type Param struct {
	Name  string        // layer and parameter: "dense_1.weight"
	Value *tensor.Dense // float32 or float64, row-major; updated in place by the optimizer
}

// LayerInfo describes a layer of a model.
type LayerInfo struct {
	Name       string       // "dense_1"
	Kind       string       // "dense"
	Nested     int          // how many layers it stands within: 0 at the top
	Output     tensor.Shape // without the batch
	Params     int          // elements of its parameters, those of layers within it included
	Activation Activation   // of a Dense or Activation layer; else Linear
}

// NewModel makes a model: it builds the layers once, for a batch of 2 samples, which checks that each shape fits the next,
// and draws their parameters. The layers must turn [batch,Inputs] into [batch,outputs]. The error names the layer, the shape it got, and
// what it wants.
func NewModel(c Config, layers ...Layer) (*Model, error) {
	if c.Inputs < 1 {
		return nil, fmt.Errorf("graph: got Inputs %d, want the number of features of a sample: set Config.Inputs", c.Inputs)
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("graph: got no layers, want at least one, such as graph.Dense{Units: 10}")
	}
	for i, l := range layers {
		if l == nil {
			return nil, fmt.Errorf("graph: got nil as layer %d of %d, want a layer", i+1, len(layers))
		}
	}
	m := &Model{config: c, layers: slices.Clone(layers)}
	b, output, err := m.build(Spec{Mode: Train, Batch: 2}, true)
	if err != nil {
		return nil, err
	}
	for _, l := range b.layers {
		m.infos = append(m.infos, l.LayerInfo)
	}
	if output.Dims() != 2 || output.Shape()[0] != 2 {
		return nil, fmt.Errorf("graph: the last layer, %s, turns a batch of 2 samples into shape %v, want [batch,outputs]: end in a Dense layer or reshape", m.infos[m.last()].Name, output.Shape())
	}
	return m, nil
}

// Config returns what the model was made with.
func (m *Model) Config() Config { return m.config }

// Params are the parameters in the order in which the layers asked for them. The tensors are the model's own.
func (m *Model) Params() []Param { return slices.Clone(m.params) }

// ParamCount is the number of elements that are learnt.
func (m *Model) ParamCount() int {
	n := 0
	for _, p := range m.params {
		n += p.Value.Shape().TotalSize()
	}
	return n
}

// Layers describes the layers in order: after a layer those within it.
func (m *Model) Layers() []LayerInfo { return slices.Clone(m.infos) }

// Outputs is the number of outputs for a sample.
func (m *Model) Outputs() int { return m.infos[m.last()].Output[0] }

// last is the index of the last layer at the top.
func (m *Model) last() int {
	at := len(m.infos) - 1
	for m.infos[at].Nested > 0 {
		at--
	}
	return at
}

// Float64 returns the model in float64 with parameters of its own, copied from this one's: for what float32 is too coarse for, such as a
// numeric gradient check.
func (m *Model) Float64() *Model {
	c := *m
	c.config.Float64 = true
	c.params = make([]Param, len(m.params))
	for i, p := range m.params {
		c.params[i] = Param{p.Name, tensor.New(tensor.WithShape(p.Value.Shape()...), tensor.WithBacking(float64s(p.Value)))}
	}
	return &c
}

// Float32 returns the model in float32 with parameters of its own, copied from this one's.
func (m *Model) Float32() *Model {
	c := *m
	c.config.Float64 = false
	c.params = make([]Param, len(m.params))
	for i, p := range m.params {
		wide := float64s(p.Value)
		narrow := make([]float32, len(wide))
		for j, v := range wide {
			narrow[j] = float32(v)
		}
		c.params[i] = Param{p.Name, tensor.New(tensor.WithShape(p.Value.Shape()...), tensor.WithBacking(narrow))}
	}
	return &c
}

func float64s(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return slices.Clone(t.Float64s())
	}
	wide := make([]float64, len(t.Float32s()))
	for i, v := range t.Float32s() {
		wide[i] = float64(v)
	}
	return wide
}

func (m *Model) dtype() tensor.Dtype {
	if m.config.Float64 {
		return tensor.Float64
	}
	return tensor.Float32
}

// build makes a graph of the layers for spec. The input node is x, first of the graph.
func (m *Model) build(spec Spec, making bool) (b *Builder, output *gorgonia.Node, err error) {
	b = &Builder{
		model:   m,
		making:  making,
		graph:   gorgonia.NewGraph(),
		spec:    spec,
		plain:   spec.Plain,
		step:    new(uint64),
		count:   map[string]int{},
		byName:  map[string]int{},
		streams: map[string]int{},
	}
	x := gorgonia.NewMatrix(b.graph, m.dtype(), gorgonia.WithShape(spec.Batch, m.config.Inputs), gorgonia.WithName("x"))
	output, err = Sequence(m.layers).Build(b, x)
	return b, output, err
}
