package train_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// blobs is n points of three classes around three corners of the plane, which a small network tells apart.
func blobs(t testing.TB, n int) *datasets.Dataset {
	t.Helper()
	r := rand.New(rand.NewPCG(11, 0))
	rows, labels := make([]float32, 0, 2*n), make([]int, n)
	for i := range n {
		labels[i] = i % 3
		corner := [][2]float64{{0, 0}, {4, 0}, {0, 4}}[labels[i]]
		rows = append(rows, float32(corner[0]+r.NormFloat64()), float32(corner[1]+r.NormFloat64()))
	}
	return dataset(t, []int{2}, rows, labels)
}

func dataset(t testing.TB, shape []int, rows []float32, labels []int) *datasets.Dataset {
	t.Helper()
	d, err := datasets.New("points", shape, rows, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func model(t testing.TB, c graph.Config, layers ...graph.Layer) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(c, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// small is a network for blobs.
func small(t testing.TB, seed uint64) *graph.Model {
	t.Helper()
	return model(t, graph.Config{Input: graph.Floats(2), Seed: seed},
		layers.Dense{Units: 6, Activation: layers.Tanh}, layers.Dropout{Rate: .25}, layers.Dense{Units: 3, Activation: layers.Softmax})
}

func fit(t testing.TB, m *graph.Model, d datasets.Data, c train.Config) *train.History {
	t.Helper()
	history, err := train.Fit(context.Background(), m, d, c)
	if err != nil {
		t.Fatal(err)
	}
	return history
}

func evaluate(t testing.TB, m *graph.Model, d datasets.Data, c train.Config) *train.Evaluation {
	t.Helper()
	e, err := train.Evaluate(context.Background(), m, d, c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// bits are the model's parameters and states, exactly.
func bits(m *graph.Model) []uint64 {
	var all []uint64
	for _, p := range slices.Concat(m.Params(), m.States()) {
		switch w := p.Value.Data().(type) {
		case []float32:
			for _, v := range w {
				all = append(all, uint64(math.Float32bits(v)))
			}
		case []float64:
			for _, v := range w {
				all = append(all, math.Float64bits(v))
			}
		}
	}
	return all
}

// at is an observer that is told of one moment only.
func at(moment train.Moment, f func(*train.Event) error) train.Observer {
	return train.ObserverFunc("test", func(e *train.Event) error {
		if e.Moment != moment {
			return nil
		}
		return f(e)
	})
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*(1+math.Abs(b)) }

// seconds do not repeat; the rest of a history does.
func withoutSeconds(epochs []train.Epoch) []train.Epoch {
	epochs = slices.Clone(epochs)
	for i := range epochs {
		epochs[i].Seconds = 0
	}
	return epochs
}
