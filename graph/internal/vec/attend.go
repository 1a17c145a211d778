package vec

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
