package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A Loss makes a scalar node of the model's output and a target of the same shape, [batch,classes]. A target row is one-hot or
// any other distribution.
type Loss interface {
	// Name is what it is called in messages and drawings: "cross-entropy".
	Name() string
	// Build adds the loss's nodes to the graph, for each program anew. An error is wrapped with the loss's name and the output's shape.
	Build(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error)
}

// The losses, of an output p (or logits z) and a target t. Each is a mean over the batch.
var (
	// CrossEntropy is categorical cross-entropy, −Σ_c t·ln softmax(z). Where the model ends in Softmax, z are the logits before it,
	// which is stable: no probability is rounded to 0 before its logarithm is taken. Otherwise the output itself is taken for logits.
	CrossEntropy = LossFunc("cross-entropy", func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
		if b.plain {
			return plainCrossEntropy(ops.Logits(output), target)
		}
		return ops.CrossEntropy(ops.Logits(output), target)
	})

	// ClippedCrossEntropy is Keras 2's, −Σ_c t·ln clip(p) with p clipped to [1e-7, 1−1e-7]: where the clip holds, no gradient comes
	// back. The model must end in Softmax.
	ClippedCrossEntropy = LossFunc("clipped-cross-entropy", func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
		if !ops.IsSoftmax(output) {
			return nil, fmt.Errorf("clipped cross-entropy: got a model that does not end in softmax, want probabilities: add graph.Softmax as the last layer, or use graph.CrossEntropy")
		}
		return ops.ClippedCrossEntropy(output, target)
	})

	// MeanSquaredError is Keras': the mean of (p−t)² over the outputs too.
	MeanSquaredError = LossFunc("mse", func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
		if b.plain {
			return plainMeanSquaredError(output, target)
		}
		return ops.MeanSquaredError(output, target)
	})
)

var losses = []Loss{CrossEntropy, ClippedCrossEntropy, MeanSquaredError}

// LossNames lists what ParseLoss understands.
func LossNames() []string {
	names := make([]string, len(losses))
	for i, l := range losses {
		names[i] = l.Name()
	}
	return names
}

// ParseLoss is the loss of that name: cross-entropy, clipped-cross-entropy or mse; of another, an error that lists them.
func ParseLoss(name string) (Loss, error) {
	if i := slices.Index(LossNames(), name); i >= 0 {
		return losses[i], nil
	}
	return nil, fmt.Errorf("loss: got %q, want one of %s", name, strings.Join(LossNames(), ", "))
}

// LossFunc makes a loss of a function, in which any Gorgonia op may stand:
//
//	absolute := graph.LossFunc("mean absolute error", func(b *graph.Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
//		d, err := gorgonia.Sub(output, target)
//		if err != nil {
//			return nil, err
//		}
//		if d, err = gorgonia.Abs(d); err != nil {
//			return nil, err
//		}
//		return gorgonia.Mean(d)
//	})
func LossFunc(name string, build func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error)) Loss {
	return lossFunc{name, build}
}

type lossFunc struct {
	name  string
	build func(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error)
}

func (l lossFunc) Name() string { return l.name }
func (l lossFunc) Build(b *Builder, output, target *gorgonia.Node) (*gorgonia.Node, error) {
	return l.build(b, output, target)
}

// loss builds l, which may be anybody's, and checks what it gives.
func (b *Builder) loss(l Loss, output, target *gorgonia.Node) (n *gorgonia.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Build panicked: %v (does it look at the error of each function that it calls?)", r)
		}
		if err != nil {
			err = fmt.Errorf("graph: loss %s on an output of shape %v: %w", l.Name(), output.Shape(), err)
		}
	}()
	nodes := len(b.graph.AllNodes())
	if n, err = l.Build(b, output, target); err != nil {
		return nil, err
	}
	if n == nil {
		return nil, errors.New("its Build returned no node and no error, want one of them")
	}
	if v := b.unknown(nodes); v != "" {
		return nil, fmt.Errorf("it makes %s that the model does not know: a loss has none of its own: what is learnt belongs in a layer, by b.Param; a fixed number is gorgonia.NewConstant", v)
	}
	if !n.IsScalar() {
		return nil, fmt.Errorf("got shape %v, want a scalar: take the mean", n.Shape())
	}
	return n, nil
}

// plainCrossEntropy is −mean Σ t·log softmax(x) in Gorgonia's own ops.
func plainCrossEntropy(x, target *gorgonia.Node) (*gorgonia.Node, error) {
	logs, err := gorgonia.LogSoftMax(x, 1)
	if err != nil {
		return nil, err
	}
	terms, err := gorgonia.HadamardProd(target, logs)
	if err != nil {
		return nil, err
	}
	sums, err := gorgonia.Sum(terms, 1)
	if err != nil {
		return nil, err
	}
	mean, err := gorgonia.Mean(sums)
	if err != nil {
		return nil, err
	}
	return gorgonia.Neg(mean)
}

// plainMeanSquaredError is mean (y−t)² in Gorgonia's own ops.
func plainMeanSquaredError(y, target *gorgonia.Node) (*gorgonia.Node, error) {
	d, err := gorgonia.Sub(y, target)
	if err != nil {
		return nil, err
	}
	squares, err := gorgonia.Square(d)
	if err != nil {
		return nil, err
	}
	return gorgonia.Mean(squares)
}
