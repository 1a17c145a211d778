package train

import (
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// F1 is the harmonic mean of precision and recall: 2·right / (2·right + wrong + missed). Of classes it is the mean over the classes.
type F1 struct {
	Threshold float64 `default:"0.5"` // of a label's probability, in (0, 1); .5 if 0
}

// Name is "f1".
func (F1) Name() string { return "f1" }

// Check wants labels, floats of the output's shape, or classes.
func (m F1) Check(output graph.OutputInfo, target graph.Input) error {
	return checkHits(m.Name(), m.Threshold, output, target)
}

// Add counts.
func (m F1) Add(sums []float64, output graph.OutputInfo, values, target *tensor.Dense) []float64 {
	return hits(sums).add(m.Threshold, output, values, target)
}

// Value is 0 where nothing holds and nothing was said to.
func (F1) Value(sums []float64) float64 {
	return hits(sums).mean(func(right, wrong, missed float64) float64 { return over(2*right, 2*right+wrong+missed) })
}
