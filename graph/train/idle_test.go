package train_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestOutputsLeftOut trains a network with two heads on the loss of one: the other head rests, the rest learns as it would without it, and all that looks at gradients
// finds zeros. A parameter that serves no output is still an error.
func TestOutputsLeftOut(t *testing.T) {
	made := func(heads int) *graph.Model {
		var n graph.Net
		h := n.Add(layers.Dense{Units: 4, Activation: layers.Tanh}, n.Input("x", graph.Floats(3)))
		n.Output("a", n.Add(layers.Dense{Units: 2}, h))
		if heads == 2 {
			n.Output("b", n.Add(layers.Dense{Units: 5, Activation: layers.Sigmoid}, h))
		}
		m, err := graph.NewModel(graph.Config{Seed: 1}, &n)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	x, y := make([]float32, 3*7), make([]float32, 2*7)
	for i := range x {
		x[i], y[i%len(y)] = float32(i%5)-2, float32(i%3)
	}
	data, err := datasets.NewArrays("heads", []datasets.Array{{Name: "x", Shape: []int{3}, Floats: x}}, []datasets.Array{{Name: "a", Shape: []int{2}, Floats: y}})
	if err != nil {
		t.Fatal(err)
	}
	only := losses.Each{"a": {Loss: losses.MSE{}}}
	for _, shards := range []int{1, 2} {
		for _, optimizer := range []func() optim.Optimizer{func() optim.Optimizer { return &optim.SGD{} }, func() optim.Optimizer { return &optim.Adam{} }} {
			one, two := made(1), made(2)
			before := slices.Clone(two.Params()[4].Value.Float32s())
			for _, m := range []*graph.Model{one, two} {
				config := train.Config{Loss: only, Optimizer: optimizer(), BatchSize: 3, Epochs: 2, Shards: shards, Observers: []train.Observer{&inspect.Recorder{Every: 1}}}
				if _, err := train.Fit(context.Background(), m, data, config); err != nil {
					t.Fatal(err)
				}
			}
			for i, p := range one.Params() {
				if !slices.Equal(p.Value.Float32s(), two.Params()[i].Value.Float32s()) {
					t.Errorf("%s: got other weights with a head that is left out than without it", p.Name)
				}
			}
			if !slices.Equal(before, two.Params()[4].Value.Float32s()) {
				t.Errorf("%s: got moved, though its output has no loss", two.Params()[4].Name)
			}
		}
	}
	m := made(2)
	batch, err := train.NewBatch(m, only, data, []int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	check, err := inspect.CheckGradients(m, only, batch)
	if err != nil || !check.OK() {
		t.Errorf("got %v and %v, want a check that passes", check, err)
	}
	if _, err := inspect.DrawOps(m, only, 2, true); err != nil {
		t.Error(err)
	}

	if _, err := m.Targets(losses.Each{"a": {Loss: losses.MSE{}}, "bee": {Loss: losses.MSE{}}}); err == nil || !strings.Contains(err.Error(), `"bee"`) {
		t.Errorf("got %v, want an error of bee, which is no output", err)
	}

	var n graph.Net
	unused := graph.LayerFunc("unused", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { b.Param("w", graph.Ones, 3); return x })
	h := n.Input("x", graph.Floats(3))
	n.Output("a", n.Add(layers.Dense{Units: 2}, n.Add(unused, h)))
	n.Output("b", n.Add(layers.Dense{Units: 2}, h))
	if m, err = graph.NewModel(graph.Config{}, &n); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: only}); err == nil || !strings.Contains(err.Error(), "unused_1.w") || strings.Contains(err.Error(), "dense_2") {
		t.Errorf("got %v, want an error of unused_1.w alone", err)
	}
}

// TestFeedOfViews: a tensor whose elements do not lie in the order of its rows is refused, in whatever place it is given.
func TestFeedOfViews(t *testing.T) {
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 3, Loss: losses.MSE{}})
	if err != nil {
		t.Fatal(err)
	}
	plain := func() *tensor.Dense {
		return tensor.New(tensor.WithShape(3, 3), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 9)))
	}
	transposed := plain()
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	wide := tensor.New(tensor.WithShape(3, 5), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 15)))
	view, err := wide.Slice(nil, gorgonia.S(1, 4))
	if err != nil {
		t.Fatal(err)
	}
	columns := tensor.New(tensor.WithShape(3, 3), tensor.AsFortran(make([]float32, 9)))
	for name, odd := range map[string]*tensor.Dense{"transposed": transposed, "view": view.(*tensor.Dense), "column-major": columns} {
		for _, b := range []*train.Batch{{Inputs: []*tensor.Dense{odd}, Targets: []*tensor.Dense{plain()}}, {Inputs: []*tensor.Dense{plain()}, Targets: []*tensor.Dense{odd}}} {
			if err := b.Feed(p); err == nil || !strings.Contains(err.Error(), "row-major") {
				t.Errorf("%s: got %v, want an error that says row-major", name, err)
			}
		}
	}
	whole := &train.Batch{Inputs: []*tensor.Dense{plain()}, Targets: []*tensor.Dense{plain()}}
	if err := whole.Feed(p); err != nil {
		t.Errorf("got %v of tensors that are row-major", err)
	}
}
