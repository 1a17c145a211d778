package blas

// A Packed is the right-hand matrix of products with many left-hand ones, such as a recurrent layer's weights, which meet the state of every step. It is
// packed once for all of them, where the built-in kernel multiplies. Its zero value is ready for Pack.
type Packed[T float] struct {
	with   *backend
	b      product[T] // but for the left-hand side
	panels []float32  // what b is in the built-in kernel; nil elsewhere
}

// Pack takes op(B), of k x n, as Gemm32 has it. B must not change before the last Multiply. The memory is used again by the next Pack.
func (p *Packed[T]) Pack(transB bool, n, k int, b []T, ldb int) {
	p.with = current()
	p.b = product[T]{transB: transB, n: n, k: k, alpha: 1, b: b, ldb: ldb, lda: max(1, k), ldc: max(1, n)}
	p.b.check()
	if rows, cols := k, n; n > 0 && k > 0 {
		if transB {
			rows, cols = cols, rows
		}
		if !holds(b, rows, cols, ldb) {
			panic("blas: insufficient length of b")
		}
	}
	if wide, ok := any(b).([]float32); ok && p.with.packs && n > 0 && k > 0 {
		p.panels = pack32(p.panels, transB, n, k, wide, ldb)
	} else {
		p.panels = nil
	}
}

// Multiply computes C = A op(B) + beta C, with A of m x k, on the calling goroutine. An element's bits do not depend on m, so callers may cut the rows as they like,
// with the built-in kernel at least. It panics as Gemm32 does, and before the first Pack.
func (p *Packed[T]) Multiply(m int, a []T, lda int, beta T, c []T, ldc int) {
	if p.with == nil {
		panic("blas: Multiply before Pack")
	}
	q := p.b
	q.m, q.a, q.lda, q.beta, q.c, q.ldc = m, a, lda, beta, c, ldc
	q.check()
	switch {
	case q.m == 0 || q.n == 0:
	case q.k == 0:
		q.scale()
	case p.panels != nil:
		multiplyPacked32(m, q.n, q.k, any(a).([]float32), lda, p.panels, float32(beta), any(c).([]float32), ldc)
	default:
		serial(p.with, q)
	}
}

// Serial is Gemm32, in either element type, on the calling goroutine alone, for callers that share out work of their own: its bits depend on the sizes.
func Serial[T float](transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	p := product[T]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}
	p.check()
	switch {
	case m == 0 || n == 0:
	case k == 0 || alpha == 0:
		p.scale()
	default:
		serial(current(), p)
	}
}

func serial[T float](with *backend, p product[T]) {
	switch p := any(&p).(type) { // a pointer, so that nothing is allocated
	case *product[float32]:
		with.gemm32(*p)
	case *product[float64]:
		with.gemm64(*p)
	}
}
