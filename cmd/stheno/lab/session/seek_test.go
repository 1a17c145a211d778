package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/models"
)

// onTheWay does something once, when it is told the nth time that a run is on its way to a step, and has the step.
func (l *lab) onTheWay(n int, do func()) <-chan uint64 {
	at := make(chan uint64, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = func(m Message) {
		if way, is := m.Data.(Seek); is && !way.Over {
			if n--; n == 0 {
				do()
				at <- way.Step
			}
		}
	}
	return at
}

// put has a command wait while another one is carried out.
func (l *lab) put(c Command) chan answer {
	q := &request{command: c, ctx: context.Background(), answer: make(chan answer, 1)}
	if err := l.queue.put(q); err != nil {
		l.t.Error(err)
	}
	return q.answer
}

// travelled is a lab of a run that was trained to its end, with no checkpoint but there: each way back is as long as can be, and told at each step.
func travelled(t *testing.T, change func(*models.Experiment)) (l *lab, id string, want map[uint64]string) {
	t.Helper()
	l = open(t, func(e *models.Experiment) {
		if change != nil {
			change(e)
		}
		want = uninterrupted(t, *e)
	})
	l.seekEvery = 0
	id = l.do(Command{Do: "play"})
	l.until(id, over)
	l.do(Command{Do: "pause"})
	l.forget(id)
	return l, id, want
}

// TestSeekOfWhoHasGone: a page goes while the run is on its way to a step. The run stops at the step that it has come to, and goes on from there, or back, in the bits of a run that nobody stopped.
func TestSeekOfWhoHasGone(t *testing.T) {
	for name, change := range trainings(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, id, want := travelled(t, change)
			head := l.run(id).Head
			rng := rand.New(rand.NewPCG(5, 6))
			for range 12 {
				l.goTo(id, 1)
				step, n := 8+rng.Uint64N(head-8), 1+rng.IntN(6)
				ctx, gone := context.WithCancel(t.Context())
				way := l.onTheWay(n, gone)
				if _, err := l.Do(ctx, Command{Do: "goto", Run: id, Step: &step}); err != nil && !errors.Is(err, context.Canceled) { // whichever comes first
					t.Fatalf("to step %d: got %v", step, err)
				}
				at, got := <-way, l.hash(id) // after it
				if r := l.run(id); r.Step != at || r.Step >= step || r.Condition != Paused {
					t.Fatalf("on its way to step %d, left at step %d: it is %s at step %d", step, at, r.Condition, r.Step)
				}
				if got != want[at] {
					t.Fatalf("left at step %d: other bits", at)
				}
				if l.do(Command{Do: "step"}); l.hash(id) != want[at+1] {
					t.Fatalf("at step %d, after one that was left: other bits", at+1)
				}
			}
			l.do(Command{Do: "play"})
			if r := l.until(id, over); r.Step != head || l.hash(id) != want[head] {
				t.Errorf("at the end again: step %d, other bits", r.Step)
			}
		})
	}
}

// TestSeekStops: a pause ends a run's way to a step, and so does another goto. What else is asked for waits for its end.
func TestSeekStops(t *testing.T) {
	l, id, want := travelled(t, func(e *models.Experiment) { e.Optimizer, e.LearningRate = "adam", .01 })
	there := func(step uint64) {
		t.Helper()
		if got := l.hash(id); l.run(id).Step != step || got != want[step] {
			t.Errorf("it is at step %d, want step %d and its bits", l.run(id).Step, step)
		}
	}
	for _, n := range []int{1, 3, 11} {
		l.goTo(id, 1)
		var waits chan answer
		at := l.onTheWay(n, func() { waits = l.put(Command{Do: "pause"}) })
		l.goTo(id, 30)
		if a := <-waits; a.err != nil {
			t.Errorf("pause: %v", a.err)
		}
		there(<-at)
		l.mu.Lock()
		said, _ := l.told[slices.IndexFunc(l.told, func(m Message) bool { return m.Kind == "said" })].Data.(Said)
		l.mu.Unlock()
		if !strings.Contains(said.Text.EN, "and not to step 30: somebody asked for a pause") || strings.Contains(said.Text.ZH, "somebody") {
			t.Errorf("got %q", said.Text)
		}

		l.goTo(id, 1)
		l.onTheWay(n, func() { waits = l.put(Command{Do: "goto", Run: id, Step: of(uint64(20))}) })
		l.goTo(id, 30) // of a bar that is dragged
		if a := <-waits; a.err != nil {
			t.Errorf("goto: %v", a.err)
		}
		there(20)

		l.goTo(id, 1)
		l.onTheWay(n, func() { waits = l.put(Command{Do: "step", Run: id}) })
		l.goTo(id, 30)
		if a := <-waits; a.err != nil {
			t.Errorf("step: %v", a.err)
		}
		there(31)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	overs := 0
	for i, m := range l.told {
		way, is := m.Data.(Seek)
		if is && (m.Kind != "seek" || way.Run != id || way.Step > way.To) {
			t.Fatalf("got %+v", m)
		}
		if is && way.Over {
			overs++
		}
		if before, was := l.told[max(0, i-1)].Data.(Seek); was && !before.Over && !is && m.Kind != "state" {
			t.Errorf("%s is told while a run is on its way", m.Kind)
		}
	}
	if overs < 12 {
		t.Errorf("%d ways are over", overs)
	}
}

func init() {
	looks["sleep"] = func(_ *Session, _ context.Context, r *run, _ Command) (any, error) {
		r.sleep()
		return nil, nil
	}
}

// TestWakeStops: a run that is to be looked at, played or branched needs its model made again, which takes long. Where somebody goes or pauses meanwhile, the run is where it was.
func TestWakeStops(t *testing.T) {
	l, id, want := travelled(t, nil)
	other := l.do(Command{Do: "restart"})
	for _, c := range []Command{{Do: "hash"}, {Do: "step"}, {Do: "play"}, {Do: "branch", Step: of(uint64(25))}, {Do: "change", Change: &look.Change{Rate: of(.01)}}} {
		for _, leaves := range []bool{false, true} {
			if leaves && c.Do == "play" { // which is answered at once
				continue
			}
			l.goTo(id, 20)
			l.do(Command{Do: "select", Run: other})
			l.do(Command{Do: "pause"})
			l.do(Command{Do: "sleep", Run: id})
			runs := len(l.State().Runs)
			c.Run = id
			ctx, gone := context.WithCancel(t.Context())
			waits := make(chan answer, 1)
			at := l.onTheWay(7, func() {
				if gone(); !leaves {
					waits = l.put(Command{Do: "pause"})
				}
			})
			if !leaves {
				ctx = t.Context()
			}
			_, err := l.Do(ctx, c)
			if want := map[bool]error{true: context.Canceled, false: ErrStopped}[leaves]; c.Do != "play" && !errors.Is(err, want) && !errors.Is(err, ErrStopped) {
				t.Errorf("%s: got %v, want %v", c.Do, err, want)
			}
			<-at
			l.do(Command{Do: "select", Run: other})
			if !leaves {
				if a := <-waits; a.err != nil {
					t.Errorf("pause: %v", a.err)
				}
			}
			gone()
			if got := l.hash(id); l.run(id).Step != 20 || l.run(id).Condition != Paused || got != want[20] || len(l.State().Runs) != runs {
				t.Errorf("%s: got %d runs and %+v", c.Do, len(l.State().Runs)-runs, l.run(id))
			}
		}
	}
}
