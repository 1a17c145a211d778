package train_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// saved is what a run must keep to be taken up again, as it would come back from a file.
type saved struct {
	weights  []*tensor.Dense
	state    optim.State
	position string
	epochs   []train.Epoch
}

func save(t *testing.T, e *train.Event) saved {
	t.Helper()
	position, err := json.Marshal(e.Position)
	if err != nil {
		t.Fatal(err)
	}
	s := saved{state: e.Config.Optimizer.State(), position: string(position), epochs: slices.Clone(e.History.Epochs)}
	for _, p := range slices.Concat(e.Model.Params(), e.Model.States()) {
		s.weights = append(s.weights, p.Value.Clone().(*tensor.Dense))
	}
	return s
}

// resume goes on from s with a model and an optimizer that know nothing else.
func (s saved) resume(t *testing.T, m *graph.Model, optimizer optim.Optimizer, c train.Config) *train.Config {
	t.Helper()
	for i, p := range slices.Concat(m.Params(), m.States()) {
		if err := tensor.Copy(p.Value, s.weights[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := optimizer.SetState(s.state); err != nil {
		t.Fatal(err)
	}
	c.Optimizer, c.Start = optimizer, train.Position{}
	if err := json.Unmarshal([]byte(s.position), &c.Start); err != nil {
		t.Fatal(err)
	}
	return &c
}

// TestResume: a run that is cut at any step, or at the end of any epoch, and taken up again ends in the bits of one that
// was never stopped, and has shown the same figures; also where it is cut several times.
func TestResume(t *testing.T) {
	data := blobs(t, 23)
	base := train.Config{BatchSize: 5, Epochs: 3, Seed: 7, Validation: data}
	const steps = 15
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range append(optim.Names(), "ema(clip(scheduled(nadam weight-decay=0.1) (warmup 4, cosine)) 0.5) 0.7", "scheduled momentum (plateau 0.5 1)") {
		for _, float64s := range []bool{false, true} {
			fresh := func(seed uint64) (*graph.Model, optim.Optimizer) {
				o, err := optim.New(name, .03)
				if err != nil {
					t.Fatal(err)
				}
				return model(t, graph.Config{Input: graph.Floats(2), Seed: seed, Float64: float64s},
					layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Dropout{Rate: .3}, layers.Dense{Units: 3, Activation: layers.Softmax}), o
			}
			whole, optimizer := fresh(3)
			c := base
			c.Optimizer = optimizer
			want := fit(t, whole, data, c)

			var cuts []saved
			keep := func(e *train.Event) error {
				cuts = append(cuts, save(t, e))
				return nil
			}
			again, optimizer := fresh(3)
			c.Optimizer, c.Observers = optimizer, []train.Observer{at(train.Begin, keep), at(train.Step, keep), at(train.Epochal, keep)}
			fit(t, again, data, c)
			if len(cuts) != 1+steps+3 {
				t.Fatalf("%d cuts", len(cuts))
			}
			check := func(where string, m *graph.Model, epochs []train.Epoch) {
				t.Helper()
				if !slices.Equal(bits(m), bits(whole)) {
					t.Errorf("%s, float64 %v, %s: other bits than without a stop", name, float64s, where)
				}
				if got, want := withoutSeconds(epochs), withoutSeconds(want.Epochs); !reflect.DeepEqual(got, want) {
					t.Errorf("%s, float64 %v, %s: epochs %+v, want %+v", name, float64s, where, got, want)
				}
			}
			for _, cut := range cuts {
				m, optimizer := fresh(3)
				history := fit(t, m, data, *cut.resume(t, m, optimizer, base))
				check("cut at "+cut.position, m, append(cut.epochs, history.Epochs...))
			}

			// Several cuts in one run, each with a stop in good order.
			m, optimizer := fresh(3)
			c = base
			c.Optimizer = optimizer
			var epochs []train.Epoch
			for stopped := true; stopped; {
				stopAt := c.Start.Step + 1 + r.Uint64N(6)
				var cut saved
				c.Observers = []train.Observer{at(train.Step, func(e *train.Event) error {
					if e.Position.Step < stopAt {
						return nil
					}
					cut = save(t, e)
					return train.Stop("cut")
				})}
				history, err := train.Fit(context.Background(), m, data, c)
				if err != nil {
					t.Fatal(err)
				}
				epochs = append(epochs, history.Epochs...)
				if stopped = history.Stopped != ""; stopped {
					m, optimizer = fresh(3)
					c = *cut.resume(t, m, optimizer, base)
				}
			}
			check("cut several times", m, epochs)
		}
	}
}

// TestResumeShards: the same with shards, a state, weights and ignored samples.
func TestResumeShards(t *testing.T) {
	data := weighted(t, 23)
	base := train.Config{BatchSize: 5, Epochs: 2, Seed: 7, Shards: 3, Validation: data}
	var cuts []saved
	keep := func(e *train.Event) error { cuts = append(cuts, save(t, e)); return nil }
	whole, c := everything(t, false), base
	wrapped := func() optim.Optimizer {
		return optimizer(t, "ema(clip(scheduled(adam 0.01) (warmup 3, cosine)) 0.5) 0.7")
	}
	c.Optimizer, c.Observers = wrapped(), []train.Observer{at(train.Begin, keep), at(train.Step, keep), at(train.Epochal, keep)}
	want := fit(t, whole, data, c)
	if len(cuts) != 1+10+2 {
		t.Fatalf("%d cuts", len(cuts))
	}
	for _, cut := range cuts {
		m := everything(t, false)
		history := fit(t, m, data, *cut.resume(t, m, wrapped(), base))
		if epochs := append(cut.epochs, history.Epochs...); !slices.Equal(bits(m), bits(whole)) || !reflect.DeepEqual(withoutSeconds(epochs), withoutSeconds(want.Epochs)) {
			t.Errorf("cut at %s: other bits or figures than without a stop", cut.position)
		}
	}
}

// TestStartShowsRunningFigures: an observer that is told of the beginning sees what the epoch has come to.
func TestStartShowsRunningFigures(t *testing.T) {
	data := blobs(t, 10)
	start := train.Position{Batch: 1, Step: 1, Loss: 8, Mass: 4, Sums: [][]float64{{1, 4}}, Seen: 4}
	var begin train.Metrics
	fit(t, small(t, 1), data, train.Config{BatchSize: 4, Start: start, Observers: []train.Observer{
		at(train.Begin, func(e *train.Event) error { begin = e.Running; return nil }),
	}})
	if want := (train.Metrics{Loss: 2, Scores: []train.Score{{Name: "accuracy", Value: .25}}}); !reflect.DeepEqual(begin, want) {
		t.Errorf("got %+v, want %+v", begin, want)
	}
}

// TestStartAtTheEnd: nothing is left to do.
func TestStartAtTheEnd(t *testing.T) {
	m := small(t, 1)
	before := bits(m)
	history := fit(t, m, blobs(t, 10), train.Config{BatchSize: 4, Epochs: 2, Start: train.Position{Epoch: 2, Step: 6}})
	if len(history.Epochs) != 0 || history.Position.Step != 6 || !slices.Equal(before, bits(m)) {
		t.Errorf("got %+v", history)
	}
}

// FuzzStart: any place at all is either refused or gone on from, and a run that goes on makes the steps that are left.
//
// Without the last flag Go's minimisation starves it: go test ./graph/train -run - -fuzz '^FuzzStart$' -fuzzminimizetime 1x
func FuzzStart(f *testing.F) {
	for _, s := range [][4]int64{{0, 0, 0, 0}, {1, 2, 5, 8}, {1, 3, 6, 10}, {0, 3, 3, 9}, {0, 4, 4, 10}, {-1, 0, 0, 0}, {0, -1, 0, 0}, {2, 0, 6, 0}, {1 << 62, 0, 0, 0}, {9, 0, 27, 0}, {0, 1, 7, 4}, {0, 1, 1, -4}} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, epoch, batch, step, seen int64) {
		start := train.Position{Epoch: int(epoch), Batch: int(batch), Step: uint64(step), Seen: int(seen)}
		history, err := train.Fit(context.Background(), small(t, 1), blobs(t, 10), train.Config{BatchSize: 4, Epochs: 2, Start: start})
		fits := epoch >= 0 && epoch < 1<<60 && batch >= 0 && batch <= 3 && seen == min(4*batch, 10) && step == 3*epoch+batch
		if fits != (err == nil) {
			t.Fatalf("%+v: error %v", start, err)
		}
		if err != nil {
			if !history.Position.Equal(start) {
				t.Errorf("refused %+v and stands at %+v", start, history.Position)
			}
			return
		}
		if want := max(start.Step, 6); history.Position.Step != want {
			t.Errorf("from %+v: %d steps, want %d", start, history.Position.Step, want)
		}
	})
}

// TestResumeSeveralTargets: the figures of several targets, of which unequal numbers count, go on, too.
func TestResumeSeveralTargets(t *testing.T) {
	k := tasks(t)["two inputs, two outputs"]
	base := train.Config{Loss: k.loss, BatchSize: 7, Epochs: 2, Shards: 2}
	start := k.model.Clone()
	want := fit(t, k.model, k.data, base)
	c, m := base, start.Clone()
	var cut saved
	c.Observers = []train.Observer{at(train.Step, func(e *train.Event) error {
		if e.Position.Step < 8 {
			return nil
		}
		cut = save(t, e)
		return train.Stop("cut")
	})}
	fit(t, m, k.data, c)
	again := start.Clone()
	got := fit(t, again, k.data, *cut.resume(t, again, &optim.SGD{}, base))
	if epochs := append(cut.epochs, got.Epochs...); !slices.Equal(bits(again), bits(k.model)) || !reflect.DeepEqual(withoutSeconds(epochs), withoutSeconds(want.Epochs)) {
		t.Errorf("got %+v, want %+v", epochs, want.Epochs)
	}
}
