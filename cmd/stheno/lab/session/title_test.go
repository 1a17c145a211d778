package session

import (
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/models"
)

// names are those of all runs, which are no two the same.
func (l *lab) names() []string {
	l.t.Helper()
	var all []string
	for _, r := range l.State().Runs {
		if slices.Contains(all, r.Name) {
			l.t.Errorf("two runs are called %s", r.Name)
		}
		all = append(all, r.Name)
	}
	return all
}

// A run is called by what it changes of where it comes from, and no two are called the same.
func TestTitles(t *testing.T) {
	l := open(t, func(e *models.Experiment) {
		of, _ := models.Find("relu")
		hidden, batch, epochs := e.Hidden, e.BatchSize, e.Epochs
		*e = of
		e.Hidden, e.BatchSize, e.Epochs = hidden, batch, epochs
	})
	first := l.State().Current
	whole := l.run(first).Name
	const as = "batch 8, 5 epochs, layers dense 8 relu, dense 3 softmax"
	if whole != "relu + "+as {
		t.Errorf("got %q", whole)
	}
	l.do(Command{Do: "step", Run: first})
	l.do(Command{Do: "step", Run: first})
	rate, adam, seed := .5, "adam", look.Seed(7)
	again := l.do(Command{Do: "restart", Run: first})
	branch := l.do(Command{Do: "branch", Run: first, Step: of(uint64(1))})
	changed := l.do(Command{Do: "branch", Run: first, Step: of(uint64(1)), Change: &look.Change{Rate: &rate}})
	restarted := l.do(Command{Do: "restart", Run: changed})
	other := l.do(Command{Do: "change", Run: first, Change: &look.Change{Optimizer: &adam, Seed: &seed}})
	for run, want := range map[string]string{
		again:     whole + " #2",
		branch:    "relu + branch at step 1, " + as,
		changed:   "relu + rate 0.5 from step 1, " + as,
		restarted: "relu + rate 0.5 from step 1, " + as,
		other:     "relu + adam 0.001, batch 8, 5 epochs, seed 7, layers dense 8 relu, dense 3 softmax",
	} {
		if got := l.run(run).Name; got != want && got != want+" #2" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	l.names()
}

// A run that was changed on its way and is begun anew goes the same way: its weights are the same bits.
func TestRestartIsTheSame(t *testing.T) {
	l := open(t, nil)
	first := l.State().Current
	for range 4 {
		l.do(Command{Do: "step", Run: first})
	}
	rate, batch := .02, 16
	branch := l.do(Command{Do: "branch", Run: first, Step: of(uint64(2)), Change: &look.Change{Rate: &rate, Batch: &batch}})
	l.do(Command{Do: "play", Run: branch})
	l.until(branch, over)
	again := l.do(Command{Do: "restart", Run: branch})
	if r := l.run(again); r.Step != 0 || r.Head != 0 || len(r.Segments) != len(l.run(branch).Segments) || r.Condition != Ready {
		t.Fatalf("got %+v", r)
	}
	l.do(Command{Do: "play", Run: again})
	l.until(again, over)
	if a, b := l.hash(branch), l.hash(again); a != b {
		t.Error("the same again has other weights")
	}
	if a, b := l.run(branch), l.run(again); *a.Result.Test != *b.Result.Test || a.Step != b.Step {
		t.Errorf("got %+v, then %+v", a, b)
	}
}

// A step of the ladder that is played again has the run that waits for it play, not a twin; what a step gave stays when its run is removed; and the speed stays what it was set to.
func TestReadyRunPlays(t *testing.T) {
	l := serve(t, Options{Name: "mse", Seed: 1})
	first := l.State().Current
	speed := 1000.
	l.do(Command{Do: "speed", Speed: &speed})
	if s := l.State(); s.Speed != 1000 || s.Playing {
		t.Fatalf("got %v, %v", s.Speed, s.Playing)
	}
	if got := l.do(Command{Do: "start", Experiment: "mse"}); got != first || len(l.State().Runs) != 1 || !l.State().Playing {
		t.Fatalf("got %s, %d runs", got, len(l.State().Runs))
	}
	l.do(Command{Do: "pause"})
	short := l.do(Command{Do: "start", Experiment: "mse", Short: true})
	if short == first || l.State().Speed != 1000 {
		t.Fatal(short, l.State().Speed)
	}
	if got := l.run(short).Name; got != "mse, short" {
		t.Errorf("got %q", got)
	}
	full := 0.
	l.do(Command{Do: "speed", Speed: &full})
	l.until(short, over)
	rung := func() look.Step { return l.State().Ladder[0] }
	if s := rung(); s.Result == nil || !s.Short || s.InBand != nil || s.Run == nil || *s.Run != short { // the run that the result is of, not the one that waits
		t.Fatalf("got %+v", s)
	}
	l.do(Command{Do: "play", Run: first})
	if s := rung(); s.Run == nil || *s.Run != first {
		t.Errorf("while another one plays: got %+v", s)
	}
	l.do(Command{Do: "pause"})
	was := *rung().Result.Train
	l.do(Command{Do: "remove", Run: short})
	if s := rung(); s.Result == nil || *s.Result.Train != was || s.Run == nil || *s.Run != first {
		t.Fatalf("got %+v", s)
	}
}

// A run that was begun short is short for as long as it has fewer epochs than its step: brought to all of them it is compared with the lecture. And a name does not say two losses.
func TestShortIsFewer(t *testing.T) {
	l := serve(t, Options{Name: "relu", Seed: 1})
	begin := func(name string, c look.Change) string { // a short one that was changed before its first step, as a mend changes it
		l.do(Command{Do: "start", Experiment: name, Short: true})
		l.do(Command{Do: "pause"})
		l.do(Command{Do: "restart"})
		return l.do(Command{Do: "change", Change: &c})
	}
	rest, longer, rate, cross := 20, 30, .5, "cross-entropy"
	for i, c := range []struct {
		run           string
		short         bool
		name, matches string
	}{
		{begin("relu", look.Change{Batch: of(100)}), true, "relu, short", "relu"},
		{begin("relu", look.Change{Epochs: &rest}), false, "relu", "relu"},
		{begin("relu", look.Change{Epochs: &longer}), false, "relu + 30 epochs", ""},
		{begin("mse", look.Change{Loss: &cross}), true, "cross-entropy, short", "cross-entropy"},
		{begin("mse", look.Change{Loss: &cross, Epochs: &rest}), false, "cross-entropy", "cross-entropy"},
		{begin("mse", look.Change{Loss: &cross, Rate: &rate}), true, "cross-entropy + rate 0.5, short", ""},
		{begin("mse", look.Change{Loss: &cross, Rate: &rate, Epochs: &rest}), false, "cross-entropy + rate 0.5", ""},
	} {
		name, _, _ := strings.Cut(l.run(c.run).Name, " #")
		if r := l.run(c.run); r.Short != c.short || name != c.name || r.Matches != c.matches {
			t.Errorf("%d: got %q, short %v, matches %q, want %+v", i, r.Name, r.Short, r.Matches, c)
		}
	}
	better := begin("mse", look.Change{Loss: &cross, Epochs: &rest})
	l.do(Command{Do: "step", Run: better})
	on := l.do(Command{Do: "branch", Run: better, Step: of(uint64(1)), Change: &look.Change{Rate: &rate}})
	if got, want := l.run(on).Name, "cross-entropy + rate 0.5 from step 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
