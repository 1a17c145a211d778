// Package randomnet makes random networks, for tests of what is done with any network: that its text, its file, or whatever else holds it gives it back.
//
//	c, all := randomnet.New(seed)
//	model, err := graph.NewModel(c, all...)
//	said, err := randomnet.Said(model)
package randomnet

import (
	"fmt"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A maker makes random networks in Go.
type maker struct {
	*rand.Rand
	net    *graph.Net
	shared map[int][]graph.Layer // by the features that they take
	width  map[graph.Layer]int   // that they give
}

func (m *maker) activation() layers.Activation {
	return layers.Activation(m.IntN(len(layers.ActivationNames())))
}

// layer is a random layer for an input of so many features, and the features that it gives.
func (m *maker) layer(in, depth int) (graph.Layer, int) {
	kind := m.IntN(9)
	if depth > 2 {
		kind = m.IntN(3)
	}
	switch kind {
	case 0:
		return m.activation(), in
	case 1:
		return layers.Dropout{Rate: float64(m.IntN(4)) / 4}, in
	case 3:
		return layers.Flatten{}, in
	case 4:
		inside, out := m.chain(in, depth+1)
		if out != in {
			inside = append(inside, layers.Dense{Units: in})
		}
		return layers.Residual(inside), in
	case 5:
		var all layers.Concat
		sum := 0
		for range 1 + m.IntN(3) {
			l, out := m.layer(in, depth+1)
			all, sum = append(all, l), sum+out
		}
		return all, sum
	case 6:
		inside, out := m.chain(in, depth+1)
		return layers.Sequence(inside), out
	case 7:
		if all := m.shared[in]; len(all) > 0 && m.IntN(2) == 0 {
			l := all[m.IntN(len(all))]
			return l, m.width[l]
		}
		l, out := m.layer(in, depth+1)
		l = m.net.Share(l)
		m.shared[in] = append(m.shared[in], l)
		m.width[l] = out
		return l, out
	case 8:
		return m.nested(in, depth+1)
	}
	d := layers.Dense{Units: 1 + m.IntN(4), Activation: m.activation()}
	initial := []graph.Initializer{{}, graph.HeNormal, graph.GlorotNormal, graph.HeUniform, graph.GlorotUniform, graph.Zeros, graph.Ones, graph.Constant(.125)}
	d.Weights, d.Bias = initial[m.IntN(len(initial))], initial[m.IntN(len(initial))]
	return d, d.Units
}

func (m *maker) chain(in, depth int) (all []graph.Layer, out int) {
	for range 1 + m.IntN(3) {
		l, next := m.layer(in, depth)
		for range 1 + m.IntN(2) {
			all = append(all, l)
			if next != in {
				break
			}
		}
		in = next
	}
	return all, in
}

// nested is a net as a layer.
func (m *maker) nested(in, depth int) (graph.Layer, int) {
	n := &graph.Net{}
	input := graph.Input{}
	if m.IntN(2) == 0 {
		input = graph.Floats(in)
	}
	h := []graph.Handle{n.Input([]string{"x", "in"}[m.IntN(2)], input)}
	h, width := m.grow(n, h, []int{in}, depth)
	n.Output([]string{"output", "y", "in"}[m.IntN(3)], h[len(h)-1])
	return n, width[len(h)-1]
}

// grow adds layers to a net.
func (m *maker) grow(n *graph.Net, h []graph.Handle, width []int, depth int) ([]graph.Handle, []int) {
	for range 1 + m.IntN(6) {
		at := len(h) - 1
		if m.IntN(3) == 0 {
			at = m.IntN(len(h))
		}
		with := m.IntN(len(h))
		switch {
		case m.IntN(3) > 0:
			l, out := m.layer(width[at], depth)
			h, width = append(h, n.Add(l, h[at])), append(width, out)
		case width[at] == width[with] && m.IntN(2) == 0:
			h, width = append(h, n.Add(layers.AbsDiff{}, h[at], h[with])), append(width, width[at])
		case width[at] == width[with]:
			h, width = append(h, n.Add(layers.Sum{}, h[at], h[with], h[at])), append(width, width[at])
		default:
			h, width = append(h, n.Add(n.Share(layers.Concat{}), h[at], h[with])), append(width, width[at]+width[with])
		}
	}
	return h, width
}

// New is the random network of a seed, and what a model of it is made with: a chain, or a net of one input or more, of which one may be left to the configuration.
func New(seed uint64) (graph.Config, []graph.Layer) {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 14)), net: &graph.Net{}, shared: map[int][]graph.Layer{}, width: map[graph.Layer]int{}}
	c := graph.Config{Seed: seed, Float64: seed%5 == 0}
	if m.IntN(3) == 0 {
		c.Input = graph.Floats(3)
		all, _ := m.chain(3, 0)
		return c, append(all, layers.Dense{Units: 2}) // a net alone would name its inputs itself
	}
	var h []graph.Handle
	var width []int
	for _, name := range []string{"x", "left picture", "dense1", "dense", "3"}[m.IntN(2):][:1+m.IntN(4)] {
		h, width = append(h, m.net.Input(name, graph.Floats(2+len(h)))), append(width, 2+len(h))
	}
	if m.IntN(2) == 0 {
		h, width = append(h, m.net.Input("open", graph.Input{})), append(width, 3)
		c.Input = graph.Floats(3)
	}
	inputs := len(h)
	if inputs > 1 { // each feeds something
		sum := 0
		for _, w := range width {
			sum += w
		}
		h, width = append(h, m.net.Add(layers.Concat{}, h...)), append(width, sum)
	}
	h, _ = m.grow(m.net, h, width, 0)
	for at, name := range []string{"output", "class", "x"}[m.IntN(2):][:1+m.IntN(2)] {
		m.net.Output(name, h[max(len(h)-1-2*at, 0)])
	}
	m.net.Output("whole", m.net.Add(layers.Linear, h[inputs-1+min(inputs-1, 1)])) // each reaches an output
	return c, []graph.Layer{m.net}
}

// Said are the bits of all that a model puts out for a batch of 2 samples, always the same, and the names of its inputs, outputs, layers and parameters, a line each.
func Said(m *graph.Model) ([]string, error) {
	p, err := m.Compile(graph.Spec{Batch: 2})
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, in := range p.Inputs() {
		switch x := in.Data().(type) {
		case []float32:
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
		case []float64:
			for i := range x {
				x[i] = r.NormFloat64()
			}
		}
	}
	if err := p.Run(); err != nil {
		return nil, err
	}
	var all []string
	for i, o := range p.Outputs() {
		all = append(all, fmt.Sprintf("output %s: %x", m.Outputs()[i].Name, o.Data()))
	}
	for _, in := range m.Inputs() {
		all = append(all, "input "+in.Name)
	}
	for _, l := range m.Layers() {
		all = append(all, "layer "+l.Name)
	}
	for _, p := range m.Tensors() {
		all = append(all, "tensor "+p.Name)
	}
	return all, nil
}
