package session

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func init() {
	looks["hash"] = func(_ *Session, _ context.Context, r *run, _ Command) (any, error) {
		return hash(r.model.Tensors(), r.optimizer, r.at)
	}
}

// hash is that of all that a run goes on from, every bit of it.
func hash(weights []graph.Param, o optim.Optimizer, at train.Position) (string, error) {
	h := sha256.New()
	write := func(t *tensor.Dense) { _ = binary.Write(h, binary.LittleEndian, t.Data()) }
	for _, p := range weights {
		fmt.Fprintln(h, p.Name)
		write(p.Value)
	}
	state := o.State()
	fmt.Fprintln(h, o.Name(), o.Rate(), state.Steps)
	for _, slot := range slices.Sorted(maps.Keys(state.Slots)) {
		fmt.Fprintln(h, slot)
		for _, t := range state.Slots[slot] {
			write(t)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(state.Numbers)) {
		fmt.Fprintln(h, name, state.Numbers[name])
	}
	text, err := json.Marshal(at)
	fmt.Fprintf(h, "%s", text)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}

// byHand trains a network as an experiment has it, by train.Fit alone, and gives it with its data, with how it was trained, and with what came of that.
func byHand(t *testing.T, e models.Experiment, observers ...train.Observer) (m *graph.Model, fit datasets.Data, how train.Config, came *train.History) {
	t.Helper()
	fit, _, _, err := e.Data(tiny(t, 60), tiny(t, 30), 1)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = e.Model(fit.Info(), 1); err != nil {
		t.Fatal(err)
	}
	if how, err = e.Config(models.RunOptions{Seed: 1, Observers: observers}); err != nil {
		t.Fatal(err)
	}
	held, err := e.Held(tiny(t, 60), 1)
	if err != nil {
		t.Fatal(err)
	}
	if held != nil {
		how.Validation = held
	}
	if came, err = train.Fit(t.Context(), m, fit, how); err != nil {
		t.Fatal(err)
	}
	return m, fit, how, came
}

// hashed notes the hash of each step.
func hashed(of map[uint64]string) train.Observer {
	return train.ObserverFunc("hash", func(ev *train.Event) (err error) {
		if ev.Moment == train.Step || ev.Moment == train.Epochal {
			of[ev.Position.Step], err = hash(ev.Weights(), ev.Config.Optimizer, ev.Position)
		}
		return err
	})
}

// stopped ends a training after a step.
func stopped(step uint64) train.Observer {
	return train.ObserverFunc("stop", func(ev *train.Event) error {
		if ev.Moment == train.Step && ev.Position.Step == step {
			return train.Stop("enough")
		}
		return nil
	})
}

// uninterrupted are the hashes of each step of a training that nobody stopped.
func uninterrupted(t *testing.T, e models.Experiment) map[uint64]string {
	t.Helper()
	of := map[uint64]string{}
	byHand(t, e, hashed(of))
	return of
}

func (l *lab) hash(id string) string {
	l.t.Helper()
	a, err := l.Do(context.Background(), Command{Do: "hash", Run: id})
	if err != nil {
		l.t.Fatal(err)
	}
	return a.(string)
}

func (l *lab) goTo(id string, step uint64) {
	l.t.Helper()
	l.do(Command{Do: "goto", Run: id, Step: &step})
}

func network(t *testing.T, words string) []graph.Layer {
	t.Helper()
	all, err := layers.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// trainings are kinds of which each keeps something else from step to step.
func trainings(t *testing.T) map[string]func(*models.Experiment) {
	return map[string]func(*models.Experiment){
		"sgd":     nil,
		"adam":    func(e *models.Experiment) { e.Optimizer, e.LearningRate = "adam", .01 },
		"dropout": func(e *models.Experiment) { e.Optimizer, e.Dropout = "momentum 0.05", .5; e.LearningRate = 0 },
		"batchnorm": func(e *models.Experiment) {
			e.Layers = network(t, "dense 8, batchnorm, relu, dense 3 softmax")
			e.Hidden, e.Activation = nil, layers.Linear
		},
		"ema": func(e *models.Experiment) { e.Optimizer, e.LearningRate = "ema(adam 0.01) 0.9", 0 },
		"schedule": func(e *models.Experiment) {
			e.Optimizer, e.LearningRate = "clip(scheduled(adamw 0.01) (warmup 9, cosine)) 1", 0
		},
		"plateau": func(e *models.Experiment) {
			e.Optimizer, e.LearningRate, e.Validation = "scheduled(sgd 0.3) (plateau 0.5 patience=1)", 0, .3
		},
		"shards": func(e *models.Experiment) { e.Shards = 2 },
		"noise": func(e *models.Experiment) {
			e.Layers = network(t, "noise 0.5, dense 3 softmax")
			e.Hidden, e.Activation = nil, layers.Linear
		},
	}
}

// TestTimeTravel goes to steps of a run in any order, on from there, and finds the bits of a run that nobody stopped.
func TestTimeTravel(t *testing.T) {
	for name, change := range trainings(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want map[uint64]string
			l := open(t, func(e *models.Experiment) {
				if change != nil {
					change(e)
				}
				want = uninterrupted(t, *e)
			})
			id := l.do(Command{Do: "play"})
			head := l.until(id, over).Head
			if got := l.hash(id); got != want[head] {
				t.Errorf("at the end, step %d: other bits", head)
			}
			rng := rand.New(rand.NewPCG(7, 7))
			for range 25 {
				step := 1 + rng.Uint64N(head)
				l.goTo(id, step)
				if l.hash(id) != want[step] {
					t.Fatalf("at step %d: other bits", step)
				}
				for range rng.IntN(3) {
					if step == head {
						break
					}
					l.do(Command{Do: "step"})
					if step++; l.hash(id) != want[step] {
						t.Fatalf("at step %d, by a step: other bits", step)
					}
				}
				if rng.IntN(4) == 0 { // with no checkpoint on its way
					l.forget(id)
				}
			}
			l.goTo(id, head/2)
			l.do(Command{Do: "play"})
			if r := l.until(id, over); r.Step != head || l.hash(id) != want[head] {
				t.Errorf("at the end again: step %d, other bits", r.Step)
			}
		})
	}
}

// forget drops all checkpoints of a run but the last.
func (l *lab) forget(id string) {
	looks := Command{Do: "forget", Run: id}
	if _, err := l.Do(context.Background(), looks); err != nil {
		l.t.Fatal(err)
	}
}

func init() {
	looks["forget"] = func(s *Session, _ context.Context, r *run, _ Command) (any, error) {
		budget := s.budget
		s.budget = 0
		s.thin()
		s.budget = budget
		return nil, nil
	}
}

func of[T any](v T) *T { return &v }

// TestSegments changes a run on its way, and finds the same bits when it goes there again, with checkpoints and without.
func TestSegments(t *testing.T) {
	changes := []look.Change{
		{Rate: of(.03)}, {Optimizer: of("adam 0.01")}, {Rate: of(.02), Batch: of(5)}, {Loss: of("mse")}, {Activation: of("tanh")}, {Dropout: of(.3)}, {Optimizer: of("ema(adam 0.004) 0.8"), Rate: of(.005)},
		{Activation: of("sigmoid"), Batch: of(16), Epochs: of(9)}, {Optimizer: of("scheduled(momentum 0.1) (warmup 5, cosine)")}, {Rate: of(.2)}, {Loss: of("cross-entropy"), Optimizer: of("adam")},
	}
	l := open(t, nil)
	id := l.State().Current
	rng := rand.New(rand.NewPCG(3, 4))
	want := map[uint64]string{}
	step := uint64(0)
	for _, c := range changes {
		for range 1 + rng.IntN(5) {
			l.do(Command{Do: "step"})
			step++
			want[step] = l.hash(id)
		}
		if got := l.do(Command{Do: "change", Change: &c}); got != id {
			t.Fatalf("%+v: a new run", c)
		}
	}
	l.do(Command{Do: "play"})
	r := l.until(id, over)
	want[r.Head] = l.hash(id)
	delete(want, 0)
	all := slices.Sorted(maps.Keys(want))
	for i := range 60 {
		step := all[rng.IntN(len(all))]
		if i%7 == 0 {
			l.forget(id)
		}
		l.goTo(id, step)
		got := l.hash(id)
		if i%3 == 0 { // through what comes after it
			l.do(Command{Do: "step"})
			l.goTo(id, step)
			got = l.hash(id)
		}
		if r := l.run(id); r.Step != step {
			t.Fatalf("got step %d, want %d", r.Step, step)
		}
		if got != want[step] && !changedAt(r, step) { // where a change is made the state may be before it or after it
			t.Fatalf("at step %d: other bits", step)
		}
	}
	if len(r.Segments) < len(changes) {
		t.Errorf("got the segments %+v", r.Segments)
	}
}

// TestChangedAsByHand changes a run after its 11th step, and finds the bits of train.Fit that is stopped there and begun again with what was changed: the optimizer's running values stay where its kind does, and the
// epoch's mean is that of the new loss alone.
func TestChangedAsByHand(t *testing.T) {
	const step = 11
	for name, c := range map[string]struct {
		change look.Change
		same   func(*models.Experiment)
	}{
		"rate":      {look.Change{Rate: of(.03)}, func(e *models.Experiment) { e.LearningRate = .03 }},
		"optimizer": {look.Change{Optimizer: of("momentum"), Rate: of(.05)}, func(e *models.Experiment) { e.Optimizer, e.LearningRate = "momentum", .05 }},
		"loss":      {look.Change{Loss: of("mse")}, func(e *models.Experiment) { e.Loss = losses.MSE{} }},
	} {
		var e models.Experiment
		l := open(t, func(x *models.Experiment) {
			x.Optimizer, x.LearningRate = "adam", .01
			e = *x
		})
		id := l.State().Current
		for range step {
			l.do(Command{Do: "step"})
		}
		l.do(Command{Do: "change", Change: &c.change})
		l.do(Command{Do: "play"})
		l.until(id, over)

		m, fit, config, history := byHand(t, e, stopped(step))
		was, at := config.Optimizer, history.Position
		c.same(&e)
		want := map[uint64]string{}
		if name == "loss" {
			at.Loss, at.Mass, at.More = 0, 0, nil
		}
		var err error
		if config, err = e.Config(models.RunOptions{Seed: 1, Start: at, Observers: []train.Observer{hashed(want)}}); err != nil {
			t.Fatal(err)
		}
		if config.Optimizer, err = optim.New(e.Optimizer, e.LearningRate); err != nil {
			t.Fatal(err)
		}
		if name != "optimizer" {
			if err := config.Optimizer.SetState(was.State()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := train.Fit(t.Context(), m, fit, config); err != nil {
			t.Fatal(err)
		}
		for _, step := range []uint64{12, 16, 20, 40} {
			l.goTo(id, step)
			if l.hash(id) != want[step] {
				t.Errorf("%s: step %d: other bits", name, step)
			}
		}
	}
}

func changedAt(r Run, step uint64) bool {
	return slices.ContainsFunc(r.Segments, func(s Segment) bool { return s.Step == step })
}

// TestBranch changes a run in its past, which makes another one of the bits that it would have had if it had been changed there the first time.
func TestBranch(t *testing.T) {
	l := open(t, nil)
	id := l.do(Command{Do: "play"})
	l.until(id, over)
	l.goTo(id, 13)
	end := l.hash(id)
	b := l.do(Command{Do: "change", Change: &look.Change{Rate: of(.01), Optimizer: of("adam")}})
	if r := l.run(b); b == id || r.Parent != id || r.ParentStep != 13 || r.Step != 13 || len(r.Segments) != 2 || l.State().Current != b {
		t.Fatalf("got %+v", r)
	}
	l.do(Command{Do: "play", Run: b})
	l.until(b, over)
	if l.goTo(id, 13); l.hash(id) != end {
		t.Error("the branch moved its parent")
	}
	if r := l.run(id); r.Head != 40 || len(r.Segments) != 1 {
		t.Errorf("the parent is %+v", r)
	}

	other := open(t, nil)
	again := other.State().Current
	for range 13 {
		other.do(Command{Do: "step"})
	}
	other.do(Command{Do: "change", Change: &look.Change{Rate: of(.01), Optimizer: of("adam")}})
	other.do(Command{Do: "play"})
	other.until(again, over)
	for _, step := range []uint64{14, 20, 40} {
		l.goTo(b, step)
		other.goTo(again, step)
		if l.hash(b) != other.hash(again) {
			t.Errorf("step %d of the branch has other bits", step)
		}
	}
}

func init() {
	looks["tested"] = func(_ *Session, ctx context.Context, r *run, _ Command) (any, error) {
		result, err := r.evaluate(ctx, 0)
		if err != nil {
			return nil, err
		}
		return result.Test.Loss, nil
	}
}

// TestManyRuns has more runs than models in memory: each is where it was when it is looked at again.
func TestManyRuns(t *testing.T) {
	l := open(t, func(e *models.Experiment) {
		e.Optimizer, e.LearningRate, e.Validation, e.Patience = "ema(adam 0.01) 0.9", 0, .3, 1
	})
	first := l.do(Command{Do: "play"})
	end := l.until(first, over)
	want := map[string]string{first: l.hash(first)}
	for i := range 2 * maxAwake {
		id := l.do(Command{Do: "branch", Run: first, Step: of(uint64(i)), Change: &look.Change{Rate: of(.01 * float64(i+2))}})
		for range i % 3 {
			l.do(Command{Do: "step"})
		}
		want[id] = l.hash(id)
	}
	awake := ask[int](l, Command{Do: "awake"})
	if awake > maxAwake+1 || len(want) != 2*maxAwake+1 {
		t.Errorf("%d models of %d runs are in memory", awake, len(want))
	}
	for range 2 {
		for id, bits := range want {
			if l.hash(id) != bits {
				t.Errorf("run %s: other bits", id)
			}
		}
	}
	if r := l.run(first); r.Condition != Done || *r.Result.Test != *end.Result.Test {
		t.Errorf("got %+v", r)
	}
}

func init() {
	looks["awake"] = func(s *Session, _ context.Context, _ *run, _ Command) (any, error) {
		n := 0
		for _, r := range s.runs {
			if r.model != nil {
				n++
			}
		}
		return n, nil
	}
}

func init() {
	looks["held"] = func(_ *Session, _ context.Context, r *run, _ Command) (any, error) { return r.held, nil }
}

// TestHeld steps, plays and pauses within one Fit, whose programs are kept, and looks at the averages of the weights in between: the bits are those of a run that nobody stopped.
func TestHeld(t *testing.T) {
	var want map[uint64]string
	l := open(t, func(e *models.Experiment) {
		e.Optimizer, e.LearningRate, e.Epochs = "ema(adam 0.01) 0.9", 0, 400
		want = uninterrupted(t, *e)
	})
	id := l.State().Current
	for i := range 40 {
		c := []Command{{Do: "step"}, {Do: "step"}, {Do: "epoch"}, {Do: "play", Speed: of(2000.0)}}[i%4]
		before := l.run(id).Step
		l.do(c)
		if c.Do == "play" {
			l.until(id, func(r Run) bool { return r.Step > before })
			l.do(Command{Do: "pause"})
		}
		r := l.until(id, func(r Run) bool { return r.Condition == Paused })
		if c.Do == "step" && r.Step != before+1 || r.Step <= before {
			t.Errorf("%s came from step %d to step %d", c.Do, before, r.Step)
		}
		l.do(Command{Do: "apart"})
		l.do(Command{Do: "predict", Sample: 1})
		if !ask[bool](l, Command{Do: "held"}) {
			t.Fatalf("%s to step %d: Fit is over", c.Do, r.Step)
		}
		if got := l.hash(id); got != want[r.Step] {
			t.Fatalf("%s to step %d: other bits", c.Do, r.Step)
		}
	}
	if l.goTo(id, 3); ask[bool](l, Command{Do: "held"}) {
		t.Error("Fit waits for who went elsewhere")
	}
	l.do(Command{Do: "play", Speed: of(0.0)})
	if r := l.until(id, over); l.hash(id) != want[r.Head] {
		t.Error("at the end: other bits")
	}
}
