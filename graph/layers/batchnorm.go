package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// BatchNorm is batch normalisation, (x − μ)/√(σ² + ε)·scale + shift: [batch,…,channels] → the same (Ioffe and Szegedy 2015). While training μ and σ² are the mean and the variance, Σ(x − μ)²
// over all rows by their number, of each channel in the batch, or in its shard, and the moving moments go towards them: mean ← Momentum·mean + (1 − Momentum)·μ, and the variance
// likewise, as in Keras (PyTorch's momentum is 1 − Momentum, and it divides by one row less in what it keeps). In the other modes they are μ and σ². They begin at 0 and 1, and forget it in about
// 1/(1 − Momentum) steps: where a network makes fewer in all, take a smaller Momentum.
//
// Its parameters are "scale" and "shift", [channels], its states "mean" and "variance", [channels]. A batch with one value a channel, such as a single sample without further axes, is an
// error while training.
type BatchNorm struct {
	Momentum float64           `default:"0.99"`  // in [0, 1); 0: 0.99
	Epsilon  float64           `default:"0.001"` // ε; 0: 0.001
	Scale    graph.Initializer // graph.Ones if not given
	Shift    graph.Initializer // graph.Zeros if not given
	Plain    bool              // without scale and shift
}

func init() {
	text.Register[graph.Layer]("batchnorm", "(x − μ)/√(σ² + ε)·scale + shift, μ and σ² being a channel's in the batch: [batch,…,channels]", "batchnorm 0.9", BatchNorm{})
}

// Build is one op of the batch's moments while training, and one of the moving ones in the other modes.
func (l BatchNorm) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	momentum, epsilon := text.Value(l.Momentum, .99), text.Value(l.Epsilon, .001)
	if !(momentum >= 0 && momentum < 1) {
		return b.Errorf("got Momentum %v, want at least 0 and below 1", l.Momentum)
	}
	if !normalizable(b, x, epsilon) {
		return nil
	}
	n := graph.Features(x)
	affine := affine(b, n, l.Scale, l.Shift, l.Plain)
	mean, variance := b.State("mean", graph.Zeros, n), b.State("variance", graph.Ones, n)
	if !b.Training() {
		return b.Node(ops.Standardize(x, mean, variance, epsilon, affine...))
	}
	if x.Shape().TotalSize() == n {
		return b.Errorf("got one value a channel in a batch of %d for training, want at least two: they are divided by their deviation, which is 0: take larger batches, or LayerNorm", b.Batch())
	}
	y, batchMean, batchVariance, err := ops.BatchNorm(x, epsilon, affine...)
	if y = b.Node(y, err); y == nil {
		return nil
	}
	b.Update(mean, b.Node(ops.Lerp(mean, batchMean, 1-momentum)))
	b.Update(variance, b.Node(ops.Lerp(variance, batchVariance, 1-momentum)))
	return y
}

// normalizable refuses what a normalisation can't take.
func normalizable(b *graph.Builder, x *gorgonia.Node, epsilon float64) bool {
	switch {
	case !(epsilon >= 0 && epsilon < 1e30):
		b.Errorf("got Epsilon %v, want a number of at least 0", epsilon)
	case x.Dims() < 2:
		b.Errorf("want [batch,…,channels]: give a sample at least one, graph.Floats(1)")
	}
	return b.Err() == nil
}

// affine are the parameters scale and shift of a normalisation, unless it is plain.
func affine(b *graph.Builder, n int, scale, shift graph.Initializer, plain bool) []*gorgonia.Node {
	if plain {
		return nil
	}
	return []*gorgonia.Node{b.Param("scale", scale.Or(graph.Ones), n), b.Param("shift", shift.Or(graph.Zeros), n)}
}
