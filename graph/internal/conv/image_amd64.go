package conv

// An image is where a sample lies as the kernels read it: with its padding. Where there is none, it is the sample itself.
type image[T Float] struct {
	s          *Shape
	rows, cols int
	row        int // elements of a row
	direct     bool
}

func newImage[T Float](s *Shape) image[T] {
	need := func(a Axis) int { return (a.Out-1)*a.Stride + (a.Size-1)*a.Dilation + 1 }
	m := image[T]{s: s, rows: need(s.Rows), cols: need(s.Cols)}
	m.direct = s.Rows.Before == 0 && s.Cols.Before == 0 && m.rows <= s.Rows.In && m.cols <= s.Cols.In
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
	lo, hi := max(0, cols.Before), min(m.cols, cols.Before+cols.In)
	if lo >= hi {
		return
	}
	for p := max(0, rows.Before); p < min(m.rows, rows.Before+rows.In); p++ {
		f(p*m.row+lo*s.In, (p-rows.Before)*s.row()+(lo-cols.Before)*s.In, (hi-lo)*s.In)
	}
}
