package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// copied is a folder's copy.
func copied(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestCompare: three seeds each of two settings, a copy, and a run that computed on more threads.
func TestCompare(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	var names []string
	for _, kind := range []string{"slow", "fast"} {
		rate := map[string]string{"slow": "0.001", "fast": "0.5"}[kind]
		for seed := 1; seed <= 3; seed++ {
			name := fmt.Sprint(kind, seed)
			ok(t, smallRun("relu", "--learning-rate", rate, "--seed", fmt.Sprint(seed), "--threads", "1", "--out", name)...)
			names = append(names, name)
		}
	}
	out := ok(t, append([]string{"compare"}, names...)...)
	fitted(t, out)
	whole := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		"6 runs of 2 kinds: relu, sgd 0.001: slow1, slow2, slow3 (seeds 1, 2, 3) relu, sgd 0.5: fast1, fast2, fast3 (seeds 1, 2, 3)",
		"what differs: optimizer relu, sgd 0.001 sgd 0.001 relu, sgd 0.5 sgd 0.5",
		"relu, sgd 0.5: test accuracy", "higher than of relu, sgd 0.001: more than seeds make (", "pooled of 3 and 3 seeds", "is further apart than seeds make from epoch",
		"running accuracy by epoch, mean and range over the seeds: a relu, sgd 0.001, b relu, sgd 0.5", "running loss by epoch",
		"gradients of slow1, fast1", "step 0, before the first update", "step 36: gradient norm by layer",
		"seed 1, slow1 and fast1: the same to the bit at step 0, where they part with another update of dense_1.weight",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("got\n%s\nwant %q in it", out, want)
		}
	}

	// JSON has the same figures as the runs' own results.
	var report struct {
		Figure, On string
		Differ     []string
		Groups     []struct {
			Name     string
			Settings map[string]string
			Runs     []struct {
				Name    string
				Seed    uint64
				Epochs  int
				Figures map[string]float64
			}
			Figures map[string]struct {
				Mean, Std float64
				N         int
			}
			Curve []struct{ Mean float64 }
		}
		Differences []struct {
			Difference, Chance float64
			PooledStd          float64 `json:"pooled_std"`
			Seeds              [2]int
			Exceeds            *bool
			Apart              *struct{ From, Until int }
		}
		Partings []struct {
			Runs [2]string
			Same bool
			Step *uint64
		}
		Gradients []struct {
			Group  string
			Step   uint64
			Layers []struct {
				Layer string
				Norm  float64 `json:"grad_norm"`
			}
		}
	}
	read := func(args ...string) {
		t.Helper()
		report.Groups, report.Differences, report.Partings, report.Gradients = nil, nil, nil, nil
		if err := json.Unmarshal([]byte(ok(t, append([]string{"compare", "--json"}, args...)...)), &report); err != nil {
			t.Fatal(err)
		}
	}
	read(names...)
	mean := [2]float64{}
	for i, name := range names {
		f, err := run.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		result, err := f.Result()
		if err != nil {
			t.Fatal(err)
		}
		mean[i/3] += result.Test.Accuracy() / 3
		if got := report.Groups[i/3].Runs[i%3].Figures["test"]; got != result.Test.Accuracy() {
			t.Errorf("%s: got %v, want %v", name, got, result.Test.Accuracy())
		}
	}
	d := report.Differences[0]
	if math.Abs(d.Difference-(mean[1]-mean[0])) > 1e-12 || d.PooledStd <= 0 || d.Chance <= 0 || d.Chance >= .05 || d.Exceeds == nil || !*d.Exceeds || d.Apart == nil || d.Apart.Until != 3 || d.Seeds != [2]int{3, 3} {
		t.Errorf("got %+v, means %v", d, mean)
	}
	if report.Figure != "accuracy" || report.On != "test" || len(report.Groups[0].Curve) != 3 || report.Groups[1].Figures["test"].N != 3 || report.Groups[1].Settings["optimizer"] != "sgd 0.5" || len(report.Gradients) != 4 || report.Gradients[1].Step != 36 {
		t.Errorf("got %+v", report)
	}
	if p := report.Partings; len(p) != 1 || p[0].Same || p[0].Step == nil || *p[0].Step != 0 {
		t.Errorf("got %+v", p)
	}

	// A copy is the same to the bit, and makes no seed more; so is what more threads made.
	copied(t, "slow1", "twin")
	ok(t, smallRun("relu", "--learning-rate", "0.001", "--seed", "1", "--threads", "3", "--out", "threads")...)
	read("slow1", "twin", "threads", "fast1")
	if p := report.Partings; len(p) != 3 || !p[0].Same || !p[1].Same || p[0].Step != nil || p[2].Same {
		t.Errorf("got %+v", p)
	}
	if d := report.Differences[0]; d.Exceeds != nil || d.Seeds != [2]int{1, 1} {
		t.Errorf("of a seed each, got %+v", d)
	}
	if out := ok(t, "compare", "slow1", "twin", "fast1"); !strings.Contains(strings.Join(strings.Fields(out), " "), "one seed of each cannot tell whether that is more than seeds make") {
		t.Errorf("got\n%s", out)
	}

	// The report of them has it too.
	page := ok(t, append([]string{"report", "-o", "-"}, names...)...)
	for _, want := range []string{"6 runs of 2 kinds", "more than seeds make", "Gradients side by side", "<title>Gradient norm by layer, step 36</title>", "relu, sgd 0.5, mean of 3, running", "<h2>fast3</h2>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}

	// One that is damaged costs no other, be it by its log or by its weights.
	if err := os.WriteFile(filepath.Join("slow2", "metrics.jsonl"), []byte("{\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("fast1", "checkpoints", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		if err := os.Truncate(file, 100); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errOut := stheno(append([]string{"compare"}, names...)...)
	if status != 1 || !strings.Contains(errOut, "slow2") || !strings.Contains(errOut, "fast1 is compared without its gradients: ") || strings.Count(errOut, "\n") != 2 || !strings.Contains(out, "5 runs of 2 kinds") || !strings.Contains(out, "pooled of 3 and") {
		t.Errorf("status %d, standard error %q, standard output\n%s", status, errOut, out)
	}
	if said := refused(t, 2, "compare", "slow1"); !strings.Contains(said, "got one run") {
		t.Errorf("got %q", said)
	}
}

// TestCompareSweep: all trials of a sweep, one of which is damaged, are compared on what was held out, and reported.
func TestCompareSweep(t *testing.T) {
	t.Chdir(t.TempDir())
	ok(t, "sweep", "relu", "--learning-rate", "0.01,0.5", "--hidden", "6/6,6", "--seeds", "2", "--train-samples", "100", "--batch-size", "20", "--epochs", "3", "--out", "swept")
	out := ok(t, "compare", "swept")
	fitted(t, out)
	for _, want := range []string{"8 runs of a sweep, with 4 settings, the best first:", "validation accuracy, against ", "3 comparisons are made here", "a hidden 6"} {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s\nwant %q in it", out, want)
		}
	}
	page := ok(t, "report", "swept", "-o", "-")
	for _, want := range []string{"Sweep swept: 8 runs, the best settings first", "<title>Validation accuracy by learning-rate</title>", "<title>Validation accuracy by hidden</title>", "Validation accuracy against ", "mean of 2, validation"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if n := strings.Count(page, "<h2>swept/"); n != 1 {
		t.Errorf("%d runs are shown whole, want one of the best settings", n)
	}
	best := page[strings.Index(page, "<h2>swept/")+len("<h2>swept/"):][:7]
	if err := os.WriteFile(filepath.Join("swept", best, "result.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"compare", "swept"}, {"report", "swept", "-o", "-"}} {
		status, out, errOut := stheno(args...)
		if status != 1 || !strings.Contains(errOut, best) || strings.Count(errOut, "\n") != 1 || !strings.Contains(out, "7 runs") {
			t.Errorf("%v: status %d, standard error %q, standard output\n%.600s", args, status, errOut, out)
		}
	}
}
