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

// AddsLast reports whether TransposedProduct(c, a, b, alpha, 1) has the bits of three passes: the product, alpha times that, and the sum with c, each rounded. So it is
// in float32 with the built-in kernel, for up to 640 rows of a and b, unless one of them is a single column.
func AddsLast(a, b *tensor.Dense) bool {
	return a.Dtype() == tensor.Float32 && addsLast(product[float32]{m: a.Shape()[1], n: b.Shape()[1], k: a.Shape()[0]})
}
