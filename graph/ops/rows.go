package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// The ops of this file treat a tensor [batch,…,n] as rows of n, and take a vector of n, or make one.

// SumRows adds up the rows of x, [batch,…,n], into a vector of n: Σ over all axes but the last. It is the gradient of a bias. Its own gradient
// is dy in every row.
func SumRows(x *gorgonia.Node) (*gorgonia.Node, error) { return sumRows("sum of rows", x, 1) }

// MeanRows is the mean of the rows of x, [batch,…,n], a vector of n.
func MeanRows(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("mean of rows", x); err != nil {
		return nil, err
	}
	return sumRows("mean of rows", x, 1/float64(max(1, x.Shape().TotalSize()/features(x))))
}

func sumRows(name string, x *gorgonia.Node, scale float64) (*gorgonia.Node, error) {
	if err := missing(name, x); err != nil {
		return nil, err
	}
	if x.Dims() < 2 {
		return nil, fmt.Errorf("%s: got shape %v, want [batch,…,n]", name, x.Shape())
	}
	return apply(&op{
		name:  name,
		shape: tensor.Shape{features(x)},
		run32: func(out []float32, in [][]float32) { addUpRows(out, in[0], scale) },
		run64: func(out []float64, in [][]float64) { addUpRows(out, in[0], scale) },
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := inRows(grad, in[0].Shape(), scale)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// inRows puts a vector, scaled, into every row of a shape.
func inRows(v *gorgonia.Node, shape tensor.Shape, scale float64) (*gorgonia.Node, error) {
	return apply(&op{
		name:  "in rows",
		shape: shape.Clone(),
		run32: func(out []float32, in [][]float32) { fillRows(out, in[0], scale) },
		run64: func(out []float64, in [][]float64) { fillRows(out, in[0], scale) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dv, err := sumRows("sum of rows", grad, scale)
			return gorgonia.Nodes{dv}, err
		},
	}, v)
}

// addUpRows takes the rows in order for every column, so that its bits do not depend on the number of threads.
func addUpRows[T float](out, x []T, scale float64) {
	n := len(out)
	parallel.For(n, max(16, grain*n/max(len(x), 1)), func(lo, hi int) {
		sum := out[lo:hi]
		clear(sum)
		for at := 0; at < len(x); at += n {
			vec.SumAccumulate(sum, x[at+lo:at+hi])
		}
		if scale != 1 {
			for i := range sum {
				sum[i] *= T(scale)
			}
		}
	})
}

func fillRows[T float](out, v []T, scale float64) {
	n := len(v)
	parallel.For(len(out)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			for i, v := range v {
				out[lo*n+i] = v * T(scale)
			}
		}
	})
}

// AddRow adds a vector v of n to every row of x, [batch,…,n]; dx = dy, dv = Σ_rows dy.
func AddRow(x, v *gorgonia.Node) (*gorgonia.Node, error) {
	return withRow("add row", x, v, func(x, v float64) float64 { return x + v },
		func(in gorgonia.Nodes, grad *gorgonia.Node) (dx, dv *gorgonia.Node, err error) {
			dv, err = SumRows(grad)
			return grad, dv, err
		})
}

// SubRow subtracts a vector v of n from every row of x, [batch,…,n]; dx = dy, dv = −Σ_rows dy.
func SubRow(x, v *gorgonia.Node) (*gorgonia.Node, error) {
	return withRow("subtract row", x, v, func(x, v float64) float64 { return x - v },
		func(in gorgonia.Nodes, grad *gorgonia.Node) (dx, dv *gorgonia.Node, err error) {
			dv, err = sumRows("sum of rows", grad, -1)
			return grad, dv, err
		})
}

// MulRow multiplies every row of x, [batch,…,n], by a vector v of n, element by element; dx = dy∘v, dv = Σ_rows dy∘x.
func MulRow(x, v *gorgonia.Node) (*gorgonia.Node, error) {
	return withRow("multiply by row", x, v, func(x, v float64) float64 { return x * v },
		func(in gorgonia.Nodes, grad *gorgonia.Node) (dx, dv *gorgonia.Node, err error) {
			if dx, err = MulRow(grad, in[1]); err != nil {
				return nil, nil, err
			}
			if dv, err = Mul(grad, in[0]); err != nil {
				return nil, nil, err
			}
			dv, err = SumRows(dv)
			return dx, dv, err
		})
}

func withRow(name string, x, v *gorgonia.Node, f func(x, v float64) float64,
	differ func(in gorgonia.Nodes, grad *gorgonia.Node) (dx, dv *gorgonia.Node, err error)) (*gorgonia.Node, error) {
	if err := missing(name, x, v); err != nil {
		return nil, err
	}
	if x.Dims() < 2 || v.Dims() != 1 || !slices.Equal(v.Shape(), x.Shape()[x.Dims()-1:]) {
		return nil, fmt.Errorf("%s: got shapes %v and %v, want [batch,…,n] and a vector of n", name, x.Shape(), v.Shape())
	}
	return apply(&op{
		name:  name,
		shape: x.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { eachInRows(out, in[0], in[1], f) },
		run64: func(out []float64, in [][]float64) { eachInRows(out, in[0], in[1], f) },
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, dv, err := differ(in, grad)
			return gorgonia.Nodes{dx, dv}, err
		},
	}, x, v)
}

func eachInRows[T float](out, x, v []T, f func(x, v float64) float64) {
	n := len(v)
	parallel.For(len(out)/n, max(1, grain/n), func(lo, hi int) {
		for at := lo * n; at < hi*n; at += n {
			for i, v := range v {
				out[at+i] = T(f(float64(x[at+i]), float64(v)))
			}
		}
	})
}
