package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// GroupNorm is group normalisation, (x − μ)/√(σ² + ε)·scale + shift, μ and σ² being the mean and the variance of a group of channels at all positions of a sample: [batch,…,channels] → the
// same, each sample by itself (Wu and He 2018). One group is all of a sample, as many as there are channels are instance normalisation. Its parameters are "scale" and "shift", [channels].
type GroupNorm struct {
	Groups  int               `default:"32"`    // a divisor of the channels; 0: 32
	Epsilon float64           `default:"0.001"` // ε; 0: 0.001, Keras' (PyTorch's is 1e-5)
	Scale   graph.Initializer // graph.Ones if not given
	Shift   graph.Initializer // graph.Zeros if not given
	Plain   bool              // without scale and shift
}

func init() {
	text.Register[graph.Layer]("groupnorm", "(x − μ)/√(σ² + ε)·scale + shift, μ and σ² being those of a sample's group of channels: [batch,…,channels]", "groupnorm 8", GroupNorm{})
}

// Build makes one op of it.
func (l GroupNorm) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	groups, epsilon := l.Groups, text.Value(l.Epsilon, .001)
	if groups == 0 {
		groups = 32
	}
	if !normalizable(b, x, epsilon) {
		return nil
	}
	n := graph.Features(x)
	if groups < 1 || n%groups != 0 {
		var divisors []int
		for k := 1; k <= n; k++ {
			if n%k == 0 {
				divisors = append(divisors, k)
			}
		}
		return b.Errorf("got %d Groups of %d channels, want a divisor of them, of %v", groups, n, divisors)
	}
	return b.Node(ops.GroupNorm(x, groups, epsilon, affine(b, n, l.Scale, l.Shift, l.Plain)...))
}
