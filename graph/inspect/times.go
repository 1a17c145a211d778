package inspect

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// recurrent says of each layer of a model whether it goes over time step by step: one in both directions as a whole, and not the two within it, of which one goes backwards.
func recurrent(m *graph.Model) []bool {
	infos := m.Layers()
	all := make([]bool, len(infos))
	within := -1 // how deep the last one in both directions stands
	for i, l := range infos {
		if within >= 0 && l.Nested > within {
			continue
		}
		within = -1
		switch l.Layer.(type) {
		case layers.RNN, layers.LSTM, layers.GRU:
			all[i] = true
		case layers.Bidirectional:
			all[i], within = true, l.Nested
		}
	}
	return all
}

// times are the norms of the gradient with regard to the first input of a layer, [batch,time,features], at each time; none where there is no such gradient. Elements that are not finite are left out.
func times(r graph.Recording) []float64 {
	if len(r.InputGrads) == 0 || r.InputGrads[0] == nil || r.InputGrads[0].Dims() != 3 {
		return nil
	}
	if g := r.InputGrads[0]; g.Dtype() == tensor.Float64 {
		return overTime(g.Float64s(), g.Shape())
	}
	return overTime(r.InputGrads[0].Float32s(), r.InputGrads[0].Shape())
}

func overTime[T float](grad []T, shape tensor.Shape) []float64 {
	norms := make([]float64, shape[1])
	for i, v := range grad {
		if v-v == 0 {
			norms[i/shape[2]%shape[1]] += float64(v) * float64(v)
		}
	}
	for t, squares := range norms {
		norms[t] = math.Sqrt(squares)
	}
	return norms
}
