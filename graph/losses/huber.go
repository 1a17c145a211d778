package losses

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Huber is the mean over the last axis of ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ), with d = p−t (Huber 1964): of an output and a target of floats, [batch,…,n], one value
// a row. It is MSE's half near 0, and grows as MAE does beyond, so that a few wild targets pull less.
type Huber struct {
	Delta float64 `default:"1"` // δ; 1 if 0; in the target's unit
}

// Name is "huber".
func (Huber) Name() string { return "huber" }

// Metrics are what it is judged by beside.
func (Huber) Metrics() []string { return []string{"mae"} }

// Target is floats of the output's shape.
func (l Huber) Target(output tensor.Shape) (graph.Input, error) {
	if !(l.Delta >= 0 && l.Delta <= math.MaxFloat64) || l.Delta == graph.Zero {
		return graph.Input{}, fmt.Errorf("got Delta %v, want a finite number above 0, or 0 for 1", l.Delta)
	}
	return floats(output)
}

// Build makes one op of it.
func (l Huber) Build(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	delta := l.Delta
	if delta == 0 {
		delta = 1
	}
	return b.Node(ops.Huber(output, target, delta))
}
