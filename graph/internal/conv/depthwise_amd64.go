package conv

// fastAddTo does what addTo does for the channels that fill vectors, and returns how many those are.
func fastAddTo[T Float](y, x, w []T, p *products) int {
	vectors := len(y) / lane[T]()
	if !fast || vectors == 0 {
		return 0
	}
	switch y := any(y).(type) {
	case []float32:
		along(vectors, p.n, &floats32(x)[0], &p.xs[0], &floats32(w)[0], &p.ws[0], &y[0])
	case []float64:
		alongDouble(vectors, p.n, &any(x).([]float64)[0], &p.xs[0], &any(w).([]float64)[0], &p.ws[0], &y[0])
	}
	return vectors * lane[T]()
}
