package train

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// RMSE is the root of the mean squared error, √(Σ(p−t)²/n) over all numbers of all samples, in the target's unit.
type RMSE struct{}

// Name is "rmse".
func (RMSE) Name() string { return "rmse" }

// LessIsBetter is true.
func (RMSE) LessIsBetter() bool { return true }

// Check wants floats of the output's shape.
func (m RMSE) Check(output graph.OutputInfo, target graph.Input) error {
	return checkNumbers(m.Name(), output, target)
}

// Add adds up squared errors, and counts.
func (RMSE) Add(sums []float64, _ graph.OutputInfo, values, target *tensor.Dense) []float64 {
	return addErrors(sums, values, target, func(d float64) float64 { return d * d })
}

// Value is the root of the mean.
func (RMSE) Value(sums []float64) float64 { return math.Sqrt(ratio(sums)) }
