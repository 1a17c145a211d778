package blas

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// implementation is what gorgonia.Use gets: the chosen BLAS for products with a matrix in them, gonum for the rest.
type implementation struct{ gonum.Implementation }

// Sgemm is Gemm32 with gonum's way of naming the transposes.
func (implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	Gemm32(transposed(tA), transposed(tB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dgemm is Gemm64 with gonum's way of naming the transposes.
func (implementation) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	Gemm64(transposed(tA), transposed(tB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Sgemv computes y = alpha op(A) x + beta y: as a product of matrices, the row x times op(A) transposed.
func (g implementation) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	if incX != 1 || incY != 1 || min(m, n) < 1 {
		g.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	if transposed(tA) {
		Gemm32(false, false, 1, n, m, alpha, x, m, a, lda, beta, y, n)
	} else {
		Gemm32(false, true, 1, m, n, alpha, x, n, a, lda, beta, y, m)
	}
}

// Sger adds alpha times the column x times the row y to A.
func (g implementation) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if incX < 1 || incY != 1 || min(m, n) < 1 {
		g.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
		return
	}
	Gemm32(false, false, m, n, 1, alpha, x, incX, y, n, 1, a, lda)
}

func transposed(t blas.Transpose) bool {
	switch t {
	case blas.NoTrans:
		return false
	case blas.Trans, blas.ConjTrans:
		return true
	}
	panic("blas: illegal transpose")
}
