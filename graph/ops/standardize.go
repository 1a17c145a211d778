package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Standardize is (x − mean)/√(variance + ε)·scale + shift of x, [batch,…,n], the other vectors being of n, and scale and shift left out together: what batch normalisation is outside
// training. Mean and variance have no gradient.
func Standardize(x, mean, variance *gorgonia.Node, epsilon float64, affine ...*gorgonia.Node) (*gorgonia.Node, error) {
	const name = "standardize"
	if err := checkNorm(name, x, epsilon, append([]*gorgonia.Node{mean, variance}, affine...)); err != nil {
		return nil, err
	}
	if len(affine) != 0 && len(affine) != 2 {
		return nil, fmt.Errorf("%s: got %d vectors beside mean and variance, want a scale and a shift, or none", name, len(affine))
	}
	n := features(x)
	s := &standardization{columns: newColumns(n), epsilon: epsilon, affine: len(affine) > 0, mean: make([]float64, n), scale: make([]float64, n), shift: make([]float64, n)}
	return apply(&op{
		name:   name,
		shape:  x.Shape().Clone(),
		run32:  func(y []float32, in [][]float32) { standardize(s, &s.f32, y, in) },
		run64:  func(y []float64, in [][]float64) { standardize(s, &s.f64, y, in) },
		wrt:    append([]bool{true, false, false}, slices.Repeat([]bool{true}, len(affine))...),
		differ: s.differentiate,
	}, append(gorgonia.Nodes{x, mean, variance}, affine...)...)
}

type standardization struct {
	columns
	epsilon            float64
	affine             bool
	mean, scale, shift []float64 // room
	f32                vectors[float32]
	f64                vectors[float64]
}

func standardize[T float](s *standardization, v *vectors[T], y []T, in [][]T) {
	for j := range s.n {
		s.mean[j], s.scale[j], s.shift[j] = float64(in[1][j]), 1/math.Sqrt(float64(in[2][j])+s.epsilon), 0
		if s.affine {
			s.scale[j] *= float64(in[3][j])
			s.shift[j] = float64(in[4][j])
		}
	}
	standardized(&s.columns, v, y, in[0], s.mean, s.scale, s.shift)
}

// differentiate is dx = dy·scale/√(variance + ε), dscale = Σ dy∘x̂ and dshift = Σ dy.
func (s *standardization) differentiate(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	x, mean, variance := in[0], in[1], in[2]
	none, err := apply(&op{
		name:  "zeros",
		shape: tensor.Shape{s.n},
		run32: func(out []float32, _ [][]float32) { clear(out) },
		run64: func(out []float64, _ [][]float64) { clear(out) },
	}, mean)
	if err != nil {
		return nil, err
	}
	grads := gorgonia.Nodes{nil, mean, variance}
	if !s.affine {
		grads[0], err = Standardize(dy, none, variance, s.epsilon)
		return grads, err
	}
	if grads[0], err = Standardize(dy, none, variance, s.epsilon, in[3], none); err != nil {
		return nil, err
	}
	hat, err := Standardize(x, mean, variance, s.epsilon)
	if err != nil {
		return nil, err
	}
	product, err := Mul(dy, hat)
	if err != nil {
		return nil, err
	}
	dscale, err := SumRows(product)
	if err != nil {
		return nil, err
	}
	dshift, err := SumRows(dy)
	return append(grads, dscale, dshift), err
}
