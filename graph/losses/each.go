package losses

import (
	"errors"
	"maps"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// Each is the losses of a model with several outputs, by the outputs' names: their sum, each times its weight. An output that it leaves out is not learnt from.
//
//	losses.Each{"class": {Loss: losses.CrossEntropy{}}, "age": {Loss: losses.MSE{}, Weight: 0.1}}
type Each map[string]Weighted

// Weighted is a loss and what it is multiplied by.
type Weighted struct {
	Loss   graph.Loss
	Weight float64 `default:"1"` // 1 if 0; at least 0; graph.Zero is 0
}

// Name is "each".
func (Each) Name() string { return "each" }

// Of is the loss of an output.
func (e Each) Of(output string) (graph.Loss, float64) {
	w, ok := e[output]
	switch {
	case !ok:
		return nil, 0
	case w.Loss == nil || !(w.Weight >= 0 && w.Weight <= math.MaxFloat64):
		return refused{errors.New("got no loss, or a weight that is no finite number of at least 0, want both")}, 1
	}
	return w.Loss, text.Value(w.Weight, 1)
}

// Outputs are the names, in order.
func (e Each) Outputs() []string { return slices.Sorted(maps.Keys(e)) }

// Target is an error: it is that of each output's own loss.
func (Each) Target(tensor.Shape) (graph.Input, error) {
	return graph.Input{}, errors.New("want losses by output")
}

// Build is an error: each output's own loss is built.
func (Each) Build(b *graph.Builder, _, _ *gorgonia.Node) *gorgonia.Node {
	return b.Errorf("want losses by output")
}

// refused stands for a loss that is none.
type refused struct{ err error }

func (refused) Name() string                               { return "each" }
func (r refused) Target(tensor.Shape) (graph.Input, error) { return graph.Input{}, r.err }
func (r refused) Build(b *graph.Builder, _, _ *gorgonia.Node) *gorgonia.Node {
	return b.Errorf("%v", r.err)
}
