package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// LogSoftmax is the logarithm of Softmax, x − max − ln Σ e^(x−max) over the last axis of [batch,…,classes]: finite wherever x is. Its gradient is
//
//	dx = dy − e^y·Σ_row dy
func LogSoftmax(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("log-softmax", x); err != nil {
		return nil, err
	}
	if x.Dims() < 2 {
		return nil, fmt.Errorf("log-softmax: got shape %v, want [batch,…,classes]", x.Shape())
	}
	n := features(x)
	return apply(&op{
		name:  "log-softmax",
		from:  x,
		logs:  true,
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { logSoftmax(y, in[0], n) },
		run64: func(y []float64, in [][]float64) { logSoftmax(y, in[0], n) },
		differ: func(_ gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂log-softmax",
				shape: y.Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { logSoftmaxGrad(dx, in[0], in[1], n) },
				run64: func(dx []float64, in [][]float64) { logSoftmaxGrad(dx, in[0], in[1], n) },
			}, dy, y)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func logSoftmax[T float](y, x []T, n int) {
	parallel.For(len(x)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			y, x := y[lo*n:(lo+1)*n], x[lo*n:(lo+1)*n]
			shift := vec.Max(x)
			log := math.Log(vec.SumExp(nil, x, shift))
			for i, x := range x {
				y[i] = T(float64(x) - float64(shift) - log)
			}
		}
	})
}

func logSoftmaxGrad[T float](dx, dy, y []T, n int) {
	parallel.For(len(y)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			dx, dy, y := dx[lo*n:(lo+1)*n], dy[lo*n:(lo+1)*n], y[lo*n:(lo+1)*n]
			sum := vec.Sum(dy)
			for i := range y {
				dx[i] = T(float64(dy[i]) - math.Exp(float64(y[i]))*sum)
			}
		}
	})
}
