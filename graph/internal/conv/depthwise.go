package conv

// depthwise says whether each channel has a kernel of its own, and makes one channel.
func (s *Shape) depthwise() bool { return s.In == s.Groups && s.Out == s.Groups }

// products are places in two operands whose channels are multiplied with each other.
type products struct {
	n      int
	xs, ws [64]int
}

func (p *products) full() bool { return p.n == len(p.xs) }

func (p *products) put(x, w int) {
	p.xs[p.n], p.ws[p.n] = x, w
	p.n++
}

// addTo adds their sums to y, channel by channel, and forgets them.
func addTo[T Float](y, x, w []T, p *products) {
	if p.n == 0 {
		return
	}
	done := fastAddTo(y, x, w, p)
	for i := range p.n {
		x, w := x[p.xs[i]:][:len(y)], w[p.ws[i]:][:len(y)]
		for c := done; c < len(y); c++ {
			y[c] += x[c] * w[c]
		}
	}
	p.n = 0
}

// depthwiseRow is forwardRow.
func depthwiseRow[T Float](s *Shape, row, x, w []T, o int) {
	var p products
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		y := row[q*s.Out:][:s.Out]
		l0, l1 := s.Cols.taps(q)
		for k := k0; k < k1; k++ {
			at, tap := s.pixel(o, q, k, 0), k*s.Cols.Size
			for l := l0; l < l1; l++ {
				if p.full() {
					addTo(y, x, w, &p)
				}
				p.put(at+l*s.Cols.Dilation*s.In, (tap+l)*s.Out)
			}
		}
		addTo(y, x, w, &p)
	}
}

// depthwiseInputRow is inputRow.
func depthwiseInputRow[T Float](s *Shape, row, dy, w []T, i int) {
	var p products
	for at := range s.Cols.In {
		dx := row[at*s.In:][:s.In]
		for k := range s.Rows.Size {
			o, ok := s.Rows.seen(i, k)
			if !ok {
				continue
			}
			for l := range s.Cols.Size {
				q, ok := s.Cols.seen(at, l)
				if !ok {
					continue
				}
				if p.full() {
					addTo(dx, dy, w, &p)
				}
				p.put((o*s.Cols.Out+q)*s.Out, (k*s.Cols.Size+l)*s.Out)
			}
		}
		addTo(dx, dy, w, &p)
	}
}

// depthwiseKernelRow is kernelRow.
func depthwiseKernelRow[T Float](s *Shape, dw, x, dy []T, o int) {
	var p products
	k0, k1 := s.Rows.taps(o)
	for k := k0; k < k1; k++ {
		for l := range s.Cols.Size {
			to := dw[(k*s.Cols.Size+l)*s.Out:][:s.Out]
			q0, q1 := s.Cols.seeing(l)
			at := s.pixel(o, 0, k, l)
			for q := q0; q < q1; q++ {
				if p.full() {
					addTo(to, x, dy, &p)
				}
				p.put(at+q*s.Cols.Stride*s.In, q*s.Out)
			}
			addTo(to, x, dy, &p)
		}
	}
}
