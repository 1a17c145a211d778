package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// PReLU is x where it is positive, else slope·x, of x, [batch,…,n], and a vector of slopes, n (He et al. 2015, Delving Deep into Rectifiers). Its gradients are
//
//	dx = dy where x > 0, else slope·dy    dslope = Σ_rows dy·min(x, 0)
func PReLU(x, slope *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("prelu", x, slope); err != nil {
		return nil, err
	}
	if x.Dims() < 2 || !slices.Equal(slope.Shape(), tensor.Shape{features(x)}) {
		return nil, fmt.Errorf("prelu: got shapes %v and %v, want [batch,…,n] and a vector of n", x.Shape(), slope.Shape())
	}
	n := features(x)
	return apply(&op{
		name:  "prelu",
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { sloped(y, in[0], in[0], in[1]) },
		run64: func(y []float64, in [][]float64) { sloped(y, in[0], in[0], in[1]) },
		differ: func(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂prelu",
				shape: y.Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { sloped(dx, in[0], in[1], in[2]) },
				run64: func(dx []float64, in [][]float64) { sloped(dx, in[0], in[1], in[2]) },
			}, dy, in[0], in[1])
			if err != nil {
				return nil, err
			}
			c := newColumns(n)
			dslope, err := apply(&op{
				name:  "∂slope of prelu",
				shape: tensor.Shape{n},
				run32: func(out []float32, in [][]float32) { slopeGrad(&c, out, in[0], in[1]) },
				run64: func(out []float64, in [][]float64) { slopeGrad(&c, out, in[0], in[1]) },
			}, dy, in[0])
			return gorgonia.Nodes{dx, dslope}, err
		},
	}, x, slope)
}

// sloped is v where x is positive, else slope·v.
func sloped[T float](out, v, x, slope []T) {
	n := len(slope)
	parallel.For(len(x)/n, max(1, grain/n), func(lo, hi int) {
		for at := lo * n; at < hi*n; at += n {
			for j, slope := range slope {
				if out[at+j] = v[at+j]; !(x[at+j] > 0) {
					out[at+j] *= slope
				}
			}
		}
	})
}

func slopeGrad[T float](c *columns, out, dy, x []T) {
	sum, _ := c.sums(len(x), func(sum, other []float64, lo, hi int) {
		clear(sum)
		clear(other)
		for at := lo; at < hi; at += c.n {
			for j := range c.n {
				if v := x[at+j]; !(v > 0) {
					sum[j] += float64(dy[at+j]) * float64(v)
				}
			}
		}
	})
	for j := range out {
		out[j] = T(sum[j])
	}
}
