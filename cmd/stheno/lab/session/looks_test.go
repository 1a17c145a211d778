package session

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/models"
)

// ask is what a look answers.
func ask[T any](l *lab, c Command) T {
	l.t.Helper()
	a, err := l.Do(context.Background(), c)
	if err != nil {
		l.t.Fatalf("%s: %v", c.Do, err)
	}
	if _, err := json.Marshal(a); err != nil {
		l.t.Fatalf("%s: %v", c.Do, err)
	}
	return a.(T)
}

// last is the newest message of a kind.
func last[T any](l *lab) (last T, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.told {
		if v, ok := m.Data.(T); ok {
			last = v
			n++
		}
	}
	return last, n
}

// TestLayersAreInspects compares what is told of a step, of a pause, and of a step taken apart with what inspect says of the same network elsewhere.
func TestLayersAreInspects(t *testing.T) {
	var e models.Experiment
	l := open(t, func(of *models.Experiment) {
		of.Hidden, of.Dropout, of.Optimizer, of.LearningRate = []int{8, 8}, .2, "adam", .01
		e = *of
	})
	const step = 13
	recorder := &inspect.Recorder{At: []uint64{step, step + 1}}
	byHand(t, e, recorder, stopped(step+2))

	id := l.State().Current
	for range step {
		l.do(Command{Do: "step"})
	}
	before := l.hash(id)
	a := ask[*look.Apart](l, Command{Do: "apart"})
	if l.hash(id) != before {
		t.Error("taking a step apart moved the run")
	}
	l.do(Command{Do: "step"})
	told, _ := last[Layers](l)
	same(t, "the step", told, recorder.Snapshots[0], step)
	if a.Step != step || float64(a.Loss.Mean) != recorder.Snapshots[0].Loss {
		t.Errorf("apart: step %d, loss %v, want %d and %v", a.Step, a.Loss.Mean, step, recorder.Snapshots[0].Loss)
	}
	for _, u := range a.Update {
		of := recorder.Snapshots[0].Layer(u.Name)
		p := of.Params[slices.IndexFunc(of.Params, func(p inspect.Param) bool { return p.Name == u.Param })]
		if float64(*u.UpdateNorm) != p.Update {
			t.Errorf("apart: %s.%s moved by %v, want %v", u.Name, u.Param, *u.UpdateNorm, p.Update)
		}
	}
	_, n := last[Layers](l)
	l.goTo(id, step)
	l.goTo(id, step+1)
	l.until(id, func(Run) bool { _, now := last[Layers](l); return now > n })
	l.until(id, func(Run) bool { told, _ = last[Layers](l); return told.Step == step+1 })
	same(t, "the pause", told, recorder.Snapshots[1], step+1)
	l.do(Command{Do: "step"})
	after := l.hash(id)
	if l.goTo(id, step); l.hash(id) != before {
		t.Error("looking at a pause moved the run")
	}
	for range 2 {
		l.do(Command{Do: "step"})
	}
	if l.hash(id) != after {
		t.Error("looking at a pause moved where the run goes")
	}
}

// Of a run that is done there is no step to take apart, until it is gone back in.
func TestNoStepBehindTheLast(t *testing.T) {
	l := open(t, nil)
	id := l.State().Current
	l.do(Command{Do: "play"})
	r := l.until(id, over)
	if a, err := l.Do(t.Context(), Command{Do: "apart"}); err == nil || !strings.Contains(err.Error(), "the run is done, and no step comes next") {
		t.Errorf("at step %d of %d: got %+v, %v", r.Step, r.Head, a, err)
	}
	l.goTo(id, r.Head-1)
	if a := ask[*look.Apart](l, Command{Do: "apart"}); a.Step != r.Head-1 {
		t.Errorf("got step %d, want %d", a.Step, r.Head-1)
	}
}

// same compares what was told with a snapshot.
func same(t *testing.T, where string, told Layers, want *inspect.Snapshot, step uint64) {
	t.Helper()
	if told.Step != step || len(told.Layers) != len(want.Layers) {
		t.Errorf("%s: got step %d, %d layers, want %d and %d", where, told.Step, len(told.Layers), step, len(want.Layers))
		return
	}
	for i, l := range told.Layers {
		w := &want.Layers[i]
		if l.Name != w.Name || l.Activation.Counts != w.Output.Histogram || float64(l.Activation.Mean) != w.Output.Mean {
			t.Errorf("%s: %s: got %+v, want %+v", where, l.Name, l.Activation, w.Output.Stats)
		}
		if len(w.Params) > 0 && float64(*l.GradNorm) != w.GradNorm() {
			t.Errorf("%s: %s: got a gradient of %v, want %v", where, l.Name, *l.GradNorm, w.GradNorm())
		}
		if ratio := func() float64 {
			if len(w.Params) == 0 || !want.Stepped {
				return math.NaN()
			}
			return w.Params[0].UpdateRatio()
		}(); l.UpdateRatio != nil && float64(*l.UpdateRatio) != ratio || l.UpdateRatio == nil && ratio > 0 {
			t.Errorf("%s: %s: got an update of %v, want %v", where, l.Name, l.UpdateRatio, ratio)
		}
	}
}

func TestLooks(t *testing.T) {
	l := open(t, nil)
	id := l.do(Command{Do: "play"})
	l.until(id, over)
	if got := ask[Checked](l, Command{Do: "check", Change: &look.Change{Layers: of("dense 6 relu, dense 3 softmax"), Rate: of(.5)}}); got.Params != 16*6+6+6*3+3 || !slices.Equal(got.AtOnce, []string{"rate"}) || !slices.Equal(got.Restart, []string{"layers"}) || len(got.Layers) != 2 {
		t.Errorf("got %+v", got)
	}
	for _, words := range []string{"dense 6 rellu, dense 3 softmax", "dense 2 softmax", "conv 3 9x9, flatten, dense 3 softmax"} {
		if _, err := l.Do(t.Context(), Command{Do: "check", Change: &look.Change{Layers: &words}}); err == nil {
			t.Errorf("%q is taken", words)
		}
	}
	if got := ask[*look.FullLayer](l, Command{Do: "layer", Layer: "dense_1"}); got.Name != "dense_1" || len(got.Parameters) != 2 {
		t.Errorf("got %+v", got)
	}
	if got := ask[*look.Sample](l, Command{Do: "sample", Sample: 4}); got.Label != "b" {
		t.Errorf("got %+v", got)
	}
	if got := ask[*look.Prediction](l, Command{Do: "predict", Sample: 4}); len(got.Probabilities) != 3 {
		t.Errorf("got %+v", got)
	}
	for _, c := range []Command{{Do: "continue", Text: "a", Length: 3}, {Do: "layer", Layer: "x"}, {Do: "sample", Sample: 99}, {Do: "fly"}, {}, {Do: "play", Run: "r99"}, {Do: "goto"}, {Do: "goto", Step: of(uint64(999))}} {
		if _, err := l.Do(t.Context(), c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	if l.run(id).Condition != Done {
		t.Errorf("got %+v", l.run(id))
	}
}
