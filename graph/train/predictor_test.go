package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

func predictor(t testing.TB, m *graph.Model) *train.Predictor {
	t.Helper()
	p, err := train.NewPredictor(m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func floats32(shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(draws(rand.New(rand.NewPCG(4, 0)), tensor.Shape(shape).TotalSize())))
}

// TestPredictorSizes: a sample's outputs are the same in whatever company it is asked for, and those of Predict.
func TestPredictorSizes(t *testing.T) {
	for _, float64s := range []bool{false, true} {
		m := model(t, graph.Config{Input: graph.Floats(3, 2), Seed: 1, Float64: float64s}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dropout{Rate: .5}, layers.Dense{Units: 2, Activation: layers.Softmax})
		p := predictor(t, m)
		x := floats32(1025, 3, 2)
		data := dataset(t, []int{3, 2}, x.Float32s(), make([]int, 1025))
		want, err := train.Predict(context.Background(), m, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 3, 512, 513, 1025} {
			in := tensor.New(tensor.WithShape(n, 3, 2), tensor.WithBacking(x.Float32s()[:6*n]))
			got, err := p.Predict(in)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || !got[0].Shape().Eq(tensor.Shape{n, 3, 2}) || distance(numbers(got[0]), numbers(want)[:6*n]) > 1e-6 {
				t.Errorf("float64 %v, %d samples: got %v of shape %v", float64s, n, got, got[0].Shape())
			}
			wide := tensor.New(tensor.WithShape(n, 3, 2), tensor.WithBacking(numbers(in)))
			if again, err := p.Predict(wide); err != nil || !slices.Equal(again[0].Float32s(), got[0].Float32s()) {
				t.Errorf("float64 %v, %d samples in float64: other outputs, %v", float64s, n, err)
			}
		}
		one, err := p.One(x.Float32s()[6:12])
		if err != nil || distance(wideOf(one), numbers(want)[6:12]) > 1e-6 {
			t.Errorf("One: got %v, %v", one, err)
		}
	}
}

func wideOf(x []float32) []float64 {
	w := make([]float64, len(x))
	for i, v := range x {
		w[i] = float64(v)
	}
	return w
}

// TestPredictorAtOnce: eight goroutines ask one Predictor, for samples and batches, others evaluate the model, and then it trains on: nobody sees anything of it.
func TestPredictorAtOnce(t *testing.T) {
	m, data := small(t, 3), blobs(t, 40)
	p := predictor(t, m)
	x := floats32(37, 2)
	want, err := p.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		for n := 1; n <= 37; n += 6 {
			got, err := p.Predict(tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(x.Float32s()[:2*n])))
			if err != nil {
				return err
			}
			if distance(numbers(got[0]), numbers(want[0])[:3*n]) > 1e-6 {
				return fmt.Errorf("%d samples: other outputs", n)
			}
			if one, err := p.One(x.Float32s()[:2]); err != nil || distance(wideOf(one), numbers(want[0])[:3]) > 1e-6 {
				return fmt.Errorf("one sample: got %v, %v", one, err)
			}
		}
		return nil
	}
	together := func(beside ...func()) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := ask(); err != nil {
					t.Error(err)
				}
			})
		}
		for _, f := range beside {
			all.Go(f)
		}
		all.Wait()
	}
	first := evaluate(t, m, data, train.Config{})
	judge := func() {
		for range 3 {
			if e, err := train.Evaluate(context.Background(), m, data, train.Config{BatchSize: 9}); err != nil || e.Accuracy() != first.Accuracy() {
				t.Errorf("evaluated %+v, %v", e, err)
			}
		}
	}
	together(judge, judge)

	// Beside a run: one that was made before has the old weights, one that an observer made those of its moment.
	var inside *train.Predictor
	var then []float32
	together(func() {
		_, err := train.Fit(context.Background(), m, data, train.Config{BatchSize: 5, Epochs: 4, Optimizer: &optim.Adam{LearningRate: .1}, Observers: []train.Observer{
			at(train.Epochal, func(e *train.Event) error {
				if e.Position.Epoch != 2 {
					return nil
				}
				p, err := train.NewPredictor(e.Model)
				if err != nil {
					return err
				}
				inside = p
				then, err = p.One([]float32{1, 2})
				return err
			}),
		}})
		if err != nil {
			t.Error(err)
		}
	})
	if now, err := inside.One([]float32{1, 2}); err != nil || !slices.Equal(now, then) {
		t.Errorf("a predictor made in an observer: %v, then %v, %v", then, now, err)
	}
	after, err := predictor(t, m).One([]float32{1, 2})
	if err != nil || slices.Equal(after, then) {
		t.Errorf("a predictor made afterwards says what one made in the second epoch did: %v, %v", after, err)
	}
}

func TestPredictorMisuse(t *testing.T) {
	flat, ids := predictor(t, small(t, 1)), predictor(t, model(t, graph.Config{Input: graph.Ints(4)}, bag(11, 2)))
	var n graph.Net
	a, b := n.Input("a", graph.Floats(2)), n.Input("b", graph.Floats(2))
	n.Output("y", n.Add(layers.Sum{}, a, b))
	two := predictor(t, model(t, graph.Config{}, &n))
	words := func(shape ...int) *tensor.Dense {
		return tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Int32))
	}
	view, err := floats32(4, 4).Slice(nil, tensor.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	beyond := words(1, 4)
	beyond.Int32s()[3] = 11
	const shape = `want [samples,…] of samples of shape`
	for i, c := range []struct {
		p    *train.Predictor
		in   []*tensor.Dense
		want string
	}{
		{flat, nil, `got 0 inputs, want 1: "x"`},
		{two, []*tensor.Dense{floats32(1, 2)}, `got 1 inputs, want 2: "a", "b"`},
		{flat, []*tensor.Dense{nil}, `input "x": got nil`},
		{flat, []*tensor.Dense{tensor.New(tensor.FromScalar(float32(1)))}, "got nil, a scalar"},
		{flat, []*tensor.Dense{floats32(3)}, "got shape (3) of float32, " + shape + " (2)"},
		{flat, []*tensor.Dense{floats32(1, 3)}, "got shape (1, 3) of float32, " + shape + " (2)"},
		{flat, []*tensor.Dense{words(1, 2)}, "in float32 or float64"},
		{flat, []*tensor.Dense{tensor.New(tensor.WithShape(1, 2), tensor.Of(tensor.Int))}, "got shape (1, 2) of int"},
		{flat, []*tensor.Dense{view.(*tensor.Dense)}, "clone it"},
		{flat, []*tensor.Dense{tensor.New(tensor.WithShape(3, 2), tensor.AsFortran(make([]float32, 6)))}, "column-major"},
		{ids, []*tensor.Dense{floats32(1, 4)}, "in int32"},
		{ids, []*tensor.Dense{beyond}, "got id 11, want 0 to 10"},
		{two, []*tensor.Dense{floats32(3, 2), floats32(2, 2)}, `input "b": got shape (2, 2)`},
		{nil, []*tensor.Dense{floats32(1, 2)}, "want what NewPredictor returned"},
		{&train.Predictor{}, []*tensor.Dense{floats32(1, 2)}, "want what NewPredictor returned"},
	} {
		if _, err := c.p.Predict(c.in...); err == nil || !strings.HasPrefix(err.Error(), "train: predictor: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("case %d: got error %v, want one with %q", i, err, c.want)
		}
	}
	for want, f := range map[string]func() ([]float32, error){
		"got 3 values, want 2": func() ([]float32, error) { return flat.One(make([]float32, 3)) },
		"want Predict":         func() ([]float32, error) { return two.One(make([]float32, 2)) },
		"want Predict ":        func() ([]float32, error) { return ids.One(make([]float32, 4)) },
		"NewPredictor":         func() ([]float32, error) { return (*train.Predictor)(nil).One(nil) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("One: got error %v, want one with %q", err, want)
		}
	}
	for _, m := range []*graph.Model{nil, {}} {
		if _, err := train.NewPredictor(m); err == nil || !strings.Contains(err.Error(), "graph.NewModel") {
			t.Errorf("no model: %v", err)
		}
	}
	// After a refusal it answers as before; ids need not be padded by an id of 0.
	if got, err := ids.Predict(words(3, 4)); err != nil || got[0].Shape()[0] != 3 {
		t.Errorf("after a refusal: %v", err)
	}
}

// TestPredictorAllocatesLittle: an answer costs little more than its own numbers.
func TestPredictorAllocatesLittle(t *testing.T) {
	p := predictor(t, model(t, graph.Config{Input: graph.Floats(784)}, layers.Dense{Units: 64, Activation: layers.ReLU}, layers.Dense{Units: 10, Activation: layers.Softmax}))
	x := make([]float32, 784)
	bytes := bytesPer(100, func() {
		if _, err := p.One(x); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d bytes a call", bytes)
	if bytes > 4<<10 {
		t.Errorf("%d bytes a call, want at most 4 KiB", bytes)
	}
}

// bytesPer is what a call of f allocates, once it is warm.
func bytesPer(calls int, f func()) uint64 {
	for range 3 {
		f()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		f()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / uint64(calls)
}
