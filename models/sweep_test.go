package models

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// swept is a small sweep: four variants with two seeds each.
func swept(t *testing.T, halving bool) (run.Plan, *datasets.Dataset, *datasets.Dataset) {
	t.Helper()
	digits, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if test, err = test.Slice(0, 100); err != nil {
		t.Fatal(err)
	}
	if digits, err = digits.Slice(0, 200); err != nil {
		t.Fatal(err)
	}
	grid, err := Grid([]Axis{{Name: "learning-rate", Values: []string{"0.001", "0.1"}}, {Name: "hidden", Values: []string{"8", "16"}}})
	if err != nil {
		t.Fatal(err)
	}
	s := Sweep{Seeds: []uint64{1, 2}, Halving: halving}
	for i, settings := range grid {
		e, err := Find("relu")
		if err != nil {
			t.Fatal(err)
		}
		e.LearningRate, e.Hidden = []float64{.001, .1}[i/2], []int{8 << (i % 2)}
		e.Epochs, e.BatchSize = 4, 20
		s.Variants = append(s.Variants, Variant{settings, e})
	}
	p, err := s.Plan("mnist", digits)
	if err != nil {
		t.Fatal(err)
	}
	return p, digits, test
}

// told is what came of a sweep, but for where it lies.
func told(t *testing.T, s *run.Sweep) string {
	t.Helper()
	all, err := Standings(s)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintln(&b, Label(v.Settings), v.Validation, v.Test)
		for _, trial := range v.Trials {
			fmt.Fprintln(&b, " ", trial.Name, trial.State, trial.Validation, trial.Test, len(trial.Epochs))
		}
	}
	return b.String()
}

// A sweep comes to the same, however many trials are trained at once, and however often it is stopped: with halving, too, of which all that is dropped has the bits of one that was not.
func TestSweepStopped(t *testing.T) {
	t.Parallel()
	var whole []string
	for _, halving := range []bool{false, true} {
		p, digits, test := swept(t, halving)
		dir := t.TempDir()
		s, err := run.CreateSweep(filepath.Join(dir, "whole"), p, digits)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := RunSweep(t.Context(), s, digits, test, SweepOptions{}); err != nil {
			t.Fatal(err)
		}
		want := told(t, s)
		whole = append(whole, want)

		s, err = run.CreateSweep(filepath.Join(dir, "stopped"), p, digits)
		if err != nil {
			t.Fatal(err)
		}
		for stop := 1; ; stop++ {
			ctx, cancel := context.WithCancel(t.Context())
			epochs := make(chan bool, 1000)
			err := RunSweep(ctx, s, digits, test, SweepOptions{Jobs: 3, Epoch: func(run.Trial, train.Epoch) {
				if epochs <- true; len(epochs) >= 5*stop {
					cancel()
				}
			}})
			cancel()
			s.Close()
			if err == nil {
				break
			}
			if s, err = run.ResumeSweep(s.Dir, digits); err != nil {
				t.Fatal(err)
			}
		}
		if got := told(t, s); got != want {
			t.Errorf("halving %v: stopped, it came to\n%s\nwant\n%s", halving, got, want)
		}
	}
	if n := strings.Count(whole[1], Dropped); n != 6 || strings.Count(whole[1], Finished) != 2 {
		t.Errorf("halving dropped %d of 8 trials, want 6:\n%s", n, whole[1])
	}
	// The winner's figures are those that it has without halving.
	best := strings.Join(strings.SplitAfter(whole[1], "\n")[:3], "")
	if !strings.Contains(whole[0], best) {
		t.Errorf("the best with halving\n%s\nis not among\n%s", best, whole[0])
	}
}

// A trial that is damaged is said, and costs nobody else; taken away, it is made again.
func TestSweepDamaged(t *testing.T) {
	t.Parallel()
	p, digits, test := swept(t, false)
	p.Trials = p.Trials[2:6]
	dir := filepath.Join(t.TempDir(), "sweep")
	s, err := run.CreateSweep(dir, p, digits)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := RunSweep(t.Context(), s, digits, test, SweepOptions{Jobs: 2}); err != nil {
		t.Fatal(err)
	}
	want := told(t, s)
	lost := filepath.Join(dir, p.Trials[1].Name)
	if err := os.WriteFile(filepath.Join(lost, "run.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, p.Trials[2].Name)); err != nil {
		t.Fatal(err)
	}
	var failed []string
	tell := SweepOptions{Failed: func(trial run.Trial, err error) { failed = append(failed, trial.Name+": "+err.Error()) }}
	if err := RunSweep(t.Context(), s, digits, test, tell); err != nil {
		t.Fatal(err)
	}
	if len(failed) != 1 || !strings.HasPrefix(failed[0], p.Trials[1].Name) || !strings.Contains(failed[0], "run.json") {
		t.Errorf("got the failures %q, want that of %s", failed, p.Trials[1].Name)
	}
	if got := told(t, s); strings.Count(got, Damaged) != 1 || strings.Count(got, Finished) != 3 {
		t.Errorf("got\n%s", got)
	}
	if err := os.RemoveAll(lost); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), lost); err == nil {
		if got := told(t, s); strings.Count(got, Damaged) != 1 {
			t.Errorf("a symbolic link in a trial's place: got\n%s", got)
		}
		if err := os.Remove(lost); err != nil {
			t.Fatal(err)
		}
	}
	if err := RunSweep(t.Context(), s, digits, test, tell); err != nil {
		t.Fatal(err)
	}
	if got := told(t, s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestStandingsOrder(t *testing.T) {
	nan := math.NaN()
	of := func(mean float64, level int, states ...string) Standing {
		v := Standing{Validation: Spread{Mean: mean}, level: level}
		for _, state := range states {
			v.Trials = append(v.Trials, TrialStanding{State: state})
		}
		return v
	}
	in := []Standing{of(nan, 0), of(.5, 0, Finished), of(.9, 0, Finished, Diverged), of(.7, 0, Finished), of(.1, 1, Finished)}
	for figure, want := range map[string][]float64{"accuracy": {.1, .7, .5}, "loss": {.1, .5, .7}} {
		all := slices.Clone(in)
		slices.SortStableFunc(all, func(a, b Standing) int { return compare(a, b, figure) })
		var got []float64
		for _, v := range all[:3] {
			got = append(got, v.Validation.Mean)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v before those without a figure or with one that diverged", figure, got, want)
		}
	}
}

// The values are those of Python's statistics.stdev.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{{nil, "–"}, {[]float64{.25}, "0.2500"}, {[]float64{2, 4, 4, 4, 5, 5, 7, 9}, "5.0000 ± 2.1381"}, {[]float64{.5, .5}, "0.5000 ± 0.0000"}, {[]float64{math.NaN(), 1}, "–"}} {
		if got := SpreadOf(c.values).String(); got != c.want {
			t.Errorf("%v: got %s, want %s", c.values, got, c.want)
		}
	}
}

func TestAxes(t *testing.T) {
	axes := []Axis{{Name: "a", Values: []string{"1", "2"}}, {Name: "b", Values: []string{"x", "y", "z"}}}
	grid, err := Grid(axes)
	if err != nil || len(grid) != 6 || Label(grid[1]) != "a 1, b y" || Label(grid[5]) != "a 2, b z" {
		t.Errorf("got %v, %v", grid, err)
	}
	drawn, err := Draw(axes, 6, 1)
	if err != nil || len(drawn) != 6 {
		t.Errorf("all six of the grid: got %v, %v", drawn, err)
	}
	if again, err := Draw(axes, 6, 1); err != nil || !reflect.DeepEqual(again, drawn) {
		t.Errorf("the same seed draws %v and %v, %v", drawn, again, err)
	}
	if _, err := Draw(axes, 7, 1); err == nil || !strings.Contains(err.Error(), "only 6 that differ") {
		t.Errorf("seven of six: got %v", err)
	}
	// Half of what is drawn by logarithms lies below the geometric mean, and all of it in the range.
	all, err := Draw([]Axis{{Name: "rate", Low: 1e-4, High: 1e-1, Log: true}, {Name: "n", Low: 16, High: 256, Log: true, Whole: true}, {Name: "p", Low: 0, High: .5}}, 2000, 3)
	if err != nil {
		t.Fatal(err)
	}
	below := [3]int{}
	for _, settings := range all {
		for i, limits := range [][3]float64{{1e-4, 1e-1, 3.1623e-3}, {16, 256, 64}, {0, .5, .25}} {
			var v float64
			if err := json.Unmarshal([]byte(settings[i].Value), &v); err != nil || v < limits[0] || v > limits[1] || i == 1 && v != math.Trunc(v) {
				t.Fatalf("%v: %v", settings[i], err)
			}
			if v < limits[2] {
				below[i]++
			}
		}
	}
	for i, n := range below {
		if n < 900 || n > 1100 { // ±4.5 σ
			t.Errorf("%s: %d of 2000 lie below the middle", all[0][i].Name, n)
		}
	}
	for _, wrong := range [][]Axis{{{}}, {{Name: "a", Low: 1, High: 1}}, {{Name: "a", Low: 0, High: 1, Log: true}}, {{Name: "a", Low: math.NaN(), High: 1}}, {{Name: "a", Low: -1e308, High: 1e308}}} {
		if _, err := Draw(wrong, 1, 1); err == nil {
			t.Errorf("%+v: no error", wrong)
		}
	}
	many := Axis{Name: "a", Values: make([]string, 200)}
	for _, wrong := range [][]Axis{{{Name: "a", Low: 1, High: 2}}, {many, many}} {
		if _, err := Grid(wrong); err == nil {
			t.Errorf("a grid of %d axes: no error", len(wrong))
		}
	}
}

func TestRungs(t *testing.T) {
	for _, c := range []struct {
		variants, epochs int
		want             []int
	}{{12, 20, []int{1, 2, 5, 10}}, {12, 2, []int{1}}, {12, 1, nil}, {1, 20, nil}, {2, 20, []int{10}}, {3, 20, []int{5, 10}}, {4, 20, []int{5, 10}}} {
		p := run.Plan{Halving: true}
		for i := range c.variants {
			p.Trials = append(p.Trials, run.Trial{Name: fmt.Sprintf("%d-seed1", i), Config: run.Config{Experiment: run.Experiment{Epochs: c.epochs}}})
		}
		if got := rungs(p); !slices.Equal(got, c.want) {
			t.Errorf("%d variants, %d epochs: got %v, want %v", c.variants, c.epochs, got, c.want)
		}
	}
}

func TestSweepRefused(t *testing.T) {
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	relu, err := Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	mse, err := Find("mse")
	if err != nil {
		t.Fatal(err)
	}
	relu.Hidden, mse.Hidden = []int{8}, []int{8}
	longer, held := relu, relu
	longer.Epochs, held.Validation = 30, .5
	for name, s := range map[string]Sweep{
		"at least one":         {},
		"at least one of both": {Variants: []Variant{{nil, relu}}, Seeds: []uint64{}},
		"what is measured":     {Variants: []Variant{{nil, relu}}, Figure: "f1"},
		"no measure of each":   {Variants: []Variant{{nil, relu}, {nil, mse}}, Figure: "loss"},
		"with halving":         {Variants: []Variant{{nil, relu}, {nil, longer}}, Halving: true},
		"holds out a share":    {Variants: []Variant{{nil, relu}, {nil, held}}},
	} {
		dir := filepath.Join(t.TempDir(), "none")
		p, err := s.Plan("mnist", digits)
		if err == nil {
			_, err = run.CreateSweep(dir, p, digits)
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
		if _, err := os.Lstat(dir); err == nil {
			t.Errorf("%s: the folder is there", name)
		}
	}
	if err := RunSweep(t.Context(), nil, digits, digits, SweepOptions{}); err == nil {
		t.Error("a nil sweep: no error")
	}
	if _, err := Standings(nil); err == nil {
		t.Error("a nil sweep: no error")
	}
}
