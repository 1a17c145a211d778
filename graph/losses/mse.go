package losses

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// MSE is the mean squared error, the mean of (p−t)² over the outputs and the batch, as Keras has it.
type MSE struct{}

// Name is "mse".
func (MSE) Name() string { return "mse" }

// Build makes one op of it.
func (MSE) Build(_ *graph.Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
	return ops.MeanSquaredError(output, target)
}
