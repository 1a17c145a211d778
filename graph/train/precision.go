package train

import (
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// Precision is the share of what was said to hold that does: right / (right + wrong). Of classes it is the mean over the classes.
type Precision struct {
	Threshold float64 `default:"0.5"` // of a label's probability, in (0, 1); .5 if 0
}

// Name is "precision".
func (Precision) Name() string { return "precision" }

// Check wants labels, floats of the output's shape, or classes.
func (m Precision) Check(output graph.OutputInfo, target graph.Input) error {
	return checkHits(m.Name(), m.Threshold, output, target)
}

// Add counts.
func (m Precision) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	return hits(sums).add(m.Threshold, output, values, target)
}

// Value is 0 where nothing was said to hold.
func (Precision) Value(sums []float64) float64 {
	return hits(sums).mean(func(right, wrong, _ float64) float64 { return over(right, right+wrong) })
}
