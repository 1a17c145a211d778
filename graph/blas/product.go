package blas

import "sync"

type float interface{ float32 | float64 }

// product is C = alpha op(A) op(B) + beta C in row-major order: op(A) is m x k, op(B) is k x n, C is m x n. A is stored
// k x m if transA, B n x k if transB. ld is the distance between the starts of two rows as they are stored.
type product[T float] struct {
	transA, transB bool
	m, n, k        int
	alpha          T
	a              []T
	lda            int
	b              []T
	ldb            int
	beta           T
	c              []T
	ldc            int
}

// Gemm32 computes C = alpha op(A) op(B) + beta C over all threads of the pool, with op(A) of m x k, op(B) of k x n and C
// of m x n, row-major; lda, ldb and ldc count elements from row to row as stored. With beta 0, C is only written. It
// panics, with gonum's words, if a size is negative, a leading dimension shorter than its rows, or a slice too short.
func Gemm32(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	gemm(product[float32]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}, current().gemm32)
}

// Gemm64 is Gemm32 in float64.
func Gemm64(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	gemm(product[float64]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}, current().gemm64)
}

func gemm[T float](p product[T], multiply func(*product[T])) {
	p.check()
	switch {
	case p.m == 0 || p.n == 0:
	case p.k == 0 || p.alpha == 0:
		p.scale()
	default:
		multiply(&p)
	}
}

// check panics unless every element that the product reads or writes lies in its slice.
func (p *product[T]) check() {
	rowsA, colsA := p.m, p.k
	if p.transA {
		rowsA, colsA = colsA, rowsA
	}
	rowsB, colsB := p.k, p.n
	if p.transB {
		rowsB, colsB = colsB, rowsB
	}
	switch {
	case p.m < 0:
		panic("blas: m < 0")
	case p.n < 0:
		panic("blas: n < 0")
	case p.k < 0:
		panic("blas: k < 0")
	case p.lda < max(1, colsA):
		panic("blas: bad leading dimension of A")
	case p.ldb < max(1, colsB):
		panic("blas: bad leading dimension of B")
	case p.ldc < max(1, p.n):
		panic("blas: bad leading dimension of C")
	case p.m == 0 || p.n == 0:
	case len(p.c) < (p.m-1)*p.ldc+p.n:
		panic("blas: insufficient length of c")
	case p.k == 0:
	case len(p.a) < (rowsA-1)*p.lda+colsA:
		panic("blas: insufficient length of a")
	case len(p.b) < (rowsB-1)*p.ldb+colsB:
		panic("blas: insufficient length of b")
	}
}

// scale is the product without its first term: C = beta C.
func (p *product[T]) scale() {
	for i := range p.m {
		row := p.c[i*p.ldc:][:p.n]
		switch p.beta {
		case 0:
			clear(row)
		case 1:
		default:
			for j := range row {
				row[j] *= p.beta
			}
		}
	}
}

// rows is the part of the product that writes rows lo to hi of C.
func (p *product[T]) rows(lo, hi int) product[T] {
	q := *p
	q.m = hi - lo
	q.c = p.c[lo*p.ldc:]
	if p.transA {
		q.a = p.a[lo:]
	} else {
		q.a = p.a[lo*p.lda:]
	}
	return q
}

// cols is the part of the product that writes columns lo to hi of C.
func (p *product[T]) cols(lo, hi int) product[T] {
	q := *p
	q.n = hi - lo
	q.c = p.c[lo:]
	if p.transB {
		q.b = p.b[lo*p.ldb:]
	} else {
		q.b = p.b[lo:]
	}
	return q
}

var _ sync.Pool
