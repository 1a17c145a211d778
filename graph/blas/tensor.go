package blas

import "gorgonia.org/tensor"

// TransposedProduct computes c = alpha aᵀb + beta c for contiguous tensors of one element type, float32 or float64: a is
// [k,m], b [k,n], c [m,n]. It is how the gradient of a weight matrix, and the step that follows it, is computed. It panics as Gemm32 does.
func TransposedProduct(c, a, b *tensor.Dense, alpha, beta float64) {
	k, m, n := a.Shape()[0], a.Shape()[1], b.Shape()[1]
	if c.Dtype() == tensor.Float32 {
		Gemm32(true, false, m, n, k, float32(alpha), a.Float32s(), m, b.Float32s(), n, float32(beta), c.Float32s(), n)
		return
	}
	Gemm64(true, false, m, n, k, alpha, a.Float64s(), m, b.Float64s(), n, beta, c.Float64s(), n)
}
