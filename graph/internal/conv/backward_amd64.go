package conv

// A backward makes the gradients of a convolution's samples.
type backward[T Float] struct {
	image[T]       // of x
	kernels        *tiles[T]
	spread         *spread[T] // for x; nil where turned makes it
	turned         turned[T]
	unit           T // one, whose sum of products with the gradients is that of the bias
	wantX          bool
	wantW, wantB   bool
	per, k         int // as a correlation's
	strips         []strip
	ld             int       // elements of a row of a group's sums
	starts         []segment // where each row of the output begins in the image, and in dz
	paired         bool      // two of a kernel's rows at once, of which one has too few sums to keep the processor busy
	sparse         bool      // it may pay
	byOut          []T       // kernels by output channel, for that
	places         []uintptr // where each place of the output begins in the image, in bytes
	inverse        uint64    // of the output channels, rounded up, of 2⁶⁴
	ofDense, ofFew int       // elements of the sums
}

// A strip is columns of dw.
type strip struct{ col, cols, vectors, at int }

func newBackward[T Float](s *Shape, w []T, wantX, wantW, wantB bool) *backward[T] {
	in, out, taps := s.In/s.Groups, s.Out/s.Groups, s.Rows.Size*s.Cols.Size
	if !fast || in*out < 4 {
		return nil
	}
	lane := lane[T]()
	b := &backward[T]{image: newImage[T](s), kernels: tilesOf[T](), unit: 1, wantX: wantX, wantW: wantW, wantB: wantB}
	b.per, b.k = s.Cols.Size, in
	if s.Groups == 1 && s.Cols.Dilation == 1 {
		b.per, b.k = 1, s.Cols.Size*in
	}
	b.paired = b.per == 1 && b.k >= 2 && b.k < len(pairsOf[T]())
	if wantX {
		if b.spread = newSpread(s, w); b.spread == nil {
			b.turned = newTurned(s, w, nil, false)
		}
	}
	for at := 0; at < out; {
		t := strip{col: at, vectors: 1, at: b.ld}
		switch {
		case b.k <= 3 && out-at >= 4*lane:
			t.vectors = 4
		case out-at > lane:
			t.vectors = 2
		}
		t.cols = min(out-at, lane*t.vectors)
		at += t.cols
		b.ld += lane * t.vectors
		b.strips = append(b.strips, t)
	}
	for o := range s.Rows.Out {
		b.starts = append(b.starts, segment{sizeOf[T]() * uintptr(o*s.Rows.Stride*b.row), sizeOf[T]() * uintptr(o*s.outRow())})
	}
	b.sparse = s.Groups == 1 && s.Cols.Dilation == 1 && b.k%lane == 0 && b.k >= 32 && s.Out >= 8
	if wantW {
		b.ofDense = s.Groups * taps * in * b.ld
		if b.sparse {
			b.ofFew = s.Out * taps * in
		}
	}
	if b.sparse {
		b.prepare(w)
	}
	return b
}

func (b *backward[T]) free() {
	b.turned.free()
	if b.spread != nil {
		b.spread.free()
	}
	if b.byOut != nil {
		putSums(b.byOut)
	}
}

// sizes are how many elements a stretch's sums have.
func (b *backward[T]) sizes() (w, bias int) {
	if b.wantB {
		bias = b.s.Out + 32
	}
	return b.ofDense + b.ofFew, bias
}

// write makes the gradients of the sums.
func (b *backward[T]) write(w, bias, dw, db []T) {
	s := b.s
	copy(bias, db)
	if !b.wantW {
		return
	}
	rows, out := len(w)/s.Out, s.Out/s.Groups
	for g := range s.Groups {
		for k := range rows {
			for _, t := range b.strips {
				copy(w[k*s.Out+g*out+t.col:][:t.cols], dw[(g*rows+k)*b.ld+t.at:])
			}
		}
	}
	if b.sparse {
		b.addFew(w, dw[b.ofDense:])
	}
}

// sample adds a sample's gradients to the sums dw and db, and sets dx, from d, the gradient of its outputs, or of those of them at the places arg alone, which a pool took. What is ours may be read beyond its end.
func (b *backward[T]) sample(dx, dw, db, x, d []T, pool *Pool, arg []int32, ours bool, buf *scratch[T]) {
	if b.s.Out/b.s.Groups%lane[T]() != 0 && !ours {
		own := grown(&buf.slope, len(d))
		copy(own, d)
		d = own
	}
	if b.wantB {
		b.bias(db, d)
	}
	if !b.wantX && !b.wantW {
		return
	}
	if b.sparse && b.few(d, arg, buf) {
		b.throughFew(dx, dw, x, buf)
		return
	}
	dz := d
	if arg != nil {
		dz = grown(&buf.dz, b.s.Rows.Out*b.s.outRow())
		unpool(pool.Shape, dz, d, arg)
	}
	if b.wantW {
		b.kernel(dw, b.of(x, &buf.image), dz)
	}
	switch {
	case b.spread != nil:
		b.spread.run(dx, dz, buf)
	case b.wantX:
		b.turned.run(dx, dz, 0, b.s.Rows.In, buf)
	}
}

var none segment

// bias adds the sum over all places.
func (b *backward[T]) bias(db, dz []T) {
	out, lane, unit := b.s.Out, lane[T](), &b.unit
	for at := 0; at < out; {
		v := 1
		switch {
		case out-at >= 4*lane:
			v = 4
		case out-at > lane:
			v = 2
		}
		b.kernels[v][1](1, &none, len(dz)/out, unit, 0, 0, &dz[at], sizeOf[T]()*uintptr(out), nil, 0, &db[at], 0, nil)
		at += lane * v
	}
}

// kernel adds x's image times dz: rows of the tiles are the taps that lie beside each other in it, columns the output's channels, and each row of the output is a segment.
func (b *backward[T]) kernel(dw, img, dz []T) {
	s, size := b.s, sizeOf[T]()
	in, out := s.In/s.Groups, s.Out/s.Groups
	taps := s.Rows.Size * s.Cols.Size * in
	for g := range s.Groups {
		for _, t := range b.strips {
			most := len(b.kernels[t.vectors]) - 1
			for k := 0; k < s.Rows.Size; k++ {
				o0, o1 := s.Rows.seeing(k)
				if b.paired && t.vectors == 1 && k+1 < s.Rows.Size { // where the one sees more, the other sees padding, which adds nothing
					u0, u1 := s.Rows.seeing(k + 1)
					if o0, o1 = min(o0, u0), max(o1, u1); o0 < o1 {
						from, to := k*s.Rows.Dilation*b.row+g*in, g*taps+k*b.k
						pairsOf[T]()[b.k](o1-o0, &b.starts[o0], s.Cols.Out, &img[from], size, size*uintptr(s.Cols.Stride*s.In), size*uintptr(s.Rows.Dilation*b.row), &dz[g*out+t.col], size*uintptr(s.Out), &dw[to*b.ld+t.at], size*uintptr(b.ld))
					}
					k++
					continue
				}
				if o0 >= o1 {
					continue
				}
				for l := range b.per {
					from, to := k*s.Rows.Dilation*b.row+l*s.Cols.Dilation*s.In+g*in, g*taps+k*s.Cols.Size*in+l*b.k
					for r, left := 0, (b.k+most-1)/most; left > 0; left-- {
						n := (b.k - r + left - 1) / left
						b.kernels[t.vectors][n](o1-o0, &b.starts[o0], s.Cols.Out, &img[from+r], size, size*uintptr(s.Cols.Stride*s.In), &dz[g*out+t.col], size*uintptr(s.Out), nil, 0, &dw[(to+r)*b.ld+t.at], size*uintptr(b.ld), nil)
						r += n
					}
				}
			}
		}
	}
}
