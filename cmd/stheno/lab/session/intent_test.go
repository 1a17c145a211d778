package session

import (
	"context"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
)

// ask has commands wait for their turn one behind another, whatever is done meanwhile, and gives their answers.
func (l *lab) ask(all ...Command) []Answer {
	l.t.Helper()
	waiting := make([]*request, len(all))
	for i, c := range all {
		waiting[i] = &request{command: c, ctx: context.Background(), answer: make(chan answer, 1)}
		if err := l.queue.put(waiting[i]); err != nil {
			l.t.Fatal(err)
		}
	}
	answers := make([]Answer, len(all))
	for i, q := range waiting {
		a := <-q.answer
		if a.err != nil {
			l.t.Fatalf("%s: %v", all[i].Do, a.err)
		}
		answers[i] = a.value.(Answer)
	}
	return answers
}

// TestIntent: what waits in a line means the run and the step that it names, whatever was chosen before it and whoever else steers, and an answer says in which state that is.
func TestIntent(t *testing.T) {
	l := open(t, nil)
	a := l.do(Command{Do: "play"})
	l.until(a, over)
	b := l.do(Command{Do: "branch", Run: a, Step: of(uint64(20))})
	rate := &look.Change{Rate: of(.02)}
	// Behind a run that plays, in which some of these have Fit end and some have not.
	line := []struct {
		c        Command
		parent   string // of a branch that it makes
		run      string // else what it is of
		at, head uint64
		playing  bool
	}{
		{c: Command{Do: "play", Run: b}, run: b, playing: true},
		{c: Command{Do: "branch", Run: a, Step: of(uint64(7))}, parent: a, at: 7, head: 7}, // not of the one that plays, nor where it is
		{c: Command{Do: "goto", Run: a, Step: of(uint64(30))}, run: a, at: 30, head: 40},
		{c: Command{Do: "branch", Run: a, Step: of(uint64(13))}, parent: a, at: 13, head: 13}, // nor where it has just gone
		{c: Command{Do: "goto", Run: a, Step: of(uint64(30))}, run: a, at: 30, head: 40},
		{c: Command{Do: "select", Run: b}, run: b},
		{c: Command{Do: "step", Run: a, Step: of(uint64(11))}, run: a, at: 12, head: 40}, // from there, though another one goes between
		{c: Command{Do: "step", Run: a, Step: of(uint64(12))}, run: a, at: 13, head: 40}, // where it is
		{c: Command{Do: "change", Run: a, Step: of(uint64(9)), Change: rate}, parent: a, at: 9, head: 9},
		{c: Command{Do: "change", Run: a, Step: of(uint64(40)), Change: rate}, run: a, at: 40, head: 40}, // at its head: the run itself
		{c: Command{Do: "goto", Run: a, Step: of(uint64(0))}, run: a, head: 40},
		{c: Command{Do: "play", Run: a, Step: of(uint64(32)), Speed: of(.001)}, run: a, at: 32, head: 40, playing: true},
		{c: Command{Do: "play", Run: a, Step: of(uint64(31))}, run: a, at: 31, head: 40, playing: true}, // Fit waits for a step that is due
		{c: Command{Do: "select", Run: b}, run: b},
		{c: Command{Do: "epoch", Run: a, Step: of(uint64(18)), Speed: of(0.)}, run: a, at: 24, head: 40},
	}
	for range 2 { // the second time from another place
		var all []Command
		for _, q := range line {
			all = append(all, q.c)
		}
		answers := l.ask(all...)
		l.until(a, func(r Run) bool { return r.Step == 24 && !l.State().Playing })
		l.mu.Lock()
		states := map[uint64]State{}
		for _, m := range l.told {
			if s, ok := m.Data.(State); ok {
				if _, twice := states[s.Told]; twice {
					t.Errorf("two states are number %d", s.Told)
				}
				states[s.Told] = s
			}
		}
		l.mu.Unlock()
		for i, q := range line {
			s, ok := states[answers[i].Told]
			if !ok || s.Current != answers[i].Run {
				t.Errorf("%d, %s: answered run %s in state %d, which has %q", i, q.c.Do, answers[i].Run, answers[i].Told, s.Current)
				continue
			}
			for _, r := range s.Runs {
				if r.ID != s.Current {
					continue
				}
				if q.parent != "" && (r.Parent != q.parent || r.ParentStep != q.at || r.ID == q.parent) || q.parent == "" && r.ID != q.run {
					t.Errorf("%d, %s: it is %s, of %s at step %d", i, q.c.Do, r.ID, r.Parent, r.ParentStep)
				}
				if s.Playing != q.playing && q.c.Do != "epoch" {
					t.Errorf("%d, %s: playing is %v", i, q.c.Do, s.Playing)
				}
				if q.run != b && q.c.Do != "epoch" && (r.Step != q.at || r.Head != q.head) {
					t.Errorf("%d, %s: it is at step %d of %d, want %d of %d", i, q.c.Do, r.Step, r.Head, q.at, q.head)
				}
			}
		}
	}
	// What cannot be is refused before anything is done.
	for _, do := range []string{"play", "epoch", "step", "change", "branch"} {
		if _, err := l.Do(t.Context(), Command{Do: do, Run: a, Step: of(uint64(999)), Change: rate}); err == nil || l.State().Playing {
			t.Errorf("%s from a step that was never reached: got %v", do, err)
		}
	}
}
