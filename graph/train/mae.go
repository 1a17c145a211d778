package train

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// MAE is the mean absolute error, Σ|p−t|/n over all numbers of all samples, in the target's unit.
type MAE struct{}

// Name is "mae".
func (MAE) Name() string { return "mae" }

// LessIsBetter is true.
func (MAE) LessIsBetter() bool { return true }

// Check wants floats of the output's shape.
func (m MAE) Check(output graph.OutputInfo, target graph.Input) error {
	return checkNumbers(m.Name(), output, target)
}

// Add adds up errors, and counts.
func (MAE) Add(sums []float64, _ graph.OutputInfo, values, target *tensor.Dense) []float64 {
	return addErrors(sums, values, target, math.Abs)
}

// Value is the mean.
func (MAE) Value(sums []float64) float64 { return ratio(sums) }

// addErrors adds a function of each number's error, and counts.
func addErrors(sums []float64, values, target *tensor.Dense, of func(d float64) float64) []float64 {
	if sums == nil {
		sums = make([]float64, 2)
	}
	x, t := numbers(values), numbers(target)
	for i := range min(len(x), len(t)) {
		sums[0] += of(x[i] - t[i])
		sums[1]++
	}
	return sums
}
