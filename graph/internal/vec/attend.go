package vec

// Scale sets x = by·x.
func Scale[T Float](x []T, by T) {
	if f := single(x); len(f) > 0 && asm.scale != nil {
		asm.scale(&f[0], len(f), float32(by))
		return
	}
	for i := range x {
		x[i] *= by
	}
}

// SoftmaxGrad sets g = w·(g − mean)·scale, w being a row of softmax(scale·s) and mean Σw·g: the gradient of w becomes that of s.
func SoftmaxGrad[T Float](g, w []T, mean, scale T) {
	sameLength("SoftmaxGrad", len(g), len(w))
	if f := single(g); len(f) > 0 && asm.softmaxGrad != nil {
		asm.softmaxGrad(&f[0], &single(w)[0], len(f), float32(mean), float32(scale))
		return
	}
	for i, w := range w {
		g[i] = (g[i] - mean) * w * scale
	}
}
