package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// MSE is the mean squared error, the mean of (p−t)² over the last axis, as Keras has it: of an output and a target of floats, [batch,…,n], one value a row.
type MSE struct{}

// Name is "mse".
func (MSE) Name() string { return "mse" }

// Metrics are what it is judged by beside.
func (MSE) Metrics() []string { return []string{"mae"} }

// Target is floats of the output's shape.
func (MSE) Target(output tensor.Shape) (graph.Input, error) { return floats(output) }

// Build makes one op of it.
func (MSE) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.MeanSquaredError(output, target))
}
