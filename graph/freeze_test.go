package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// nested has layers within layers, a shared one, a state and a dropout.
func nested(t *testing.T) *graph.Model {
	t.Helper()
	var n graph.Net
	x := n.Input("x", graph.Floats(3))
	tower := n.Share(layers.Sequence{layers.Dense{Units: 4, Activation: layers.Tanh}, centre{.5}})
	h := n.Add(layers.Concat{}, n.Add(tower, x), n.Add(tower, n.Add(layers.Dense{Units: 3}, x)))
	n.Output("y", n.Add(layers.Dense{Units: 2}, n.Add(layers.Dropout{Rate: .5}, h)))
	return model(t, graph.Config{Seed: 4}, &n)
}

func TestFreezeByName(t *testing.T) {
	m := nested(t)
	if m.Frozen() != nil || len(m.Trainable()) != 6 {
		t.Fatalf("got %v frozen, %d parameters learnt of a new model", m.Frozen(), len(m.Trainable()))
	}
	for _, c := range []struct {
		do     func() error
		frozen string
		learnt string
	}{
		{func() error { return m.Freeze("sequence_1") }, "sequence_1 dense_1 centre_1", "dense_2 dense_2 dense_3 dense_3"},
		{func() error { return m.Freeze("dense_3", "dropout_1") }, "sequence_1 dense_1 centre_1 dropout_1 dense_3", "dense_2 dense_2"},
		{func() error { return m.Unfreeze("dense_1") }, "sequence_1 centre_1 dropout_1 dense_3", "dense_1 dense_1 dense_2 dense_2"},
		{func() error { return m.Unfreeze() }, "", "dense_1 dense_1 dense_2 dense_2 dense_3 dense_3"},
		{func() error { return m.Freeze("sequence_1/2") }, "sequence_1 dense_1 centre_1", "dense_2 dense_2 dense_3 dense_3"},
		{func() error { return m.Freeze() }, "sequence_1 dense_1 centre_1 dense_2 concat_1 dropout_1 dense_3", ""},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		var learnt []string
		for _, p := range m.Trainable() {
			layer, _, _ := strings.Cut(p.Name, ".")
			learnt = append(learnt, layer)
		}
		if got := strings.Join(m.Frozen(), " "); got != c.frozen || strings.Join(learnt, " ") != c.learnt {
			t.Errorf("got %q frozen and %v learnt, want %q and %q", got, learnt, c.frozen, c.learnt)
		}
		for _, l := range m.Layers() {
			if first, _, _ := strings.Cut(l.Name, "/"); l.Frozen != slices.Contains(m.Frozen(), first) {
				t.Errorf("%s: got frozen %v", l.Name, l.Frozen)
			}
		}
	}
	for _, copied := range []*graph.Model{m.Clone(), m.Float64(), m.Float32()} {
		if err := copied.Unfreeze("dense_2"); err != nil || len(copied.Trainable()) != 2 || len(m.Trainable()) != 0 {
			t.Errorf("a copy has the freezing of its model: %v, %v", m.Frozen(), err)
		}
	}
	if _, err := new(graph.Model).Weights("dense_1"); err == nil || !strings.Contains(err.Error(), "nil or empty") {
		t.Errorf("of no model: got %v", err)
	}
	if err := m.Unfreeze("dense_1", "dense_9"); err == nil || !strings.Contains(err.Error(), `got "dense_9" for a layer, want one of the model's: sequence_1, dense_1, centre_1, dense_2`) || len(m.Trainable()) != 0 {
		t.Errorf("got %v, and %d learnt", err, len(m.Trainable()))
	}
	_, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}})
	if err == nil || !strings.Contains(err.Error(), "every layer is frozen") {
		t.Errorf("got %v", err)
	}
	compile(t, m, graph.Spec{Mode: graph.Evaluate, Batch: 2, Loss: losses.MSE{}})
	var none *graph.Model
	if none.Freeze("dense_1") == nil || none.Frozen() != nil || none.Trainable() != nil {
		t.Error("a nil model froze")
	}
}

// TestFrozenGradients: what is learnt beside frozen layers has the gradient that it would have, to the bit, and of frozen ones none is computed.
func TestFrozenGradients(t *testing.T) {
	gradients := func(frozen ...string) (map[string]*tensor.Dense, *graph.Program) {
		m := model(t, graph.Config{Input: graph.Floats(3), Seed: 2}, layers.Dense{Units: 4, Activation: layers.Tanh},
			layers.Residual{layers.Dense{Units: 4, Activation: layers.Sigmoid}}, layers.Dense{Units: 2})
		if len(frozen) > 0 {
			if err := m.Freeze(frozen...); err != nil {
				t.Fatal(err)
			}
		}
		p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}, Inspect: true})
		copy(p.X().Float32s(), []float32{1, -2, .5, .25, 2, -1})
		copy(p.Y().Float32s(), []float32{1, 0, 0, 1})
		run(t, p)
		all := map[string]*tensor.Dense{}
		for i, g := range p.Grads() {
			v, err := g.Grad()
			if err != nil {
				t.Fatal(err)
			}
			all[m.Trainable()[i].Name] = v.(*tensor.Dense)
		}
		return all, p
	}
	want, whole := gradients()
	for _, frozen := range [][]string{{"dense_1"}, {"dense_2"}, {"dense_3"}, {"dense_1", "residual_1"}} {
		got, p := gradients(frozen...)
		for name, g := range got {
			if !slices.Equal(g.Float32s(), want[name].Float32s()) {
				t.Errorf("%v frozen: got gradient %v of %s, want %v", frozen, g, name, want[name])
			}
		}
		if len(got) != 6-2*len(frozen) {
			t.Errorf("%v frozen: got gradients of %d parameters", frozen, len(got))
		}
		if frozen[0] == "dense_1" && len(p.Graph().AllNodes()) >= len(whole.Graph().AllNodes()) {
			t.Errorf("%v frozen: got %d nodes, of the whole %d", frozen, len(p.Graph().AllNodes()), len(whole.Graph().AllNodes()))
		}
		if last := p.Recordings()[0]; frozen[0] == "dense_1" && last.Grad != nil {
			t.Errorf("%v frozen: got a gradient of the output of %s, on which nothing that is learnt has a part", frozen, last.Name)
		}
	}
}

// TestFrozenLayerRests: a frozen layer is in training what it is outside.
func TestFrozenLayerRests(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(2), Seed: 3}, centre{.5}, layers.Dropout{Rate: .5}, layers.Dense{Units: 1})
	if err := m.Freeze("centre_1", "dropout_1"); err != nil {
		t.Fatal(err)
	}
	m.States()[0].Value.Float32s()[0] = 3
	var outputs [][]float32
	for _, mode := range []graph.Mode{graph.Train, graph.Predict} {
		p := compile(t, m, graph.Spec{Mode: mode, Batch: 2, Loss: lossIn(mode, losses.MSE{})})
		copy(p.X().Float32s(), []float32{4, 8, 8, 0})
		run(t, p)
		outputs = append(outputs, slices.Clone(p.Output().Float32s()))
		if err := p.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(outputs[0], outputs[1]) || m.States()[0].Value.Float32s()[0] != 3 {
		t.Errorf("got %v in training, %v outside; state %v", outputs[0], outputs[1], m.States()[0].Value)
	}
}

func ExampleModel_Freeze() {
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1},
		layers.Dense{Units: 300, Activation: layers.ReLU}, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.Freeze("dense_1"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(m.Summary())
	// Output:
	// Layer (type)                 Output Shape              Param #
	// =================================================================
	// dense_1 (dense, relu)        (None, 300)               235500 frozen
	// dense_2 (dense, softmax)     (None, 10)                3010
	// =================================================================
	// Total params: 238510
	// Trainable params: 3010
	// Frozen params: 235500
}
