package conv

// An image is where a sample lies as the kernels read it: with its padding, and with room between its places where it is the gradient of strided windows. Where there is nothing of that, it is the sample itself.
type image[T Float] struct {
	s          *Shape
	spread     [2]int // places from one of the sample's to the next, along rows and columns
	rows, cols int
	row        int // elements of a row
	direct     bool
}

func newImage[T Float](s *Shape, spread [2]int) image[T] {
	need := func(a Axis) int { return (a.Out-1)*a.Stride + (a.Size-1)*a.Dilation + 1 }
	m := image[T]{s: s, spread: spread, rows: need(s.Rows), cols: need(s.Cols)}
	m.direct = spread == [2]int{1, 1} && s.Rows.Before == 0 && s.Cols.Before == 0 && m.rows <= s.Rows.In && m.cols <= s.Cols.In
	if m.direct {
		m.rows, m.cols = s.Rows.In, s.Cols.In
	}
	m.row = m.cols * s.In
	return m
}

// of copies a sample into its image.
func (m *image[T]) of(x []T, to *[]T) []T {
	if m.direct {
		return x
	}
	img := grown(to, m.rows*m.row)
	next := 0 // row that is not written yet
	m.each(func(at, from, n int) {
		clear(img[next:at])
		copy(img[at:at+n], x[from:])
		next = at + n
	})
	clear(img[next:])
	return img
}

// back copies what lies at the sample's places.
func (m *image[T]) back(x, img []T) {
	clear(x)
	m.each(func(at, from, n int) { copy(x[from:from+n], img[at:]) })
}

// each calls f for every stretch of the sample that is in the image, in order: where it lies in the image and in the sample, and its length.
func (m *image[T]) each(f func(at, from, n int)) {
	s, rows, cols := m.s, m.s.Rows, m.s.Cols
	for i := range rows.In {
		p := i*m.spread[0] + rows.Before
		if p < 0 || p >= m.rows {
			continue
		}
		if m.spread[1] == 1 {
			lo, hi := max(0, cols.Before), min(m.cols, cols.Before+cols.In)
			if lo < hi {
				f(p*m.row+lo*s.In, i*s.row()+(lo-cols.Before)*s.In, (hi-lo)*s.In)
			}
			continue
		}
		for j := range cols.In {
			if q := j*m.spread[1] + cols.Before; q >= 0 && q < m.cols {
				f(p*m.row+q*s.In, i*s.row()+j*s.In, s.In)
			}
		}
	}
}
