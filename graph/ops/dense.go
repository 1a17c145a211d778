package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
)

// Dense is f(x·w + b) in one op: x is [batch,…,in], w [in,out], b a vector of out, the result [batch,…,out].
//
// Its gradients, from the gradient dy of the result, are, with the rows of all axes but the last under one another,
//
//	dz = dy ∘ f'(z), where f' is had from y
//	dx = dz·wᵀ    dw = xᵀ·dz    db = Σ_rows dz
func Dense(x, w, b *gorgonia.Node, f Func) (*gorgonia.Node, error) {
	if err := missing("dense", x, w, b); err != nil {
		return nil, err
	}
	last := x.Dims() - 1
	if last < 1 || w.Dims() != 2 || b.Dims() != 1 || x.Shape()[last] != w.Shape()[0] || w.Shape()[1] != b.Shape()[0] {
		return nil, fmt.Errorf("dense: got x %v, w %v, b %v, want [batch,…,in], [in,out], [out]", x.Shape(), w.Shape(), b.Shape())
	}
	if int(f) >= len(funcNames) {
		return nil, fmt.Errorf("dense: got function number %d, want one of %v", f, funcNames)
	}
	in, out := w.Shape()[0], w.Shape()[1]
	rows := x.Shape().TotalSize() / in
	return apply(&op{
		name:  "dense+" + f.String(),
		raw:   f == Identity,
		shape: withLast(x.Shape(), out),
		run32: func(y []float32, v [][]float32) {
			blas.Gemm32(false, false, rows, out, in, 1, v[0], in, v[1], out, 0, y, out)
			addBias(f, y, v[2])
		},
		run64: func(y []float64, v [][]float64) {
			blas.Gemm64(false, false, rows, out, in, 1, v[0], in, v[1], out, 0, y, out)
			addBias(f, y, v[2])
		},
		differ: func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dz, err := funcGrad(f, dy, y)
			if err != nil {
				return nil, err
			}
			dx, err := matmul(dz, v[1], false, true, rows, in, out, v[0].Shape())
			if err != nil {
				return nil, err
			}
			dw, err := matmul(v[0], dz, true, false, in, out, rows, v[1].Shape())
			if err != nil {
				return nil, err
			}
			db, err := SumRows(dz)
			return gorgonia.Nodes{dx, dw, db}, err
		},
	}, x, w, b)
}

// withLast is a shape with another size of its last axis.
func withLast(s tensor.Shape, n int) tensor.Shape {
	s = s.Clone()
	s[len(s)-1] = n
	return s
}

// features is the size of the last axis; 1 for a scalar.
func features(x *gorgonia.Node) int {
	if x.Dims() == 0 {
		return 1
	}
	return x.Shape()[x.Dims()-1]
}
