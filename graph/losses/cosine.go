package losses

import (
	"errors"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Cosine is 1 − cos of the angle between output and target along the last axis, 1 − p·t / (‖p‖·‖t‖), both [batch,…,n]: one value a row, 0 for one direction, 1 for a right
// angle, 2 for opposite directions. (Keras' cosine similarity is lower by 1, with the same gradient.) A row of zeros has no direction: its loss is 1, and no gradient comes of it.
type Cosine struct{}

// Name is "cosine".
func (Cosine) Name() string { return "cosine" }

// Target is floats of the output's shape.
func (Cosine) Target(output tensor.Shape) (graph.Input, error) {
	if len(output) > 0 && output[len(output)-1] < 2 {
		return graph.Input{}, errors.New("got one number a row, which has a sign and no direction, want two or more: give the last layer more units, or take losses.MSE{}")
	}
	return floats(output)
}

// Build makes one op of it.
func (Cosine) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.Cosine(output, target))
}
