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
	if err := missing("matmul", a, b); err != nil {
		return nil, err
	}
	if a.Dims() != 2 || b.Dims() != 2 {
		return nil, fmt.Errorf("matmul: got shapes %v and %v, want two matrices", a.Shape(), b.Shape())
	}
	m, k := oriented(a.Shape(), transA)
	kb, n := oriented(b.Shape(), transB)
	if k != kb {
		return nil, fmt.Errorf("matmul: got [%d,%d]·[%d,%d], want the inner sizes %d and %d to be equal", m, k, kb, n, k, kb)
	}
	return matmul(a, b, transA, transB, m, n, k, tensor.Shape{m, n})
}

// matmul is the product of [m,k] and [k,n], as MatMul has it, where the operands may have any shape of as many elements, and the result the one given.
func matmul(a, b *gorgonia.Node, transA, transB bool, m, n, k int, shape tensor.Shape) (*gorgonia.Node, error) {
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	var factors *Factors
	if transA && !transB {
		factors = &Factors{a, b, k}
	}
	return apply(&op{
		factors: factors,
		name:    "matmul" + transposition(transA, transB),
		shape:   shape.Clone(),
		run32: func(out []float32, in [][]float32) {
			blas.Gemm32(transA, transB, m, n, k, 1, in[0], lda, in[1], ldb, 0, out, n)
		},
		run64: func(out []float64, in [][]float64) {
			blas.Gemm64(transA, transB, m, n, k, 1, in[0], lda, in[1], ldb, 0, out, n)
		},
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			da, err := product(grad, in[1], false, !transB, transA, m, k, n, in[0].Shape())
			if err != nil {
				return nil, err
			}
			db, err := product(in[0], grad, !transA, false, transB, k, n, m, in[1].Shape())
			return gorgonia.Nodes{da, db}, err
		},
	}, a, b)
}

// product is op(x)·op(y), [m,k]·[k,n], or its transpose (op(y)ᵀ·op(x)ᵀ), in the shape given.
func product(x, y *gorgonia.Node, transX, transY, transposed bool, m, n, k int, shape tensor.Shape) (*gorgonia.Node, error) {
	if transposed {
		return matmul(y, x, !transY, !transX, n, m, k, shape)
	}
	return matmul(x, y, transX, transY, m, n, k, shape)
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

// Factors are the two nodes of a product leftᵀ·right, as the gradient of a weight matrix is: of Rows rows each, whatever their shapes.
type Factors struct {
	Left, Right *gorgonia.Node
	Rows        int
}

// FactorsOf are those of a node that is such a product; nil of any other.
func FactorsOf(n *gorgonia.Node) *Factors {
	if o := opOf(n); o != nil {
		return o.factors
	}
	return nil
}
