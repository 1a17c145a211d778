package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// WeightedSum is the scalar Σ wᵢ·xᵢ of two tensors of one shape, summed in float64; dx = dy·w. No gradient goes to w. Fixed stretches are added up, then their
// sums in order, so that its bits do not depend on the number of threads.
func WeightedSum(x, w *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("weighted sum", x, w); err != nil {
		return nil, err
	}
	if !slices.Equal(x.Shape(), w.Shape()) {
		return nil, fmt.Errorf("weighted sum: got values of shape %v and weights of shape %v, want them equal", x.Shape(), w.Shape())
	}
	return apply(&op{
		name:  "weighted sum",
		shape: tensor.ScalarShape(),
		run32: func(out []float32, in [][]float32) { out[0] = float32(weightedSum(in[0], in[1])) },
		run64: func(out []float64, in [][]float64) { out[0] = weightedSum(in[0], in[1]) },
		wrt:   []bool{true, false},
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Times(in[1], grad)
			return gorgonia.Nodes{dx, in[1]}, err // the weights' is never used
		},
	}, x, w)
}

func weightedSum[T float](x, w []T) float64 {
	const stretch = 256
	sums := make([]float64, (len(x)+stretch-1)/stretch)
	parallel.For(len(sums), max(1, grain/stretch), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from := i * stretch
			w := w[from:min(from+stretch, len(x))]
			for j, w := range w {
				if w != 0 { // what is left out may be anything
					sums[i] += float64(w) * float64(x[from+j])
				}
			}
		}
	})
	total := 0.0
	for _, sum := range sums {
		total += sum
	}
	return total
}

// Total is the scalar Σ x over all elements, summed in float64; dx = dy everywhere.
func Total(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("total", x); err != nil {
		return nil, err
	}
	shape := x.Shape()
	return apply(&op{
		name:  "total",
		shape: tensor.ScalarShape(),
		run32: func(out []float32, in [][]float32) { out[0] = float32(total(in[0])) },
		run64: func(out []float64, in [][]float64) { out[0] = total(in[0]) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := everywhere(grad, shape)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func total[T float](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

// everywhere is a scalar in every element of a shape.
func everywhere(s *gorgonia.Node, shape tensor.Shape) (*gorgonia.Node, error) {
	return apply(&op{
		name:  "everywhere",
		shape: shape.Clone(),
		run32: func(out []float32, in [][]float32) { fillRows(out, in[0], 1) },
		run64: func(out []float64, in [][]float64) { fillRows(out, in[0], 1) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			ds, err := Total(grad)
			return gorgonia.Nodes{ds}, err
		},
	}, s)
}

// Times is s·x for a scalar s; dx = s·dy, ds = Σ dy∘x.
func Times(x, s *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("times", x, s); err != nil {
		return nil, err
	}
	if s.Dims() != 0 {
		return nil, fmt.Errorf("times: got a factor of shape %v, want a scalar", s.Shape())
	}
	return apply(&op{
		name:  "times",
		shape: x.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { scaled(out, in[0], in[1][0]) },
		run64: func(out []float64, in [][]float64) { scaled(out, in[0], in[1][0]) },
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Times(grad, in[1])
			if err != nil {
				return nil, err
			}
			ds, err := Mul(grad, in[0])
			if err == nil {
				ds, err = Total(ds)
			}
			return gorgonia.Nodes{dx, ds}, err
		},
	}, x, s)
}

func scaled[T float](out, x []T, s T) {
	parallel.For(len(out), grain, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			out[lo+i] = s * v
		}
	})
}
