package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/models"
)

// resultTable is what run prints: an experiment a row.
func resultTable(out io.Writer) *table {
	return &table{out: out, columns: []column{
		{"", "experiment", 14}, {"accuracy", "train", 6}, {"accuracy", "test", 7}, {"accuracy", "noisy", 7},
		{"the lecture's", "train", 9}, {"the lecture's", "test", 7}, {"the lecture's", "noisy", 6}, {"", "seconds", 8},
	}}
}

// printResult prints an experiment's row.
func printResult(t *table, r *models.Result, seconds float64) error {
	noisy := dash
	if r.NoisyTest != nil {
		noisy = fmt.Sprintf("%.4f", r.NoisyTest.Accuracy)
	}
	lecture := r.Experiment.Lecture
	return t.row(r.Experiment.Name, fmt.Sprintf("%.4f", r.Train.Accuracy), fmt.Sprintf("%.4f", r.Test.Accuracy), noisy,
		accuracy(lecture.Train), accuracy(lecture.Test), accuracy(lecture.NoisyTest), fmt.Sprintf("%.1f", seconds))
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
