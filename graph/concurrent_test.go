package graph_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// TestModelsTrainAtOnce makes and trains models in several goroutines, each its own, of our ops and of Gorgonia's: they
// share nothing that one of them writes (the race detector says so), and come out as they do one after another.
func TestModelsTrainAtOnce(t *testing.T) {
	train := func(i int) []float32 {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(20), Seed: uint64(i)},
			layers.Dense{Units: 70, Activation: layers.ReLU}, swish, layers.Dropout{Rate: .2},
			layers.Dense{Units: 10, Activation: layers.Softmax})
		if err != nil {
			t.Error(err)
			return nil
		}
		p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 70, Loss: losses.CrossEntropy{}})
		if err != nil {
			t.Error(err)
			return nil
		}
		fill(p, uint64(i))
		o := &optim.SGD{LearningRate: .1}
		for step := range 3 {
			p.SetStep(uint64(step))
			if err := p.Run(); err != nil {
				t.Error(err)
			}
			if err := o.Step(p.Grads()); err != nil {
				t.Error(err)
			}
		}
		return m.Params()[0].Value.Float32s()
	}
	const n = 6
	at := make([][]float32, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { at[i] = train(i) })
	}
	all.Wait()
	for i := range n {
		if alone := train(i); !slices.Equal(at[i], alone) {
			t.Errorf("model %d came out otherwise than by itself", i)
		}
	}
}

// TestPredictAtOnce runs programs of one model at once, which is fine as long as nobody trains it.
func TestPredictAtOnce(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(20), Seed: 1}, layers.Dense{Units: 70, Activation: layers.Tanh}, layers.Dense{Units: 10, Activation: layers.Softmax})
	const n = 4
	programs := make([]*graph.Program, n)
	for i := range programs {
		programs[i] = compile(t, m, graph.Spec{Batch: 30})
		fill(programs[i], 7)
	}
	var all sync.WaitGroup
	for _, p := range programs {
		all.Go(func() {
			for range 5 {
				if err := p.Run(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i, p := range programs {
		if !slices.Equal(p.Output().Float32s(), programs[0].Output().Float32s()) {
			t.Errorf("program %d has other outputs than program 0", i)
		}
	}
}
