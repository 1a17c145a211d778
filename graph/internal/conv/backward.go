package conv

import (
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Input sets dx = Σ dy·w over the windows that saw each place: the gradient of x from that of y, and the forward pass of the transposed convolution, for which there are a bias
// and a function.
func Input[T Float](s *Shape, dx, dy, w, bias []T, f Func[T]) {
	t := s.turned()
	c := newTurned(s, w, bias, f.ReLU)
	forward(t, dx, dy, f, nil, func(dx, dy []T, from, to int, buf *scratch[T]) {
		if c != nil {
			c.run(dx, dy, from, to, buf)
			return
		}
		inputRows(s, dx, dy, w, bias, from, to)
		if f.ReLU {
			relu(dx[from*s.row() : to*s.row()])
		}
	})
	if c != nil {
		c.free()
	}
}

// turned is the shape of what makes x of y.
func (s *Shape) turned() *Shape {
	turn := func(a Axis) Axis { return Axis{In: a.Out, Out: a.In, Size: a.Size} }
	return &Shape{Batch: s.Batch, Rows: turn(s.Rows), Cols: turn(s.Cols), In: s.Out, Out: s.In, Groups: s.Groups}
}

// A class is places of the input, every Stride-th from the first on, that the same taps see, every step-th from tap on: the gradient there is a convolution without a stride, the Axis, of y's with these taps the other way round.
type class struct {
	Axis
	first, tap, step int
}

func (a Axis) classes() []class {
	common := a.Stride
	for n := a.Dilation; n > 0; {
		common, n = n, common%n
	}
	var all []class
	for first := range min(a.Stride, a.In) {
		c := class{first: first, step: a.Stride / common, Axis: Axis{In: a.Out, Out: (a.In - first + a.Stride - 1) / a.Stride, Stride: 1, Dilation: a.Dilation / common}}
		for c.tap < min(c.step, a.Size) && (first+a.Before-c.tap*a.Dilation)%a.Stride != 0 {
			c.tap++
		}
		if c.tap < min(c.step, a.Size) {
			c.Size = (a.Size - c.tap + c.step - 1) / c.step
			c.Before = (c.Size-1)*c.Dilation - (first+a.Before-c.tap*a.Dilation)/a.Stride
		}
		all = append(all, c)
	}
	return all
}

func inputRows[T Float](s *Shape, dx, dy, w, bias []T, from, to int) {
	for i := from; i < to; i++ {
		row := dx[i*s.row():][:s.row()]
		begin(row, bias, s.In)
		inputRow(s, row, dy, w, i)
	}
}

// inputRow adds to row i of a sample's input.
func inputRow[T Float](s *Shape, row, dy, w []T, i int) {
	if s.depthwise() {
		depthwiseInputRow(s, row, dy, w, i)
		return
	}
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

// Grads are where gradients go: of x, of w and of the bias. Those that are nil are not made.
type Grads[T Float] struct{ X, W, B []T }

// Backward sets the gradients of a convolution from dy, the gradient of what Forward made of it, y; with a mean, from that of y's mean over these windows.
func Backward[T Float](s *Shape, to Grads[T], x, w, y, dy []T, f Func[T], pool *Pool, mean *Shape) {
	in, out := s.Rows.In*s.row(), s.Rows.Out*s.outRow()
	size, means := out, 0
	if pool != nil {
		size = pool.Rows.Out * pool.outRow()
	}
	if mean != nil {
		means = mean.Rows.Out * mean.outRow()
	}
	b := newBackward(s, w, to.X != nil, to.W != nil, to.B != nil)
	stretches := s.stretches()
	nw, nb := len(to.W), len(to.B)
	if b != nil {
		nw, nb = b.sizes()
	}
	sums := sumsOf[T](stretches * (nw + nb))
	parallel.For(stretches, max(1, grain*stretches/max(1, s.Products())), func(lo, hi int) {
		buf := getScratch[T]()
		defer putScratch(buf)
		for i := lo; i < hi; i++ {
			part := sums[i*(nw+nb):][:nw+nb]
			clear(part)
			dw, db := part[:nw], part[nw:]
			for n := i * s.Batch / stretches; n < (i+1)*s.Batch/stretches; n++ {
				var d []T
				ours := mean != nil
				if ours {
					d = grown(&buf.full, out)
					meanGrad(mean, d, dy[n*means:][:means], buf)
				} else {
					d = dy[n*size:][:size]
				}
				if f.Slope != nil {
					slope := d
					if !ours {
						slope = grown(&buf.slope, size)
					}
					f.Slope(slope, d, y[n*size:][:size])
					d, ours = slope, true
				}
				x := x[n*in:][:in]
				var dx []T
				if to.X != nil {
					dx = to.X[n*in:][:in]
				}
				var arg []int32
				if pool != nil {
					arg = pool.Arg[n*size:][:size]
				}
				if b != nil {
					b.sample(dx, dw, db, x, d, pool, arg, ours, buf)
					continue
				}
				if pool != nil {
					dz := grown(&buf.dz, out)
					unpool(pool.Shape, dz, d, arg)
					d = dz
				}
				if dx != nil {
					inputRows(s, dx, d, w, nil, 0, s.Rows.In)
				}
				if nw > 0 {
					for o := range s.Rows.Out {
						kernelRow(s, dw, x, d[o*s.outRow():][:s.outRow()], o)
					}
				}
				if nb > 0 {
					for at := 0; at < len(d); at += s.Out {
						for j, v := range d[at:][:s.Out] {
							db[j] += v
						}
					}
				}
			}
		}
	})
	parallel.For(nw+nb, 1+grain/stretches, func(lo, hi int) {
		for i := 1; i < stretches; i++ {
			vec.SumAccumulate(sums[lo:hi], sums[i*(nw+nb):][lo:hi])
		}
	})
	if b != nil {
		b.write(to.W, to.B, sums[:nw], sums[nw:nw+nb])
		b.free()
	} else {
		copy(to.W, sums[:nw])
		copy(to.B, sums[nw:])
	}
	putSums(sums)
}

// unpool puts each gradient of a sample where its maximum came from.
func unpool[T Float](s *Shape, dz, dy []T, arg []int32) {
	if fastUnpool(s, floats32(dz), floats32(dy), arg) {
		return
	}
	clear(dz)
	for i, d := range dy {
		dz[arg[i]] += d
	}
}

// kernelRow adds the part of row o of a sample's output.
func kernelRow[T Float](s *Shape, dw, x, dy []T, o int) {
	if s.depthwise() {
		depthwiseKernelRow(s, dw, x, dy, o)
		return
	}
	in, out := s.In/s.Groups, s.Out/s.Groups
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		y := dy[q*s.Out:][:s.Out]
		for k := k0; k < k1; k++ {
			for l := l0; l < l1; l++ {
				pixel := x[s.pixel(o, q, k, l):][:s.In]
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

// stretches are how many parts a batch is cut into for sums over it: fewer of large kernels, since each part has sums of its own.
func (s *Shape) stretches() int {
	_, w, _ := s.Sizes()
	return min(s.Batch, max(2, min(16, 1<<22/w)))
}
