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

// sees is s with the outputs up to the last that a window sees.
func (p *Pool) sees(s *Shape) *Shape {
	t := *s
	t.Rows.Out, t.Cols.Out = min(s.Rows.Out, p.Rows.end(p.Rows.Out-1)), min(s.Cols.Out, p.Cols.end(p.Cols.Out-1))
	return &t
}

// Forward sets y = f(bias + x∗w), the cross-correlation that all frameworks call a convolution, or the maximum of it over windows. A nil bias is zero.
//
//	z[o,q,f] = bias[f] + Σ_{k,l,c} x[o·stride − before + k·dilation, …l, c] · w[k,l,c,f]
func Forward[T Float](s *Shape, y, x, w, bias []T, f Func[T], pool *Pool) {
	seen := s
	if pool != nil {
		seen = pool.sees(s)
	}
	c := newCorrelation(s, seen, w, bias, f.ReLU)
	forward(s, y, x, f, pool, func(z, x []T, from, to int, buf *scratch[T]) {
		if c != nil {
			c.run(z, x, from, to, buf)
			return
		}
		for o := from; o < to; o++ {
			row := z[o*s.outRow():][:s.outRow()]
			begin(row, bias, s.Out)
			forwardRow(s, row, x, w, o)
		}
		if f.ReLU {
			relu(z[from*s.outRow() : to*s.outRow()])
		}
	})
	if c != nil {
		c.free()
	}
}

// pieces are how many parts a batch of fewer samples is cut into, along the rows of what comes out.
const pieces = 8

// forward goes over the samples; of few samples, over parts of their rows.
func forward[T Float](s *Shape, y, x []T, f Func[T], pool *Pool, fill func(z, x []T, from, to int, buf *scratch[T])) {
	in, out := s.Rows.In*s.row(), s.Rows.Out*s.outRow()
	size, rows := out, s.Rows.Out
	if pool != nil {
		size, rows = pool.Rows.Out*pool.outRow(), pool.Rows.Out
	}
	parts := max(1, min(rows, (pieces+s.Batch-1)/s.Batch, s.Products()/s.Batch/grain))
	n := s.Batch * parts
	parallel.For(n, max(1, grain*n/max(1, s.Products())), func(lo, hi int) {
		buf := getScratch[T]()
		defer putScratch(buf)
		for part := lo; part < hi; part++ {
			i, first, last := part/parts, part%parts*rows/parts, (part%parts+1)*rows/parts
			y := y[i*size:][:size]
			z, from, to := y, first, last
			if pool != nil { // windows may share rows, which are then made twice
				z = grown(&buf.full, out)
				from = max(0, pool.Rows.from(first))
				to = min(s.Rows.Out, pool.Rows.end(last-1))
			}
			fill(z, x[i*in:][:in], from, to, buf)
			if f.Apply != nil {
				f.Apply(z[from*s.outRow() : to*s.outRow()])
			}
			if pool != nil {
				arg := grown(&buf.arg, size)
				if pool.Arg != nil {
					arg = pool.Arg[i*size:][:size]
				}
				for o := first; o < last; o++ {
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
	if s.depthwise() {
		depthwiseRow(s, row, x, w, o)
		return
	}
	in, out := s.In/s.Groups, s.Out/s.Groups
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		y := row[q*s.Out:][:s.Out]
		for k := k0; k < k1; k++ {
			for l := l0; l < l1; l++ {
				pixel := x[s.pixel(o, q, k, l):][:s.In]
				tap := w[(k*s.Cols.Size+l)*in*s.Out:][:in*s.Out]
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
