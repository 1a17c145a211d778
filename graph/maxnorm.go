package graph

import (
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Params are the parameters that layers have asked for so far, in order: those that a layer within this one has asked for are behind those that were there before it.
func (b *Builder) Params() gorgonia.Nodes {
	if b.stopped() {
		return nil
	}
	return slices.Clone(b.nodes.params)
}

// MaxNorm keeps each unit of a parameter within a norm: the weights along all axes but the last, [in,units] or a kernel's [height,width,in,filters], are scaled down to
// it after each step in which they are longer (Srebro and Shraibman 2005; Keras' MaxNorm over all axes but the last). [Program.Commit] does it.
func (b *Builder) MaxNorm(param *gorgonia.Node, norm float64) {
	if b.stopped() {
		return
	}
	at := slices.Index(b.nodes.params, param)
	switch {
	case at < 0:
		b.Errorf("max-norm: got a node that is no parameter, want one that b.Param returned")
	case !(norm > 0 && norm <= math.MaxFloat64):
		b.Errorf("max-norm: got %v, want a finite number above 0", norm)
	case b.norms == nil:
		b.norms = map[int]float64{at: norm}
	default:
		b.norms[at] = norm
	}
}

// Constrain scales weights down to the norms that their layers have asked for, but for those of frozen layers. Program.Commit does it; who commits by hand calls it behind the
// optimizer's step.
func (m *Model) Constrain() {
	for at, norm := range m.made().norms {
		if m.frozen[m.params.layers[at]] {
			continue
		}
		switch w := m.params.all[at].Value; w.Dtype() {
		case tensor.Float64:
			constrain(w.Float64s(), w.Shape()[w.Dims()-1], norm)
		default:
			constrain(w.Float32s(), w.Shape()[w.Dims()-1], norm)
		}
	}
}

// constrain works on columns.
func constrain[T float32 | float64](w []T, columns int, norm float64) {
	squares := make([]float64, columns)
	for lo := 0; lo < len(w); lo += columns {
		for i, v := range w[lo : lo+columns] {
			squares[i] += float64(v) * float64(v)
		}
	}
	longer := false
	factors := make([]T, columns)
	for i, s := range squares {
		factors[i] = 1
		if length := math.Sqrt(s); length > norm && length <= math.MaxFloat64 {
			factors[i], longer = T(norm/length), true
		}
	}
	if !longer {
		return
	}
	for lo := 0; lo < len(w); lo += columns {
		for i := range w[lo : lo+columns] {
			w[lo+i] *= factors[i]
		}
	}
}
