package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// BinaryCrossEntropy is the mean over the last axis, as Keras has it, of −t·ln σ(z) − (1−t)·ln(1−σ(z)), of logits z and targets t from 0 to 1, both [batch,…,n]: one label, or
// n that hold or not each by itself. One value a row.
//
// Where the model ends in Sigmoid, z are the logits before it, which is stable: no probability is rounded to 0 or 1 before its logarithm is taken. A layer
// without activation at the end gives the logits themselves. Any other end is an error unless Logits says that it is right.
type BinaryCrossEntropy struct {
	Logits bool // the output is logits, whatever layer made it
}

// Name is "binary-cross-entropy".
func (BinaryCrossEntropy) Name() string { return "binary-cross-entropy" }

// Metrics are what it is judged by beside.
func (BinaryCrossEntropy) Metrics() []string { return []string{"binary-accuracy"} }

// FromLogits says whether it was told that the output is logits.
func (l BinaryCrossEntropy) FromLogits() bool { return l.Logits }

// Target is floats of the output's shape.
func (BinaryCrossEntropy) Target(output tensor.Shape) (graph.Input, error) { return floats(output) }

// Build makes one op of it.
func (l BinaryCrossEntropy) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.BinaryCrossEntropy(binaryLogits(b, output, l.Logits), target))
}

// binaryLogits are what an output is the sigmoid of, or the output itself where a linear layer made it, or told is true.
func binaryLogits(b *graph.Builder, output *gorgonia.Node, told bool) *gorgonia.Node {
	switch {
	case told && (ops.IsSigmoid(output) || ops.IsSoftmax(output)):
		return b.Errorf("got probabilities, and was told that it gets logits: leave Logits out, or the activation")
	case ops.IsSigmoid(output):
		return b.Node(ops.SigmoidLogits(output))
	case told || ops.IsLinear(output):
		return output
	case ops.IsSoftmax(output):
		return b.Errorf("got a softmax, whose classes exclude one another, want a label or several that hold each by itself: end in layers.Sigmoid, or take losses.CrossEntropy{}")
	}
	return b.Errorf("got an output that is neither a sigmoid nor a layer without activation, want one of them as the last layer: layers.Sigmoid (then the loss takes the logits before it), or a layers.Dense without activation; if the output is logits nevertheless, set Logits")
}
