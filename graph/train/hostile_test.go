package train_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// weighing is a loss whose positions count what it is told.
type weighing struct {
	losses.MSE
	weigh func(weights []float64)
}

func (w weighing) Weigh(_ *tensor.Dense, weights []float64) { w.weigh(weights) }

// many is data that says to be more than there is.
type many struct {
	datasets.Data
	n int
}

func (m many) Len() int { return m.n }

// loudMetric panics.
type loudMetric struct{ train.MAE }

func (loudMetric) Name() string { return "loud" }
func (loudMetric) Add([]float64, graph.OutputInfo, *tensor.Dense, *tensor.Dense) []float64 {
	panic("no")
}

// TestForeignPartsAreErrors gives Fit, Evaluate and Predict losses, metrics, starts and data that misbehave: an error says which, nothing panics, and nothing is trained on weights that are
// none.
func TestForeignPartsAreErrors(t *testing.T) {
	data, err := datasets.NewArrays("few", []datasets.Array{{Name: "x", Shape: []int{3}, Floats: make([]float32, 30)}}, []datasets.Array{{Name: "y", Shape: []int{2}, Floats: make([]float32, 20)}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	every := func(w float64) weighing {
		return weighing{weigh: func(weights []float64) {
			for i := range weights {
				weights[i] = w
			}
		}}
	}
	one := func(w float64) weighing { return weighing{weigh: func(weights []float64) { weights[1] = w }} }
	begun := func(p train.Position) train.Position { p.Batch, p.Step, p.Seen = 1, 1, 4; return p }
	fit := func(c train.Config, data datasets.Data) error {
		if c.Loss == nil {
			c.Loss = losses.MSE{}
		}
		c.BatchSize = 4
		_, err := train.Fit(context.Background(), m.Clone(), data, c)
		return err
	}
	_, huge := train.Predict(context.Background(), m, many{data, math.MaxInt})
	_, long := train.Evaluate(context.Background(), m, many{data, 1 << 50}, train.Config{Loss: losses.MSE{}})
	_, loud := train.Evaluate(context.Background(), m, data, train.Config{Loss: losses.MSE{}, Metrics: []train.Metric{loudMetric{}}})
	for _, c := range []struct {
		name, want string
		err        error
	}{
		{"weights of NaN", "mse: its Weigh gives position 1 a weight of NaN", fit(train.Config{Loss: one(math.NaN())}, data)},
		{"a negative weight", "position 1 a weight of -1", fit(train.Config{Loss: one(-1)}, data)},
		{"negative weights", "position 0 a weight of -1", fit(train.Config{Loss: every(-1)}, data)},
		{"an infinite sum", "a finite sum", fit(train.Config{Loss: every(1e308)}, data)},
		{"a Weigh that panics", "its Weigh panicked", fit(train.Config{Loss: weighing{weigh: func(w []float64) { w[1000] = 1 }}}, data)},
		{"the same in shards", "its Weigh panicked", fit(train.Config{Shards: 2, Loss: weighing{weigh: func(w []float64) { w[1000] = 1 }}}, data)},
		{"sums of no metric", "metric mae: its Add panicked", fit(train.Config{Start: begun(train.Position{Sums: [][]float64{{}}})}, data)},
		{"the same in shards", "metric mae: its Add panicked", fit(train.Config{Shards: 2, Start: begun(train.Position{Sums: [][]float64{{}}})}, data)},
		{"losses of more targets", "a start with the losses of 3 targets, and a loss of 1", fit(train.Config{Start: begun(train.Position{More: make([][2]float64, 2)})}, data)},
		{"a metric that panics", "metric loud: its Add panicked: no", loud},
		{"data without end", "of memory", fit(train.Config{}, many{data, math.MaxInt})},
		{"predicting them", "of memory", huge},
		{"evaluating long ones", "of memory", long},
	} {
		var diverged *train.DivergedError
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) || errors.As(c.err, &diverged) {
			t.Errorf("%s: got %v, want an error with %q", c.name, c.err, c.want)
		}
	}
	weights := make([]float64, 1)
	losses.CrossEntropy{}.Weigh(tensor.New(tensor.WithBacking([]int32{-1, 1, 1})), weights)
	if weights[0] != 0 || len(datasets.Shuffle(-1, 0, 0)) != 0 {
		t.Errorf("got weight %v, want 0 of a class to be ignored, and an empty order of -1 samples", weights[0])
	}
}
