// Package numeric differentiates numerically, for checking symbolic gradients: a gradient by plain central differences, and one derivative with an
// estimate of its error, which knows kinks.
package numeric

// Gradient returns df/dx_i for each i, as (f(x_i+h) − f(x_i−h)) / 2h. f reads x, which is moved in place and put back. The
// error of the method is about h²·f”'/6 + ε·f/h: with float64, h = 1e-5 and values near 1, some 1e-10.
func Gradient(x []float64, h float64, f func() (float64, error)) ([]float64, error) {
	grad := make([]float64, len(x))
	for i, at := range x {
		x[i] = at + h
		above, err := f()
		if err != nil {
			return nil, err
		}
		x[i] = at - h
		below, err := f()
		if err != nil {
			return nil, err
		}
		x[i] = at
		grad[i] = (above - below) / ((at + h) - (at - h))
	}
	return grad, nil
}
