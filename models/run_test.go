package models_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// short is an experiment cut down to a second, on the embedded digits.
func short(t *testing.T, name string) (e models.Experiment, trainSet, testSet *datasets.Dataset) {
	t.Helper()
	e, err := models.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	if e.Epochs, e.TrainSamples, e.BatchSize = 2, 550, 100; e.Layers == nil {
		e.Hidden = []int{24, 24}
	}
	trainSet, testSet, err = datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if testSet, err = testSet.Slice(0, 500); err != nil {
		t.Fatal(err)
	}
	return e, trainSet, testSet
}

func ran(t *testing.T, e models.Experiment, trainSet, testSet *datasets.Dataset, seed uint64) *models.Result {
	t.Helper()
	r, err := e.Run(context.Background(), trainSet, testSet, models.RunOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ranOn are the labels of what an experiment trains on.
func ranOn(t *testing.T, e models.Experiment, raw datasets.Data) (labels []int) {
	t.Helper()
	data, _, _, err := e.Data(raw, raw, 3)
	if err != nil {
		t.Fatal(err)
	}
	if set, ok := data.(*datasets.Dataset); ok {
		for i := range set.Len() {
			labels = append(labels, set.Label(i))
		}
		return labels
	}
	return make([]int, data.Len())
}

// TestRun: every experiment runs, on the samples it says, and gives the figures it should.
func TestRun(t *testing.T) {
	for _, name := range models.Names() {
		e, digits, few := short(t, name)
		trainSet, testSet := datasets.Data(digits), datasets.Data(few)
		if e.Dataset != "" {
			var err error
			if trainSet, testSet, err = datasets.Open(e.Dataset, ""); err != nil {
				t.Fatal(err)
			}
		}
		steps := 0
		r, err := e.Run(context.Background(), trainSet, testSet, models.RunOptions{Seed: 3, Observers: []train.Observer{
			train.ObserverFunc("count", func(e *train.Event) error {
				if e.Moment == train.Step {
					steps++
				}
				return nil
			}),
		}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		fit := len(ranOn(t, e, trainSet))
		if steps != 2*((fit+99)/100) || len(r.History.Epochs) != 2 || r.Diverged != nil || r.Seed != 3 || r.Experiment.Name != name {
			t.Errorf("%s: %d steps, %+v", name, steps, r.History)
		}
		count := func(e *train.Evaluation) (n int) {
			for _, c := range e.Predicted() {
				n += c
			}
			return n
		}
		if !e.Reconstruct && e.Dataset == "" && (count(r.Train) != fit || count(r.Test) != 500) {
			t.Errorf("%s: evaluated on %d and %d samples", name, count(r.Train), count(r.Test))
		}
		if noisy := e.Noise != 0; noisy != (r.NoisyTest != nil) {
			t.Errorf("%s: noisy test %v", name, r.NoisyTest)
		} else if noisy && (count(r.NoisyTest) != 500 || r.NoisyTest.Loss <= r.Test.Loss) {
			t.Errorf("%s: noise does not hurt: %+v, %+v", name, r.NoisyTest.Metrics, r.Test.Metrics)
		}
	}
}

// TestRunLearns: a small relu network is far from chance after a second.
func TestRunLearns(t *testing.T) {
	e, trainSet, testSet := short(t, "adam")
	e.Epochs, e.BatchSize, e.TrainSamples = 10, 20, 1000
	if r := ran(t, e, trainSet, testSet, 1); r.Train.Accuracy() < .9 || r.Test.Accuracy() < .7 {
		t.Errorf("train %v, test %v", r.Train.Metrics, r.Test.Metrics)
	}
}

func TestSeed(t *testing.T) {
	e, trainSet, testSet := short(t, "dropout")
	a, b, c := ran(t, e, trainSet, testSet, 1), ran(t, e, trainSet, testSet, 1), ran(t, e, trainSet, testSet, 2)
	weights := func(r *models.Result) (all []float32) {
		for _, p := range r.Model.Params() {
			all = append(all, p.Value.Float32s()...)
		}
		return all
	}
	if !slices.Equal(weights(a), weights(b)) || !reflect.DeepEqual(a.NoisyTest, b.NoisyTest) {
		t.Error("one seed gave two results")
	}
	if slices.Equal(weights(a), weights(c)) {
		t.Error("two seeds gave one result")
	}
}

// TestData: the transforms are the experiment's, and the noise of a seed is always the same.
func TestData(t *testing.T) {
	e, raw, rawTest := short(t, "noise")
	data := func(seed uint64) (trainSet, testSet, noisy *datasets.Dataset) {
		a, b, c, err := e.Data(raw, rawTest, seed)
		if err != nil {
			t.Fatal(err)
		}
		noisy, _ = c.(*datasets.Dataset)
		return a.(*datasets.Dataset), b.(*datasets.Dataset), noisy
	}
	trainSet, testSet, noisy := data(5)
	if trainSet.Len() != 550 || testSet.Len() != 500 || noisy.Len() != 500 {
		t.Errorf("%d, %d and %d samples", trainSet.Len(), testSet.Len(), noisy.Len())
	}
	if s := trainSet.Stats(); s.Min != 0 || s.Max != 1 {
		t.Errorf("scaled to %v…%v, want 0…1", s.Min, s.Max)
	}
	row := func(d *datasets.Dataset, i int) []float32 {
		dst := make([]float32, d.Features())
		d.Row(dst, i)
		return dst
	}
	var sum, squares float64
	const rows = 100
	for i := range rows {
		clean := row(testSet, i)
		for j, v := range row(noisy, i) {
			d := float64(v - clean[j])
			sum += d
			squares += d * d
		}
	}
	n := float64(rows * testSet.Features())
	if mean, deviation := sum/n, math.Sqrt(squares/n); math.Abs(mean) > .02 || math.Abs(deviation-1) > .02 {
		t.Errorf("the noise is N(%v, %v), want N(0, 1)", mean, deviation)
	}
	_, _, again := data(5)
	_, _, other := data(6)
	if !slices.Equal(row(noisy, 7), row(again, 7)) || slices.Equal(row(noisy, 7), row(other, 7)) {
		t.Error("the noise is not a function of the seed")
	}

	e, _, _ = short(t, "raw-pixels")
	trainSet, _, noisy = data(1)
	if noisy != nil {
		t.Fatal(noisy)
	}
	if s := trainSet.Stats(); s.Max != 255 {
		t.Errorf("raw pixels go to %v", s.Max)
	}
}

// TestRawPixels: with the clipped loss the network collapses, and the loss stands at (1 − share)·ln 1e7; with the stable one
// the run stops with a word about why.
func TestRawPixels(t *testing.T) {
	e, trainSet, testSet := short(t, "raw-pixels")
	e.Hidden, e.Epochs = []int{633, 633, 633}, 3
	r := ran(t, e, trainSet, testSet, 1)
	if misses := r.Check(); len(misses) > 0 || r.Diverged != nil {
		t.Errorf("clipped: %v, %v", misses, r.Diverged)
	}
	if want := (1 - r.Train.Accuracy()) * -math.Log(1e-7); math.Abs(r.Train.Loss-want) > .01 {
		t.Errorf("clipped: loss %v, want %v", r.Train.Loss, want)
	}

	e.Loss = losses.CrossEntropy{}
	r = ran(t, e, trainSet, testSet, 1)
	if r.Diverged == nil || r.History.Stopped != r.Diverged.Error() || r.Diverged.Layer == "" || r.Train == nil || r.Test == nil {
		t.Fatalf("stable: %+v", r)
	}
	for _, word := range []string{"diverged in epoch ", "step ", "smaller learning rate", "scaled to [0, 1]"} {
		if !strings.Contains(r.History.Stopped, word) {
			t.Errorf("stable: %q does not say %q", r.History.Stopped, word)
		}
	}
}

func TestRunIsCancelled(t *testing.T) {
	e, trainSet, testSet := short(t, "relu")
	why := errors.New("the lid was shut")
	for step, epochs := range map[uint64]int{4: 0, 9: 1, 12: 1} {
		ctx, cancel := context.WithCancelCause(context.Background())
		r, err := e.Run(ctx, trainSet, testSet, models.RunOptions{Observers: []train.Observer{train.ObserverFunc("", func(e *train.Event) error {
			if e.Moment == train.Step && e.Position.Step == step {
				cancel(why)
			}
			return nil
		})}})
		if step == 12 { // after the last step the epoch is over, but nothing is evaluated any more
			epochs = 2
		}
		if !errors.Is(err, why) || r == nil || r.History.Position.Step != step || len(r.History.Epochs) != epochs || r.Test != nil {
			t.Errorf("cancelled at step %d: error %v, result %+v", step, err, r)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for want, change := range map[string]func(*models.Experiment){
		"models: experiment relu: datasets: mnist/train: cannot take samples 0 to 10001 of 10000":     func(e *models.Experiment) { e.TrainSamples = 10001 },
		`models: experiment relu: optim: line 1, column 1: got "sdg", want an optimizer: `:            func(e *models.Experiment) { e.Optimizer = "sdg" },
		"models: experiment relu: optim: sgd: LearningRate is NaN":                                    func(e *models.Experiment) { e.LearningRate = math.NaN() },
		"models: experiment relu: graph: layer dense_2, input of shape (2, 24): got Units 0":          func(e *models.Experiment) { e.Hidden[1] = 0 },
		"models: experiment relu: graph: layer dropout_1, input of shape (2, 24): got Rate 1.5, want": func(e *models.Experiment) { e.Dropout = 1.5 },
	} {
		e, trainSet, testSet := short(t, "relu")
		change(&e)
		if _, err := e.Run(context.Background(), trainSet, testSet, models.RunOptions{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error\n\t%v\nwant\n\t%s…", err, want)
		}
	}
}
