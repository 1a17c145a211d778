package session

import (
	"context"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// TestMillionSteps keeps what a run of a million steps leaves behind.
func TestMillionSteps(t *testing.T) {
	s := &Session{budget: 100 * 8}
	r := &run{id: "r1", segments: []*segment{{}}}
	s.runs = []*run{r}
	value := tensor.New(tensor.WithBacking(make([]float32, 2)))
	told := 0
	for step := uint64(1); step <= 1_000_000; step++ {
		r.point(Point{Step: step})
		if step%50 == 0 {
			told += len(r.flushed())
		}
		if step%100 == 0 {
			r.checkpoints = append(r.checkpoints, &checkpoint{step: step, tensors: []*tensor.Dense{value}, bytes: 8})
			s.thin()
		}
		if at := (train.Position{Epoch: int(step / 100), Batch: int(step % 100)}); marked(10_000, 100, step, at) {
			r.remember(&inspect.Snapshot{Step: step})
		}
	}
	if n := len(r.points); n > maxPoints || n < maxPoints/2-1 || r.points[0].Step != 1 || told > 25_000 {
		t.Errorf("got %d points from %d on, %d told", n, r.points[0].Step, told)
	}
	for i, p := range r.points[1:] {
		if p.Step-r.points[i].Step != r.stride {
			t.Fatalf("point %d is of step %d after %d, want each %d", i+1, p.Step, r.points[i].Step, r.stride)
		}
	}
	if n := len(r.snapshots); n < mostMarked || n > mostMarked+len(marks) {
		t.Errorf("got %d snapshots", n)
	}
	if n := len(r.checkpoints); n != 100 || r.checkpoints[n-1].step != 1_000_000 {
		t.Fatalf("got %d checkpoints up to %d", n, r.checkpoints[n-1].step)
	}
	gap := func(i int) uint64 { return r.checkpoints[i+1].step - r.checkpoints[i].step }
	if early, late := gap(0), gap(97); early < 10*late {
		t.Errorf("the first two checkpoints are %d apart, the last %d: want old ones sparser", early, late)
	}
	s.budget = math.MaxInt64
	for step := uint64(1); step <= 3000; step++ {
		r.checkpoints = append(r.checkpoints, &checkpoint{step: 1_000_000 + step})
		s.thin()
	}
	if n := len(r.checkpoints); n != maxCheckpoints {
		t.Errorf("got %d checkpoints", n)
	}
}

// faulty are samples that a program cannot read from some moment on.
type faulty struct {
	datasets.Data
	fault *atomic.Bool
}

func (f faulty) Read(b datasets.Batch, rows []int, d datasets.Draw) error {
	if f.fault.Load() {
		panic("a fault of the program")
	}
	return f.Data.Read(b, rows, d)
}

// TestFaults has what a run is made of panic: the run fails, which is told, and the lab goes on.
func TestFaults(t *testing.T) {
	fault := &atomic.Bool{}
	l := serve(t, Options{
		Name: "relu", Seed: 1, Dataset: "tiny",
		Open: func(models.Experiment) (datasets.Data, datasets.Data, error) {
			return faulty{tiny(t, 60), fault}, tiny(t, 30), nil
		},
		Change: func(e *models.Experiment) error {
			e.Hidden, e.BatchSize, e.Epochs, e.Scale = []int{4}, 8, 1_000_000, 1
			return nil
		},
	})
	id := l.do(Command{Do: "play"})
	l.until(id, func(r Run) bool { return r.Step > 20 })
	fault.Store(true)
	for end := time.Now().Add(time.Minute); l.run(id).Condition != Failed; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("got %+v", l.run(id))
		}
	}
	if said, n := last[Said](l); n == 0 || said.Level != "error" || !strings.Contains(said.Text.EN, "a fault of the program") || said.Text.ZH == "" {
		t.Errorf("got %+v", said)
	}
	if _, err := l.Do(t.Context(), Command{Do: "predict", Sample: 1}); err != nil {
		t.Errorf("the model is gone: %v", err)
	}
	if _, err := l.Do(t.Context(), Command{Do: "play"}); err == nil || !strings.Contains(err.Error(), "failed") {
		t.Errorf("got %v", err)
	}
	fault.Store(false)
	l.goTo(id, 3)
	l.do(Command{Do: "step"})
	if r := l.run(id); r.Step != 4 || r.Condition != Paused {
		t.Errorf("got %+v", r)
	}
	if _, err := l.Do(t.Context(), Command{Do: "panics"}); err == nil || !strings.Contains(err.Error(), "internal fault") {
		t.Errorf("got %v", err)
	}
}

func init() {
	looks["panics"] = func(*Session, context.Context, *run, Command) (any, error) { panic("a fault of a look") }
}

// TestDiverged has a loss that is no number: a result, from which one can go back.
func TestDiverged(t *testing.T) {
	l := open(t, func(e *models.Experiment) { e.LearningRate = 1e30 })
	id := l.do(Command{Do: "play"})
	r := l.until(id, func(r Run) bool { return r.Condition == Diverged })
	if r.Why.EN == "" || r.Step == 0 {
		t.Errorf("got %+v", r)
	}
	if _, err := l.Do(t.Context(), Command{Do: "play"}); err == nil || !strings.Contains(err.Error(), "diverged") {
		t.Errorf("got %v", err)
	}
	l.goTo(id, 0)
	if r := l.run(id); r.Condition != Paused || r.Step != 0 {
		t.Errorf("got %+v", r)
	}
	l.do(Command{Do: "play"})
	if again := l.until(id, func(r Run) bool { return r.Condition == Diverged }); again.Step != r.Step {
		t.Errorf("it diverged at step %d, and at %d the first time", again.Step, r.Step)
	}
}
