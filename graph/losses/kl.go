package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// KL is the Kullback–Leibler divergence of the output from a target distribution, Σ_c t·(ln t − ln softmax(z)), of logits z and distributions t, floats, both
// [batch,…,classes]: one value a row, in nats, 0 where they are equal (PyTorch's kl_div, summed over the classes). Its gradient is that of cross-entropy.
// The logits are found as CrossEntropy finds them.
type KL struct {
	Logits bool // the output is logits, whatever layer made it
}

// Name is "kl".
func (KL) Name() string { return "kl" }

// Metrics are what it is judged by beside.
func (KL) Metrics() []string { return []string{"accuracy"} }

// FromLogits says whether it was told that the output is logits.
func (l KL) FromLogits() bool { return l.Logits }

// Target is distributions.
func (KL) Target(output tensor.Shape) (graph.Input, error) { return classes(output, true) }

// Build makes one op of it.
func (l KL) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.KL(logits(b, output, l.Logits), target))
}
