package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
)

// Dense is f(x·w + b) in one op: x is [batch,in], w [in,out], b a vector of out, the result [batch,out].
//
// Its gradients, from the gradient dy of the result, are
//
//	dz = dy ∘ f'(z), where f' is had from y
//	dx = dz·wᵀ    dw = xᵀ·dz    db = Σ_batch dz
func Dense(x, w, b *gorgonia.Node, f Func) (*gorgonia.Node, error) {
	if x.Dims() != 2 || w.Dims() != 2 || b.Dims() != 1 || x.Shape()[1] != w.Shape()[0] || w.Shape()[1] != b.Shape()[0] {
		return nil, fmt.Errorf("dense: got x %v, w %v, b %v, want [batch,in], [in,out], [out]", x.Shape(), w.Shape(), b.Shape())
	}
	if int(f) >= len(funcNames) {
		return nil, fmt.Errorf("dense: got function number %d, want one of %v", f, funcNames)
	}
	batch, in, out := x.Shape()[0], w.Shape()[0], w.Shape()[1]
	return apply(&op{
		name:  "dense+" + f.String(),
		shape: tensor.Shape{batch, out},
		run32: func(y []float32, v [][]float32) {
			blas.Gemm32(false, false, batch, out, in, 1, v[0], in, v[1], out, 0, y, out)
			addBias(f, y, v[2])
		},
		run64: func(y []float64, v [][]float64) {
			blas.Gemm64(false, false, batch, out, in, 1, v[0], in, v[1], out, 0, y, out)
			addBias(f, y, v[2])
		},
		differ: func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dz, err := funcGrad(f, dy, y)
			if err != nil {
				return nil, err
			}
			dx, err := MatMul(dz, v[1], false, true)
			if err != nil {
				return nil, err
			}
			dw, err := MatMul(v[0], dz, true, false)
			if err != nil {
				return nil, err
			}
			db, err := sumRows(dz)
			return gorgonia.Nodes{dx, dw, db}, err
		},
	}, x, w, b)
}
