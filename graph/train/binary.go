package train

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// BinaryAccuracy is the share of labels, [batch,…,n], that were told right: one holds where its target is above ½, and was said to hold where the output is above Threshold, a
// probability. An output without activation is taken for logits. NaN says no.
type BinaryAccuracy struct {
	Threshold float64 `default:"0.5"` // in (0, 1); .5 if 0
}

// Name is "binary-accuracy".
func (BinaryAccuracy) Name() string { return "binary-accuracy" }

// Check wants labels, floats of the output's shape.
func (m BinaryAccuracy) Check(output graph.OutputInfo, target graph.Input) error {
	if err := checkThreshold(m.Name(), m.Threshold); err != nil {
		return err
	}
	return checkNumbers(m.Name(), output, target)
}

// Add counts the labels that were told right, and all.
func (m BinaryAccuracy) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	if sums == nil {
		sums = make([]float64, 2)
	}
	eachLabel(m.Threshold, output, values, target, func(said, is bool) {
		if said == is {
			sums[0]++
		}
		sums[1]++
	})
	return sums
}

// Value is right over all.
func (BinaryAccuracy) Value(sums []float64) float64 { return ratio(sums) }

func checkThreshold(metric string, threshold float64) error {
	if !(threshold >= 0 && threshold < 1) {
		return fmt.Errorf("%s: got Threshold %v, want a probability between 0 and 1, or 0 for .5", metric, threshold)
	}
	return nil
}

// eachLabel calls f with what was said of each label, and what it is.
func eachLabel(threshold float64, output graph.OutputInfo, values, target *tensor.Dense, f func(said, is bool)) {
	if threshold == 0 {
		threshold = .5
	}
	if output.Linear {
		threshold = math.Log(threshold / (1 - threshold))
	}
	x, t := numbers(values), numbers(target)
	for i := range min(len(x), len(t)) {
		f(x[i] > threshold, t[i] > .5)
	}
}
