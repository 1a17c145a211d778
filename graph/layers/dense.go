package layers

import (
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Dense is a fully connected layer, f(x·W + b): [batch,…,in] → [batch,…,Units]. Its parameters are "weight", [in,Units], and "bias", [Units].
type Dense struct {
	Units      int               // at least 1
	Activation Activation        // f; Linear if not given
	Weights    graph.Initializer // graph.GlorotUniform if not given
	Bias       graph.Initializer // graph.Zeros if not given
}

func init() {
	text.Register[graph.Layer]("dense", "f(x·W + b): [batch,…,in] → [batch,…,units]", "dense 64 relu", Dense{})
}

// tooFew refuses a size that is below 1, most often since it was not said.
func tooFew(b *graph.Builder, what string, got int, as string) *gorgonia.Node {
	if got == 0 {
		return b.Errorf("got %s 0, want at least 1: where the number of %s was left out, say it, as in %s", what, strings.ToLower(what), as)
	}
	return b.Errorf("got %s %d, want at least 1", what, got)
}

// Build makes one op of it, or two.
func (d Dense) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	switch {
	case d.Units < 1:
		return tooFew(b, "Units", d.Units, "dense 64")
	case x.Dims() < 2:
		return b.Errorf("want [batch,…,features]: give a sample at least one feature, graph.Floats(1)")
	}
	w := b.Param("weight", d.Weights.Or(graph.GlorotUniform), graph.Features(x), d.Units)
	bias := b.Param("bias", d.Bias.Or(graph.Zeros), d.Units)
	if d.Activation.overRows() {
		return d.Activation.Build(b, b.Node(ops.Dense(x, w, bias, ops.Identity)))
	}
	return b.Node(ops.Dense(x, w, bias, d.Activation.function(b)))
}

// Label is "dense", and the activation where it has one.
func (d Dense) Label() string {
	if d.Activation == Linear {
		return "dense"
	}
	return "dense, " + d.Activation.String()
}
