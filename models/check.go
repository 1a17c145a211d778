package models

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph/train"
)

// Check lists what in a result lies outside the experiment's band; nothing if it agrees with the lecture. It means something only
// for the experiment as the lecture has it, on MNIST.
func (r *Result) Check() []string {
	var misses []string
	band := r.Experiment.Band
	if band.Collapse {
		for _, set := range []struct {
			name string
			got  *train.Evaluation
		}{{"training", r.Train}, {"test", r.Test}} {
			if n := set.got.PredictedClasses(); n > 2 || set.got.Accuracy() >= .15 {
				misses = append(misses, fmt.Sprintf("%s: says %d different digits with accuracy %.4f, want a collapse: one or two digits, accuracy under .15", set.name, n, set.got.Accuracy()))
			}
		}
	}
	metric := "accuracy"
	if len(r.Experiment.Metrics) > 0 {
		metric = r.Experiment.Metrics[0].Name()
	}
	miss := func(name string, got *train.Evaluation, want Range) {
		if want == (Range{}) {
			return
		}
		if v := got.Score(metric); !(v >= want.Low && v <= want.High) {
			misses = append(misses, fmt.Sprintf("%s: %s %.4f, want %.3f to %.3f", name, metric, v, want.Low, want.High))
		}
	}
	miss("training", r.Train, band.Train)
	miss("test", r.Test, band.Test)
	miss("noisy test", r.NoisyTest, band.NoisyTest)
	if want := band.Climb; want != (Range{}) {
		switch n := r.Climb(); {
		case n == 0:
			misses = append(misses, fmt.Sprintf("training: the running accuracy was never %.2f, want it in epoch %g to %g", train.Climbed, want.Low, want.High))
		case float64(n) < want.Low || float64(n) > want.High:
			misses = append(misses, fmt.Sprintf("training: the running accuracy was %.2f in epoch %d, want it in epoch %g to %g", train.Climbed, n, want.Low, want.High))
		}
	}
	return misses
}

// Climb is [train.Climb] of the History.
func (r *Result) Climb() int {
	if r == nil || r.History == nil {
		return 0
	}
	return train.Climb(r.History.Epochs)
}
