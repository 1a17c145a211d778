package graph

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorgonia.org/tensor"
)

// Until is the model up to a layer, whose output becomes the only one, with copies of its weights; what is frozen stays so. Of it a Predictor gives features, and Then makes a
// model with another end. What the layer does not depend on is left out, inputs too, and layers are numbered anew where some before them are. A layer within another is
// an error.
func (m *Model) Until(layer string) (*Model, error) {
	within, err := m.within(layer)
	if err != nil {
		return nil, err
	}
	if within[0].Nested > 0 {
		return nil, fmt.Errorf("graph: got the layer %s, which stands within another, %s, want one at the top: the model can be cut behind it, not inside", layer, m.around(layer))
	}
	tops := m.tops()
	var last int // the layer's item
	item := make([]int, len(tops))
	for at, i := 0, 0; i < len(m.net.items); i++ {
		if m.net.items[i].layer == nil {
			continue
		}
		if item[at] = i; tops[at][0].Name == layer {
			last = i
		}
		at++
	}
	needed := map[int]bool{last: true}
	for i := last; i >= 0; i-- {
		if needed[i] {
			for _, from := range m.net.items[i].from {
				needed[from] = true
			}
		}
	}
	net, place := &Net{}, map[int]int{}
	for i, it := range m.net.items[:last+1] {
		if !needed[i] {
			continue
		}
		place[i] = len(net.items)
		it.from = slices.Clone(it.from)
		for k, from := range it.from {
			it.from[k] = place[from]
		}
		net.items = append(net.items, it)
	}
	name := "output"
	for _, o := range m.net.outputs {
		if o.of == last {
			name = o.name
		}
	}
	net.outputs = []output{{name, place[last]}}
	cut, err := assemble(m.config, net, m.zeros)
	if err != nil {
		return nil, err
	}
	cut.about.Preparation = m.about.Preparation
	// What was called what: the layers left are built as they were, in the same order.
	names := map[string]string{}
	left := cut.tops()
	for at, top := range tops {
		if !needed[item[at]] {
			continue
		}
		for k, l := range top {
			names[left[0][k].keeps] = l.keeps
		}
		left = left[1:]
	}
	for _, pair := range [][2]*kept{{&cut.params, &m.params}, {&cut.states, &m.states}} {
		seen := map[string]int{}
		for i, p := range pair[0].all {
			layer := pair[0].layers[i]
			put(p.Value, pair[1].of(names[layer], seen[layer]).Value)
			seen[layer]++
		}
	}
	for _, l := range cut.infos {
		if m.frozen[names[l.keeps]] {
			if cut.frozen == nil {
				cut.frozen = map[string]bool{}
			}
			cut.frozen[l.keeps] = true
		}
	}
	return cut, nil
}

// Then is the model with layers behind its only output, with copies of its weights; those of the layers are drawn by the model's seed. What is frozen stays so. With Until before it it
// gives a model another head:
//
//	body, err := model.Until("dense_2")
//	err = body.Freeze()
//	model, err = body.Then(layers.Dense{Units: 5, Activation: layers.Softmax})
func (m *Model) Then(layers ...Layer) (*Model, error) {
	switch {
	case len(m.made().infos) == 0:
		return nil, errNoModel
	case len(m.outputs) != 1:
		return nil, fmt.Errorf("graph: got layers behind a model with the outputs %s, want one: cut it by Until", names(m.outputs))
	case len(layers) == 0 || slices.Contains(layers, nil):
		return nil, errors.New("graph: got no layer, or nil, behind the model, want at least one, such as layers.Dense{Units: 10}")
	}
	net := m.net.clone()
	at := net.outputs[0].of
	for _, l := range layers {
		net.items = append(net.items, item{layer: l, from: []int{at}})
		at = len(net.items) - 1
	}
	net.outputs = []output{{net.outputs[0].name, at}}
	own := map[string]*tensor.Dense{}
	for _, p := range m.Tensors() {
		own[p.Name] = p.Value
	}
	longer, err := assemble(m.config, net, func(name string, _ []int) (*tensor.Dense, error) {
		if own[name] == nil {
			return nil, nil
		}
		return own[name].Clone().(*tensor.Dense), nil
	})
	if err != nil {
		return nil, err
	}
	longer.frozen, longer.about.Preparation = maps.Clone(m.frozen), m.about.Preparation
	return longer, nil
}

// zeros is a source of zeros.
func (m *Model) zeros(_ string, shape []int) (*tensor.Dense, error) {
	return zeros(m.params.dtype, shape), nil
}

// tops are the layers at the top, each with those within it.
func (m *Model) tops() (all [][]LayerInfo) {
	for i, l := range m.infos {
		if l.Nested == 0 {
			all = append(all, m.infos[i:i])
		}
		all[len(all)-1] = all[len(all)-1][:len(all[len(all)-1])+1]
	}
	return all
}

// around is the layer at the top within which one stands.
func (m *Model) around(layer string) string {
	for _, top := range m.tops() {
		if slices.ContainsFunc(top, func(l LayerInfo) bool { return l.Name == layer }) {
			return top[0].Name
		}
	}
	return ""
}

// of is the tensor of a layer of that place among the layer's.
func (k *kept) of(layer string, place int) Param {
	for i, p := range k.all {
		if k.layers[i] != layer {
			continue
		}
		if place == 0 {
			return p
		}
		place--
	}
	return Param{}
}
