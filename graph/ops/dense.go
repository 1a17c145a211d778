package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
)

// Dense is f(x·w + b) in one op, or in two where f's derivative takes its input: x is [batch,…,in], w [in,out], b a vector of out, the result [batch,…,out].
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
	if f.fromInput() {
		z, err := Dense(x, w, b, Identity)
		if err != nil {
			return nil, err
		}
		return Activate(z, f)
	}
	in, out := w.Shape()[0], w.Shape()[1]
	rows := x.Shape().TotalSize() / in
	o := &op{
		name:    "dense+" + f.String(),
		raw:     f == Identity,
		sigmoid: f == Sigmoid,
		shape:   withLast(x.Shape(), out),
		differ: func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dz, err := funcGrad(f, dy, y)
			if err != nil {
				return nil, err
			}
			return denseGrads(v, dz)
		},
	}
	o.run32 = func(y []float32, v [][]float32) {
		blas.Gemm32(false, false, rows, out, in, 1, v[0], in, v[1], out, 0, y, out)
		if k := o.kept; k != nil {
			k.f32 = resized(k.f32, len(y))
			copy(k.f32, y)
			addBias(Identity, k.f32, v[2])
		}
		addBias(f, y, v[2])
	}
	o.run64 = func(y []float64, v [][]float64) {
		blas.Gemm64(false, false, rows, out, in, 1, v[0], in, v[1], out, 0, y, out)
		if k := o.kept; k != nil {
			k.f64 = resized(k.f64, len(y))
			copy(k.f64, y)
			addBias(Identity, k.f64, v[2])
		}
		addBias(f, y, v[2])
	}
	return apply(o, x, w, b)
}

// denseGrads are the gradients of x·w + b, from dz, with regard to the three that v begins with.
func denseGrads(v gorgonia.Nodes, dz *gorgonia.Node) (gorgonia.Nodes, error) {
	x, w := v[0], v[1]
	in, out := w.Shape()[0], w.Shape()[1]
	rows := x.Shape().TotalSize() / in
	dx, err := matmul(dz, w, false, true, rows, in, out, x.Shape())
	if err != nil {
		return nil, err
	}
	dw, err := matmul(x, dz, true, false, in, out, rows, w.Shape())
	if err != nil {
		return nil, err
	}
	db, err := SumRows(dz)
	return gorgonia.Nodes{dx, dw, db}, err
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
