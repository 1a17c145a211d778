package models_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// alike compares two experiments, their losses, which are functions, by name.
func alike(a, b models.Experiment) bool {
	same := a.Loss.Name() == b.Loss.Name()
	a.Loss, b.Loss = nil, nil
	return same && reflect.DeepEqual(a, b)
}

// TestOfRun: an experiment comes back from a run's configuration as it was, with the lecture's figures, and with the band only if it is unchanged.
func TestOfRun(t *testing.T) {
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range models.Experiments() {
		got, err := models.OfRun(e.RunConfig(1, "mnist", digits))
		if err != nil || !alike(got, e) {
			t.Errorf("%s became %+v, %v, want %+v", e.Name, got, err, e)
		}
		e.Epochs++
		got, err = models.OfRun(e.RunConfig(1, "mnist", digits))
		if e.Band = (models.Band{}); err != nil || !alike(got, e) {
			t.Errorf("%s with an epoch more became %+v, %v, want %+v", e.Name, got, err, e)
		}
	}
	e, _, _ := short(t, "relu")
	e.Name, e.Hidden = "mine", []int{}
	want := e
	want.Changes, want.Lecture, want.Band = "", models.Figures{}, models.Band{}
	if got, err := models.OfRun(e.RunConfig(1, "", digits)); err != nil || !alike(got, want) {
		t.Errorf("an experiment of another name became %+v, %v, want %+v", got, err, want)
	}
}

func TestOfRunRefuses(t *testing.T) {
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	e, _, _ := short(t, "relu")
	for want, change := range map[string]func(*run.Config){
		`models: the run's experiment relu: loss: line 1, column 1: got "no-such-loss", want a loss: one of `: func(c *run.Config) { c.Experiment.Loss = "no-such-loss" },
		`models: the run's experiment relu: activation: got "", want one of `:                                 func(c *run.Config) { c.Experiment.Activation = "" },
		"graph: layer dropout_1, input of shape (2,":                                                          func(c *run.Config) { c.Experiment.Dropout = 7 },
		"graph: layer dense_3, input of shape (2, 24): got Units 0":                                           func(c *run.Config) { c.Classes = nil },
	} {
		c := e.RunConfig(1, "mnist", digits)
		change(&c)
		if _, err := models.RunModel(c); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error\n\t%v\nwant\n\t%s…", err, want)
		}
	}
	e.Loss = nil
	if _, err := run.Create(filepath.Join(t.TempDir(), "run"), e.RunConfig(1, "mnist", digits), run.Options{}); err == nil || !strings.Contains(err.Error(), "no loss") {
		t.Errorf("an experiment without a loss: got error %v", err)
	}
}

// TestRunModel: it is the network that the experiment starts with, bit for bit.
func TestRunModel(t *testing.T) {
	e, digits, _ := short(t, "dropout")
	got, err := models.RunModel(e.RunConfig(3, "mnist", digits))
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Model(digits.Features(), len(digits.Classes), 3)
	if err != nil {
		t.Fatal(err)
	}
	if got.Summary() != want.Summary() {
		t.Errorf("got\n%s\nwant\n%s", got.Summary(), want.Summary())
	}
	sameWeights(t, got, want)
}

func sameWeights(t *testing.T, got, want *graph.Model) {
	t.Helper()
	for i, p := range want.Params() {
		if !slices.Equal(got.Params()[i].Value.Float32s(), p.Value.Float32s()) {
			t.Errorf("%s differs", p.Name)
		}
	}
}

// TestRunOfBefore: a run that an earlier stheno left is read, goes on, and ends as one that was trained at once. Its configuration is written again line for line, but for
// the run's id, which there was not.
func TestRunOfBefore(t *testing.T) {
	const before = "testdata/run-format-1"
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(before)); err != nil {
		t.Fatal(err)
	}
	digits, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	want.Hidden, want.TrainSamples, want.BatchSize, want.Epochs, want.Band = []int{1}, 100, 50, 1, models.Band{}
	if e, err := models.OfRun(folder.Config); err != nil || !alike(e, want) {
		t.Errorf("its experiment is %+v, %v, want %+v", e, err, want)
	}
	if _, err := run.Load(dir, models.RunModel); err != nil {
		t.Error(err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	created, err := run.Create(fresh, folder.Config, folder.Config.Saving)
	if err != nil {
		t.Fatal(err)
	}
	was, _ := os.ReadFile(filepath.Join(before, "run.json"))
	now, err := os.ReadFile(filepath.Join(fresh, "run.json"))
	since := regexp.MustCompile(`(?m)^  "(id|sha256)": .*\n`)
	if err != nil || since.ReplaceAllString(string(now), "") != since.ReplaceAllString(string(was), "") {
		t.Errorf("its configuration became\n%s\n%v, want\n%s", now, err, was)
	}
	if err := created.Close(); err != nil {
		t.Fatal(err)
	}
	longer := folder.Config
	longer.Experiment.Epochs = 2
	if created, err = run.Create(filepath.Join(t.TempDir(), "longer"), longer, longer.Saving); err != nil {
		t.Fatal(err)
	}

	resumed, err := run.Resume(dir, "", 2, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*graph.Model
	for i, rec := range []*run.Recorder{resumed, created} {
		e, err := models.OfRun(rec.Folder().Config)
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: 5, Start: rec.Start(), Observers: []train.Observer{rec}})
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.Finish(r.RunResult()); err != nil {
			t.Error(err)
		}
		if err := rec.Close(); err != nil {
			t.Error(err)
		}
		if got, err := rec.Folder().Result(); err != nil || !reflect.DeepEqual(*got.Test, r.Test.Metrics) || got.PredictedClasses != r.Test.PredictedClasses() || got.NoisyTest != nil {
			t.Errorf("the result on disk is %+v, %v, want that of %+v", got, err, r)
		}
		ends[i] = r.Model
	}
	for i, p := range ends[1].Params() { // another BLAS than the one it began with may round otherwise
		for j, v := range p.Value.Float32s() {
			if got := ends[0].Params()[i].Value.Float32s()[j]; v-got > 1e-4 || got-v > 1e-4 {
				t.Fatalf("%s, element %d: the run that goes on has %v, the one trained at once %v", p.Name, j, got, v)
			}
		}
	}
}
