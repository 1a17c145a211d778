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

func TestWeightsByName(t *testing.T) {
	m := nested(t)
	w, err := m.Weights("sequence_1/2")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range w {
		names = append(names, p.Name)
		p.Value.Float32s()[0] = 77 // a copy
	}
	if got := strings.Join(names, " "); got != "dense_1.weight dense_1.bias centre_1.mean" {
		t.Errorf("got %s", got)
	}
	if m.Params()[0].Value.Float32s()[0] == 77 {
		t.Error("the weights that were asked for are the model's own")
	}
	if err := m.SetWeights("sequence_1", w); err != nil {
		t.Fatal(err)
	}
	if m.Params()[0].Value.Float32s()[0] != 77 || m.States()[0].Value.Float32s()[0] != 77 {
		t.Error("weights that were set are not there")
	}
	w[0].Value.Float32s()[0] = 78
	if m.Params()[0].Value.Float32s()[0] != 77 {
		t.Error("weights that were set were not copied")
	}
	wide := m.Float64()
	if err := wide.SetWeights("sequence_1", w); err != nil || wide.Params()[0].Value.Float64s()[0] != 78 {
		t.Errorf("float32 into float64: %v", err)
	}
	doubles, _ := wide.Weights("dense_1")
	if err := m.SetWeights("dense_1", doubles); err != nil || m.Params()[0].Value.Float32s()[0] != 78 {
		t.Errorf("float64 into float32: %v", err)
	}
	was := bits(m)
	turned := tensor.New(tensor.WithShape(4, 3), tensor.Of(tensor.Float32))
	view := tensor.New(tensor.WithShape(3, 8), tensor.Of(tensor.Float32))
	gaps, err := view.Slice(nil, tensor.S(0, 4))
	if err != nil {
		t.Fatal(err)
	}
	good := w[1]
	for want, values := range map[string][]graph.Param{
		"layer dense_1: got 1 values, want 2: dense_1.weight of (3, 4), dense_1.bias of (4)": w[:1],
		"got nil for dense_1.weight, want a tensor of shape (3, 4)":                          {{}, good},
		"got shape (4, 3) for dense_1.weight, want (3, 4)":                                   {{Value: turned}, good},
		"contiguous and row-major":                                                           {{Value: gaps.(*tensor.Dense)}, good},
		"of int32, a view with gaps":                                                         {{Value: tensor.New(tensor.WithShape(3, 4), tensor.Of(tensor.Int32))}, good},
		"got shape (3, 4) for dense_1.bias, want (4)":                                        {w[0], w[0]},
	} {
		if err := m.SetWeights("dense_1", values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if !slices.Equal(bits(m), was) {
		t.Error("weights that were refused changed the model")
	}
	if err := m.SetWeights("dropout_1", nil); err != nil {
		t.Error(err)
	}
	if _, err := m.Weights("output"); err == nil {
		t.Error("got the weights of what is no layer")
	}
	var none *graph.Model
	if _, err := none.Weights("dense_1"); err == nil {
		t.Error("a nil model has weights")
	}
}

// TestTake: a body is found in a model that calls its layers otherwise, has others between and another head.
func TestTake(t *testing.T) {
	from := model(t, graph.Config{Input: graph.Floats(6), Seed: 1},
		layers.Dense{Units: 4}, centre{.5}, layers.Dense{Units: 4}, layers.Dense{Units: 4}, layers.Dense{Units: 3})
	from.States()[0].Value.Float32s()[2] = 9
	m := model(t, graph.Config{Input: graph.Floats(6), Seed: 2},
		layers.Sequence{layers.Dense{Units: 4}, layers.Dropout{Rate: .1}, centre{.5}}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dense{Units: 5})
	head := slices.Clone(m.Params()[4].Value.Float32s())
	taken, err := m.Take(from)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range taken {
		got = append(got, o.To+"<"+o.From)
	}
	want := "dense_1.weight<dense_1.weight dense_1.bias<dense_1.bias dense_2.weight<dense_2.weight dense_2.bias<dense_2.bias dense_3.weight< dense_3.bias< centre_1.mean<centre_1.mean"
	if strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for i, p := range m.Params()[:4] {
		if !slices.Equal(p.Value.Float32s(), from.Params()[i].Value.Float32s()) {
			t.Errorf("%s was not taken over", p.Name)
		}
	}
	if !slices.Equal(m.Params()[4].Value.Float32s(), head) || m.States()[0].Value.Float32s()[2] != 9 {
		t.Error("the head was changed, or a state not taken over")
	}
	if wide := m.Float64(); true {
		if _, err := wide.Take(from); err != nil || wide.Params()[0].Value.Float64s()[0] != float64(from.Params()[0].Value.Float32s()[0]) {
			t.Errorf("float32 into float64: %v", err)
		}
	}
	other := model(t, graph.Config{Input: graph.Floats(2), Seed: 2}, layers.Dense{Units: 9})
	if _, err := m.Take(other); err == nil || !strings.Contains(err.Error(), "the first have (2, 9) and (9) and (6, 4) and (4)") {
		t.Errorf("got %v", err)
	}
	if _, err := m.Take(nil); err == nil {
		t.Error("took weights of nil")
	}
}

// outputs32 are the first output of a model for samples.
func outputs32(t *testing.T, m *graph.Model, samples []float32) []float32 {
	t.Helper()
	p := compile(t, m, graph.Spec{Batch: len(samples) / m.Inputs()[0].Size()})
	copy(p.X().Float32s(), samples)
	run(t, p)
	return slices.Clone(p.Output().Float32s())
}

// TestUntil: cut behind any layer, a model puts out what the layer did, to the bit.
func TestUntil(t *testing.T) {
	m := nested(t)
	m.States()[0].Value.Float32s()[1] = .5
	if err := m.Freeze("dense_2", "centre_1"); err != nil {
		t.Fatal(err)
	}
	samples := []float32{1, -2, .5, 3, 0, -1}
	for _, c := range []struct{ layer, frozen, params string }{
		{"sequence_1", "centre_1", "dense_1.weight dense_1.bias centre_1.mean"},
		{"sequence_1/2", "dense_1 centre_1", "dense_1.weight dense_1.bias dense_2.weight dense_2.bias centre_1.mean"}, // dense_2 is the first that is left
		{"dense_2", "dense_1", "dense_1.weight dense_1.bias"},
		{"concat_1", "centre_1 dense_2", "dense_1.weight dense_1.bias dense_2.weight dense_2.bias centre_1.mean"},
		{"dense_3", "centre_1 dense_2", "dense_1.weight dense_1.bias dense_2.weight dense_2.bias dense_3.weight dense_3.bias centre_1.mean"},
	} {
		cut, err := m.Until(c.layer)
		if err != nil {
			t.Fatal(err)
		}
		whole := compile(t, m, graph.Spec{Mode: graph.Evaluate, Batch: 2, Loss: losses.MSE{}, Inspect: true})
		copy(whole.X().Float32s(), samples)
		run(t, whole)
		for _, r := range whole.Recordings() {
			if r.Name == c.layer && !slices.Equal(outputs32(t, cut, samples), r.Value.Float32s()) {
				t.Errorf("%s: got another output than the layer's", c.layer)
			}
		}
		var names []string
		for _, p := range cut.Tensors() {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, " "); got != c.params || strings.Join(cut.Frozen(), " ") != c.frozen {
			t.Errorf("%s: got %s, frozen %v, want %s and %s", c.layer, got, cut.Frozen(), c.params, c.frozen)
		}
		cut.Params()[0].Value.Float32s()[0] = 5
		if m.Params()[0].Value.Float32s()[0] == 5 || m.Params()[2].Value.Float32s()[0] == 5 {
			t.Errorf("%s: the weights are the model's own", c.layer)
		}
	}
	if _, err := m.Until("dense_1"); err == nil || !strings.Contains(err.Error(), "dense_1, which stands within another, sequence_1") {
		t.Errorf("got %v", err)
	}
	if _, err := m.Until("dense_7"); err == nil {
		t.Error("cut behind what is no layer")
	}
}

// TestUntilLeavesInputsOut: what only the rest of the model needs is not asked for.
func TestUntilLeavesInputsOut(t *testing.T) {
	var n graph.Net
	left, right := n.Input("left", graph.Floats(2)), n.Input("right", graph.Floats(3))
	a, b := n.Add(layers.Dense{Units: 4}, left), n.Add(layers.Dense{Units: 5}, right)
	n.Output("both", n.Add(layers.Concat{}, a, b))
	n.Output("right side", b)
	m := model(t, graph.Config{Seed: 1}, &n)
	if _, err := m.Then(layers.Dense{Units: 1}); err == nil || !strings.Contains(err.Error(), `"both", "right side"`) {
		t.Errorf("got %v", err)
	}
	cut, err := m.Until("dense_2")
	if err != nil {
		t.Fatal(err)
	}
	if in, out := cut.Inputs(), cut.Outputs(); len(in) != 1 || in[0].Name != "right" || len(out) != 1 || out[0].Name != "right side" {
		t.Errorf("got inputs %v, outputs %v", in, out)
	}
	if got, want := cut.Params()[0], m.Params()[2]; got.Name != "dense_1.weight" || !slices.Equal(got.Value.Float32s(), want.Value.Float32s()) {
		t.Errorf("got %s %v, want the values of %s, %v", got.Name, got.Value, want.Name, want.Value)
	}
}

func ExampleModel_Then() {
	digits, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1}, // and trained
		layers.Dense{Units: 100, Activation: layers.ReLU}, layers.Dropout{Rate: .2}, layers.Dense{Units: 10, Activation: layers.Softmax})
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := digits.Until("dropout_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := body.Freeze(); err != nil {
		fmt.Println(err)
		return
	}
	letters, err := body.Then(layers.Dense{Units: 26, Activation: layers.Softmax}) // for train.Fit
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range letters.Trainable() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	fmt.Println(letters.Frozen())
	// Output:
	// dense_2.weight (100, 26)
	// dense_2.bias (26)
	// [dense_1 dropout_1]
}
