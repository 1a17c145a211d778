package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/tensor"
)

// Weights are copies of what a layer keeps, with the layers within it: its parameters, then its states, each in the order in which they were asked for.
func (m *Model) Weights(layer string) ([]Param, error) {
	own, err := m.weights(layer)
	if err != nil {
		return nil, err
	}
	for i := range own {
		own[i].Value = own[i].Value.Clone().(*tensor.Dense)
	}
	return own, nil
}

// SetWeights copies values into what a layer keeps: as many as Weights gives, in that order and of those shapes, whatever they are called, in float32 or float64. An error leaves
// the layer as it was.
func (m *Model) SetWeights(layer string, values []Param) error {
	own, err := m.weights(layer)
	if err != nil {
		return err
	}
	if len(values) != len(own) {
		var want []string
		for _, p := range own {
			want = append(want, fmt.Sprintf("%s of %v", p.Name, p.Value.Shape()))
		}
		return fmt.Errorf("graph: layer %s: got %d values, want %d: %s", layer, len(values), len(own), strings.Join(want, ", "))
	}
	for i, p := range own {
		v := values[i].Value
		switch {
		case v == nil:
			return fmt.Errorf("graph: layer %s: got nil for %s, want a tensor of shape %v", layer, p.Name, p.Value.Shape())
		case v.Dtype() != tensor.Float32 && v.Dtype() != tensor.Float64 || v.RequiresIterator() || v.DataOrder().IsColMajor():
			return fmt.Errorf("graph: layer %s: got %s for %s that is of %v, a view with gaps, or column-major, want float32 or float64, contiguous and row-major", layer, values[i].Name, p.Name, v.Dtype())
		case !slices.Equal(v.Shape(), p.Value.Shape()):
			return fmt.Errorf("graph: layer %s: got shape %v for %s, want %v", layer, v.Shape(), p.Name, p.Value.Shape())
		}
	}
	for i, p := range own {
		put(p.Value, values[i].Value)
	}
	return nil
}

// weights are the model's own.
func (m *Model) weights(layer string) ([]Param, error) {
	within, err := m.within(layer)
	if err != nil {
		return nil, err
	}
	var own []Param
	for _, k := range []kept{m.params, m.states} {
		for i, p := range k.all {
			if slices.ContainsFunc(within, func(l LayerInfo) bool { return l.keeps == k.layers[i] }) {
				own = append(own, p)
			}
		}
	}
	return own, nil
}

// put copies a tensor's elements into another of its size, of either type.
func put(to, from *tensor.Dense) {
	switch {
	case to.Dtype() != from.Dtype() && to.Dtype() == tensor.Float64:
		copy(to.Float64s(), float64s(from))
	case to.Dtype() != from.Dtype():
		for i, v := range from.Float64s() {
			to.Float32s()[i] = float32(v)
		}
	case to.Dtype() == tensor.Float64:
		copy(to.Float64s(), from.Float64s())
	default:
		copy(to.Float32s(), from.Float32s())
	}
}

// A Taken says where the values of a model's tensor came from.
type Taken struct {
	To    string // "dense_1.weight"
	From  string // in the other model; "" where nothing fitted, and the values are as they were
	Shape tensor.Shape
}

// Take copies another model's weights, by order and shape, whatever the layers are called: the longest row of layers, by elements, that stand in both models in one
// order with tensors of the same shapes. What is left keeps its values, as a last layer of other classes does. It returns where each tensor of the model came
// from, in the order of Tensors; where nothing fits at all, that is an error.
func (m *Model) Take(from *Model) ([]Taken, error) {
	to, source := m.groups(), from.groups()
	if len(to) == 0 || len(source) == 0 {
		return nil, fmt.Errorf("graph: got models that keep %d and %d tensors, want some in both to take weights over", len(m.Tensors()), len(from.Tensors()))
	}
	// best[i][j] is what can be taken of the layers from i on in one and from j on in the other.
	best := make([][]int, len(to)+1)
	for i := range best {
		best[i] = make([]int, len(source)+1)
	}
	for i := len(to) - 1; i >= 0; i-- {
		for j := len(source) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if to[i].fits(source[j]) {
				best[i][j] = max(best[i][j], best[i+1][j+1]+to[i].elements())
			}
		}
	}
	if best[0][0] == 0 {
		return nil, fmt.Errorf("graph: got a model of which no layer has tensors of the shapes that a layer here has: the first have %v and %v", source[0], to[0])
	}
	origin := map[string]string{}
	for i, j := 0, 0; i < len(to) && j < len(source); {
		switch {
		case to[i].fits(source[j]) && best[i][j] == best[i+1][j+1]+to[i].elements():
			for k, p := range to[i] {
				put(p.Value, source[j][k].Value)
				origin[p.Name] = source[j][k].Name
			}
			i, j = i+1, j+1
		case best[i][j] == best[i][j+1]:
			j++
		default:
			i++
		}
	}
	var all []Taken
	for _, p := range m.Tensors() {
		all = append(all, Taken{p.Name, origin[p.Name], p.Value.Shape().Clone()})
	}
	return all, nil
}

// A group is what one layer keeps, without those within it: parameters, then states.
type group []Param

func (m *Model) groups() (all []group) {
	seen := map[string]bool{}
	for _, l := range m.made().infos {
		if seen[l.keeps] {
			continue
		}
		seen[l.keeps] = true
		var g group
		for _, k := range []kept{m.params, m.states} {
			for i, p := range k.all {
				if k.layers[i] == l.keeps {
					g = append(g, p)
				}
			}
		}
		if g != nil {
			all = append(all, g)
		}
	}
	return all
}

func (g group) fits(o group) bool {
	return slices.EqualFunc(g, o, func(a, b Param) bool { return slices.Equal(a.Value.Shape(), b.Value.Shape()) })
}

func (g group) elements() (n int) {
	for _, p := range g {
		n += p.Value.Shape().TotalSize()
	}
	return n
}

// String is the shapes.
func (g group) String() string {
	var all []string
	for _, p := range g {
		all = append(all, fmt.Sprint(p.Value.Shape()))
	}
	return strings.Join(all, " and ")
}
