package inspect

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// data is 50 samples of 4 values in 3 classes that a network can tell apart.
func data(t testing.TB) *datasets.Dataset {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var rows []float32
	var labels []int
	for i := range 50 {
		labels = append(labels, i%3)
		for j := range 4 {
			x := r.NormFloat64() / 3
			if j == i%3 {
				x++
			}
			rows = append(rows, float32(x))
		}
	}
	d, err := datasets.New("blobs", []int{4}, rows, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fit(t testing.TB, m *graph.Model, c train.Config) {
	t.Helper()
	if _, err := train.Fit(context.Background(), m, data(t), c); err != nil {
		t.Fatal(err)
	}
}

func config(observers ...train.Observer) train.Config {
	return train.Config{Optimizer: &optim.Adam{}, BatchSize: 20, Epochs: 4, Seed: 5, Observers: observers}
}

// 50 samples in batches of 20 make three steps an epoch, the third of 10: twelve steps.
func TestRecorderDoesNotChangeTheRun(t *testing.T) {
	for name, layers := range networks {
		alone := network(t, 1, layers...)
		fit(t, alone, config())
		for _, r := range []*Recorder{{Every: 1}, {Every: 5, Tensors: true, Pass: true}, {At: []uint64{0, 2}}} {
			watched := network(t, 1, layers...)
			fit(t, watched, config(r))
			if len(r.Snapshots) == 0 {
				t.Fatalf("%s: nothing was recorded", name)
			}
			for i, p := range watched.Params() {
				if !slices.EqualFunc(p.Value.Float32s(), alone.Params()[i].Value.Float32s(), func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
					t.Errorf("%s: with a recorder, %s ends in other bits", name, p.Name)
				}
			}
		}
	}
}

func TestRecorderRecordsTheRun(t *testing.T) {
	for name, layers := range networks {
		type step struct {
			weights, grads []*tensor.Dense
			loss           float64
		}
		var steps []step
		var updates [][]float64
		eye := train.ObserverFunc("eye", func(e *train.Event) error {
			switch e.Moment {
			case train.Backward:
				s := step{loss: e.Loss}
				for _, g := range e.Gradients() {
					grad, err := g.Grad()
					if err != nil {
						return err
					}
					s.weights = append(s.weights, g.Value().(*tensor.Dense).Clone().(*tensor.Dense))
					s.grads = append(s.grads, grad.(*tensor.Dense).Clone().(*tensor.Dense))
				}
				steps = append(steps, s)
			case train.Step:
				var d []float64
				for i, p := range e.Model.Params() {
					sum := 0.0
					for j, w := range p.Value.Float32s() {
						v := float64(w) - float64(steps[len(steps)-1].weights[i].Float32s()[j])
						sum += v * v
					}
					d = append(d, math.Sqrt(sum))
				}
				updates = append(updates, d)
			}
			return nil
		})
		r := &Recorder{Every: 1, Tensors: true}
		m := network(t, 1, layers...)
		fit(t, m, config(r, eye))
		if len(r.Snapshots) != 12 {
			t.Fatalf("%s: got %d snapshots, want 12", name, len(r.Snapshots))
		}
		for i, s := range r.Snapshots {
			if s.Step != uint64(i) || s.Epoch != i/3 || s.Batch != []int{20, 20, 10}[i%3] || !s.Stepped {
				t.Errorf("%s: snapshot %d: got step %d, epoch %d, batch %d, stepped %v", name, i, s.Step, s.Epoch, s.Batch, s.Stepped)
			}
			if s.Loss != steps[i].loss {
				t.Errorf("%s: snapshot %d: loss %v, the run's %v", name, i, s.Loss, steps[i].loss)
			}
			n := 0
			for _, l := range s.Layers {
				for _, p := range l.Params {
					if !equal(p.Value.Tensor, steps[i].weights[n]) || !equal(p.Grad.Tensor, steps[i].grads[n]) {
						t.Errorf("%s: snapshot %d: %s.%s: value or gradient is not the run's", name, i, l.Name, p.Name)
					}
					if want := updates[i][n]; math.Abs(p.Update-want) > 1e-12*want || want == 0 {
						t.Errorf("%s: snapshot %d: %s.%s moved by %v, want %v", name, i, l.Name, p.Name, p.Update, want)
					}
					n++
				}
			}
			if n != len(m.Params()) {
				t.Errorf("%s: snapshot %d has %d parameters, the model %d", name, i, n, len(m.Params()))
			}
		}
		if name == "swish" {
			w := r.Snapshots[3].Watched
			if len(w) != 1 || w[0].Name != "swish_1.gate" || w[0].Grad == nil || w[0].Value.Max >= 1 || w[0].Value.Min <= 0 {
				t.Errorf("the watched gate: got %+v", w)
			}
		}
	}
}

func equal(a, b *tensor.Dense) bool {
	return a.Shape().Eq(b.Shape()) && slices.Equal(a.Float32s(), b.Float32s())
}

// What was recorded must stay as it was while Gorgonia uses its registers again.
func TestRecordedCopiesDoNotChange(t *testing.T) {
	sums := map[*Snapshot]uint64{}
	r := &Recorder{Every: 1, Tensors: true}
	r.Each = func(s *Snapshot) error { sums[s] = checksum(s); return nil }
	for _, layers := range networks {
		r.Snapshots = nil
		m := network(t, 1, layers...)
		fit(t, m, config(r))
		fit(t, m, config())
		for _, s := range r.Snapshots {
			if checksum(s) != sums[s] {
				t.Errorf("the snapshot of step %d changed after it was taken", s.Step)
			}
		}
	}
	if len(sums) != 12*len(networks) {
		t.Errorf("Each was called %d times, want %d", len(sums), 12*len(networks))
	}
}

func checksum(s *Snapshot) uint64 {
	h := fnv.New64a()
	add := func(a *Array) {
		if a != nil {
			fmt.Fprint(h, a.Tensor.Float32s(), a.Stats)
		}
	}
	for i := range s.Layers {
		l := &s.Layers[i]
		add(&l.Output)
		add(l.Grad)
		for j := range l.Params {
			add(&l.Params[j].Value)
			add(&l.Params[j].Grad)
		}
	}
	for i := range s.Watched {
		add(&s.Watched[i].Value)
		add(s.Watched[i].Grad)
	}
	return h.Sum64()
}

func TestRecorderSchedule(t *testing.T) {
	for want, r := range map[string]*Recorder{
		"[]":         {},
		"[0 5 10]":   {Every: 5},
		"[0 1 7]":    {At: []uint64{7, 0, 1, 99}},
		"[0 3 6 9]":  {Epochs: true},
		"[0 2 6 11]": {Every: 6, At: []uint64{11, 2}},
	} {
		fit(t, network(t, 1, networks["sigmoid"]...), config(r))
		steps := []uint64{}
		for _, s := range r.Snapshots {
			steps = append(steps, s.Step)
		}
		if got := fmt.Sprint(steps); got != want {
			t.Errorf("got snapshots at %s, want %s", got, want)
		}
	}
}

func TestRecorderPassesOnAnError(t *testing.T) {
	full := errors.New("disk full")
	r := &Recorder{At: []uint64{4}, Each: func(*Snapshot) error { return full }}
	_, err := train.Fit(context.Background(), network(t, 1, networks["sigmoid"]...), data(t), config(r))
	if !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
}

// A scalar node has no tensor to copy: that is an error which names it.
func TestWatchedScalar(t *testing.T) {
	mean := graph.LayerFunc("mean", raw(func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		m, err := gorgonia.Mean(x)
		if err != nil {
			return nil, err
		}
		b.Watch("all", m)
		return gorgonia.Tanh(x)
	}))
	s, err := Take(network(t, 1, layers.Dense{Units: 3}, mean, layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(2, 4, 3, 1), 0)
	if err != nil {
		t.Fatal(err)
	}
	w, x := s.Watched[0], s.Layers[0].Output
	if w.Name != "mean_1.all" || w.Value.Count != 1 || math.Abs(w.Value.Mean-x.Mean) > 1e-6 || w.Value.Tensor == nil {
		t.Errorf("got %+v, want the mean of what dense_1 puts out, %v", w, x.Mean)
	}
}

// The shares, against a count by hand.
func TestUnits(t *testing.T) {
	for a, want := range map[layers.Activation][2]float64{layers.Sigmoid: {.5, 0}, layers.Tanh: {.5, 0}, layers.ReLU: {0, .5}, layers.Linear: {}} {
		u := newUnits(a, 4)
		u.add(tensor.New(tensor.WithShape(2, 4), tensor.WithBacking([]float32{0, .5, .001, 0, 0, .3, .995, 0})))
		got := [2]float64{u.saturated(), u.dead()}
		if a == layers.Sigmoid {
			want[0] = 6. / 8
		}
		if a == layers.Tanh {
			want[0] = 1. / 8
		}
		if got != want {
			t.Errorf("%v: got saturated, dead %v, want %v", a, got, want)
		}
	}
}

// A pass counts as dead what no sample wakes, over several batches.
func TestPass(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 3, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
	w := m.Params()[0].Value.Float32s() // [4,3]
	clear(w)
	w[0], w[1] = 1, -1 // unit 0 wakes where the first value is above 0, unit 1 where it is below, unit 2 never
	rows := make([]float32, 4*1201)
	for i := range 1201 {
		rows[4*i] = 1
	}
	labels := make([]int, 1201)
	rows[4*1200] = -1 // the one sample that wakes unit 1 is in the last batch
	d, err := datasets.New("ones", []int{4}, rows, labels, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Take(m, losses.CrossEntropy{}, must(train.NewBatch(m, losses.CrossEntropy{}, d, []int{0, 1, 2})), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Layers[0].Dead; got != 2./3 || s.Layers[0].Pass {
		t.Errorf("on the batch: got %v dead, want 2/3", got)
	}
	if err := s.Pass(context.Background(), m, d); err != nil {
		t.Fatal(err)
	}
	if got := s.Layers[0].Dead; got != 1./3 || !s.Layers[0].Pass {
		t.Errorf("over the data: got %v dead, want 1/3", got)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Pass(stopped, m, d); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if err := s.Pass(context.Background(), network(t, 1, networks["swish"]...), d); err == nil {
		t.Error("another model's snapshot: got no error")
	}
}

func TestUpdateRatio(t *testing.T) {
	p := Param{Value: Array{Stats: Stats{Norm: 4}}, Update: 1}
	if p.UpdateRatio() != .25 {
		t.Errorf("got %v, want .25", p.UpdateRatio())
	}
	if p.Value.Norm = 0; !math.IsNaN(p.UpdateRatio()) {
		t.Errorf("of zeros: got %v, want NaN", p.UpdateRatio())
	}
}

// The lecture's network, batch 100: what a snapshot costs.
func BenchmarkSnapshot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	rows := make([]float32, 784*100)
	for i := range rows {
		rows[i] = r.Float32()
	}
	labels := make([]int, 100)
	for i := range labels {
		labels[i] = i % 10
	}
	d, err := datasets.New("noise", []int{784}, rows, labels, nil)
	if err != nil {
		b.Fatal(err)
	}
	for name, rec := range map[string]*Recorder{"none": nil, "stats": {Every: 1}, "tensors": {Every: 1, Tensors: true}, "not-now": {At: []uint64{1 << 40}}} {
		b.Run(name, func(b *testing.B) {
			dense := func(n int, a layers.Activation) graph.Layer { return layers.Dense{Units: n, Activation: a} }
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(784), Seed: 1}, dense(633, layers.Sigmoid), dense(633, layers.Sigmoid), dense(633, layers.Sigmoid), dense(10, layers.Softmax))
			if err != nil {
				b.Fatal(err)
			}
			c := train.Config{Optimizer: &optim.SGD{LearningRate: .1}, BatchSize: 100, Epochs: b.N}
			if rec != nil {
				rec.Each = func(*Snapshot) error { rec.Snapshots = nil; return nil }
				c.Observers = []train.Observer{rec}
			}
			b.ResetTimer()
			if _, err := train.Fit(context.Background(), m, d, c); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
