package blas

import (
	"errors"

	"github.com/stheno-ml/stheno/graph/blas/internal/simd"
)

// kernel is the built-in one; nil where the processor can run none. A test may set another.
var kernel = simd.Best()

func openBuiltin() (*backend, error) {
	if kernel == nil {
		return nil, errors.New("the built-in kernel needs a processor with AVX2 and FMA")
	}
	return &backend{
		info:   Info{Name: "builtin", Kernel: kernel.String()},
		gemm32: builtin32, gemm64: builtin64, thin64: openGonum().gemm64, packs: true,
	}, nil
}

func builtin32(p product[float32]) {
	kernel.Gemm(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

func builtin64(p product[float64]) {
	simd.Gemm64(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

// pack32 and multiplyPacked32 are what Packed does with the built-in kernel.
func pack32(dst []float32, transB bool, n, k int, b []float32, ldb int) []float32 {
	return kernel.Pack(dst, transB, n, k, b, ldb)
}

func multiplyPacked32(m, n, k int, a []float32, lda int, panels []float32, beta float32, c []float32, ldc int) {
	kernel.Multiply(m, n, k, a, lda, panels, beta, c, ldc)
}

// slim reports whether the built-in kernel does a product faster than the libraries do, which pack both sides before
// they multiply.
func slim(p product[float32]) bool {
	return min(p.m, p.n, p.k) <= 16 && kernel != nil
}

// openPeak returns what does that many operations on one core, or nil.
func openPeak() func(flop int) {
	if kernel == nil {
		return nil
	}
	return kernel.FMA
}

// addsLast reports whether the chosen BLAS adds C to a product of aᵀ and b when that is rounded.
func addsLast(p product[float32]) bool {
	return current().builtin(p) && simd.AddsLast(p.m, p.n, p.k)
}
