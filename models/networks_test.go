package models_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/models"
)

// TestNetworks: each is found by its name, is none of the lecture's, and comes back from a run's configuration; those over rows, and the autoencoder, have
// their parameters, and learn.
func TestNetworks(t *testing.T) {
	params := map[string]int{"char-lm": 71*32 + 160*512 + 512 + 129*71, "autoencoder": 785*256 + 257*32 + 33*256 + 257*784, "row-lstm": 28*512 + 128*512 + 512 + 1290, "row-transformer": 28*64 + 64 + 28*64 + 2*(2*128+64*192+192+64*64+64+64*128+128+128*64+64) + 650}
	digits, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range models.Networks() {
		found, err := models.Find(e.Name)
		if err != nil || !alike(found, e) || !slices.Contains(models.Names(), e.Name) || e.Changes == "" {
			t.Errorf("%s: found %+v, %v", e.Name, found, err)
		}
		if slices.ContainsFunc(models.Experiments(), func(l models.Experiment) bool { return l.Name == e.Name }) {
			t.Errorf("%s is among the lecture's", e.Name)
		}
		data := datasets.Data(digits)
		if e.Dataset != "" {
			if data, _, err = datasets.Open(e.Dataset, ""); err != nil {
				t.Fatal(err)
			}
		}
		config, err := e.RunConfig(1, e.On(), data)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Model(data.Info(), 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := config.Model()
		if err != nil || !slices.EqualFunc(again.Params(), m.Params(), func(a, b graph.Param) bool { return a.Name == b.Name && a.Value.Eq(b.Value) }) {
			t.Errorf("%s came back from its run as another network, %v", e.Name, err)
		}
		if params[e.Name] == 0 {
			continue
		}
		e.TrainSamples, e.Epochs, e.BatchSize, e.LearningRate = 300, 2, 20, .005
		few, err := test.Slice(0, 50)
		if err != nil {
			t.Fatal(err)
		}
		held := datasets.Data(few)
		if e.Dataset != "" {
			if _, held, err = datasets.Open(e.Dataset, ""); err != nil {
				t.Fatal(err)
			}
		}
		result, err := e.Run(t.Context(), data, held, models.RunOptions{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := result.Model.ParamCount(); got != params[e.Name] {
			t.Errorf("%s has %d parameters, want %d", e.Name, got, params[e.Name])
		}
		if losses := result.History.Epochs; !(losses[1].Running.Loss < losses[0].Running.Loss) {
			t.Errorf("%s: losses %v, want them to fall", e.Name, losses)
		}
	}
}

// TestAutoencoder: what it makes is compared with the sample, of noisy ones with the clean ones, and its band is of what it measures.
func TestAutoencoder(t *testing.T) {
	e, trainSet, testSet := short(t, "autoencoder")
	e.Layers, e.Noise = []graph.Layer{layers.Dense{Units: 784, Weights: graph.Identity(1)}}, .5
	e.Loss, e.Optimizer, e.LearningRate = losses.MSE{}, "sgd", 1e-9
	r := ran(t, e, trainSet, testSet, 1)
	if r.Train.Score("rmse") > 1e-5 || math.Abs(r.NoisyTest.Score("rmse")-.5) > .01 || r.Train.Accuracy() == r.Train.Accuracy() {
		t.Errorf("the identity is off by %+v, of noise .5 by %+v", r.Train.Metrics, r.NoisyTest.Metrics)
	}
	r.Experiment.Band = models.Band{Train: models.Range{High: .1}, NoisyTest: models.Range{High: .1}}
	if misses := r.Check(); len(misses) != 1 || !strings.HasPrefix(misses[0], "noisy test: rmse 0.") {
		t.Errorf("check says %q", misses)
	}
}
