package models_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/models"
)

// digits28 describes the digits.
var digits28 = datasets.Info{Inputs: []datasets.Field{{Name: "x", Shape: []int{28, 28}}}, Classes: make([]string, 10)}

// TestExperimentsAreTheLectures writes each experiment out in full, so that a change of one that was meant for another shows.
func TestExperimentsAreTheLectures(t *testing.T) {
	three := []int{633, 633, 633}
	thirteen := []int{633, 633, 633, 689, 689, 689, 689, 689, 689, 689, 689, 689, 689}
	figures := func(train, test, noisy, loss, accuracy float64) models.Figures {
		return models.Figures{Train: train, Test: test, NoisyTest: noisy, RunningLoss: loss, RunningAccuracy: accuracy}
	}
	want := []models.Experiment{
		{Name: "mse", Hidden: three, Activation: layers.Sigmoid, Loss: losses.MSE{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255,
			Lecture: figures(.1127, .1135, 0, .0899, .1284)},
		{Name: "cross-entropy", Hidden: three, Activation: layers.Sigmoid, Loss: losses.CrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255,
			Lecture: figures(.8734, .8582, 0, .4765, .8610)},
		{Name: "batch-10000", Hidden: three, Activation: layers.Sigmoid, Loss: losses.CrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 10000, Epochs: 20, Scale: 1.0 / 255,
			Lecture: figures(.1127, .1135, 0, 2.3672, .1032)},
		{Name: "batch-1", Hidden: three, Activation: layers.Sigmoid, Loss: losses.CrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 1, Epochs: 20, Scale: 1.0 / 255},
		{Name: "deep-sigmoid", Hidden: thirteen, Activation: layers.Sigmoid, Loss: losses.CrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255,
			Lecture: figures(.1127, .1135, 0, 2.3053, .1085)},
		{Name: "relu", Hidden: three, Activation: layers.ReLU, Loss: losses.CrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255,
			Lecture: figures(.9978, .9564, 0, .0927, .9806)},
		{Name: "deep-relu", Hidden: thirteen, Activation: layers.ReLU, Loss: losses.CrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255},
		{Name: "raw-pixels", Hidden: three, Activation: layers.ReLU, Loss: losses.ClippedCrossEntropy{}, Optimizer: "sgd", LearningRate: .1, BatchSize: 100, Epochs: 20, Scale: 1,
			Lecture: figures(.1070, .1028, 0, 14.3935, .1070)},
		{Name: "adam", Hidden: three, Activation: layers.ReLU, Loss: losses.CrossEntropy{}, Optimizer: "adam", LearningRate: .001, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255,
			Lecture: figures(.9993, .9627, 0, .0056, .9979)},
		{Name: "noise", Hidden: three, Activation: layers.ReLU, Loss: losses.CrossEntropy{}, Optimizer: "adam", LearningRate: .001, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255, Noise: 1,
			Lecture: figures(1, 0, .4750, 2.37e-5, 1)},
		{Name: "dropout", Hidden: []int{689, 689, 689}, Activation: layers.ReLU, Dropout: .7, Loss: losses.CrossEntropy{}, Optimizer: "adam", LearningRate: .001, BatchSize: 100, Epochs: 20, Scale: 1.0 / 255, Noise: 1,
			Lecture: figures(.9907, 0, .6120, .1549, .9544)},
	}
	got := models.Experiments()
	if len(got) < len(want) {
		t.Fatalf("%d experiments, want the lecture's %d, and others after them", len(got), len(want))
	}
	for i, e := range got[:len(want)] {
		if e.Changes == "" || e.Loss.Name() != want[i].Loss.Name() {
			t.Errorf("%s: changes %q, loss %s", e.Name, e.Changes, e.Loss.Name())
		}
		e.Changes, e.Band, e.Loss = "", models.Band{}, nil // functions cannot be compared; the bands have a test of their own
		want[i].Loss = nil
		if !reflect.DeepEqual(e, want[i]) {
			t.Errorf("got\n\t%+v\nwant\n\t%+v", e, want[i])
		}
	}
}

// TestBandsHoldTheReference: each band takes what the lecture showed and what the reference reruns, three seeds each, gave, and nothing
// like what the other kind of run gives.
func TestBandsHoldTheReference(t *testing.T) {
	type span = models.Range
	for name, c := range map[string]struct {
		collapse           bool
		train, test, noisy span
	}{
		"mse":           {collapse: true},
		"batch-10000":   {collapse: true},
		"deep-sigmoid":  {collapse: true},
		"raw-pixels":    {collapse: true},
		"batch-1":       {},
		"cross-entropy": {train: span{Low: .854, High: .8734}, test: span{Low: .841, High: .8582}},
		"relu":          {train: span{Low: .9978, High: 1}, test: span{Low: .953, High: .9564}},
		"deep-relu":     {train: span{Low: .994, High: .999}, test: span{Low: .950, High: .957}},
		"adam":          {train: span{Low: .994, High: 1}, test: span{Low: .954, High: .966}},
		"noise":         {train: span{Low: 1, High: 1}, noisy: span{Low: .4750, High: .506}},
		"dropout":       {train: span{Low: .987, High: .9907}, test: span{Low: .955, High: .959}, noisy: span{Low: .599, High: .6120}},
	} {
		e, err := models.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Band.Collapse != c.collapse {
			t.Errorf("%s: collapse %v", name, e.Band.Collapse)
		}
		for what, pair := range map[string][2]models.Range{"train": {e.Band.Train, c.train}, "test": {e.Band.Test, c.test}, "noisy test": {e.Band.NoisyTest, c.noisy}} {
			band, seen := pair[0], pair[1]
			if seen != (models.Range{}) && !(band.Low <= seen.Low && seen.High <= band.High) {
				t.Errorf("%s, %s: the band %v does not hold what was seen, %v", name, what, band, seen)
			}
			if band != (models.Range{}) && (band.High > 1 || band.High-band.Low > .17 || band.Low < .15) {
				t.Errorf("%s, %s: the band %v would hold anything", name, what, band)
			}
		}
		if e.Band.Collapse == (e.Band.Train != (models.Range{})) {
			t.Errorf("%s: want a collapse or a training band, not %+v", name, e.Band)
		}
	}
}

func TestFind(t *testing.T) {
	for _, name := range models.Names() {
		if e, err := models.Find(name); err != nil || e.Name != name {
			t.Errorf("%s: %s, %v", name, e.Name, err)
		}
	}
	_, err := models.Find("rleu")
	if want := `models: no experiment is called "rleu", want one of ` + strings.Join(models.Names(), ", "); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestExperimentsAreValues: what a caller does to one is not seen by the next.
func TestExperimentsAreValues(t *testing.T) {
	for i := range models.Experiments() {
		e := models.Experiments()[i]
		want := slices.Clone(e.Hidden)
		for j := range e.Hidden {
			e.Hidden[j] = 1
		}
		e.Hidden = append(e.Hidden, 2)
		for k, other := range models.Experiments() {
			if slices.Contains(other.Hidden, 1) || slices.Contains(other.Hidden, 2) {
				t.Fatalf("a change of %s is seen in %s", e.Name, models.Experiments()[k].Name)
			}
		}
		if !slices.Equal(models.Experiments()[i].Hidden, want) {
			t.Errorf("%s: %v, want %v", e.Name, models.Experiments()[i].Hidden, want)
		}
	}
}

func TestModelsOfTheExperiments(t *testing.T) {
	for name, want := range map[string]struct{ layers, params int }{
		"relu":         {4, 784*633 + 633 + 2*(633*633+633) + 633*10 + 10},
		"deep-sigmoid": {14, 784*633 + 633 + 2*(633*633+633) + 633*689 + 689 + 9*(689*689+689) + 689*10 + 10},
		"dropout":      {7, 784*689 + 689 + 2*(689*689+689) + 689*10 + 10},
	} {
		e, err := models.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Model(digits28, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(m.Layers()); got != want.layers || m.ParamCount() != want.params {
			t.Errorf("%s: %d layers, %d parameters, want %+v", name, got, m.ParamCount(), want)
		}
	}
}

func TestMLPLayers(t *testing.T) {
	type list = []graph.Layer
	softmax := layers.Dense{Units: 3, Activation: layers.Softmax}
	for _, c := range []struct {
		mlp  models.MLP
		want list
	}{
		{models.MLP{Inputs: 4, Classes: 3}, list{softmax}},
		{models.MLP{Inputs: 4, Classes: 3, Hidden: []int{5}}, list{layers.Dense{Units: 5}, softmax}},
		{models.MLP{Inputs: 4, Classes: 3, Hidden: []int{5, 6}, Activation: layers.Tanh, Dropout: .5},
			list{layers.Dense{Units: 5, Activation: layers.Tanh}, layers.Dropout{Rate: .5}, layers.Dense{Units: 6, Activation: layers.Tanh}, layers.Dropout{Rate: .5}, softmax}},
	} {
		if got := c.mlp.Layers(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.mlp, got, c.want)
		}
		m, err := c.mlp.Build(1)
		if err != nil || m.Config().Input.Size() != 4 || m.Outputs()[0].Shape[0] != 3 {
			t.Errorf("%+v: %v", c.mlp, err)
		}
	}
	for want, mlp := range map[string]models.MLP{
		"got shape (0)": {Classes: 3},
		"Units 0":       {Inputs: 4},
		"Units -1":      {Inputs: 4, Classes: 3, Hidden: []int{5, -1}},
		"Rate 1, ":      {Inputs: 4, Classes: 3, Hidden: []int{5}, Dropout: 1},
		"dropout_1":     {Inputs: 4, Classes: 3, Hidden: []int{5}, Dropout: -.5},
	} {
		if _, err := mlp.Build(1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error about %s", mlp, err, want)
		}
	}
}

// TestWrongWhateverTheShape: what is wrong of a sample as a row, and of it as it is, is said once.
func TestWrongWhateverTheShape(t *testing.T) {
	info := datasets.Info{Inputs: []datasets.Field{{Name: "x", Shape: []int{28, 28}}}, Classes: strings.Split("0123456789", "")}
	for words, want := range map[string]int{"dropout 2": 1, "dense 3, dropout 2, dense 10 softmax": 1, "dense relu": 1, "lstm": 1, "conv 4 30, flatten, dense 10": 2} {
		network, err := layers.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = (models.Experiment{Layers: network}).Model(info, 1); err == nil || strings.Count(err.Error(), "graph: layer") != want {
			t.Errorf("%s: got %v, want %d reasons", words, err, want)
		}
	}
}
