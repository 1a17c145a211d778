package models_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// says is an evaluation of that accuracy in which so many of ten classes were predicted.
func says(classes int, accuracy float64) *train.Evaluation {
	e := &train.Evaluation{Metrics: train.Metrics{Scores: []train.Score{{Name: "accuracy", Value: accuracy}}}, Confusion: make([][]int, 10)}
	for i := range e.Confusion {
		e.Confusion[i] = make([]int, 10)
		for j := range classes {
			e.Confusion[i][j] = 1
		}
	}
	return e
}

func TestCheck(t *testing.T) {
	const collapseWanted = "want a collapse: one or two digits, accuracy under .15"
	for _, c := range []struct {
		experiment         string
		train, test, noisy *train.Evaluation
		want               []string
	}{
		{"mse", says(1, .1127), says(1, .1135), nil, nil},
		{"mse", says(2, .1499), says(2, .12), nil, nil},
		{"mse", says(3, .12), says(1, .1), nil, []string{"training: says 3 different digits with accuracy 0.1200, " + collapseWanted}},
		{"mse", says(1, .12), says(2, .15), nil, []string{"test: says 2 different digits with accuracy 0.1500, " + collapseWanted}},
		{"raw-pixels", says(10, .9), says(10, .8), nil, []string{
			"training: says 10 different digits with accuracy 0.9000, " + collapseWanted,
			"test: says 10 different digits with accuracy 0.8000, " + collapseWanted}},
		{"relu", says(10, .9978), says(10, .9564), nil, nil},
		{"relu", says(10, .995), says(10, .945), nil, nil}, // the ends belong to the band
		{"relu", says(10, 1), says(10, .962), nil, nil},
		{"relu", says(10, .9949), says(10, .9621), nil, []string{"training: accuracy 0.9949, want 0.995 to 1.000", "test: accuracy 0.9621, want 0.945 to 0.962"}},
		{"relu", says(10, math.NaN()), says(10, .95), nil, []string{"training: accuracy NaN, want 0.995 to 1.000"}},
		{"relu", says(1, .1), says(1, .1), nil, []string{"training: accuracy 0.1000, want 0.995 to 1.000", "test: accuracy 0.1000, want 0.945 to 0.962"}},
		{"noise", says(10, 1), says(10, .96), says(10, .4750), nil},
		{"noise", says(10, 1), says(10, .96), says(10, .96), []string{"noisy test: accuracy 0.9600, want 0.400 to 0.560"}},
		{"dropout", says(10, .99), says(10, .958), says(10, .50), []string{"noisy test: accuracy 0.5000, want 0.560 to 0.660"}},
	} {
		e, err := models.Find(c.experiment)
		if err != nil {
			t.Fatal(err)
		}
		r := &models.Result{Experiment: e, Train: c.train, Test: c.test, NoisyTest: c.noisy}
		if got := r.Check(); !slices.Equal(got, c.want) {
			t.Errorf("%s, train %v, test %v: got %q, want %q", c.experiment, c.train.Accuracy(), c.test.Accuracy(), got, c.want)
		}
	}
}
