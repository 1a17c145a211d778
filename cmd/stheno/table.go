package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/models"
)

// printResult prints an experiment's line of the table, and the table's head before the first.
func printResult(w io.Writer, r *models.Result, seconds float64, first bool) {
	if first {
		fmt.Fprintf(w, "%-14s %22s   %22s\n", "", "accuracy", "the lecture's")
		fmt.Fprintf(w, "%-14s %6s %7s %7s   %7s %7s %6s %8s\n", "experiment", "train", "test", "noisy", "train", "test", "noisy", "seconds")
	}
	noisy := "–"
	if r.NoisyTest != nil {
		noisy = accuracy(r.NoisyTest.Accuracy)
	}
	lecture := r.Experiment.Lecture
	fmt.Fprintf(w, "%-14s %6.4f %7.4f %7s   %7s %7s %6s %8.1f\n", r.Experiment.Name, r.Train.Accuracy, r.Test.Accuracy, noisy,
		accuracy(lecture.Train), accuracy(lecture.Test), accuracy(lecture.NoisyTest), seconds)
}

// remarks say what the figures alone do not.
func remarks(r *models.Result) []string {
	var all []string
	if r.Diverged != nil {
		all = append(all, r.Diverged.Error())
	}
	counts := r.Test.Predicted()
	switch n := r.Test.PredictedClasses(); {
	case n == 1:
		said := slices.Index(counts, slices.Max(counts))
		all = append(all, fmt.Sprintf("collapsed: it says %d of every test image, and is right where that is so", said))
	case n < len(counts):
		all = append(all, fmt.Sprintf("it says only %d of the %d classes", n, len(counts)))
	}
	return all
}
