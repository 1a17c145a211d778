package conv

import "github.com/stheno-ml/stheno/graph/internal/parallel"

// A Func is an activation function. ReLU is done as the sums are written, Apply, if it is not nil, to a sample's outputs in place, while they are near. Slope sets dz = dy∘f', with f' from y; where it is nil,
// f' is 1.
type Func[T Float] struct {
	ReLU  bool
	Apply func(y []T)
	Slope func(dz, dy, y []T)
}

// A Pool is a maximum behind a convolution, over its outputs: these are made a sample at a time and not kept. Arg has where each maximum came from, of the sample's outputs.
type Pool struct {
	*Shape
	Arg []int32
}

// Forward sets y = f(bias + x∗w), the cross-correlation that all frameworks call a convolution, or the maximum of it over windows. A nil bias is zero.
//
//	z[o,q,f] = bias[f] + Σ_{k,l,c} x[o·stride − before + k·dilation, …l, c] · w[k,l,c,f]
func Forward[T Float](s *Shape, y, x, w, bias []T, f Func[T], pool *Pool) {
	c := newCorrelation(s, w, bias, f.ReLU)
	forward(s, y, x, f, pool, func(z, x []T, buf *scratch[T]) {
		if c != nil {
			c.run(z, x, buf)
			return
		}
		for o := range s.Rows.Out {
			row := z[o*s.outRow():][:s.outRow()]
			begin(row, bias, s.Out)
			forwardRow(s, row, x, w, o)
		}
		if f.ReLU {
			relu(z)
		}
	})
	if c != nil {
		c.free()
	}
}

// forward goes over the samples.
func forward[T Float](s *Shape, y, x []T, f Func[T], pool *Pool, sample func(z, x []T, buf *scratch[T])) {
	in, out := s.Rows.In*s.row(), s.Rows.Out*s.outRow()
	size := out
	if pool != nil {
		size = pool.Rows.Out * pool.outRow()
	}
	parallel.For(s.Batch, max(1, grain*s.Batch/max(1, s.Products())), func(lo, hi int) {
		buf := getScratch[T]()
		defer putScratch(buf)
		for i := lo; i < hi; i++ {
			y := y[i*size:][:size]
			z := y
			if pool != nil {
				z = grown(&buf.full, out)
			}
			sample(z, x[i*in:][:in], buf)
			if f.Apply != nil {
				f.Apply(z)
			}
			if pool != nil {
				arg := grown(&buf.arg, size)
				if pool.Arg != nil {
					arg = pool.Arg[i*size:][:size]
				}
				for o := range pool.Rows.Out {
					maxRow(pool.Shape, y[o*pool.outRow():][:pool.outRow()], arg[o*pool.outRow():][:pool.outRow()], z, o)
				}
			}
		}
	})
}

// begin sets each place to the bias.
func begin[T Float](row, bias []T, channels int) {
	if bias == nil {
		clear(row)
		return
	}
	for at := 0; at < len(row); at += channels {
		copy(row[at:], bias)
	}
}

func relu[T Float](z []T) {
	for i, v := range z {
		if v < 0 {
			z[i] = 0
		}
	}
}

// forwardRow adds to row o of a sample's output.
func forwardRow[T Float](s *Shape, row, x, w []T, o int) {
	in, out := s.In/s.Groups, s.Out/s.Groups
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		y := row[q*s.Out:][:s.Out]
		for k := k0; k < k1; k++ {
			for l := l0; l < l1; l++ {
				pixel := x[s.pixel(o, q, k, l):][:s.In]
				tap := w[(k*s.Cols.Size+l)*in*s.Out:][:in*s.Out]
				if in == 1 && out == 1 {
					for c, v := range pixel {
						y[c] += v * tap[c]
					}
					continue
				}
				for g := range s.Groups {
					to := y[g*out:][:out]
					combine(to, pixel[g*in:][:in], tap[g*out:], s.Out)
				}
			}
		}
	}
}

// combine adds the rows of w, which are ld apart, times x, four at a time.
func combine[T Float](y, x, w []T, ld int) {
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := w[:len(y)], w[ld:][:len(y)], w[2*ld:][:len(y)], w[3*ld:][:len(y)]
		for j := range y {
			y[j] += x[0]*a[j] + x[1]*b[j] + x[2]*c[j] + x[3]*d[j]
		}
		if len(x) > 4 {
			w = w[4*ld:]
		}
	}
	for c, v := range x {
		for j, weight := range w[c*ld:][:len(y)] {
			y[j] += v * weight
		}
	}
}
