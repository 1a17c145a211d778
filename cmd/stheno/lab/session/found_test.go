package session

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/inspect"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// found waits for what is found of a run at a step, and, where it is shown, for its layers there.
func (l *lab) found(id string, step uint64, shown bool) (found Found, layers Layers) {
	l.t.Helper()
	l.until(id, func(Run) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, m := range l.told {
			switch m := m.Data.(type) {
			case Found:
				if m.Run == id && m.Step == step {
					found = m
				}
			case Layers:
				if m.Run == id && m.Step == step {
					layers = m
				}
			}
		}
		return found.Findings != nil && (layers.Layers != nil || !shown)
	})
	return found, layers
}

// TestWordsAreOfTheRun: what is said of a run does not depend on how it was played, and has the figures that are shown beside it.
func TestWordsAreOfTheRun(t *testing.T) {
	long := func(e *models.Experiment) { e.Hidden, e.Epochs = []int{8, 8}, 24 }
	l := open(t, long)
	id := l.do(Command{Do: "play"})
	end := l.until(id, over).Step
	want, shown := l.found(id, end, true)

	slow := open(t, long)
	other := slow.do(Command{Do: "step"})
	for range 30 {
		slow.do(Command{Do: "step"})
	}
	slow.do(Command{Do: "epoch"})
	slow.do(Command{Do: "play"})
	slow.until(other, over)
	got, layers := slow.found(other, end, true)
	if !reflect.DeepEqual(got.Findings, want.Findings) {
		t.Errorf("played by steps:\n%v\nat once:\n%v", got.Findings, want.Findings)
	}
	norms := func(all []look.Layer) (s []string) {
		for _, layer := range all {
			if n := layer.GradNorm; n != nil {
				s = append(s, fmt.Sprintf("%.1e", float64(*n)))
			}
		}
		return s
	}
	if a, b := norms(layers.Layers), norms(shown.Layers); !reflect.DeepEqual(a, b) {
		t.Errorf("the pictures show %v and %v", a, b)
	}
	said := regexp.MustCompile(`gradient norms from (\S+) to (\S+) over`).FindStringSubmatch(fmt.Sprint(want.Findings))
	if said == nil {
		t.Fatalf("nothing is said of gradients: %v", want.Findings)
	}
	for _, n := range said[1:] {
		v, err := strconv.ParseFloat(strings.ReplaceAll(n, "−", "-"), 64)
		if err != nil || !slices.Contains(norms(shown.Layers), fmt.Sprintf("%.1e", v)) {
			t.Errorf("it says %v, and shows %v", said[0], norms(shown.Layers))
		}
	}
}

// TestWordsOnTheWay: what more steps may mend is said as of now, and is no error yet.
func TestWordsOnTheWay(t *testing.T) {
	l := open(t, func(e *models.Experiment) { e.Epochs, e.LearningRate = 400, .0001 })
	id := l.do(Command{Do: "step"})
	found, _ := l.found(id, 1, false)
	if len(found.Findings) == 0 || !strings.Contains(found.Findings[0].Evidence.EN, "so far, after 1 of 3200 steps") || found.Asked != askedAtPause {
		t.Errorf("got %+v", found)
	}
	for _, f := range found.Findings {
		if f.Severity == "error" {
			t.Errorf("an error already: %+v", f)
		}
	}
}

// The learning rate before it was changed is known of a run that was changed on its way, of a branch, of one that begins anew and of one that had not begun.
func TestRateBefore(t *testing.T) {
	l := open(t, func(e *models.Experiment) { e.LearningRate = .1 })
	before := func() float64 { return l.Session.current.rateBefore() }
	want := func(what string, want float64) {
		t.Helper()
		l.do(Command{Do: "pause"}) // and everything before it is done
		if got := before(); got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	want("as it was opened", 0)
	l.do(Command{Do: "change", Change: &look.Change{Rate: of(2000.)}})
	want("not begun", .1)
	l.do(Command{Do: "change", Change: &look.Change{Rate: of(.2)}})
	l.do(Command{Do: "step"})
	b := l.do(Command{Do: "branch", Change: &look.Change{Rate: of(1000.)}})
	want("a branch", .2)
	l.do(Command{Do: "change", Run: b, Change: &look.Change{Seed: of(look.Seed(3))}})
	want("anew, with the rate that it had", .1)
	l.do(Command{Do: "change", Change: &look.Change{Optimizer: of("adam")}})
	want("another optimizer", 0)
}

// TestStoppedByItself: a run of which nothing can be learnt is stopped early. More epochs would give the same bits, so nobody is told to train for more, of the run where it is or on its way there.
func TestStoppedByItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	rows := "a,b,c,y\n"
	for range 200 {
		rows += fmt.Sprintf("%.3f,%.3f,%.3f,%.3f\n", rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64())
	}
	path := filepath.Join(t.TempDir(), "noise.csv")
	if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	l := serve(t, Options{Seed: 1, Open: tinyData(t), Dataset: "tiny"})
	id := l.do(Command{Do: "open", Path: path, Target: "y"})
	l.do(Command{Do: "play"})
	end := l.until(id, over)
	if !strings.Contains(end.Why.EN, "has not gone down") {
		t.Fatalf("it was not stopped early: %+v", end.Why)
	}
	check := func(step uint64) {
		t.Helper()
		found, _ := l.found(id, step, false)
		for _, f := range found.Findings {
			if f.Code == inspect.TooFewUpdates || strings.Contains(f.Advice.EN, "for more epochs") {
				t.Errorf("at step %d of %d: %s: %s", step, end.Step, f.Code, f.Advice.EN)
			}
			for _, m := range f.Mends {
				if m.Change.Epochs != nil {
					t.Errorf("at step %d of %d: it is to be mended by %s", step, end.Step, m.Label.EN)
				}
			}
		}
	}
	check(end.Step)
	l.goTo(id, end.Step-1)
	check(end.Step - 1)
}

// TestOneNetworkEverywhere: of a run that stopped early and has its best weights, the words, the pictures beside them and what is made of its folder show one network, on one batch, after as many steps.
func TestOneNetworkEverywhere(t *testing.T) {
	out := t.TempDir()
	l := serve(t, keptIn(t, out, func(e *models.Experiment) {
		e.Validation, e.Patience, e.Epochs, e.LearningRate = .3, 2, 30, .1
	}))
	id := l.State().Current
	l.do(Command{Do: "play"})
	end := l.until(id, over)
	_, shown := l.found(id, end.Step, true)
	l.do(Command{Do: "pause"}) // and everything before it is done
	here, _, err := l.Session.record(t.Context(), l.Session.current, 0)
	if err != nil {
		t.Fatal(err)
	}
	l.ends()
	folder, err := kept.Open(filepath.Join(out, folders(t, out)[0]))
	if err != nil {
		t.Fatal(err)
	}
	there, err := runs.Record(t.Context(), folder, tiny(t, 60), tiny(t, 30))
	if err != nil {
		t.Fatal(err)
	}
	for what, of := range map[string]*inspect.Record{"in words": here, "of the folder": there} {
		if of.Steps != end.Step || of.Stopped == "" || len(of.Snapshots) != len(here.Snapshots) {
			t.Errorf("%s: %d steps, %d snapshots, stopped by %q; want %d and %d", what, of.Steps, len(of.Snapshots), of.Stopped, end.Step, len(here.Snapshots))
		}
		last := of.Snapshots[len(of.Snapshots)-1]
		if last.Step != end.Step {
			t.Errorf("%s: the last snapshot is of step %d, want %d", what, last.Step, end.Step)
		}
		for i, layer := range shown.Layers {
			if n := layer.GradNorm; n != nil && float64(*n) != last.Layers[i].GradNorm() {
				t.Errorf("%s: the gradient of %s is %v, and is shown as %v", what, layer.Name, last.Layers[i].GradNorm(), *n)
			}
		}
	}
}
