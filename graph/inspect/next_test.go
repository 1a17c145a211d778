package inspect_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestNext takes a snapshot of the step that comes next, with its update, under each optimizer: it is what a recorder keeps of that step, and nothing has moved.
func TestNext(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	rows, labels := make([]float32, 50*6), make([]int, 50)
	for i := range rows {
		rows[i] = float32(rng.NormFloat64())
	}
	for i := range labels {
		labels[i] = rng.IntN(3)
	}
	data, err := datasets.New("points", []int{6}, rows, labels, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range append(optim.Names(), "momentum 0.05 nesterov", "adam 0.01 amsgrad", "clip(adam 0.01) 0.01", "ema(adam 0.01) 0.9", "scheduled(momentum 0.1) (warmup 5, cosine)") {
		o, err := optim.New(words, 0)
		if err != nil {
			continue // what wraps others, which stand below with one
		}
		network, err := layers.Parse("dense 8, batchnorm, relu, dropout 0.2, dense 3 softmax")
		if err != nil {
			t.Fatal(err)
		}
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(6), Seed: 1}, network...)
		if err != nil {
			t.Fatal(err)
		}
		next, steps := &inspect.Recorder{}, 0
		var ahead *inspect.Snapshot
		recorder := &inspect.Recorder{Every: 1, Each: func(s *inspect.Snapshot) error {
			if ahead != nil && !reflect.DeepEqual(s, ahead) {
				t.Errorf("%s: step %d: another snapshot than was foretold", words, s.Step)
			}
			steps++
			return nil
		}}
		look := train.ObserverFunc("look", func(e *train.Event) (err error) {
			if e.Moment != train.Begin && e.Moment != train.Step || e.Position.Step >= 14 {
				return nil
			}
			was, state := clones(m), o.State()
			if ahead, err = next.Next(m, o, losses.CrossEntropy{}, data, 8, 5, e.Position); err != nil {
				return err
			}
			if !ahead.Stepped || !reflect.DeepEqual(was, clones(m)) || !reflect.DeepEqual(state, o.State()) {
				t.Errorf("%s: step %d: looking moved it, or did not step", words, e.Position.Step)
			}
			return nil
		})
		config := train.Config{Optimizer: o, BatchSize: 8, Epochs: 2, Seed: 5, Observers: []train.Observer{recorder, look}}
		if _, err := train.Fit(t.Context(), m, data, config); err != nil {
			t.Fatal(err)
		}
		if steps != 14 {
			t.Errorf("%s: %d steps", words, steps)
		}
	}
	if _, err := (&inspect.Recorder{}).Next(nil, nil, nil, nil, 1, 1, train.Position{}); err == nil {
		t.Error("nothing was looked at")
	}
}

func clones(m *graph.Model) (all []*tensor.Dense) {
	for _, p := range m.Tensors() {
		all = append(all, p.Value.Clone().(*tensor.Dense))
	}
	return all
}
