package session

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/models"
)

// tiny are samples of 4 by 4 that three classes tell apart.
func tiny(t testing.TB, n int) *datasets.Dataset {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	rows, labels := make([]float32, n*16), make([]int, n)
	for i := range n {
		labels[i] = i % 3
		for j := range 16 {
			rows[i*16+j] = float32(rng.NormFloat64()) + float32((labels[i]+j)%3)
		}
	}
	d, err := datasets.New("tiny", []int{4, 4}, rows, labels, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A lab is a session under test, with what it told.
type lab struct {
	*Session
	t    testing.TB
	stop context.CancelFunc
	done chan error

	mu    sync.Mutex
	told  []Message
	heard func(Message) // by the goroutine of Serve; may be nil
}

// open serves a session of a small network on tiny samples, with changes.
func open(t testing.TB, change func(*models.Experiment)) *lab {
	t.Helper()
	return serve(t, Options{
		Name: "relu", Seed: 1, Dataset: "tiny", Open: tinyData(t),
		Change: func(e *models.Experiment) error {
			e.Hidden, e.Activation, e.BatchSize, e.Epochs, e.Scale = []int{8}, layers.ReLU, 8, 5, 1
			if change != nil {
				change(e)
			}
			return nil
		},
	})
}

// serve serves a session, with changes before it begins.
func serve(t testing.TB, o Options, change ...func(*Session)) *lab {
	t.Helper()
	l := &lab{t: t, done: make(chan error, 1)}
	o.Tell = func(m Message) {
		if _, err := json.Marshal(m.Data); err != nil {
			t.Error(err)
		}
		l.mu.Lock()
		l.told = append(l.told, m)
		heard := l.heard
		l.mu.Unlock()
		if heard != nil {
			heard(m)
		}
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range change {
		change(s)
	}
	l.Session = s
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go func() { l.done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-l.done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Error("Serve did not return")
		}
	})
	return l
}

// do carries out a command that must succeed, and is the run that it is of.
func (l *lab) do(c Command) string {
	l.t.Helper()
	a, err := l.Do(context.Background(), c)
	if err != nil {
		l.t.Fatalf("%s: %v", c.Do, err)
	}
	if a, ok := a.(Answer); ok {
		return a.Run
	}
	return ""
}

// run is a run as it is told.
func (l *lab) run(id string) Run {
	l.t.Helper()
	for _, r := range l.State().Runs {
		if r.ID == id {
			return r
		}
	}
	l.t.Fatalf("no run %q", id)
	return Run{}
}

// until waits for a run to be as ok has it.
func (l *lab) until(id string, ok func(Run) bool) Run {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		r := l.run(id)
		if ok(r) {
			return r
		}
		if r.Condition == Failed || time.Now().After(end) {
			l.t.Fatalf("run %s is %s at step %d: %s", id, r.Condition, r.Step, r.Why.EN)
		}
	}
}

func over(r Run) bool { return r.Condition == Done && r.Result != nil }

func TestPlay(t *testing.T) {
	l := open(t, nil)
	id := l.do(Command{Do: "play"})
	r := l.until(id, over)
	if r.Step != 40 || r.Epoch != 5 || r.StepsPerEpoch != 8 || r.Head != 40 || r.Result.Train == nil || *r.Result.Test < .5 || r.InBand != nil {
		t.Errorf("got %+v", r)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	points, epochs, told := 0, 0, Epoch{}
	for _, m := range l.told {
		switch m := m.Data.(type) {
		case Points:
			for _, p := range m.Points {
				if points++; p.Step != uint64(points) {
					t.Errorf("got step %d, want %d", p.Step, points)
				}
			}
		case Epoch:
			if epochs++; m.Epoch <= told.Epoch || m.Step != uint64(8*m.Epoch) {
				t.Errorf("got %+v after %+v", m, told)
			}
			told = m
		}
	}
	if points != 40 || epochs != 5 || told.Epoch != 5 {
		t.Errorf("got %d points and %d epochs up to %d", points, epochs, told.Epoch)
	}
}

func TestStepAndEpoch(t *testing.T) {
	l := open(t, nil)
	id := l.do(Command{Do: "step"})
	if r := l.run(id); r.Step != 1 || r.Condition != Paused {
		t.Errorf("got %+v", r)
	}
	l.do(Command{Do: "epoch"})
	if r := l.until(id, func(r Run) bool { return r.Condition == Paused }); r.Step != 8 || r.Epoch != 1 {
		t.Errorf("got %+v", r)
	}
}

// TestShort starts an experiment of the ladder in short: it is its step, but in no band, and what mends it is the next one's.
func TestShort(t *testing.T) {
	l := serve(t, Options{Seed: 1})
	id := l.do(Command{Do: "start", Experiment: "batch-10000", Short: true})
	l.do(Command{Do: "pause"})
	r := l.run(id)
	if !r.Short || r.Epochs != 10 || r.Samples != 10000 || r.Matches != "batch-10000" || r.Lecture.Train != nil {
		t.Errorf("got %+v", r)
	}
	next := l.do(Command{Do: "change", Run: id, Change: &look.Change{Batch: of(100), Seed: of(look.Seed(3))}})
	if r := l.run(next); r.Matches != "cross-entropy" || !r.Short || r.Settings.Seed != 3 {
		t.Errorf("got %+v", r)
	}
	for _, rung := range l.State().Ladder {
		switch rung.Name {
		case "mse": // that which was opened, as a whole
			if rung.Run == nil || *rung.Run != "r1" {
				t.Errorf("got %+v", rung)
			}
		case "cross-entropy":
			if rung.Run == nil || *rung.Run != next || rung.InBand != nil {
				t.Errorf("got %+v", rung)
			}
		}
	}
	if _, err := l.Do(t.Context(), Command{Do: "start", Experiment: "x"}); err == nil {
		t.Error("x is taken")
	}
	for _, e := range models.Experiments() {
		if n := shortEpochs(e); n < 1 || n >= e.Epochs {
			t.Errorf("%s has %d epochs of %d in short", e.Name, n, e.Epochs)
		}
	}
}

// A branch that is refused leaves no run behind, and one that changes nothing, or two settings that act at different steps, is named by what it changes.
func TestBranchNamed(t *testing.T) {
	l := open(t, nil)
	id := l.do(Command{Do: "epoch"})
	r := l.until(id, func(r Run) bool { return r.Epoch == 1 && !l.State().Playing })
	for range 3 {
		l.do(Command{Do: "step"})
	}
	step := r.Step + 2
	if _, err := l.Do(context.Background(), Command{Do: "branch", Step: &step, Change: &look.Change{Epochs: of(1)}}); err == nil || len(l.State().Runs) != 1 {
		t.Errorf("epochs that are over: got %v and %d runs, want an error and one run", err, len(l.State().Runs))
	}
	for _, c := range []struct {
		change look.Change
		want   string
	}{
		{look.Change{Loss: of("cross-entropy")}, "branch at step 10, "},
		{look.Change{Rate: of(.05), Batch: of(4)}, "batch 4 from step 16, rate 0.05 from step 10, "},
	} {
		b := l.do(Command{Do: "branch", Run: id, Step: &step, Change: &c.change})
		if got, want := l.run(b).Name, strings.Replace(r.Name, "+ ", "+ "+c.want, 1); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		l.do(Command{Do: "remove", Run: b})
	}
}

// What takes minutes to be looked at is refused at once.
func TestTooManyLayers(t *testing.T) {
	l := open(t, nil)
	for _, do := range []string{"check", "change", "branch"} {
		_, err := l.Do(context.Background(), Command{Do: do, Change: &look.Change{Layers: of("dense 3 relu * 16000, dense 3 softmax")}})
		if err == nil || !strings.HasPrefix(err.Error(), "layers: got 1600") {
			t.Errorf("%s: got %v", do, err)
		}
	}
}
