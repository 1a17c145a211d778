package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestDivergedNamesTheOrigin has one case for each place in which the finite numbers can be left first.
func TestDivergedNamesTheOrigin(t *testing.T) {
	constant := func(units int, c float64) layers.Dense { return layers.Dense{Units: units, Weights: graph.Constant(c)} }
	softmax := layers.Dense{Units: 2, Activation: layers.Softmax}
	ones := dataset(t, []int{1}, []float32{1, 1}, []int{0, 1})
	for name, c := range map[string]struct {
		layers      []graph.Layer
		scale       float32
		spoil       func(*graph.Model)
		loss        graph.Loss
		layer, what string
		finiteLoss  bool
	}{
		"a weight is NaN": {
			layers: []graph.Layer{constant(3, 1), softmax, constant(2, 1), softmax},
			spoil:  func(m *graph.Model) { m.Params()[2].Value.Float32s()[1] = float32(math.NaN()) },
			layer:  "dense_2", what: "weight",
		},
		"a bias is infinite": {
			layers: []graph.Layer{constant(3, 1), softmax},
			spoil:  func(m *graph.Model) { m.Params()[1].Value.Float32s()[0] = float32(math.Inf(-1)) },
			layer:  "dense_1", what: "bias",
		},
		"the input is infinite": {
			layers: []graph.Layer{constant(3, 1), softmax}, scale: float32(math.Inf(1)),
			layer: "the input", what: "values",
		},
		"forward overflow in the first layer": {
			layers: []graph.Layer{constant(3, 1e20), softmax}, scale: 1e20,
			layer: "dense_1", what: "output",
		},
		"forward overflow in the third layer": {
			layers: []graph.Layer{constant(3, 1e15), layers.ReLU, constant(3, 1e15), constant(3, 1e15), softmax},
			layer:  "dense_3", what: "output",
		},
		"forward overflow in a layer of a layer": {
			layers: []graph.Layer{layers.Dense{Units: 2}, layers.Residual{constant(2, 1e30), constant(2, 1e30)}, softmax},
			layer:  "dense_3", what: "output",
		},
		"the loss overflows, then a gradient": {
			layers: []graph.Layer{constant(2, 1e5), constant(2, 1e20)}, loss: losses.MSE{},
			layer: "dense_1", what: "gradient",
		},
		"the loss alone overflows": {
			layers: []graph.Layer{constant(2, 1e25)}, loss: losses.MSE{},
			layer: "loss", what: "value",
		},
		"the last step's gradient overflows": {
			layers: []graph.Layer{constant(2, 1e-10)}, scale: 1e27, loss: losses.MSE{},
			layer: "dense_1", what: "weight", finiteLoss: true,
		},
	} {
		for shards := 1; shards <= 2; shards++ {
			data := ones
			if c.scale != 0 {
				data = ones.Scaled(c.scale)
			}
			m := model(t, graph.Config{Input: graph.Floats(1)}, c.layers...)
			if c.spoil != nil {
				c.spoil(m)
			}
			before := bits(m)
			history, err := train.Fit(context.Background(), m, data, train.Config{Loss: c.loss, BatchSize: 2, Shards: shards})
			var diverged *train.DivergedError
			if !errors.As(err, &diverged) {
				t.Errorf("%s, %d shards: got error %v", name, shards, err)
				continue
			}
			if diverged.Epoch != 1 || diverged.Step != 1 || diverged.Layer != c.layer || diverged.What != c.what {
				t.Errorf("%s, %d shards: got %+v, want %s of %s", name, shards, *diverged, c.what, c.layer)
			}
			if finite := diverged.Loss-diverged.Loss == 0; finite != c.finiteLoss {
				t.Errorf("%s, %d shards: loss %v", name, shards, diverged.Loss)
			}
			if !c.finiteLoss && (!slices.Equal(before, bits(m)) || history.Position.Step != 0) {
				t.Errorf("%s, %d shards: the weights took it up; history %+v", name, shards, history)
			}
			if history.Stopped != err.Error() || len(history.Epochs) != 0 {
				t.Errorf("%s, %d shards: history %+v", name, shards, history)
			}
			for _, want := range []string{"epoch 1, step 1", c.layer, c.what, "smaller learning rate"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s, %d shards: %q does not say %q", name, shards, err, want)
				}
			}
		}
	}
}

// TestDivergedNamesTheStep: one sample overflows, and the error names the step whose batch holds it.
func TestDivergedNamesTheStep(t *testing.T) {
	const n, size, epoch = 20, 3, 2
	for seed := range uint64(5) {
		poison := int(seed) * 4
		rows := make([]float32, n)
		labels := make([]int, n)
		for i := range rows {
			rows[i], labels[i] = 1, i%2
		}
		data := dataset(t, []int{1}, rows, labels)
		place := slices.Index(datasets.Shuffle(n, seed, epoch), poison)
		m := model(t, graph.Config{Input: graph.Floats(1), Seed: seed}, layers.Dense{Units: 3, Activation: layers.ReLU}, layers.Dense{Units: 2, Activation: layers.Softmax})
		_, err := train.Fit(context.Background(), m, data, train.Config{BatchSize: size, Epochs: 5, Seed: seed, Observers: []train.Observer{
			at(train.Epochal, func(e *train.Event) error {
				if e.Position.Epoch == epoch {
					rows[poison] = float32(math.Inf(1)) // in the third epoch
				}
				return nil
			}),
		}})
		var diverged *train.DivergedError
		if !errors.As(err, &diverged) {
			t.Fatal(err)
		}
		if want := uint64(epoch*7 + place/size + 1); diverged.Epoch != epoch+1 || diverged.Step != want || diverged.Layer != "the input" {
			t.Errorf("seed %d: got %+v, want epoch %d, step %d", seed, *diverged, epoch+1, want)
		}
	}
}

// TestLearningRateTooLarge is how a run diverges in real life: the weights run away over a few steps.
func TestLearningRateTooLarge(t *testing.T) {
	for _, wide := range []bool{false, true} {
		data := dataset(t, []int{1}, []float32{1, 2, 3, 4}, []int{0, 1, 0, 1})
		m := model(t, graph.Config{Input: graph.Floats(1), Float64: wide}, layers.Dense{Units: 4}, layers.Dense{Units: 2})
		history, err := train.Fit(context.Background(), m, data, train.Config{
			Loss: losses.MSE{}, Optimizer: &optim.SGD{LearningRate: 100}, BatchSize: 2, Epochs: 100,
		})
		var diverged *train.DivergedError
		if !errors.As(err, &diverged) || diverged.Step < 3 || diverged.Step < history.Position.Step || len(history.Epochs) < 1 {
			t.Fatalf("float64 %v: got %v, %+v", wide, err, history)
		}
		t.Log(err)
	}
}
