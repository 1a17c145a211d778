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

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

func init() {
	add := text.Register[graph.Loss]
	add("cross-entropy", "−Σ t·ln softmax(z) of logits z, [batch,…,classes], and classes, [batch,…]", "cross-entropy smoothing=0.1", CrossEntropy{})
	add("clipped-cross-entropy", "Keras 2's cross-entropy, of probabilities clipped to [1e-7, 1−1e-7]", "clipped-cross-entropy", ClippedCrossEntropy{})
	add("binary-cross-entropy", "the mean of −t·ln σ(z) − (1−t)·ln(1−σ(z)), of logits and labels, [batch,…,n]", "binary-cross-entropy logits", BinaryCrossEntropy{})
	add("kl", "the Kullback–Leibler divergence from distributions, [batch,…,classes]", "kl", KL{})
	add("mse", "the mean of (p−t)², [batch,…,n]", "mse", MSE{})
	add("mae", "the mean of |p−t|, [batch,…,n]", "mae", MAE{})
	add("huber", "the mean of ½·d² up to |d| = delta, and of a line beyond", "huber 0.5", Huber{})
	add("cosine", "1 − cos of the angle between output and target", "cosine", Cosine{})
	add("hinge", "the mean of max(0, 1 − t·s), of scores and labels, [batch,…,n]", "hinge scores", Hinge{})
	add("multi-margin", "the hinge loss of several classes, of scores, [batch,…,classes]", "multi-margin", MultiMargin{})
	add(each, "the sum of a loss for each of a model's outputs, times its weight", "each(age = mse * 0.1, class = cross-entropy)", Each{})
}

const each = "each"

// Names lists the losses that Parse understands by name alone; it knows each(class = mse, …), too, for several outputs.
func Names() []string {
	return slices.DeleteFunc(text.Words[graph.Loss](), func(word string) bool { return word == each })
}

// Parse is the loss that a text describes, such as mse, or cross-entropy smoothing=0.1; of an unknown one, an error that lists them. See package text.
func Parse(s string) (graph.Loss, error) {
	l, err := text.Parse[graph.Loss](s)
	if err != nil {
		return nil, fmt.Errorf("loss: %w", err)
	}
	return l, nil
}

// Format is the text of a loss.
func Format(l graph.Loss) (string, error) { return text.Format(l) }

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
	case ops.IsSoftmax(output) || ops.IsLogSoftmax(output):
		return ops.Logits(output)
	case told || ops.IsLinear(output):
		return output
	}
	return b.Errorf("got an output that is neither a softmax nor a layer without activation, want one of them as the last layer: layers.Softmax or layers.LogSoftmax (then the loss takes the logits before it), or a layers.Dense without activation; if the output is logits nevertheless, set Logits")
}
