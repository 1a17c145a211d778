package graph_test

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// bits are the bits of all parameters of a float32 model.
func bits(m *graph.Model) []uint32 {
	var all []uint32
	for _, p := range m.Params() {
		for _, w := range p.Value.Float32s() {
			all = append(all, math.Float32bits(w))
		}
	}
	return all
}

func floats32(b uint32) []float32 { return []float32{math.Float32frombits(b)} }

func matmul(a, b *gorgonia.Node) (*gorgonia.Node, error) { return ops.MatMul(a, b, false, false) }

// lossIn is the loss for a program of that mode; none where it predicts.
func lossIn(m graph.Mode, l graph.Loss) graph.Loss {
	if m == graph.Predict {
		return nil
	}
	return l
}
