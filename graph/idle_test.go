package graph_test

import (
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// TestOutputLeftOut: what leads to an output that nothing is learnt of has a gradient of zeros, and does not move; the rest learns.
func TestOutputLeftOut(t *testing.T) {
	var n graph.Net
	trunk := n.Add(layers.Dense{Units: 5, Activation: layers.Tanh}, n.Input("x", graph.Floats(3)))
	n.Output("taught", n.Add(layers.Dense{Units: 2}, trunk))
	n.Output("left", n.Add(layers.Dense{Units: 4}, trunk))
	m, err := graph.NewModel(graph.Config{Seed: 1}, &n)
	if err != nil {
		t.Fatal(err)
	}
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 4, Loss: losses.Each{"taught": {Loss: losses.MSE{}}}})
	for i := range p.X().Float32s() {
		p.X().Float32s()[i] = float32(i%5) - 2
	}
	for range 3 {
		before := map[string]float32{}
		for _, param := range m.Params() {
			before[param.Name] = param.Value.Float32s()[0]
		}
		run(t, p)
		if err := (&optim.SGD{LearningRate: .1}).Step(p.Grads()); err != nil {
			t.Fatal(err)
		}
		for _, param := range m.Params() {
			if moved := param.Value.Float32s()[0] != before[param.Name]; moved == strings.HasPrefix(param.Name, "dense_3.") {
				t.Errorf("%s moved: %v", param.Name, moved)
			}
		}
	}
	_, err = m.Compile(graph.Spec{Mode: graph.Train, Batch: 4, Loss: losses.Each{"tought": {Loss: losses.MSE{}}}})
	if want := `graph: the loss each names an output "tought", which is none of the model's, "taught", "left"`; err == nil || err.Error() != want {
		t.Errorf("an output that there is not: got %v, want %s", err, want)
	}
}

// TestLossOfAPrediction: a loss in a program that computes none is a mistake, most often a Mode that was forgotten.
func TestLossOfAPrediction(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2})
	_, err := m.Compile(graph.Spec{Batch: 4, Loss: losses.MSE{}})
	if want := "graph: got the loss mse in mode predict, which computes none: set Spec.Mode to graph.Train or graph.Evaluate, or leave the loss out"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestErrorsOfARun are our ops' own words, without the machine's.
func TestErrorsOfARun(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2})
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 4, Loss: losses.CrossEntropy{}})
	p.Y().Int32s()[1] = 2
	if err, want := p.Run(), "graph: running a batch of 4: cross-entropy: got class 2 at position 1, want 0 to 1, or -1 to ignore the position"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
