// Package losses holds the losses, one a file. Each compares a model's output with a target and gives one value for each sample, or for each position
// of one; package graph takes their mean, or whatever the weights of the samples make of it.
//
//	history, err := train.Fit(ctx, model, data, train.Config{Loss: losses.CrossEntropy{}})
//
// Which one suits depends on what is to be said, and what the model ends in:
//
//	one of n classes           n units, Softmax         CrossEntropy         classes, int32
//	labels, each by itself     a unit each, Sigmoid     BinaryCrossEntropy   floats from 0 to 1
//	numbers                    a unit each, linear      MSE, MAE, Huber      floats
//	a distribution             n units, Softmax         KL                   floats that add up to 1
//	scores with a margin       linear                   Hinge, MultiMargin   labels, or classes
//	a direction                linear                   Cosine               floats
//
// [CrossEntropy] and [BinaryCrossEntropy] are of the logits before the softmax or sigmoid, which is stable, and refuse an end that is neither. [Each] is one loss for
// each output of a model with several.
//
// One's own is a graph.Loss: see graph.LossFunc. A method Metrics() []string names the metrics of package
// train by which it is judged beside its own value, a method FromLogits() bool says that it was told that the output is logits.
package losses

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

var all = []graph.Loss{
	CrossEntropy{}, ClippedCrossEntropy{}, BinaryCrossEntropy{}, KL{}, // of probabilities
	MSE{}, MAE{}, Huber{}, Cosine{}, // of numbers
	Hinge{}, MultiMargin{}, // of scores
}

// Names lists what Parse understands.
func Names() []string {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.Name()
	}
	return names
}

// Parse is the loss of that name, such as cross-entropy or mse; of another, an error that lists them.
func Parse(name string) (graph.Loss, error) {
	if i := slices.Index(Names(), name); i >= 0 {
		return all[i], nil
	}
	return nil, fmt.Errorf("loss: got %q, want one of %s", name, strings.Join(Names(), ", "))
}

// classes is the target of a loss of class probabilities, [batch,…,classes]: one class for each row, or a distribution.
func classes(output tensor.Shape, distributions bool) (graph.Input, error) {
	switch {
	case len(output) == 0:
		return graph.Input{}, errors.New("want an output for each class, [batch,…,classes]: end in a Dense layer")
	case output[len(output)-1] < 2:
		return graph.Input{}, errors.New("got one output a row, want one for each of two classes or more: give the last layer more units, or take losses.BinaryCrossEntropy{}")
	}
	if distributions {
		return graph.Floats(output...), nil
	}
	return graph.Ints(output[:len(output)-1]...), nil
}

// floats is the target of a loss that compares number with number.
func floats(output tensor.Shape) (graph.Input, error) {
	if len(output) == 0 {
		return graph.Input{}, errors.New("want at least one number a sample, [batch,…,n]: end in a Dense layer")
	}
	return graph.Floats(output...), nil
}

// logits are what an output is the softmax of, or the output itself where a linear layer made it, or told is true.
func logits(b *graph.Builder, output *gorgonia.Node, told bool) *gorgonia.Node {
	switch {
	case told && (ops.IsSoftmax(output) || ops.IsSigmoid(output)):
		return b.Errorf("got probabilities, and was told that it gets logits: leave Logits out, or the activation")
	case ops.IsSoftmax(output):
		return ops.Logits(output)
	case told || ops.IsLinear(output):
		return output
	}
	return b.Errorf("got an output that is neither a softmax nor a layer without activation, want one of them as the last layer: layers.Softmax (then the loss takes the logits before it), or a layers.Dense without activation; if the output is logits nevertheless, set Logits")
}
