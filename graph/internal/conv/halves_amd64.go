package conv

// halves says whether windows of two places lie side by side.
func (a Axis) halves() bool {
	return a.Size == 2 && a.Stride == 2 && a.Dilation == 1 && a.Before == 0 && 2*a.Out <= a.In
}

// whole are how many windows of a row, from its first, the kernels of a mean make in so many vectors each, which write over nothing behind the row: none where windows are not of two by two, side by side.
func whole[T Float](s *Shape) (n, vectors int) {
	if !fast || !s.Rows.halves() || !s.Cols.halves() {
		return 0, 0
	}
	lane := lane[T]()
	vectors = (s.In + lane - 1) / lane
	return max(0, s.Cols.Out-(vectors*lane-1)/s.In), vectors
}

// fastMean makes row o of a sample's means as Mean does, in the same order of sums.
func fastMean[T Float](s *Shape, y, x []T, o int) bool {
	n, vectors := whole[T](s)
	if n == 0 {
		return false
	}
	upper, lower, pixel := x[2*o*s.row():][:s.row()], x[(2*o+1)*s.row():][:s.row()], sizeOf[T]()*uintptr(s.In)
	switch y := any(y).(type) {
	case []float32:
		halve(n, vectors, &floats32(upper)[0], &floats32(lower)[0], pixel, .25, &y[0])
	case []float64:
		halveDouble(n, vectors, &any(upper).([]float64)[0], &any(lower).([]float64)[0], pixel, .25, &y[0])
	}
	for q := n; q < s.Cols.Out; q++ {
		y, a, b := y[q*s.In:][:s.In], upper[2*q*s.In:][:2*s.In], lower[2*q*s.In:][:2*s.In]
		for c := range y {
			y[c] = (a[c] + b[c] + (a[s.In+c] + b[s.In+c])) * .25
		}
	}
	return true
}

// fastMeanGrad is a sample's MeanGrad.
func fastMeanGrad[T Float](s *Shape, dx, dy []T) bool {
	n, vectors := whole[T](s)
	if n == 0 {
		return false
	}
	if 2*s.Rows.Out < s.Rows.In || 2*s.Cols.Out < s.Cols.In {
		clear(dx)
	}
	pixel := sizeOf[T]() * uintptr(s.In)
	for o := range s.Rows.Out {
		upper, lower, dy := dx[2*o*s.row():][:s.row()], dx[(2*o+1)*s.row():][:s.row()], dy[o*s.outRow():][:s.outRow()]
		switch dy := any(dy).(type) {
		case []float32:
			double(n, vectors, &floats32(upper)[0], &floats32(lower)[0], pixel, .25, &dy[0])
		case []float64:
			doubleDouble(n, vectors, &any(upper).([]float64)[0], &any(lower).([]float64)[0], pixel, .25, &dy[0])
		}
		for q := n; q < s.Cols.Out; q++ {
			a, b := upper[2*q*s.In:][:2*s.In], lower[2*q*s.In:][:2*s.In]
			for c, d := range dy[q*s.In:][:s.In] {
				d = d*.25 + 0 // which is never −0, as a sum is not
				a[c], a[s.In+c], b[c], b[s.In+c] = d, d, d, d
			}
		}
	}
	return true
}
