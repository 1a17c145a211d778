package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// ClippedCrossEntropy is Keras 2's, −Σ_c t·ln clip(p) with p clipped to [1e-7, 1−1e-7], of probabilities p, [batch,…,classes], and classes, int32, [batch,…]: where the clip holds, no
// gradient comes back. The model must end in Softmax. A class of −1 is ignored.
type ClippedCrossEntropy struct{}

// Name is "clipped-cross-entropy".
func (ClippedCrossEntropy) Name() string { return "clipped-cross-entropy" }

// Metrics are what it is judged by beside.
func (ClippedCrossEntropy) Metrics() []string { return []string{"accuracy"} }

// Target is classes.
func (ClippedCrossEntropy) Target(output tensor.Shape) (graph.Input, error) {
	return classes(output, false)
}

// Build is an error where the output is no softmax.
func (ClippedCrossEntropy) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	if !ops.IsSoftmax(output) {
		return b.Errorf("clipped cross-entropy: got a model that does not end in softmax, want probabilities: add layers.Softmax as the last layer, or use losses.CrossEntropy{}")
	}
	return b.Node(ops.ClippedCrossEntropy(output, target))
}

// Weigh is 0 of a class to be ignored, else 1.
func (ClippedCrossEntropy) Weigh(target *tensor.Dense, weights []float64) {
	weighClasses(target, nil, weights)
}
