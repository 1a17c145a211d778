package blas

import "sync"

// Gemm32 computes C = alpha op(A) op(B) + beta C over all threads of the pool, with op(A) of m x k, op(B) of k x n and C
// of m x n, row-major; A is stored k x m if transA, B n x k if transB, and lda, ldb and ldc count elements from row to row as
// stored. With beta 0, C is only written. As BLAS has it in every language, it panics, with gonum's words, if a size is negative, a leading dimension
// shorter than its rows, or a slice too short.
func Gemm32(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	multiply32(current(), product[float32]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc})
}

func multiply32(with *backend, p product[float32]) {
	if n := stretchesOf(&p); n > 0 && p.alpha != 0 && with.builtin(p) {
		p.check()
		multiplyRow(builtin32, p, n)
		return
	}
	run(&tasks32, with.gemm32, p)
}

// Gemm64 is Gemm32 in float64.
func Gemm64(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	with := current()
	gemm := with.gemm64
	if with.thin64 != nil && min(m, n, k) < thin { // asked here, not of a thread's part of it: bits must not depend on the cut
		gemm = with.thin64
	}
	run(&tasks64, gemm, product[float64]{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc})
}

// tasks are kept, so that a product allocates nothing.
var (
	tasks32 = sync.Pool{New: func() any { return newTask[float32]() }}
	tasks64 = sync.Pool{New: func() any { return newTask[float64]() }}
)

func run[T float](tasks *sync.Pool, gemm func(product[T]), p product[T]) {
	p.check()
	switch {
	case p.m == 0 || p.n == 0:
	case p.k == 0 || p.alpha == 0:
		p.scale()
	default:
		t := tasks.Get().(*task[T])
		t.product, t.gemm = p, gemm
		t.run()
		t.product, t.gemm = product[T]{}, nil // keep no matrix alive
		tasks.Put(t)
	}
}
