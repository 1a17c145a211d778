package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Hinge is the mean over the last axis, as Keras has it, of max(0, 1 − t·s), of scores s, [batch,…,n], and targets of that shape: t is 1 where the target is 1, and −1 where
// it is 0 or −1. One value a row. It is a support vector machine's: what is right by a margin of 1 is not learnt from any more.
//
// The model must end in a layer without activation: behind a sigmoid no score would be below 0.
type Hinge struct {
	Scores bool // the output is scores, whatever layer made it
}

// Name is "hinge".
func (Hinge) Name() string { return "hinge" }

// Metrics are what it is judged by beside.
func (Hinge) Metrics() []string { return []string{"binary-accuracy"} }

// FromLogits says whether it was told that the output is scores, which are told apart at 0 as logits are.
func (l Hinge) FromLogits() bool { return l.Scores }

// Target is floats of the output's shape.
func (Hinge) Target(output tensor.Shape) (graph.Input, error) { return floats(output) }

// Build makes one op of it.
func (l Hinge) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.Hinge(scores(b, output, l.Scores), target))
}

// scores is the output where a linear layer made it, or told is true.
func scores(b *graph.Builder, output *gorgonia.Node, told bool) *gorgonia.Node {
	switch {
	case ops.IsSigmoid(output) || ops.IsSoftmax(output):
		return b.Errorf("got probabilities, want scores that know no bounds: leave the last layer's activation out")
	case told || ops.IsLinear(output):
		return output
	}
	return b.Errorf("got an output that no layer without activation made, want a layers.Dense without activation as the last layer; if the output is scores around 0 nevertheless, set Scores")
}
