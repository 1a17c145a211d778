package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// fitted checks that a table has no line that is wider than a terminal of 80 columns.
func fitted(t *testing.T, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

// TestRunsApart: runs of one experiment are told apart by all that shows them, latest and an experiment's name are the newest, and what looks takes them, with the gradients that were recorded.
func TestRunsApart(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Chdir(t.TempDir())
	ok(t, smallRun("relu", "--record-gradients", "10")...)
	ok(t, smallRun("relu", "--seed", "2", "--record-gradients", "10")...)
	ok(t, "run", "mse", "--learning-rate", "0.3", "--layers", "dense 5 tanh, dense 10 softmax", "--train-samples", "100", "--epochs", "1", "--quiet")
	first, second, other := filepath.Base(runs.Newest()[2]), filepath.Base(runs.Newest()[1]), filepath.Base(runs.Newest()[0])
	if !strings.HasPrefix(first, "relu-seed1-") || !strings.HasPrefix(second, "relu-seed2-") || !strings.HasPrefix(other, "mse-seed1-") {
		t.Fatalf("got %v", runs.Newest())
	}
	abouts := map[string]string{
		first:  "relu, seed 1, sgd 0.1, dense 12 relu, dense 10 softmax; changed: hidden 12 (633,633,633), batch size 25 (100), epochs 3 (20), training samples 300 (all)",
		second: "relu, seed 2, sgd 0.1, dense 12 relu, dense 10 softmax; changed: hidden 12 (633,633,633), batch size 25 (100), epochs 3 (20), training samples 300 (all)",
		other:  "mse, seed 1, sgd 0.3, dense 5 tanh, dense 10 softmax; changed: hidden 5 (633,633,633), activation tanh (sigmoid), optimizer sgd 0.3 (sgd 0.1), epochs 1 (20), training samples 100 (all)",
	}
	whole := func(out string) string { return strings.Join(strings.Fields(out), " ") }
	for _, args := range [][]string{{"runs"}, {"eval", first, second, other}} {
		out := ok(t, args...)
		fitted(t, out)
		for name, about := range abouts {
			if !strings.Contains(whole(out), name+" ") || !strings.Contains(whole(out), about) {
				t.Errorf("%v does not tell %s apart:\n%s", args, about, out)
			}
		}
	}
	if out := ok(t, "diagnose", second); !strings.HasPrefix(whole(out), second+", seed 2 "+abouts[second]) {
		t.Errorf("diagnose: got %s", out)
	}
	page := ok(t, "report", first, second, other, "-o", "-")
	for _, want := range []string{abouts[first], abouts[second], abouts[other], "relu, mean of 2, running", "relu, mean of 2, test set", other + ", running", "Distribution of the gradient"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Contains(page, "What the lecture shows") {
		t.Error("the lecture's figures stand beside runs that are none of the lecture's")
	}

	// JSON has all of it.
	for _, args := range [][]string{{"eval", second, "--json"}, {"diagnose", second, "--json"}, {"gradients", second, "--at", "0", "--json"}, smallRun("relu", "--seed", "2", "--json", "--out", second)} {
		var o struct {
			Run, Dir, Version string
			Config            struct {
				Experiment run.Experiment
				Seed       uint64
				Versions   map[string]string
			}
		}
		if err := json.Unmarshal([]byte(ok(t, args...)), &o); err != nil {
			t.Fatal(err)
		}
		e := o.Config.Experiment
		if o.Run != second || filepath.Base(o.Dir) != second || o.Version == "" || o.Config.Seed != 2 || e.Optimizer != "sgd 0.1" || e.Network != "x = input 784\ndense 12 relu\ndense 10 softmax" || e.BatchSize != 25 || o.Config.Versions["go"] == "" {
			t.Errorf("%v: got %+v", args, o)
		}
	}
	if err := os.RemoveAll(second); err != nil {
		t.Fatal(err)
	}

	// What was named is what is meant.
	for name, want := range map[string]string{"latest": other, "relu": second, "mse": other, first: first} {
		if out := ok(t, "eval", name); !strings.Contains(out, want+"\n") {
			t.Errorf("%s: got %s, want %s", name, out, want)
		}
	}
	if err := os.Mkdir("latest", 0o755); err != nil {
		t.Fatal(err)
	}
	if errOut := refused(t, 1, "eval", "latest"); !strings.Contains(errOut, "latest has no run.json") {
		t.Errorf("a folder called latest: %s", errOut)
	}
	if err := os.Remove("latest"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"summary"}, {"graph"}, {"gradients"}, {"gradients", "--histogram"}} {
		if out := ok(t, append(args, "latest")...); !strings.Contains(out, "dense_2") {
			t.Errorf("%v latest: got %s", args, out)
		}
	}
	if out := ok(t, "gradcheck", "latest"); !strings.Contains(out, "every gradient agrees") {
		t.Errorf("gradcheck latest: got %s", out)
	}
	if errOut := refused(t, 2, "summary", "latest", "--hidden", "3"); !strings.Contains(errOut, "latest is a run, whose settings stay as they were: leave out --hidden") {
		t.Errorf("flags on a run: %s", errOut)
	}
	out := ok(t, "gradients", first, "--at", "0,20")
	if strings.Count(out, "gradient norm by layer") != 2 || !strings.Contains(out, "\nstep 20: ") || !strings.HasPrefix(out, "step 0,") {
		t.Errorf("recorded gradients: got %s", out)
	}
	if errOut := refused(t, 1, "gradients", first, "--at", "5"); !strings.Contains(errOut, "no gradients of step 5 were recorded: want some of 0, 10, 20, 30") {
		t.Errorf("a step that was not recorded: %s", errOut)
	}
	if errOut := refused(t, 2, "gradients", first, "--learning-rate", "3"); !strings.Contains(errOut, "leave out --learning-rate") {
		t.Errorf("a rate for a run: %s", errOut)
	}
	// One that is not there loses none of the others.
	status, out, errOut := stheno("gradients", first, "./nosuch", "--at", "0")
	if status != 1 || !strings.Contains(out, first) || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "nosuch") {
		t.Errorf("status %d, standard error %q, standard output %s", status, errOut, out)
	}
	var g struct {
		Layers []struct {
			Shape     []int
			Histogram struct {
				Min, Max float64
				Counts   []int
			}
		}
	}
	if err := json.Unmarshal([]byte(ok(t, "gradients", first, "--at", "10", "--histogram", "--json")), &g); err != nil {
		t.Fatal(err)
	}
	for _, l := range g.Layers {
		n, all := 1, 0
		for _, d := range l.Shape {
			n *= d
		}
		for _, c := range l.Histogram.Counts {
			all += c
		}
		if all != n || !(l.Histogram.Max > l.Histogram.Min) {
			t.Errorf("a histogram of %v: %+v", l.Shape, l.Histogram)
		}
	}
}

// TestRunsAreRemoved: by name or all but the newest, after a question or with --yes, and never one that is in use, or what is no run.
func TestRunsAreRemoved(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	home, err := run.Home()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for seed := range 3 {
		ok(t, smallRun("relu", "--seed", fmt.Sprint(seed))...)
	}
	ok(t, smallRun("mse")...)
	there := func() (all []string) {
		for _, name := range runs.Names() {
			all = append(all, regexp.MustCompile(`-2[0-9-]*$`).ReplaceAllString(name, ""))
		}
		return all
	}
	for _, args := range [][]string{{"runs", "rm", "relu"}, {"runs", "prune"}} {
		status, out, errOut := stheno(args...)
		if status != 2 || len(there()) != 4 || !strings.Contains(errOut, "say --yes") || !strings.Contains(out, "relu-seed") {
			t.Errorf("%v: nobody to ask: status %d, %q, %q, %v", args, status, out, errOut, there())
		}
	}
	newest := runs.Names()[3]
	if status, out, errOut := stheno("runs", "rm", "relu", newest, "nosuch", "--yes"); status != 1 || !strings.Contains(out, "removed "+newest) || strings.Count(out, "removed") != 1 || !strings.Contains(errOut, "nosuch") {
		t.Errorf("status %d, %q, %q", status, out, errOut)
	}
	if got := fmt.Sprint(there()); got != "[mse-seed1 relu-seed0 relu-seed1]" {
		t.Errorf("after rm: got %s", got)
	}
	damaged := filepath.Join(home, runs.Names()[1], "run.json") // the older one of relu
	text, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(home, "mine", "precious"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out := ok(t, "runs", "prune"); out != "there is nothing to remove\n" {
		t.Errorf("a damaged run and what is none: got %s", out)
	}
	if errOut := refused(t, 1, "runs", "rm", "mine", "--yes"); !strings.Contains(errOut, "has no run.json") {
		t.Errorf("what is no run: got %s", errOut)
	}
	if err := errors.Join(os.WriteFile(damaged, text, 0o644), os.Chtimes(damaged, time.Time{}, time.Now().Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	if out := ok(t, "runs", "prune", "--yes"); !strings.HasPrefix(out, "removed relu-seed0-") || strings.Count(out, "\n") != 1 {
		t.Errorf("prune: got %s", out)
	}
	if got := fmt.Sprint(there()); got != "[mine mse-seed1 relu-seed1]" {
		t.Errorf("after prune: got %s", got)
	}
	// One that is written to by another process stays.
	rec, err := run.Resume(runs.Locate("relu"), "", 5, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	if errOut := refused(t, 1, "runs", "rm", "relu", "--yes"); !strings.Contains(errOut, "is in use by process") {
		t.Errorf("a run in use: got %s", errOut)
	}
	if out := ok(t, "runs", "prune", "--keep", "0", "--yes"); !strings.HasPrefix(out, "removed mse-seed1-") || strings.Count(out, "\n") != 1 {
		t.Errorf("prune of all: got %s", out)
	}
	if got := fmt.Sprint(there()); got != "[mine relu-seed1]" {
		t.Errorf("after prune of all: got %s", got)
	}
}

// TestARunsWay: a line an epoch and the place where it is kept stay on standard error, and --quiet has neither.
func TestARunsWay(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	args := smallRun("relu")
	loud := append([]string{}, args[:len(args)-1]...)
	status, out, errOut := stheno(loud...)
	want := regexp.MustCompile(`^(relu  epoch [123]/3  loss \d+\.\d+  accuracy 0\.\d{4}  \d+\.\d s\n){3}kept in (relu-seed1-\S+)\n$`)
	if status != 0 || !want.MatchString(errOut) {
		t.Fatalf("status %d, %q", status, errOut)
	}
	if name := want.FindStringSubmatch(errOut)[2]; runs.Names()[0] != name {
		t.Errorf("it says %s, the runs are %v", name, runs.Names())
	}
	if strings.Contains(out, "lecture") || strings.Contains(out, "0.9978") {
		t.Errorf("the lecture's figures stand beside another experiment's:\n%s", out)
	}
	if _, _, errOut := stheno(args...); errOut != "" {
		t.Errorf("--quiet says %q", errOut)
	}
}
