package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// CrossEntropy is categorical cross-entropy, −Σ_c t·ln softmax(z), of logits z, [batch,…,classes], and classes, int32, [batch,…]: one value a row. A class of
// −1 is ignored: its row counts nothing, and no gradient comes of it.
//
// Where the model ends in Softmax or LogSoftmax, z are the logits before it, which is stable: no probability is rounded to 0 before its logarithm is taken. A layer
// without activation at the end gives the logits themselves. Any other end is an error unless Logits says that it is right.
//
// A class's weight multiplies its rows as they are, smoothed or not, as Keras' class_weight does (PyTorch weighs the share of each class in a smoothed target by itself).
type CrossEntropy struct {
	Smoothing     float64   // ε in [0, 1): the target is (1−ε)·t + ε/classes (Szegedy et al. 2016; PyTorch's label_smoothing)
	Weights       []float64 // of the classes; a batch's are divided by their sum (PyTorch's weight)
	Distributions bool      // the target is a distribution a row, floats [batch,…,classes], not a class
	Logits        bool      // the output is logits, whatever layer made it
}

// Name is "cross-entropy".
func (CrossEntropy) Name() string { return "cross-entropy" }

// Metrics are what it is judged by beside.
func (CrossEntropy) Metrics() []string { return []string{"accuracy"} }

// FromLogits says whether it was told that the output is logits.
func (l CrossEntropy) FromLogits() bool { return l.Logits }

// Target is classes, or distributions.
func (l CrossEntropy) Target(output tensor.Shape) (graph.Input, error) {
	if err := checkWeights(l.Weights, output, l.Distributions); err != nil {
		return graph.Input{}, err
	}
	return classes(output, l.Distributions)
}

// Build makes one op of it.
func (l CrossEntropy) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.CrossEntropy(logits(b, output, l.Logits), target, l.Smoothing))
}

// Weigh is 0 of a class to be ignored, else the class's weight.
func (l CrossEntropy) Weigh(target *tensor.Dense, weights []float64) {
	weighClasses(target, l.Weights, weights)
}
