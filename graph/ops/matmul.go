package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
)

// MatMul is op(a)·op(b), where op transposes if asked: a is [m,k] ([k,m] transposed), b is [k,n] ([n,k] transposed), the result
// [m,n]. The operands are read as they lie; nothing is transposed in memory. Its gradients are dop(a) = dy·op(b)ᵀ and dop(b) = op(a)ᵀ·dy.
func MatMul(a, b *gorgonia.Node, transA, transB bool) (*gorgonia.Node, error) {
	if a.Dims() != 2 || b.Dims() != 2 {
		return nil, fmt.Errorf("matmul: got shapes %v and %v, want two matrices", a.Shape(), b.Shape())
	}
	m, k := oriented(a.Shape(), transA)
	kb, n := oriented(b.Shape(), transB)
	if k != kb {
		return nil, fmt.Errorf("matmul: got [%d,%d]·[%d,%d], want the inner sizes %d and %d to be equal", m, k, kb, n, k, kb)
	}
	lda, ldb := a.Shape()[1], b.Shape()[1]
	var factors [2]*gorgonia.Node
	if transA && !transB {
		factors = [2]*gorgonia.Node{a, b}
	}
	return apply(&op{
		factors: factors,
		name:    "matmul" + transposition(transA, transB),
		shape:   tensor.Shape{m, n},
		run32: func(out []float32, in [][]float32) {
			blas.Gemm32(transA, transB, m, n, k, 1, in[0], lda, in[1], ldb, 0, out, n)
		},
		run64: func(out []float64, in [][]float64) {
			blas.Gemm64(transA, transB, m, n, k, 1, in[0], lda, in[1], ldb, 0, out, n)
		},
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			da, err := product(grad, in[1], false, !transB, transA)
			if err != nil {
				return nil, err
			}
			db, err := product(in[0], grad, !transA, false, transB)
			return gorgonia.Nodes{da, db}, err
		},
	}, a, b)
}

// product is op(x)·op(y), or its transpose (op(y)ᵀ·op(x)ᵀ).
func product(x, y *gorgonia.Node, transX, transY, transposed bool) (*gorgonia.Node, error) {
	if transposed {
		return MatMul(y, x, !transY, !transX)
	}
	return MatMul(x, y, transX, transY)
}

func oriented(s tensor.Shape, trans bool) (rows, cols int) {
	if trans {
		return s[1], s[0]
	}
	return s[0], s[1]
}

func transposition(a, b bool) string {
	switch {
	case a && b:
		return "(aᵀ,bᵀ)"
	case a:
		return "(aᵀ,b)"
	case b:
		return "(a,bᵀ)"
	}
	return "(a,b)"
}

// Factors are a and b where n is MatMul's aᵀ·b, as the gradient of a weight matrix is.
func Factors(n *gorgonia.Node) (a, b *gorgonia.Node, ok bool) {
	o, ours := n.Op().(*op)
	if !ours || o.factors[0] == nil {
		return nil, nil, false
	}
	return o.factors[0], o.factors[1], true
}
