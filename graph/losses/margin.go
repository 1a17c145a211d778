package losses

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// MultiMargin is the hinge loss of several classes, Σ_{c≠t} max(0, 1 − s_t + s_c)/classes, of scores s, [batch,…,classes], and classes t, int32, [batch,…]: one value a row (Weston
// and Watkins 1999; PyTorch's MultiMarginLoss). A class of −1 is ignored: its row counts nothing, and no gradient comes of it.
//
// The model must end in a layer without activation.
type MultiMargin struct {
	Scores bool // the output is scores, whatever layer made it
}

// Name is "multi-margin".
func (MultiMargin) Name() string { return "multi-margin" }

// Metrics are what it is judged by beside.
func (MultiMargin) Metrics() []string { return []string{"accuracy"} }

// Target is classes.
func (MultiMargin) Target(output tensor.Shape) (graph.Input, error) { return classes(output, false) }

// Build makes one op of it.
func (l MultiMargin) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.MultiMargin(scores(b, output, l.Scores), target))
}

// Weigh is 0 of a class to be ignored, else 1.
func (MultiMargin) Weigh(target *tensor.Dense, weights []float64) {
	weighClasses(target, nil, weights)
}
