package conv

// A spread makes dx of dy as the places of the output send it: each of them, times the kernels, to its window, of which a row lies in one piece. So no product is with padding, and what lies beside each other is
// columns times channels, not channels alone, which fills vectors where there are few. What a place gets is added up in the order in which a turned's tiles make it, and is the same bit for bit.
type spread[T Float] struct {
	image[T]
	kernels *tiles[T]
	strips  []strip // of a kernel's row
	packed  []T     // by the kernel's row, strip, output channel
	ld      int     // elements of them a row of the kernel and an output channel
	k       int
}

// newSpread is nil where a turned takes less: it multiplies with padding, and fills vectors with channels.
func newSpread[T Float](s *Shape, w []T) *spread[T] {
	lane := lane[T]()
	if !fast || s.Groups != 1 || s.Cols.Dilation != 1 || s.Out < 8 {
		return nil
	}
	d := &spread[T]{image: newImage[T](s), kernels: tilesOf[T](), k: s.Cols.Size * s.In}
	for at := 0; at < d.k; {
		t := strip{col: at, vectors: 1, at: d.ld}
		switch {
		case d.k-at > 2*lane:
			t.vectors = 4
		case d.k-at > lane:
			t.vectors = 2
		}
		t.cols = min(d.k-at, lane*t.vectors)
		at += t.cols
		d.ld += lane * t.vectors
		d.strips = append(d.strips, t)
	}
	rows := 0 // of the turned kernels, that lie on y
	for i := range s.Rows.In {
		for k := range s.Rows.Size {
			if _, ok := s.Rows.seen(i, k); ok {
				rows++
			}
		}
	}
	vectors := (s.In + lane - 1) / lane
	turned := rows * s.Cols.In * (s.Cols.Size + s.Cols.Stride - 1) / s.Cols.Stride * s.Out * vectors
	if s.Rows.Stride == 1 && s.Cols.Stride == 1 && patched[T](&Shape{Rows: s.Rows.classes()[0].Axis, Cols: s.Cols.classes()[0].Axis, In: s.Out, Out: s.In, Groups: 1}) {
		turned = turned * 4 / 9
	}
	ours := s.Rows.Size * s.Rows.Out * s.Cols.Out * (s.Out + 4) * d.ld / lane // reading and writing the sums is worth four more
	if ours*10 > turned*9 {
		return nil
	}
	d.packed = sumsOf[T](s.Rows.Size * s.Out * d.ld)
	for k := range s.Rows.Size {
		for _, t := range d.strips {
			width := lane * t.vectors
			to := d.packed[(k*d.ld+t.at)*s.Out:][:width*s.Out]
			clear(to)
			for c := range t.cols {
				for o, v := range w[(k*d.k+t.col+c)*s.Out:][:s.Out] {
					to[o*width+c] = v
				}
			}
		}
	}
	return d
}

func (d *spread[T]) free() { putSums(d.packed) }

// run sets a sample's dx.
func (d *spread[T]) run(dx, dy []T, buf *scratch[T]) {
	s, size := d.s, sizeOf[T]()
	to := grown(&buf.dx, d.rows*d.row) // with slack: strips end behind the last row
	clear(to[:cap(to)])
	row, outRow := size*uintptr(s.Rows.Stride*d.row), size*uintptr(s.outRow())
	for k := s.Rows.Size - 1; k >= 0; k-- {
		for q := range s.Cols.Out {
			for _, t := range d.strips {
				most := len(d.kernels[t.vectors]) - 1
				at := k*s.Rows.Dilation*d.row + q*s.Cols.Stride*s.In + t.col
				for o, left := 0, (s.Rows.Out+most-1)/most; left > 0; left-- {
					n := (s.Rows.Out - o + left - 1) / left
					d.kernels[t.vectors][n](1, &none, s.Out, &dy[(o*s.Cols.Out+q)*s.Out], outRow, size, &d.packed[(k*d.ld+t.at)*s.Out], 32*uintptr(t.vectors), nil, 0, &to[at+o*s.Rows.Stride*d.row], row, nil)
					o += n
				}
			}
		}
	}
	d.back(dx, to)
}
