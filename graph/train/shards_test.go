package train_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// shift subtracts the moving mean that the steps before have left, and adds a tenth of Σw² of its scale to the loss.
var shift = graph.LayerFunc("shift", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	mean := b.State("mean", graph.Zeros, graph.Features(x))
	scale := b.Param("scale", graph.GlorotUniform, graph.Features(x), graph.Features(x))
	b.Penalty(b.Node(gorgonia.Mul(b.Constant(.1), b.Node(gorgonia.Sum(b.Node(gorgonia.Square(scale)))))))
	if b.Training() {
		b.Update(mean, b.Node(ops.Lerp(mean, b.Node(ops.MeanRows(x)), .9)))
	}
	return b.Node(ops.MatMul(b.Node(ops.SubRow(x, mean)), scale, false, false))
})

// everything is a network with all that must not show how a batch was cut: masks, a skip, a state, a penalty.
func everything(t testing.TB, float64s bool) *graph.Model {
	t.Helper()
	return model(t, graph.Config{Input: graph.Floats(17), Seed: 5, Float64: float64s},
		layers.Dense{Units: 64, Activation: layers.Tanh}, shift, layers.Dropout{Rate: .3},
		layers.Residual{layers.Dense{Units: 64, Activation: layers.ReLU}, layers.Dropout{Rate: .2}}, layers.Dense{Units: 3, Activation: layers.Softmax})
}

// weighted are samples of three classes, some to be ignored, each with a weight.
func weighted(t testing.TB, n int) *datasets.Arrays {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 0))
	x, y, w := make([]float32, 17*n), make([]int32, n), make([]float64, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range y {
		y[i], w[i] = int32(r.IntN(4))-1, float64(r.IntN(3))
	}
	data := arrays(t, []datasets.Array{{Name: "x", Shape: []int{17}, Floats: x}}, []datasets.Array{{Name: "class", IDs: y}})
	data, err := data.Weighted(w)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func arrays(t testing.TB, inputs, targets []datasets.Array) *datasets.Arrays {
	t.Helper()
	a, err := datasets.NewArrays("arrays", inputs, targets)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestShardsAddUp: in however many shards a batch is run, loss, gradients, states and metrics are those of the whole but for rounding.
func TestShardsAddUp(t *testing.T) {
	data := weighted(t, 47) // the last batch is one sample, which is not cut
	for _, float64s := range []bool{false, true} {
		run := func(shards int) (all [][]float64) {
			m := everything(t, float64s)
			history := fit(t, m, data, train.Config{
				Loss: losses.CrossEntropy{Weights: []float64{1, .5, 3}}, Optimizer: &optim.SGD{LearningRate: optim.Zero},
				BatchSize: 23, Epochs: 2, Shards: shards,
				Observers: []train.Observer{at(train.Backward, func(e *train.Event) error {
					all = append(all, []float64{e.Loss})
					for _, g := range e.Gradients() {
						v, err := g.Grad()
						if err != nil {
							return err
						}
						all = append(all, numbers(v.(*tensor.Dense)))
					}
					if len(e.Batch.Weights) != e.Batch.Len() || len(e.Batch.Rows) != e.Batch.Len() {
						return fmt.Errorf("a batch of %d with %d weights of %d rows", e.Batch.Len(), len(e.Batch.Weights), len(e.Batch.Rows))
					}
					for i, row := range e.Batch.Rows {
						var want [1]int32
						if err := data.Read(datasets.Batch{Targets: []datasets.Values{{IDs: want[:]}}}, []int{row}, datasets.Draw{}); err != nil {
							return err
						}
						if got := e.Batch.Targets[0].Int32s()[i]; got != want[0] {
							return fmt.Errorf("sample %d of the batch has class %d, row %d of the data %d", i, got, row, want[0])
						}
					}
					return nil
				}), at(train.Step, func(e *train.Event) error {
					all = append(all, numbers(e.Model.States()[0].Value))
					return nil
				})},
			})
			for _, e := range history.Epochs {
				all = append(all, []float64{e.Running.Loss, e.Running.Accuracy()})
			}
			return all
		}
		tolerance := 1e-6
		if float64s {
			tolerance = 1e-12
		}
		want := run(1)
		for _, shards := range []int{2, 3, 4, 7, 23} {
			for i, got := range run(shards) {
				if d := distance(got, want[i]); !(d <= tolerance) {
					t.Errorf("float64 %v, %d shards: number list %d of %d: off by %.2g, want at most %v", float64s, shards, i, len(want), d, tolerance)
				}
			}
		}
	}
}

// distance is the largest difference, over max(1, |b|).
func distance(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i])/max(1, math.Abs(b[i])))
	}
	return d
}

func numbers(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return slices.Clone(t.Float64s())
	}
	wide := make([]float64, len(t.Float32s()))
	for i, v := range t.Float32s() {
		wide[i] = float64(v)
	}
	return wide
}

// TestShardsRepeat: so many shards are one set of bits, for any threads, whoever looks at the gradients; another number is another.
func TestShardsRepeat(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	data := weighted(t, 250)
	run := func(shards, threads int, optimizer optim.Optimizer, looks bool) []uint64 {
		parallel.SetThreads(threads)
		m := everything(t, false)
		look := at(train.Backward, func(e *train.Event) error {
			for _, g := range e.Gradients() {
				if _, err := g.Grad(); err != nil {
					return err
				}
			}
			return nil
		})
		c := train.Config{Optimizer: optimizer, BatchSize: 100, Epochs: 2, Shards: shards}
		if looks {
			c.Observers = []train.Observer{look}
		}
		fit(t, m, data, c)
		return bits(m)
	}
	for name, o := range map[string]func() optim.Optimizer{
		"sgd":  func() optim.Optimizer { return &optim.SGD{LearningRate: .1} },
		"adam": func() optim.Optimizer { return &optim.Adam{} },
	} {
		one, four := run(1, 1, o(), false), run(4, 1, o(), false)
		if slices.Equal(one, four) {
			t.Errorf("%s: one shard and four have the same bits: were there four?", name)
		}
		for threads := 1; threads <= 3; threads++ {
			for _, looks := range []bool{false, true} {
				if !slices.Equal(run(1, threads, o(), looks), one) || !slices.Equal(run(4, threads, o(), looks), four) {
					t.Errorf("%s, %d threads, gradients looked at: %v: other bits", name, threads, looks)
				}
			}
		}
	}
}
