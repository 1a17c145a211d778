package figure

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// Gradients draws the norm of each layer's gradient (inspect.Layer.GradNorm) as bars on a log scale, from the input on: a colour for each
// snapshot, named by names, or by its step where there is no name for it. Layers that learn nothing are left out; of networks
// that are not the same, those of one name share a row.
func Gradients(title string, names []string, snapshots ...*inspect.Snapshot) string {
	var layers []string
	series := make([]Series, len(snapshots))
	for _, s := range snapshots {
		next := 0 // a layer that others lack stands after the one before it
		for _, l := range Learning(s) {
			if at := slices.Index(layers, rowName(l)); at >= 0 {
				next = at + 1
				continue
			}
			layers = slices.Insert(layers, next, rowName(l))
			next++
		}
	}
	for i, s := range snapshots {
		if s != nil {
			series[i].Name = fmt.Sprintf("step %d", s.Step)
		}
		if i < len(names) {
			series[i].Name = names[i]
		}
		series[i].Y = make([]float64, len(layers)) // 0, which has no bar, where it has no such layer
		for _, l := range Learning(s) {
			series[i].Y[slices.Index(layers, rowName(l))] = l.GradNorm()
		}
	}
	return Bars(title, layers, series...)
}

// GradientFlow draws the norm of each layer's gradient over a run's snapshots, those of an inspect.Recorder, as a heat map: a row a layer,
// from the input on, a column a step. A single snapshot is drawn as by Gradients.
func GradientFlow(title string, snapshots ...*inspect.Snapshot) string {
	if len(snapshots) == 1 {
		return Gradients(title, nil, snapshots...)
	}
	var layers, steps []string
	var norms [][]float64
	for at, s := range snapshots {
		steps = append(steps, fmt.Sprint(s.Step))
		for i, l := range Learning(s) {
			if at == 0 {
				layers, norms = append(layers, rowName(l)), append(norms, nil)
			}
			if i < len(norms) {
				norms[i] = append(norms[i], l.GradNorm())
			}
		}
	}
	return Heat(title, "step", layers, steps, norms)
}

// rowName is a layer's name, and that it is frozen.
func rowName(l *inspect.Layer) string {
	if l.Frozen {
		return l.Name + " (frozen)"
	}
	return l.Name
}

// Learning are the layers that have parameters, frozen ones among them, from the input on; none of a nil snapshot.
func Learning(s *inspect.Snapshot) []*inspect.Layer {
	if s == nil {
		return nil
	}
	var layers []*inspect.Layer
	for i := range s.Layers {
		if len(s.Layers[i].Params) > 0 {
			layers = append(layers, &s.Layers[i])
		}
	}
	return layers
}
