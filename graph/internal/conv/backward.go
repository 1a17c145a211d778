package conv

import "github.com/stheno-ml/stheno/graph/internal/parallel"

// Input sets dx = Σ dy·w over the windows that saw each place: the gradient of x, from that of y; and the forward pass of the transposed convolution, for which there are a bias
// and finish, as in Forward.
func Input[T Float](s *Shape, dx, dy, w, bias []T, finish func(row []T)) {
	rows := s.Batch * s.Rows.In
	parallel.For(rows, s.rowGrain(rows), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			sample, i := r/s.Rows.In, r%s.Rows.In
			row := dx[r*s.row():][:s.row()]
			for at := 0; at < len(row); at += s.In {
				if bias == nil {
					clear(row[at:][:s.In])
				} else {
					copy(row[at:], bias)
				}
			}
			inputRow(s, row, dy[sample*s.Rows.Out*s.outRow():], w, i)
			if finish != nil {
				finish(row)
			}
		}
	})
}

// inputRow adds to row i of a sample's input.
func inputRow[T Float](s *Shape, row, dy, w []T, i int) {
	in, out := s.In/s.Groups, s.Out/s.Groups
	for k := range s.Rows.Size {
		o, ok := s.Rows.seen(i, k)
		if !ok {
			continue
		}
		for p := range s.Cols.In {
			dx := row[p*s.In:][:s.In]
			for l := range s.Cols.Size {
				q, ok := s.Cols.seen(p, l)
				if !ok {
					continue
				}
				pixel := dy[(o*s.Cols.Out+q)*s.Out:][:s.Out]
				tap := w[(k*s.Cols.Size+l)*in*s.Out:][:in*s.Out]
				for g := range s.Groups {
					from := pixel[g*out:][:out]
					for c := range in {
						var sum T
						for j, weight := range tap[c*s.Out+g*out:][:out] {
							sum += from[j] * weight
						}
						dx[g*in+c] += sum
					}
				}
			}
		}
	}
}

// Kernel sets dw = Σ x·dy over all windows: the gradient of w, from that of y.
func Kernel[T Float](s *Shape, dw, x, dy []T) {
	inStretches(s, dw, func(sample int, dw []T) {
		x, dy := x[sample*s.Rows.In*s.row():], dy[sample*s.Rows.Out*s.outRow():]
		for o := range s.Rows.Out {
			kernelRow(s, dw, x, dy[o*s.outRow():][:s.outRow()], o)
		}
	})
}

// kernelRow adds the part of row o of a sample's output.
func kernelRow[T Float](s *Shape, dw, x, dy []T, o int) {
	in, out := s.In/s.Groups, s.Out/s.Groups
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		y := dy[q*s.Out:][:s.Out]
		for k := k0; k < k1; k++ {
			for l := l0; l < l1; l++ {
				pixel := x[((s.Rows.from(o)+k*s.Rows.Dilation)*s.Cols.In+s.Cols.from(q)+l*s.Cols.Dilation)*s.In:][:s.In]
				tap := dw[(k*s.Cols.Size+l)*in*s.Out:][:in*s.Out]
				for g := range s.Groups {
					from := y[g*out:][:out]
					for c, v := range pixel[g*in:][:in] {
						to := tap[c*s.Out+g*out:][:out]
						for j, d := range from {
							to[j] += v * d
						}
					}
				}
			}
		}
	}
}

// inStretches calls add for each sample with the sums of its stretch, and adds these up in order.
func inStretches[T Float](s *Shape, dw []T, add func(sample int, dw []T)) {
	stretches := s.stretches()
	sums := make([]T, (stretches-1)*len(dw))
	parallel.For(stretches, max(1, grain*stretches/max(1, s.Products())), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := dw
			if i > 0 {
				sum = sums[(i-1)*len(dw):][:len(dw)]
			} else {
				clear(dw)
			}
			for sample := i * s.Batch / stretches; sample < (i+1)*s.Batch/stretches; sample++ {
				add(sample, sum)
			}
		}
	})
	for ; len(sums) > 0; sums = sums[len(dw):] {
		for i, v := range sums[:len(dw)] {
			dw[i] += v
		}
	}
}

// stretches are how many parts a batch is cut into for sums over it: fewer of large kernels, since each part has sums of its own.
func (s *Shape) stretches() int {
	_, w, _ := s.Sizes()
	return min(s.Batch, max(2, min(16, 1<<22/w)))
}
