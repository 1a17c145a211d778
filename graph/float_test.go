package graph_test

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A model in the other element type has the same numbers, of its own.
func TestFloat32AndFloat64(t *testing.T) {
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 1}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	wide := m.Float64()
	narrow := wide.Float32()
	if !wide.Config().Float64 || narrow.Config().Float64 {
		t.Error("the configurations do not say which is which")
	}
	for i, p := range m.Params() {
		w, n := wide.Params()[i], narrow.Params()[i]
		if w.Name != p.Name || n.Name != p.Name || w.Value.Dtype() != tensor.Float64 || !slices.Equal(n.Value.Float32s(), p.Value.Float32s()) || float32(w.Value.Float64s()[1]) != p.Value.Float32s()[1] {
			t.Errorf("%s: the copies are others", p.Name)
		}
		n.Value.Float32s()[0]++
		w.Value.Float64s()[0]++
		if n.Value.Float32s()[0] == p.Value.Float32s()[0] || w.Value.Float64s()[0] == float64(p.Value.Float32s()[0]) {
			t.Errorf("%s: the copies share their numbers", p.Name)
		}
	}
}
