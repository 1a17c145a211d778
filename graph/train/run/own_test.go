package run

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/randomnet"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// twoToTwo are samples with two inputs and two targets, one of them a class.
func twoToTwo(t testing.TB) datasets.Data {
	t.Helper()
	var left, right, sum []float32
	var side []int32
	for i := range 23 {
		a, b := float32(i%5)-2, float32(i%7)-3
		left, right, sum, side = append(left, a, a*a), append(right, b), append(sum, a+b), append(side, int32(i%2))
	}
	data, err := datasets.NewArrays("two", []datasets.Array{{Name: "left", Shape: []int{2}, Floats: left}, {Name: "right", Shape: []int{1}, Floats: right}},
		[]datasets.Array{{Name: "sum", Shape: []int{1}, Floats: sum}, {Name: "side", IDs: side}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// swish is x·σ(βx).
type swish struct{ Beta float64 }

func (s swish) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	return b.Node(gorgonia.HadamardProd(x, b.Node(gorgonia.Sigmoid(b.Node(gorgonia.HadamardProd(x, b.Constant(s.Beta)))))))
}

// unheard has no word.
type unheard struct{ swish }

// twice is an optimizer without words.
type twice struct{ *optim.SGD }

func (twice) Name() string { return "twice" }

// ends is a loss without words.
type ends struct{ losses.MSE }

func (ends) Name() string { return "ends" }

// a case of anybody's training: what makes the model and how it is trained, anew each time.
type anybodys struct {
	name  string
	model func() (*graph.Model, error)
	how   func() train.Config
	data  func(testing.TB) datasets.Data
	own   []string
}

func everybodys() []anybodys {
	table := func(t testing.TB) datasets.Data {
		x := tensor.New(tensor.WithShape(20, 3), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 60))).Float32s()
		y := make([]float32, 20)
		for i := range x {
			x[i] = x[i]/30 - 1
			y[i/3] += x[i]
		}
		data, err := datasets.NewArrays("table", []datasets.Array{{Name: "x", Shape: []int{3}, Floats: x}}, []datasets.Array{{Name: "y", Shape: []int{1}, Floats: y}})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	chain := func(c graph.Config, all ...graph.Layer) func() (*graph.Model, error) {
		return func() (*graph.Model, error) { return graph.NewModel(c, all...) }
	}
	three := graph.Config{Input: graph.Floats(3), Seed: 5}
	return []anybodys{
		{"a regression", chain(three, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dropout{Rate: .25}, layers.Dense{Units: 1}), func() train.Config {
			return train.Config{Loss: losses.Huber{Delta: .5}, Optimizer: &optim.Adam{Beta1: .8}, BatchSize: 6, Epochs: 3, Seed: 9, Metrics: []train.Metric{train.RMSE{}, train.MAE{}}}
		}, table, nil},
		{"in float64, in shards", chain(graph.Config{Input: graph.Floats(3), Seed: 5, Float64: true}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dense{Units: 1}), func() train.Config {
			return train.Config{Loss: losses.MSE{}, Optimizer: &optim.SGD{Momentum: .5}, BatchSize: 7, Epochs: 3, Shards: 2}
		}, table, nil},
		{"defaults", chain(three, layers.Dense{Units: 1}), func() train.Config { return train.Config{Loss: losses.MSE{}} }, table, nil},
		{"two inputs, two outputs", func() (*graph.Model, error) {
			var n graph.Net
			l, r := n.Input("left", graph.Floats(2)), n.Input("right", graph.Floats(1))
			h := n.Add(layers.Dense{Units: 5, Activation: layers.Tanh}, n.Add(layers.Concat{}, l, r))
			n.Output("sum", n.Add(layers.Dense{Units: 1}, h))
			n.Output("side", n.Add(layers.Dense{Units: 2, Activation: layers.Softmax}, h))
			return graph.NewModel(graph.Config{Seed: 2}, &n)
		}, func() train.Config {
			return train.Config{Loss: losses.Each{"sum": {Loss: losses.MSE{}, Weight: .5}, "side": {Loss: losses.CrossEntropy{}}}, Optimizer: &optim.RMSProp{}, BatchSize: 5, Epochs: 3, Seed: 1}
		}, twoToTwo, nil},
		{"a network without words", chain(three, layers.Dense{Units: 4}, unheard{swish{2}}, layers.Dense{Units: 1}), func() train.Config {
			return train.Config{Loss: losses.MSE{}, Optimizer: &optim.Adam{}, BatchSize: 6, Epochs: 3}
		}, table, []string{"network"}},
		{"nothing with words", chain(three, graph.LayerFunc("same", func(_ *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x }), layers.Dense{Units: 1}), func() train.Config {
			return train.Config{Loss: ends{}, Optimizer: twice{&optim.SGD{Momentum: .9}}, BatchSize: 6, Epochs: 3}
		}, table, []string{"network", "loss", "optimizer"}},
	}
}

// TestAnybodysRun: a run of any model and data is kept, stopped at each of its steps, gone on with, and leaves byte for byte what one leaves that was never stopped.
func TestAnybodysRun(t *testing.T) {
	for _, c := range everybodys() {
		t.Run(c.name, func(t *testing.T) {
			data := c.data(t)
			begin := func(dir string, stop ...train.Observer) Config {
				m, err := c.model()
				if err != nil {
					t.Fatal(err)
				}
				how := c.how()
				config, err := NewConfig(c.name, m, data, how)
				if err != nil {
					t.Fatal(err)
				}
				rec, err := Create(dir, config, Options{Every: Every{Steps: 2}, disk: unsynced{}})
				if err != nil {
					t.Fatal(err)
				}
				fit(t, rec, m, data, how, stop...)
				return config
			}
			whole := filepath.Join(t.TempDir(), "whole")
			config := begin(whole)
			if !slices.Equal(config.Experiment.Own, c.own) {
				t.Errorf("%q have no words, want %q", config.Experiment.Own, c.own)
			}
			want := files(t, whole)
			for step := uint64(1); step < 9; step++ {
				dir := filepath.Join(t.TempDir(), "run")
				begin(dir, stopAt(step))
				rec, err := Resume(dir, "", 0, Options{disk: unsynced{}})
				if errors.Is(err, ErrFinished) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				m, how := again(t, c, rec.Folder().Config)
				how.Start = rec.Start()
				fit(t, rec, m, data, how)
				sameFiles(t, want, files(t, dir))
				if t.Failed() {
					t.Fatalf("stopped after step %d", step)
				}
			}
			f, err := Open(whole)
			if err != nil {
				t.Fatal(err)
			}
			at, err := f.Checkpoint("latest")
			if err != nil {
				t.Fatal(err)
			}
			var build func(Config) (*graph.Model, error)
			if slices.Contains(c.own, "network") {
				_, _, err := f.Model(at, nil)
				mustFail(t, err, whole, c.name+" has no words for its network", "only the program that trained it can make")
				build = func(Config) (*graph.Model, error) { return c.model() }
			}
			m, _, err := f.Model(at, build)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := train.NewPredictor(m); err != nil || len(p.Outputs()) == 0 {
				t.Error(err)
			}
			if r, err := f.Result(); err != nil || r.Train == nil || slices.ContainsFunc(r.Train.Scores, func(s train.Score) bool { return s.Name == "accuracy" }) {
				t.Errorf("the result is %+v, %v", r, err)
			}
		})
	}
}

// again is the model and the training of a configuration, or the program's own where that has no words.
func again(t *testing.T, c anybodys, config Config) (*graph.Model, train.Config) {
	t.Helper()
	m, err := config.Model()
	if slices.Contains(c.own, "network") {
		mustFail(t, err, c.name, "no words for its network")
		m, err = c.model()
	}
	if err != nil {
		t.Fatal(err)
	}
	how, err := config.Training()
	if slices.Contains(c.own, "loss") {
		mustFail(t, err, c.name, "no words for its loss")
		how, err = c.how(), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, how
}

// fit trains with a recorder, and keeps the result of a run that comes to its end.
func fit(t *testing.T, rec *Recorder, m *graph.Model, data datasets.Data, how train.Config, stop ...train.Observer) {
	t.Helper()
	how.Observers = append(stop, rec)
	_, err := train.Fit(t.Context(), m, data, how)
	var ended *stopped
	if err == nil {
		var e *train.Evaluation
		if e, err = train.Evaluate(t.Context(), m, data, train.Config{Loss: how.Loss, Metrics: how.Metrics}); err == nil {
			err = rec.Finish(Result{Train: &e.Metrics})
		}
	} else if errors.As(err, &ended) {
		err = nil
	}
	if err = errors.Join(err, rec.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherModel: the recorder refuses another model than the configuration's, at the beginning, whether it has words or not.
func TestAnotherModel(t *testing.T) {
	three := graph.Config{Input: graph.Floats(3), Seed: 5}
	for _, c := range everybodys() {
		if len(c.own) == 0 && c.name != "a regression" {
			continue
		}
		for says, other := range map[string][]graph.Layer{
			"network in line": {layers.Dense{Units: 6}, unheard{swish{2}}, layers.Dense{Units: 1}},
			"the run's":       {layers.Dense{Units: 1}},
		} {
			dir := filepath.Join(t.TempDir(), "run")
			m, err := c.model()
			if err != nil {
				t.Fatal(err)
			}
			how := c.how()
			config, err := NewConfig(c.name, m, c.data(t), how)
			if err != nil {
				t.Fatal(err)
			}
			rec, err := Create(dir, config, Options{disk: unsynced{}})
			if err != nil {
				t.Fatal(err)
			}
			if m, err = graph.NewModel(three, other...); err != nil {
				t.Fatal(err)
			}
			how.Observers = []train.Observer{rec}
			_, err = train.Fit(t.Context(), m, c.data(t), how)
			mustFail(t, err, dir, says, "in its configuration")
			rec.Close()
		}
	}
}

// TestRandomNetworksInRuns: 40 random networks go through a configuration and a checkpoint, and say the same to the bit.
func TestRandomNetworksInRuns(t *testing.T) {
	for seed := range uint64(40) {
		c, all := randomnet.New(seed)
		m, err := graph.NewModel(c, all...)
		if err != nil {
			t.Fatal(err)
		}
		config, err := NewConfig("random", m, samples(t, 1), train.Config{Loss: losses.MSE{}})
		if err != nil {
			t.Fatal(err)
		}
		config.Saving.Keep = 1
		text, err := config.encode()
		if err != nil {
			t.Fatal(err)
		}
		read, err := parseConfig(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Params() { // others than the seed draws
			for i := range p.Value.Shape().TotalSize() {
				switch x := p.Value.Data().(type) {
				case []float32:
					x[i] += .25
				case []float64:
					x[i] += .25
				}
			}
		}
		want, err := randomnet.Said(m)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := SaveWeights(path, m); err != nil {
			t.Fatal(err)
		}
		again, err := read.Model()
		if err == nil {
			err = LoadWeights(path, again)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := randomnet.Said(again); err != nil || !slices.Equal(got, want) {
			t.Errorf("seed %d: got\n%s\n%v, want\n%s", seed, strings.Join(got, "\n"), err, strings.Join(want, "\n"))
		}
	}
}
