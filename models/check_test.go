package models_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
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

// climbs is a history whose running accuracy is .95 in that epoch, and not before; 0: never.
func climbs(in int) *train.History {
	h := &train.History{}
	for epoch := 1; epoch <= 20; epoch++ {
		accuracy := .9499
		if in > 0 && epoch >= in {
			accuracy = .95
		}
		h.Epochs = append(h.Epochs, train.Epoch{Epoch: epoch, Running: train.Metrics{Scores: []train.Score{{Name: "accuracy", Value: accuracy}}}})
	}
	return h
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
		r := &models.Result{Experiment: e, Train: c.train, Test: c.test, NoisyTest: c.noisy, History: climbs(int(e.Band.Climb.Low))}
		if got := r.Check(); !slices.Equal(got, c.want) {
			t.Errorf("%s, train %v, test %v: got %q, want %q", c.experiment, c.train.Accuracy(), c.test.Accuracy(), got, c.want)
		}
	}
}

// TestClimb: Adam climbs faster than SGD. That their bands of epochs to .95 of training accuracy have no epoch in common is what tells them apart: a run of one is outside the other's.
func TestClimb(t *testing.T) {
	relu, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	adam, err := models.Find("adam")
	if err != nil {
		t.Fatal(err)
	}
	if slow, fast := relu.Band.Climb, adam.Band.Climb; !(1 <= fast.Low && fast.High < slow.Low && slow.Low <= slow.High && slow.High < float64(relu.Epochs)) {
		t.Errorf("SGD's band is %v, Adam's %v", slow, fast)
	}
	of := func(e models.Experiment, in int) (misses []string) {
		r := &models.Result{Experiment: e, Train: says(10, 1), Test: says(10, .955), History: climbs(in)}
		if r.Climb() != in {
			t.Errorf("climbs in epoch %d, want %d", r.Climb(), in)
		}
		return r.Check()
	}
	for n := 1; n <= 20; n++ {
		if slow, fast := of(relu, n), of(adam, n); len(slow) == 0 && len(fast) == 0 {
			t.Errorf("epoch %d is in both bands", n)
		}
	}
	late := int(relu.Band.Climb.High)
	for _, c := range []struct {
		got  []string
		want string
	}{
		{of(adam, late), fmt.Sprintf("training: the running accuracy was 0.95 in epoch %d, want it in epoch %g to %g", late, adam.Band.Climb.Low, adam.Band.Climb.High)},
		{of(relu, 0), fmt.Sprintf("training: the running accuracy was never 0.95, want it in epoch %g to %g", relu.Band.Climb.Low, relu.Band.Climb.High)},
		{of(relu, late), ""},
		{of(adam, int(adam.Band.Climb.High)), ""},
	} {
		if got := strings.Join(c.got, "\n"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if n := (*models.Result)(nil).Climb(); n != 0 {
		t.Errorf("no result climbs in epoch %d", n)
	}
}

// TestAdamClimbs trains both, cut down: with the learning rates of the experiments, Adam is at .95 in fewer epochs.
func TestAdamClimbs(t *testing.T) {
	in := map[string]int{}
	for _, name := range []string{"relu", "adam"} {
		e, trainSet, testSet := short(t, name)
		e.Hidden, e.TrainSamples, e.BatchSize, e.Epochs = []int{100, 100}, 1000, 20, 12
		if in[name] = ran(t, e, trainSet, testSet, 1).Climb(); in[name] == 0 {
			in[name] = e.Epochs + 1
		}
	}
	if in["adam"] >= in["relu"] {
		t.Errorf("epochs to .95: %v", in)
	}
}
