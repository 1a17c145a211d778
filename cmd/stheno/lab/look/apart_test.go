package look

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// until trains a subject to a step, and leaves its optimizer and position there.
func until(t *testing.T, s *Subject, step uint64, observers ...train.Observer) {
	t.Helper()
	config, err := s.Experiment.Config(models.RunOptions{Seed: s.Seed, Start: s.At})
	if err != nil {
		t.Fatal(err)
	}
	if s.Optimizer == nil {
		s.Optimizer = config.Optimizer
	}
	config.Optimizer = s.Optimizer
	config.Observers = append(observers, train.ObserverFunc("stop", func(e *train.Event) error {
		if e.Moment == train.Step && e.Position.Step == step {
			return train.Stop("there")
		}
		return nil
	}))
	history, err := train.Fit(t.Context(), s.Model, s.Fit, config)
	if err != nil {
		t.Fatal(err)
	}
	s.At = history.Position
}

func values(t *testing.T, params []graph.Param) (all []float32) {
	for _, p := range params {
		all = append(all, p.Value.Float32s()...)
	}
	return all
}

// The step that is taken apart is the one that is made next, to the bit, and taking it apart moves neither the model nor the optimizer.
func TestTakenApartIsTheNextStep(t *testing.T) {
	for name, how := range map[string]func(*models.Experiment){
		"dropout": func(e *models.Experiment) { e.Hidden = []int{30, 20} },
		"relu": func(e *models.Experiment) {
			e.Hidden, e.Optimizer, e.LearningRate = []int{30, 20}, "clip(scheduled(adam 0.01) (warmup 20, cosine)) 0.5", 0
		},
	} {
		e := experiment(t, name)
		e.TrainSamples, e.BatchSize, e.Epochs = 230, 20, 3 // of which the last batch is smaller
		how(&e)
		s := untrained(t, e)
		for _, step := range []uint64{0, 5, 11, 12, 23} {
			if step > s.At.Step {
				until(t, s, step)
			}
			before := values(t, s.Model.Tensors())
			var state optim.State
			if s.Optimizer != nil {
				state = s.Optimizer.State()
			}
			a, err := TakeApart(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(values(t, s.Model.Tensors()), before) || s.Optimizer != nil && !reflect.DeepEqual(s.Optimizer.State(), state) {
				t.Fatalf("%s, step %d: what was looked at has moved", name, step)
			}
			finite(t, a)
			recorder := &inspect.Recorder{At: []uint64{step}, Tensors: true}
			var rows []int
			var rate float64
			until(t, s, step+1, recorder, train.ObserverFunc("rows", func(e *train.Event) error {
				if e.Moment == train.Step {
					rows, rate = slices.Clone(e.Batch.Rows), e.Rate
				}
				return nil
			}))
			want := recorder.Snapshots[0]
			if a.Step != step || float64(a.Loss.Mean) != want.Loss || !slices.Equal(a.Rows, rows) || a.Size != want.Batch || len(a.Loss.PerSample) != want.Batch {
				t.Errorf("%s: got step %d of %d samples %v with loss %v, want %d of %d %v with %v", name, a.Step, a.Size, a.Rows, a.Loss.Mean, step, want.Batch, rows, want.Loss)
			}
			sum := 0.0
			for _, v := range a.Loss.PerSample {
				sum += float64(v)
			}
			if math.Abs(sum/float64(a.Size)-want.Loss) > 1e-5*math.Abs(want.Loss) {
				t.Errorf("%s, step %d: the samples' losses are %v on average, the batch's %v", name, step, sum/float64(a.Size), want.Loss)
			}
			for i, l := range want.Layers {
				if a.Layers[i].Name != l.Name || a.Layers[i].Forward != histOf(l.Output) {
					t.Errorf("%s, step %d, %s: got %+v", name, step, l.Name, a.Layers[i])
				}
			}
			updates := a.Update
			for i := len(want.Layers) - 1; i >= 0; i-- {
				l := want.Layers[i]
				at := slices.IndexFunc(a.Backward, func(b Backward) bool { return b.Name == l.Name })
				if at < 0 {
					t.Fatalf("%s: nothing comes back to %s", name, l.Name)
				}
				b := a.Backward[at]
				if len(l.Params) > 0 && (b.GradNorm == nil || float64(*b.GradNorm) != l.GradNorm()) || !reflect.DeepEqual(b.Gradient, optional(l.Grad)) {
					t.Errorf("%s, step %d: %s has %+v, want the norm %v", name, step, l.Name, b, l.GradNorm())
				}
			}
			for _, l := range want.Layers {
				for _, p := range l.Params {
					u := updates[0]
					updates = updates[1:]
					if u.Name != l.Name || u.Param != p.Name || float64(*u.UpdateNorm) != p.Update || float64(u.Rate) != rate {
						t.Errorf("%s, step %d: got the update %+v, want %s %s %v at %v", name, step, u, l.Name, p.Name, p.Update, rate)
					}
				}
			}
			if a.Backward[0].Name != want.Layers[len(want.Layers)-1].Name {
				t.Errorf("%s comes back first", a.Backward[0].Name)
			}
			if len(a.Batch) != min(10, a.Size) || a.Batch[0].Picture == nil || len(a.Loss.Probabilities) != len(a.Batch) || len(a.Loss.Probabilities[0]) != 10 {
				t.Errorf("%s, step %d: got %d samples, %d probabilities", name, step, len(a.Batch), len(a.Loss.Probabilities))
			}
		}
	}
}

// A step whose loss is not finite says so.
func TestApartDiverged(t *testing.T) {
	e := experiment(t, "relu")
	e.Hidden, e.TrainSamples = []int{8}, 100
	s := untrained(t, e)
	s.Model.Params()[0].Value.Float32s()[300] = float32(math.NaN())
	if _, err := TakeApart(t.Context(), s); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("got %v", err)
	}
}

// finite is an error where the JSON of what is shown cannot be written, or is not read back as it was.
func finite(t *testing.T, shown any) []byte {
	t.Helper()
	text, err := json.Marshal(shown)
	if err != nil {
		t.Fatalf("%T: %v", shown, err)
	}
	if strings.Contains(string(text), "NaN") || strings.Contains(string(text), "Inf") {
		t.Errorf("%T: %s", shown, text)
	}
	return text
}

// Convolutions, attention, layers over time and networks of another end are taken apart, too.
func TestApartOfEveryExperiment(t *testing.T) {
	for _, name := range []string{"lenet", "row-lstm", "row-transformer", "autoencoder"} {
		e := experiment(t, name)
		e.TrainSamples, e.BatchSize = 30, 12
		s := untrained(t, e)
		a, err := TakeApart(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := finite(t, a)
		if len(a.Layers) != len(s.Model.Layers()) || len(a.Update) != len(s.Model.Params()) || len(text) > 2<<20 {
			t.Errorf("%s: got %d layers and %d updates in %d bytes", name, len(a.Layers), len(a.Update), len(text))
		}
	}
}
