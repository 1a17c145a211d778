package blas

type float interface{ float32 | float64 }

// product is C = alpha op(A) op(B) + beta C in row-major order: op(A) is m x k, op(B) is k x n, C is m x n. A is stored
// k x m if transA, B n x k if transB. The leading dimensions count elements from row to row as stored.
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
	case !holds(p.c, p.m, p.n, p.ldc):
		panic("blas: insufficient length of c")
	case p.k == 0:
	case !holds(p.a, rowsA, colsA, p.lda):
		panic("blas: insufficient length of a")
	case !holds(p.b, rowsB, colsB, p.ldb):
		panic("blas: insufficient length of b")
	}
}

// holds reports whether s has the last element of the matrix. It divides, since rows times ld may overflow.
func holds[T float](s []T, rows, cols, ld int) bool {
	return len(s) >= cols && (len(s)-cols)/ld >= rows-1
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

// part is the part of the product that writes rows i0 to i1 and columns j0 to j1 of C.
func (p *product[T]) part(i0, i1, j0, j1 int) product[T] {
	q := *p
	q.m, q.n = i1-i0, j1-j0
	q.c = p.c[i0*p.ldc+j0:]
	if p.transA {
		q.a = p.a[i0:]
	} else {
		q.a = p.a[i0*p.lda:]
	}
	if p.transB {
		q.b = p.b[j0*p.ldb:]
	} else {
		q.b = p.b[j0:]
	}
	return q
}
