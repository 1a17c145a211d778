package session

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/models"
)

// ticking is a session whose clock is later by so much each time that somebody looks at it, so that what is done when depends on its steps alone.
func ticking(t *testing.T, by time.Duration, o Options) *lab {
	t.Helper()
	return serve(t, o, func(s *Session) {
		now := time.Unix(0, 0)
		s.clock = func() time.Time {
			now = now.Add(by)
			return now
		}
	})
}

// words are the steps at which findings of a run were told.
func (l *lab) words(id string) (at []uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.told {
		if found, ok := m.Data.(Found); ok && found.Run == id {
			at = append(at, found.Step)
		}
	}
	return at
}

// While it plays the words come when the first epoch is over, go on coming, and no oftener than one can read: also where averages are what is judged, and where they must leave the weights as they were.
func TestWordsWhileItPlays(t *testing.T) {
	for _, optimizer := range []string{"adam", "ema adam 0.9"} {
		t.Run(optimizer, func(t *testing.T) {
			change := func(e *models.Experiment) { e.Epochs, e.Optimizer, e.Dropout = 200, optimizer, .2 }
			l := ticking(t, 10*time.Millisecond, keptIn(t, "", change))
			id := l.do(Command{Do: "play"})
			end := l.until(id, over)
			at := l.words(id)
			if len(at) < 10 || at[0] != uint64(end.StepsPerEpoch) {
				t.Fatalf("there were words at the steps %d of %d", at, end.Head)
			}
			for i, step := range at[1:] {
				if step-at[i] > 200 {
					t.Errorf("no words from step %d to step %d", at[i], step)
				}
			}
			is := l.hash(id)
			l.ends()
			e, _ := models.Find("relu")
			_ = keptIn(t, "", change).Change(&e)
			if optimizer == "adam" && is != uninterrupted(t, e)[end.Head] {
				t.Error("other bits")
			}
			if most := int(l.clock().Sub(time.Unix(0, 0)) / wordsApart); len(at) > most+2 {
				t.Errorf("there were words %d times, want %d at most", len(at), most+2)
			}
		})
	}
}

// Of a long epoch words come before it is over.
func TestWordsInALongEpoch(t *testing.T) {
	l := ticking(t, 200*time.Millisecond, keptIn(t, "", func(e *models.Experiment) { e.BatchSize, e.Epochs = 1, 2 }))
	id := l.do(Command{Do: "play"})
	end := l.until(id, over)
	if at := l.words(id); at[0] < 2 || at[0] > uint64(end.StepsPerEpoch)/2 {
		t.Errorf("the first words were at step %d of an epoch of %d", at[0], end.StepsPerEpoch)
	}
}

// A lab that is killed has lost nothing of a run that was paused, and of one that plays no more than what came after its first step.
func TestKeptFromTheFirstStep(t *testing.T) {
	out := t.TempDir()
	l := serve(t, keptIn(t, out, func(e *models.Experiment) { e.Epochs = 10000 }))
	killed := func(is func(Run) bool) {
		t.Helper()
		var last string
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			at := filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(at, os.DirFS(out)); err != nil {
				last = err.Error() // it is being written
				continue
			}
			all, err := os.ReadDir(at)
			if err != nil || len(all) != 1 || !runs.IsRun(filepath.Join(at, all[0].Name())) {
				last = fmt.Sprint(all, err)
				continue
			}
			s, err := New(keptIn(t, at, nil))
			if err != nil {
				t.Fatal(err)
			}
			r := s.State().Runs[0]
			if last = fmt.Sprintf("%+v", r); is(r) {
				return
			}
		}
		t.Fatal(last)
	}
	id := l.do(Command{Do: "play", Speed: of(50.)})
	killed(func(r Run) bool { return r.Head >= 1 })
	l.do(Command{Do: "pause"})
	paused := l.run(id).Head
	killed(func(r Run) bool { return r.Head == paused })
	for range 3 {
		l.do(Command{Do: "step"})
	}
	killed(func(r Run) bool { return r.Head == paused+3 })
	if name := l.run(id).Folder; name == "" {
		t.Error("nobody is told where it is")
	}
}

// A run is kept twice a minute at the least, but for one that takes seconds.
func TestKeptApart(t *testing.T) {
	for cost, want := range map[time.Duration]time.Duration{0: keepEvery, 200 * time.Millisecond: 20 * time.Second, time.Second: 40 * time.Second, 3 * time.Second: 120 * time.Second} {
		if got := keptApart(cost); got != want {
			t.Errorf("a cost of %v: every %v, want %v", cost, got, want)
		}
	}
}

// Where a run has stopped early it says why, and which weights it has.
func TestStoppedEarly(t *testing.T) {
	l := serve(t, keptIn(t, "", func(e *models.Experiment) { e.Validation, e.Patience, e.Epochs, e.LearningRate = .3, 2, 30, .1 }))
	id := l.do(Command{Do: "play"})
	end := l.until(id, over)
	if end.Why.EN == "" || end.Why.ZH == end.Why.EN || end.KeptEpoch == 0 || end.KeptEpoch >= end.Epoch || end.Epoch >= end.Epochs {
		t.Errorf("got %+v, the weights of epoch %d of %d", end.Why, end.KeptEpoch, end.Epoch)
	}
	if l.goTo(id, 3); l.run(id).KeptEpoch != 0 || l.run(id).Why != (look.Text{}) {
		t.Errorf("in the past: %+v", l.run(id))
	}
}
