package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/blas"
)

// BatchMatMul is op(a)·op(b) of each pair of matrices in [batch,…,m,k] and [batch,…,k,n], where op transposes the last two axes if asked: [batch,…,m,n]. Its gradients are
// dop(a) = dy·op(b)ᵀ and dop(b) = op(a)ᵀ·dy.
func BatchMatMul(a, b *gorgonia.Node, transA, transB bool) (*gorgonia.Node, error) {
	const name = "batch matmul"
	if err := missing(name, a, b); err != nil {
		return nil, err
	}
	as, bs, last := a.Shape(), b.Shape(), a.Dims()-2
	if last < 1 || b.Dims() != a.Dims() || !slices.Equal(as[:last], bs[:last]) {
		return nil, fmt.Errorf("%s: got shapes %v and %v, want [batch,…,m,k] and [batch,…,k,n]", name, as, bs)
	}
	m, k := oriented(as[last:], transA)
	kb, n := oriented(bs[last:], transB)
	if k != kb {
		return nil, fmt.Errorf("%s: got matrices of %d×%d and %d×%d, want the inner sizes %d and %d to be equal", name, m, k, kb, n, k, kb)
	}
	lda, ldb := as[last+1], bs[last+1]
	count := as[:last].TotalSize()
	return apply(&op{
		name:  name + transposition(transA, transB),
		shape: append(as[:last].Clone(), m, n),
		run32: func(out []float32, in [][]float32) {
			for i := range count {
				blas.Gemm32(transA, transB, m, n, k, 1, in[0][i*m*k:(i+1)*m*k], lda, in[1][i*k*n:(i+1)*k*n], ldb, 0, out[i*m*n:(i+1)*m*n], n)
			}
		},
		run64: func(out []float64, in [][]float64) {
			for i := range count {
				blas.Gemm64(transA, transB, m, n, k, 1, in[0][i*m*k:(i+1)*m*k], lda, in[1][i*k*n:(i+1)*k*n], ldb, 0, out[i*m*n:(i+1)*m*n], n)
			}
		},
		differ: func(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			product := func(x, y *gorgonia.Node, transX, transY, transposed bool) (*gorgonia.Node, error) {
				if transposed {
					return BatchMatMul(y, x, !transY, !transX)
				}
				return BatchMatMul(x, y, transX, transY)
			}
			da, err := product(dy, in[1], false, !transB, transA)
			if err != nil {
				return nil, err
			}
			db, err := product(in[0], dy, !transA, false, transB)
			return gorgonia.Nodes{da, db}, err
		},
	}, a, b)
}
