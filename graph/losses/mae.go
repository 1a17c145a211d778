package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// MAE is the mean absolute error, the mean of |p−t| over the last axis, as Keras has it: of an output and a target of floats, [batch,…,n], one value a row. Where p is t
// there is no gradient.
type MAE struct{}

// Name is "mae".
func (MAE) Name() string { return "mae" }

// Metrics are what it is judged by beside.
func (MAE) Metrics() []string { return []string{"mae"} }

// Target is floats of the output's shape.
func (MAE) Target(output tensor.Shape) (graph.Input, error) { return floats(output) }

// Build makes one op of it.
func (MAE) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.MeanAbsoluteError(output, target))
}
