package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// LRN is x∘d^−β with d = k + α/size·Σ x² over the size channels around each, ⌊(size−1)/2⌋ of them before it, of x, [batch,…,channels]; channels that are not there count as 0 (Krizhevsky,
// Sutskever and Hinton 2012, with α/size in place of their α, as in ONNX and PyTorch). Its gradient is
//
//	dx_j = dy_j·d_j^−β − 2αβ/size·x_j·Σ dy_c·x_c·d_c^(−β−1) over the channels c around which j counts
func LRN(x *gorgonia.Node, size int, alpha, beta, k float64) (*gorgonia.Node, error) {
	if err := missing("lrn", x); err != nil {
		return nil, err
	}
	switch {
	case x.Dims() < 2:
		return nil, fmt.Errorf("lrn: got shape %v, want [batch,…,channels]", x.Shape())
	case size < 1 || !(alpha >= 0) || !(beta >= 0) || !(k > 0) || math.IsInf(alpha+beta+k, 0):
		return nil, fmt.Errorf("lrn: got a size of %d, alpha %v, beta %v and k %v, want a size of at least 1, alpha and beta of at least 0, and a k above 0", size, alpha, beta, k)
	}
	n := features(x)
	before := (size - 1) / 2
	l := lrn{n: n, before: min(before, n), after: min(size-1-before, n), alpha: alpha / float64(size), beta: beta, k: k}
	return apply(&op{
		name:  fmt.Sprintf("lrn %d %v %v %v", size, alpha, beta, k),
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { normalized(l, y, in[0]) },
		run64: func(y []float64, in [][]float64) { normalized(l, y, in[0]) },
		differ: func(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂lrn",
				shape: y.Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { denormalized(l, dx, in[0], in[1]) },
				run64: func(dx []float64, in [][]float64) { denormalized(l, dx, in[0], in[1]) },
			}, dy, in[0])
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

type lrn struct {
	n, before, after int
	alpha, beta, k   float64 // alpha over the size
}

// scales are d of a row.
func scales[T float](l lrn, d []float64, x []T) {
	for c := range d {
		sum := 0.
		for _, v := range x[max(0, c-l.before):min(l.n, c+l.after+1)] {
			sum += float64(v) * float64(v)
		}
		d[c] = l.k + l.alpha*sum
	}
}

func normalized[T float](l lrn, y, x []T) {
	parallel.For(len(x)/l.n, max(1, grain/(8*l.n)), func(lo, hi int) {
		d := make([]float64, l.n)
		for at := lo * l.n; at < hi*l.n; at += l.n {
			scales(l, d, x[at:at+l.n])
			for c, d := range d {
				y[at+c] = T(float64(x[at+c]) * math.Pow(d, -l.beta))
			}
		}
	})
}

func denormalized[T float](l lrn, dx, dy, x []T) {
	parallel.For(len(x)/l.n, max(1, grain/(8*l.n)), func(lo, hi int) {
		d, pull := make([]float64, l.n), make([]float64, l.n)
		for at := lo * l.n; at < hi*l.n; at += l.n {
			x, dy, dx := x[at:at+l.n], dy[at:at+l.n], dx[at:at+l.n]
			scales(l, d, x)
			for c, d := range d {
				pull[c] = float64(dy[c]) * float64(x[c]) * math.Pow(d, -l.beta-1)
			}
			for j := range dx {
				sum := 0.
				for _, p := range pull[max(0, j-l.after):min(l.n, j+l.before+1)] {
					sum += p
				}
				dx[j] = T(float64(dy[j])*math.Pow(d[j], -l.beta) - 2*l.alpha*l.beta*float64(x[j])*sum)
			}
		}
	})
}
