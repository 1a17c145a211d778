package models_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// alike compares two experiments, their losses and layers, in which are functions, by their words.
func alike(a, b models.Experiment) bool {
	words := func(e models.Experiment) string {
		loss, err := losses.Format(e.Loss)
		if err != nil || e.Layers == nil {
			return fmt.Sprint(loss, err)
		}
		network, err := layers.Format(e.Layers...)
		return fmt.Sprint(loss, network, err)
	}
	same := words(a) == words(b)
	a.Loss, b.Loss, a.Layers, b.Layers = nil, nil, nil, nil
	return same && reflect.DeepEqual(a, b)
}

// TestOfRun: an experiment comes back from a run's configuration as it was, with the lecture's figures and its band only if it is unchanged.
func TestOfRun(t *testing.T) {
	digits, _, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Concat(models.Experiments(), models.Mends(), models.Networks()) {
		data, _, err := datasets.Open(e.On(), "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := models.OfRun(configOf(t, e, data))
		if err != nil || !alike(got, e) {
			t.Errorf("%s became %+v, %v, want %+v", e.Name, got, err, e)
		}
		e.Epochs++
		got, err = models.OfRun(configOf(t, e, data))
		if e.Band, e.Lecture = (models.Band{}), (models.Figures{}); err != nil || !alike(got, e) {
			t.Errorf("%s with an epoch more became %+v, %v, want %+v", e.Name, got, err, e)
		}
	}
	e, _, _ := short(t, "relu")
	e.Name, e.Hidden, e.Activation = "mine", []int{}, layers.Linear // of no hidden layer
	want := e
	want.Changes, want.Lecture, want.Band = "", models.Figures{}, models.Band{}
	if got, err := models.OfRun(configOf(t, e, digits)); err != nil || !alike(got, want) {
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
		`models: the run's experiment relu: loss: line 1, column 1: got "no-such-loss", want a loss: one of `:                   func(c *run.Config) { c.Experiment.Loss = "no-such-loss" },
		`models: the run's experiment relu: layers: line 2, column 1: got "dens", want a layer; did you mean `:                  func(c *run.Config) { c.Experiment.Network = "x = input 784\ndens 3" },
		`models: the run's experiment relu: optim: line 1, column 1: got "sdg", want an optimizer: one of `:                     func(c *run.Config) { c.Experiment.Optimizer = "sdg" },
		`models: the run's experiment relu: relu has no words for its network, which only the program that trained it can make`: func(c *run.Config) { c.Experiment.Own = []string{"network"} },
		`models: the run's experiment relu: relu has no words for its loss`:                                                     func(c *run.Config) { c.Experiment.Own = []string{"loss"} },
	} {
		c := configOf(t, e, digits)
		change(&c)
		if _, err := models.OfRun(c); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error\n\t%v\nwant\n\t%s…", err, want)
		}
	}
	for want, change := range map[string]func(*models.Experiment){
		"models: experiment relu: graph: layer dense_3":               func(e *models.Experiment) { e.Hidden = []int{3, 3, 0} },
		"models: experiment relu: optim: line 1, column 1: got \"x\"": func(e *models.Experiment) { e.Optimizer = "x" },
	} {
		e := e
		change(&e)
		if _, err := e.RunConfig(1, "mnist", digits); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error\n\t%v\nwant\n\t%s…", err, want)
		}
	}
	if _, err := e.RunConfig(1, "mnist", nil); err == nil || !strings.Contains(err.Error(), "nil data") {
		t.Errorf("without data: got error %v", err)
	}
}

// configOf describes a run of an experiment.
func configOf(t *testing.T, e models.Experiment, data datasets.Data) run.Config {
	t.Helper()
	c, err := e.RunConfig(1, e.On(), data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOfRunOfAnyNetwork: one that is no perceptron comes back as its layers, with an optimizer of more words than a name.
func TestOfRunOfAnyNetwork(t *testing.T) {
	e, digits, _ := short(t, "relu")
	for words, open := range map[string]bool{
		"dense 30 tanh, dropout 0.2 * 2, dense 10 softmax": true, "h = dense 784 relu, sum < h + x, dense 10 softmax": true, "dense 30 relu he-normal, dense 10 softmax": true,
		"dense 30 relu, dense 10": true, "dense 30 tanh, dense 30 relu, dense 10 softmax": true, "v = input 28x28, flatten, dense 10 softmax": false,
	} {
		network, err := layers.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		e.Layers, e.Optimizer, e.LearningRate = network, "adam 0.002 beta1=0.8", 0
		if e.Open() != open {
			t.Errorf("%s: open is %v", words, e.Open())
		}
		c := configOf(t, e, digits)
		got, err := models.OfRun(c)
		if err != nil {
			t.Fatal(err)
		}
		if got.Hidden != nil || got.Optimizer != e.Optimizer || got.LearningRate != 0 || got.Band != (models.Band{}) || got.Loss.Name() != "cross-entropy" {
			t.Errorf("%s became %+v", words, got)
		}
		a, err := e.Model(digits28, 1)
		if err != nil {
			t.Fatal(err)
		}
		b, err := got.Model(digits28, 1)
		if err != nil {
			t.Fatal(err)
		}
		if a.Summary() != b.Summary() {
			t.Errorf("%s became\n%s\nwant\n%s", words, b.Summary(), a.Summary())
		}
		sameWeights(t, b, a)
	}
}

// TestModelOfConfig: it is the network that the experiment starts with, bit for bit.
func TestModelOfConfig(t *testing.T) {
	e, digits, _ := short(t, "dropout")
	config, err := e.RunConfig(3, "mnist", digits)
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Model()
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Model(digits.Info(), 3)
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

// TestRunOfBefore: runs that earlier stheno left, and one as it is written now, are read, go on, and end as those that were trained at once.
func TestRunOfBefore(t *testing.T) {
	digits, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	for before, change := range map[string]func(*models.Experiment){
		"run-format-1": func(e *models.Experiment) {
			e.Hidden, e.TrainSamples, e.BatchSize, e.Epochs = []int{1}, 100, 50, 1
		},
		"run-format-1-dropout": func(e *models.Experiment) {
			e.Hidden, e.TrainSamples, e.BatchSize, e.Epochs = []int{2}, 60, 20, 1
		},
		"run-format-2": func(e *models.Experiment) {
			e.Hidden, e.Activation, e.TrainSamples, e.BatchSize, e.Epochs = nil, layers.Linear, 100, 50, 1
			e.Optimizer, e.LearningRate, e.Loss = "adam 0.002 beta1=0.8", 0, losses.CrossEntropy{Smoothing: .1}
			e.Layers, err = layers.Parse("x = input 784\ndense 2 tanh he-normal\ndropout 0.2\ndense 10 softmax")
		},
	} {
		t.Run(before, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			if err := os.CopyFS(dir, os.DirFS("testdata/"+before)); err != nil {
				t.Fatal(err)
			}
			folder, err := run.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			want, err := models.Find(folder.Config.Experiment.Name)
			if err != nil {
				t.Fatal(err)
			}
			change(&want)
			want.Band, want.Lecture = models.Band{}, models.Figures{}
			e, err := models.OfRun(folder.Config)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := words(t, e), words(t, want); a != b {
				t.Errorf("its network is\n%s\nwant\n%s", a, b)
			}
			if want.Layers, e.Layers = nil, nil; !alike(e, want) {
				t.Errorf("its experiment is %+v, want %+v", e, want)
			}
			if _, err := run.Load(dir, nil); err != nil {
				t.Error(err)
			}
			goesOn(t, dir, folder.Config, digits, test)
		})
	}
}

func words(t *testing.T, e models.Experiment) string {
	t.Helper()
	m, err := e.Model(digits28, 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := layers.Format(m.Net())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goesOn trains a run for an epoch more, and one like it at once.
func goesOn(t *testing.T, dir string, c run.Config, digits, test *datasets.Dataset) {
	c.Experiment.Epochs++
	created, err := run.Create(filepath.Join(t.TempDir(), "longer"), c, c.Saving)
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := run.Resume(dir, "", c.Experiment.Epochs, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*graph.Model
	for i, rec := range []*run.Recorder{resumed, created} {
		e, err := models.OfRun(rec.Folder().Config)
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Run(context.Background(), digits, test, models.RunOptions{Seed: c.Seed, Start: rec.Start(), Observers: []train.Observer{rec}})
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.Finish(r.RunResult()); err != nil {
			t.Error(err)
		}
		if err := rec.Close(); err != nil {
			t.Error(err)
		}
		if got, err := rec.Folder().Result(); err != nil || !reflect.DeepEqual(*got.Test, r.Test.Metrics) || got.PredictedClasses != r.Test.PredictedClasses() || (got.NoisyTest == nil) != (e.Noise == 0) {
			t.Errorf("the result on disk is %+v, %v, want that of %+v", got, err, r)
		}
		ends[i] = r.Model
	}
	if now, err := run.Open(dir); err != nil || !reflect.DeepEqual(now.Config.Experiment, c.Experiment) {
		t.Errorf("its configuration became %+v, %v, want %+v", now.Config, err, c)
	}
	for i, p := range ends[1].Params() { // another BLAS than the one it began with may round otherwise
		for j, v := range p.Value.Float32s() {
			if got := ends[0].Params()[i].Value.Float32s()[j]; v-got > 1e-4 || got-v > 1e-4 {
				t.Fatalf("%s, element %d: the run that goes on has %v, the one trained at once %v", p.Name, j, got, v)
			}
		}
	}
}
