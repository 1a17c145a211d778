package train

import (
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// Recall is the share of what holds that was said to: right / (right + missed). Of classes it is the mean over the classes.
type Recall struct {
	Threshold float64 `default:"0.5"` // of a label's probability, in (0, 1); .5 if 0
}

// Name is "recall".
func (Recall) Name() string { return "recall" }

// Check wants labels, floats of the output's shape, or classes.
func (m Recall) Check(output graph.OutputInfo, target graph.Input) error {
	return checkHits(m.Name(), m.Threshold, output, target)
}

// Add counts.
func (m Recall) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	return hits(sums).add(m.Threshold, output, values, target)
}

// Value is 0 where nothing holds.
func (Recall) Value(sums []float64) float64 {
	return hits(sums).mean(func(right, _, missed float64) float64 { return over(right, right+missed) })
}
