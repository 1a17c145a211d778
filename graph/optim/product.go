package optim

import "gorgonia.org/tensor"

// A Product is a gorgonia.ValueGrad whose gradient has not been multiplied out: it is leftᵀ·right, of [batch,in] and
// [batch,out]. Plain SGD subtracts it from the weights as it multiplies, which spares a pass over them and the storage of
// the gradient, where that rounds as two passes do (blas.AddsLast): a step has the same bits whoever has asked for the gradient. Otherwise, and for the other optimizers,
// Grad is called. Factors returns nil where there is no such product.
type Product interface {
	Factors() (left, right *tensor.Dense)
}

// factors are the two sides of a Product; nil for a gradient that is there.
type factors struct{ left, right *tensor.Dense }

// fits checks the sizes, so that the product neither reads nor writes outside w.
func (f factors) fits(w *tensor.Dense) bool {
	l, r, s := f.left, f.right, w.Shape()
	return l.Dtype() == w.Dtype() && r.Dtype() == w.Dtype() && l.Dims() == 2 && r.Dims() == 2 && len(s) == 2 &&
		l.Shape()[0] == r.Shape()[0] && l.Shape()[1] == s[0] && r.Shape()[1] == s[1]
}
