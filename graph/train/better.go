package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A figure of an epoch is "loss", or a metric's, by its name: on the validation data where there are any, else the running one.

// figure is NaN where it was not measured.
func (e Epoch) figure(name string) float64 {
	m := e.Running
	if e.Evaluated != nil {
		m = *e.Evaluated
	}
	if name == "loss" || name == "" {
		return m.Loss
	}
	return m.Score(name)
}

// moreIsBetter says whether a figure is to go up. A metric of which less is better says so in a method LessIsBetter() bool.
func moreIsBetter(metrics []Metric, name string) bool {
	if name == "loss" || name == "" {
		return false
	}
	if m, err := ParseMetric(name); err == nil {
		metrics = append(slices.Clip(metrics), m)
	}
	for _, m := range metrics {
		if less, ok := m.(interface{ LessIsBetter() bool }); ok && m.Name() == name {
			return !less.LessIsBetter()
		}
	}
	return true
}

// measured is an error where there is no figure of that name.
func measured(metrics []Metric, name string) error {
	names := []string{"loss"}
	for _, m := range metrics {
		names = append(names, m.Name())
	}
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("got %q, which is not measured, want one of %s: ask for it with Config.Metrics", name, strings.Join(names, ", "))
}

// Best is the index of the best of epochs by a figure, "loss" or a metric's name: on the validation data where there are any, else the running one. Of equal ones it is the
// first; −1 where none has the figure.
func Best(epochs []Epoch, figure string) int {
	at, _ := best(epochs, figure, moreIsBetter(nil, figure), 0)
	return at
}

// best is the best of epochs by a figure, the first of equal ones, with more than least between one and a better one; −1 where none has the figure. since is how many epochs came after it.
func best(epochs []Epoch, name string, more bool, least float64) (at, since int) {
	at, sign, top := -1, 1.0, math.Inf(-1)
	if !more {
		sign = -1
	}
	for i, e := range epochs {
		if v := sign * e.figure(name); at < 0 && v == v || v > top+least {
			at, top, since = i, v, 0
		} else {
			since++
		}
	}
	return at, since
}

// Climb is the number of the first epoch in which the running accuracy is at least .95, by which the speed of optimizers is told; 0 where there is none.
func Climb(epochs []Epoch) int {
	for _, e := range epochs {
		if e.Running.Accuracy() >= Climbed {
			return e.Epoch
		}
	}
	return 0
}

// Climbed is the accuracy that Climb asks for.
const Climbed = .95
