package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Softmax turns each row of logits, [batch,…,classes], into probabilities, e^(x−max) / Σ e^(x−max) over the last axis. It is
// finite wherever x is; a row with NaN or +∞ in it, or of −∞ alone, becomes NaN. Its gradient is
//
//	dx = y∘(dy − Σ_row dy∘y)
func Softmax(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("softmax", x); err != nil {
		return nil, err
	}
	if x.Dims() < 2 {
		return nil, fmt.Errorf("softmax: got shape %v, want [batch,…,classes]", x.Shape())
	}
	n := features(x)
	return apply(&op{
		name:  "softmax",
		from:  x,
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { softmax(y, in[0], n) },
		run64: func(y []float64, in [][]float64) { softmax(y, in[0], n) },
		differ: func(_ gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂softmax",
				shape: y.Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { softmaxGrad(dx, in[0], in[1], n) },
				run64: func(dx []float64, in [][]float64) { softmaxGrad(dx, in[0], in[1], n) },
			}, dy, y)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func softmax[T float](y, x []T, n int) {
	parallel.For(len(x)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			softmaxRow(y[lo*n:(lo+1)*n], x[lo*n:(lo+1)*n])
		}
	})
}

func softmaxRow[T float](y, x []T) {
	share := 1 / vec.SumExp(y, x, vec.Max(x))
	for i, e := range y {
		y[i] = T(float64(e) * share)
	}
}

func softmaxGrad[T float](dx, dy, y []T, n int) {
	parallel.For(len(y)/n, max(1, grain/n), func(lo, hi int) {
		for ; lo < hi; lo++ {
			dx, dy, y := dx[lo*n:(lo+1)*n], dy[lo*n:(lo+1)*n], y[lo*n:(lo+1)*n]
			dot := 0.0
			for i := range y {
				dot += float64(dy[i]) * float64(y[i])
			}
			for i := range y {
				dx[i] = T(float64(y[i]) * (float64(dy[i]) - dot))
			}
		}
	})
}
