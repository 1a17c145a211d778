package losses

import (
	"errors"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// ClippedCrossEntropy is Keras 2's, −Σ_c t·ln clip(p) with p clipped to [1e-7, 1−1e-7], a mean over the batch: where the clip holds, no
// gradient comes back. The model must end in Softmax.
type ClippedCrossEntropy struct{}

// Name is "clipped-cross-entropy".
func (ClippedCrossEntropy) Name() string { return "clipped-cross-entropy" }

// Build is an error where the output is no softmax.
func (ClippedCrossEntropy) Build(_ *graph.Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
	if !ops.IsSoftmax(output) {
		return nil, errors.New("clipped cross-entropy: got a model that does not end in softmax, want probabilities: add layers.Softmax as the last layer, or use losses.CrossEntropy{}")
	}
	return ops.ClippedCrossEntropy(output, target)
}
