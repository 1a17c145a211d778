package losses

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// CrossEntropy is categorical cross-entropy, −Σ_c t·ln softmax(z), of logits z and a target t, a mean over the batch. Where the model ends in
// Softmax, z are the logits before it, which is stable: no probability is rounded to 0 before its logarithm is taken. Otherwise the
// output itself is taken for logits.
type CrossEntropy struct{}

// Name is "cross-entropy".
func (CrossEntropy) Name() string { return "cross-entropy" }

// Build makes one op of it.
func (CrossEntropy) Build(_ *graph.Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
	return ops.CrossEntropy(ops.Logits(output), target)
}
