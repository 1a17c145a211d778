package layers_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// TestRefused: settings out of range and shapes that do not suit, each with the layer's name and what it wants.
func TestRefused(t *testing.T) {
	picture, row, ids := graph.Floats(4, 5, 6), graph.Floats(6), graph.Ints(7)
	for _, c := range []struct {
		input graph.Input
		layer graph.Layer
		want  string
	}{
		{row, layers.BatchNorm{Momentum: 1}, "layer batchnorm_1, input of shape (2, 6): got Momentum 1, want at least 0 and below 1"},
		{row, layers.BatchNorm{Momentum: math.NaN()}, "got Momentum NaN"},
		{row, layers.BatchNorm{Epsilon: -1}, "got Epsilon -1, want a number of at least 0"},
		{graph.Floats(), layers.BatchNorm{}, "want [batch,…,channels]"},
		{ids, layers.BatchNorm{}, "int32"},
		{row, layers.LayerNorm{Epsilon: math.Inf(1)}, "got Epsilon +Inf"},
		{graph.Floats(), layers.RMSNorm{}, "want [batch,…,channels]"},
		{row, layers.GroupNorm{}, "got 32 Groups of 6 channels, want a divisor of them, of [1 2 3 6]"},
		{row, layers.GroupNorm{Groups: -2}, "got -2 Groups of 6 channels"},
		{graph.Floats(), layers.PReLU{}, "prelu: got shapes (2) and (2), want [batch,…,n] and a vector of n"},
		{row, layers.Embedding{IDs: 3, Units: 2}, "got numbers, want ids, int32: make the input graph.Ints(…)"},
		{ids, layers.Embedding{IDs: 3}, "got 3 IDs and 0 Units, want at least 1 of each"},
		{ids, layers.Embedding{IDs: 3, Units: 2, Padding: .5}, "got Padding 0.5, want a whole number, an id"},
		{ids, layers.Embedding{IDs: 3, Units: 2, Bag: 7}, "got Bag 7"},
		{graph.Ints(), layers.Embedding{IDs: 3, Units: 2, Bag: layers.BagSum}, "got one id a sample, want several for a bag"},
		{row, layers.Reshape{}, "got Shape [] for a sample of 6 elements"},
		{row, layers.Reshape{Shape: []int{4, 0}}, "got Shape [4 0] for a sample of 6 elements"},
		{row, layers.Reshape{Shape: []int{0, 0}}, "got Shape [0 0]"},
		{row, layers.Reshape{Shape: []int{1 << 62, 4}}, "for a sample of 6 elements, want sizes"},
		{row, layers.Reshape{Shape: []int{-1, 6}}, "got Shape [-1 6]"},
		{picture, layers.Permute{Axes: []int{2, 1}}, "got Axes [2 1] for a sample of 3 axes, want each once, counted from 1"},
		{picture, layers.Permute{Axes: []int{0, 1, 2}}, "got Axes [0 1 2]"},
		{picture, layers.Permute{Axes: []int{1, 1, 2}}, "got Axes [1 1 2]"},
		{picture, layers.Permute{}, "got Axes []"},
		{picture, layers.Crop{Before: []int{2}}, "crop: got [2] before and [2] after for shape (2, 4, 5, 6), want numbers of at least 0 that leave something"},
		{picture, layers.Crop{Before: []int{1, 1, 1, 1}}, "want at most a number for each axis of a sample"},
		{picture, layers.ConstantPad{Before: []int{-1}}, "pad: got [-1] before"},
		{picture, layers.Step{At: 4}, "step: got time 4 of shape (2, 4, 5, 6), want one of [batch,time,…]"},
		{picture, layers.Step{At: -5}, "got time -5"},
		{graph.Floats(), layers.Step{}, "step: got time 0 of shape (2)"},
		{row, layers.Noise{Deviation: -1}, "got Deviation -1, want a number of at least 0"},
		{row, layers.Noise{Deviation: math.Inf(1)}, "got Deviation +Inf"},
		{row, layers.TimeDistributed{}, "got no layers, want at least one"},
		{row, layers.TimeDistributed{layers.Dense{Units: 1}}, "want floats [batch,time,…], with at least one axis after the time"},
		{graph.Ints(2, 3), layers.TimeDistributed{layers.Embedding{IDs: 3, Units: 2}}, "a layer of ids takes every axis of them by itself"},
		{picture, layers.TimeDistributed{layers.Dense{}}, "layer dense_1, input of shape (8, 5, 6): got Units 0, want at least 1: where the number of units was left out, say it, as in dense 64"},
	} {
		if _, err := graph.NewModel(graph.Config{Input: c.input, Seed: 1}, c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%#v on %v: got %v\nwant %s", c.layer, c.input, err, c.want)
		}
	}
}

// TestUnknownID: an id that there is not is an error of the run; the id of padding is none.
func TestUnknownID(t *testing.T) {
	for _, c := range []struct {
		layer layers.Embedding
		id    int32
		want  string
	}{
		{layers.Embedding{IDs: 3, Units: 2}, 3, "embedding: got id 3 at place 1, want 0 to 2, or -1 for padding: the table has 3 rows"},
		{layers.Embedding{IDs: 3, Units: 2, Bag: layers.BagMean}, -2, "embedding bag: got id -2 at place 1, want 0 to 2"},
		{layers.Embedding{IDs: 3, Units: 2, Padding: 7}, 7, ""},
		{layers.Embedding{IDs: 3, Units: 2, Padding: graph.Zero}, 0, ""},
		{layers.Embedding{IDs: 3, Units: 2}, -1, ""},
	} {
		m, err := graph.NewModel(graph.Config{Input: graph.Ints(2), Seed: 1}, c.layer, layers.Flatten{}, layers.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 1, Loss: losses.MSE{}})
		if err != nil {
			t.Fatal(err)
		}
		copy(p.X().Int32s(), []int32{1, c.id})
		if err := p.Run(); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("id %d: got %v, want %s", c.id, err, c.want)
		}
	}
}

// TestNoise: its mean and deviation while training, nothing in the other modes, other numbers at each step, and of a sample the same wherever a batch is cut, within TimeDistributed too.
func TestNoise(t *testing.T) {
	for _, net := range [][]graph.Layer{{layers.Noise{Deviation: .5}}, {layers.TimeDistributed{layers.Noise{Deviation: .5}}}} {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(50, 40), Seed: 1}, append([]graph.Layer{before}, net...)...)
		if err != nil {
			t.Fatal(err)
		}
		run := func(mode graph.Mode, batch, row int, step uint64) []float32 {
			p, err := m.Compile(graph.Spec{Mode: mode, Batch: batch, Loss: losses.MSE{}})
			if err != nil {
				t.Fatal(err)
			}
			p.SetRow(row)
			p.SetStep(step)
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
			return p.Output().Float32s()
		}
		y := run(graph.Train, 4, 0, 3)
		sum, squares := 0.0, 0.0
		for _, v := range y {
			sum, squares = sum+float64(v), squares+float64(v)*float64(v)
		}
		n := float64(len(y))
		if mean, deviation := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 3*.5/math.Sqrt(n) || math.Abs(deviation-.5) > 3*.5/math.Sqrt(2*n) {
			t.Errorf("got mean %v and deviation %v, want 0 and 0.5", mean, deviation)
		}
		part, other := run(graph.Train, 2, 2, 3), run(graph.Train, 4, 0, 4)
		for i, v := range y {
			if i >= len(y)/2 && part[i-len(y)/2] != v {
				t.Fatalf("a shard has %v at place %d, want %v as the whole batch has", part[i-len(y)/2], i, v)
			}
			if other[i] == v {
				t.Fatalf("two steps have the same number %v at place %d", v, i)
			}
		}
		for _, v := range run(graph.Evaluate, 4, 0, 3) {
			if v != 0 {
				t.Fatalf("got %v outside training, want 0", v)
			}
		}
	}
}
