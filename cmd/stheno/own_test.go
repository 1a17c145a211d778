package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// ownRun trains a model on data in Go and keeps it as a run.
func ownRun(t *testing.T, name string, c graph.Config, data datasets.Data, how train.Config, change func(*run.Config), all ...graph.Layer) {
	t.Helper()
	home, err := run.Home()
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(c, all...)
	if err != nil {
		t.Fatal(err)
	}
	config, err := run.NewConfig(name, m, data, how)
	if err != nil {
		t.Fatal(err)
	}
	change(&config)
	rec, err := run.Create(filepath.Join(home, name), config, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	how.Observers = []train.Observer{rec}
	if _, err := train.Fit(context.Background(), m, data, how); err != nil {
		t.Fatal(err)
	}
	result, err := train.Evaluate(context.Background(), m, data, train.Config{Loss: how.Loss, Metrics: how.Metrics})
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Finish(run.Result{Train: &result.Metrics, Test: &result.Metrics}); err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestRunsOfOthers: runs that a program of somebody's trained, without an accuracy, on digits or on data of its own.
func TestRunsOfOthers(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("COLUMNS", "80")
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	few, err := digits.Slice(0, 200)
	if err != nil {
		t.Fatal(err)
	}
	how := func() train.Config {
		return train.Config{Loss: losses.MSE{}, Metrics: []train.Metric{train.RMSE{}, train.MAE{}}, Optimizer: &optim.Adam{}, Epochs: 2, Shards: 2, Seed: 3}
	}
	ofDigits := func(c *run.Config) {
		c.Dataset, c.Experiment.TrainSamples, c.Experiment.Scale = "mnist", 200, 1./255
	}
	ownRun(t, "scores", graph.Config{Input: graph.Floats(28, 28), Seed: 4, Float64: true}, few.Scaled(1./255), how(), ofDigits, layers.Flatten{}, layers.Dense{Units: 10})
	x := make([]float32, 60)
	for i := range x {
		x[i] = float32(i) / 60
	}
	table, err := datasets.NewArrays("table", []datasets.Array{{Name: "x", Shape: []int{2}, Floats: x}}, []datasets.Array{{Name: "y", Shape: []int{1}, Floats: x[:30]}})
	if err != nil {
		t.Fatal(err)
	}
	ownRun(t, "houses", graph.Config{Input: graph.Floats(2)}, table, how(), func(*run.Config) {}, layers.Dense{Units: 1})
	ownRun(t, "lossy", graph.Config{Input: graph.Floats(2)}, table, train.Config{Loss: losses.MSE{}, Metrics: []train.Metric{}}, func(*run.Config) {}, layers.Dense{Units: 1})
	unheard := graph.LayerFunc("unheard", layers.Tanh.Build)
	ownRun(t, "secret", graph.Config{Input: graph.Floats(784)}, few.Scaled(1./255), train.Config{}, ofDigits, layers.Dense{Units: 10}, unheard, layers.Dense{Units: 10, Activation: layers.Softmax})

	for _, want := range []string{"houses     2/2  0.", " rmse 0.", "lossy      1/1", "loss 0.", "secret     1/1"} {
		if out := ok(t, "runs"); !strings.Contains(out, want) {
			t.Errorf("runs has no %q in\n%s", want, out)
		}
	}
	for line := range strings.Lines(ok(t, "runs", "--json")) {
		var s struct {
			Name    string
			Test    *float64
			Metrics map[string]float64
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		if _, judged := s.Metrics["rmse"]; judged != (s.Name == "houses" || s.Name == "scores") || (s.Test != nil) != (s.Name == "secret") || s.Metrics["loss"] == 0 {
			t.Errorf("runs --json: got %s", line)
		}
	}
	if out := ok(t, "eval", "scores"); !strings.Contains(out, "rmse") || !strings.Contains(out, "  test: loss 0.") || !strings.Contains(out, ", rmse 0.") || !strings.Contains(out, ", mae 0.") || strings.Contains(out, "accuracy") {
		t.Errorf("eval: got\n%s", out)
	}
	var e evalReport
	if err := json.Unmarshal([]byte(ok(t, "eval", "scores", "--json")), &e); err != nil || !(e.Test.Score("rmse") > 0) || !(e.Test.Score("mae") > 0) {
		t.Errorf("eval --json: got %+v, %v", e, err)
	}
	ok(t, "gradients", "--checkpoint", "scores")
	if out := ok(t, "diagnose", "scores"); strings.Contains(out, "NaN") {
		t.Errorf("diagnose: got\n%s", out)
	}
	if page := ok(t, "report", "scores", "-o", "-"); !strings.Contains(page, "rmse") || strings.Contains(page, "stheno run ") {
		t.Error("the report has no rmse, or a command that would not repeat the run")
	}
	if out := ok(t, "run", "--resume", "scores", "--epochs", "3", "--quiet"); !strings.Contains(out, "  test: loss 0.") || strings.Contains(out, "NaN") {
		t.Errorf("run: got\n%s", out)
	}
	ok(t, "run", "--resume", "scores", "--epochs", "4", "--json")

	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"eval", "houses"}, "houses was trained on files of your own, whose place is not recorded"},
		{[]string{"eval", "secret"}, "secret has no words for its network, which only the program that trained it can make"},
		{[]string{"predict", "secret", "x.png"}, "secret has no words for its network"},
		{[]string{"report", "secret", "-o", "-"}, "secret has no words for its network"},
		{[]string{"diagnose", "secret"}, "secret has no words for its network"},
		{[]string{"gradients", "--checkpoint", "secret"}, "secret has no words for its network"},
		{[]string{"run", "--resume", "secret", "--epochs", "3"}, "secret has no words for its network"},
	} {
		status, out, errOut := stheno(c.args...)
		if status != 1 || out != "" || !strings.Contains(errOut, c.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%q: got status %d, %q, %q, want 1, %q", c.args, status, out, errOut, c.want)
		}
	}
}
