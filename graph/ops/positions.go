package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// AddEach adds v, […], to every sample of x, [batch,…]; dx = dy, dv = Σ_batch dy.
func AddEach(x, v *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("add to each", x, v); err != nil {
		return nil, err
	}
	if x.Dims() < 2 || !slices.Equal(x.Shape()[1:], v.Shape()) {
		return nil, fmt.Errorf("add to each: got shapes %v and %v, want [batch,…] and […]", x.Shape(), v.Shape())
	}
	shape := v.Shape().Clone()
	return apply(&op{
		name:  "add to each",
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { addEach(y, in[0], in[1]) },
		run64: func(y []float64, in [][]float64) { addEach(y, in[0], in[1]) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dv, err := apply(&op{
				name:  "sum over the batch",
				shape: shape,
				run32: func(dv []float32, in [][]float32) { addUpRows(dv, in[0], 1) },
				run64: func(dv []float64, in [][]float64) { addUpRows(dv, in[0], 1) },
			}, grad)
			return gorgonia.Nodes{grad, dv}, err
		},
	}, x, v)
}

// AddWaves adds the sinusoidal positions of Vaswani et al. (2017) to x, [batch,time,n]: to columns 2i and 2i+1 at time t the sine and the cosine of t·10000^(−2i/n). dx = dy.
func AddWaves(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("add waves", x); err != nil {
		return nil, err
	}
	if x.Dims() != 3 {
		return nil, fmt.Errorf("add waves: got shape %v, want [batch,time,n]", x.Shape())
	}
	time, n := x.Shape()[1], features(x)
	wide, narrow := make([]float64, time*n), make([]float32, time*n)
	for i := range wide {
		column := i % n
		sin, cos := math.Sincos(float64(i/n) * math.Pow(10000, -float64(column-column%2)/float64(n)))
		if wide[i] = sin; column%2 == 1 {
			wide[i] = cos
		}
		narrow[i] = float32(wide[i])
	}
	return apply(&op{
		name:  "add waves",
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { addEach(y, in[0], narrow) },
		run64: func(y []float64, in [][]float64) { addEach(y, in[0], wide) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			return gorgonia.Nodes{grad}, nil
		},
	}, x)
}

func addEach[T float](y, x, v []T) {
	n := len(v)
	parallel.For(len(x)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			vec.Add(y[lo*n:(lo+1)*n], x[lo*n:(lo+1)*n], v)
		}
	})
}
