package conv

import (
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// poolGrain is how many rows of output are worth a thread.
func (s *Shape) poolGrain() int {
	return max(1, grain/(s.outRow()*s.Rows.Size*s.Cols.Size))
}

// pixel is where the elements of a tap's place begin, counted from the sample's first.
func (s *Shape) pixel(o, q, k, l int) int {
	return ((s.Rows.from(o)+k*s.Rows.Dilation)*s.Cols.In + s.Cols.from(q) + l*s.Cols.Dilation) * s.In
}

// Max sets each element of y to the largest of its window, a channel for itself, the first of equal ones; NaN is larger than all. Where arg is not nil it gets the place of that element in the
// sample. Padding is smaller than all; each window must have a place that is none.
func Max[T Float](s *Shape, y []T, arg []int32, x []T) {
	rows := s.Batch * s.Rows.Out
	parallel.For(rows, s.poolGrain(), func(lo, hi int) {
		buf := getScratch[T]()
		defer putScratch(buf)
		for r := lo; r < hi; r++ {
			at := grown(&buf.arg, s.outRow())
			if arg != nil {
				at = arg[r*s.outRow():][:s.outRow()]
			}
			maxRow(s, y[r*s.outRow():][:s.outRow()], at, x[r/s.Rows.Out*s.Rows.In*s.row():][:s.Rows.In*s.row()], r%s.Rows.Out)
		}
	})
}

// maxRow makes row o of a sample's output.
func maxRow[T Float](s *Shape, row []T, arg []int32, x []T, o int) {
	if fastMaxRow(s, floats32(row), arg, floats32(x), o) {
		return
	}
	k0, k1 := s.Rows.taps(o)
	for q := range s.Cols.Out {
		l0, l1 := s.Cols.taps(q)
		y, at := row[q*s.In:][:s.In], arg[q*s.In:][:s.In]
		first := s.pixel(o, q, k0, l0)
		copy(y, x[first:])
		for c := range at {
			at[c] = int32(first + c)
		}
		for k := k0; k < k1; k++ {
			for l := l0; l < l1; l++ {
				p := s.pixel(o, q, k, l)
				for c, v := range x[p:][:s.In] {
					if v > y[c] || v != v && y[c] == y[c] {
						y[c], at[c] = v, int32(p+c)
					}
				}
			}
		}
	}
}

// MaxGrad sets dx to the sum of the dy of the windows whose largest element each is.
func MaxGrad[T Float](s *Shape, dx, dy []T, arg []int32) {
	size, out := s.Rows.In*s.row(), s.Rows.Out*s.outRow()
	parallel.For(s.Batch, max(1, grain/size), func(lo, hi int) {
		for sample := lo; sample < hi; sample++ {
			unpool(s, dx[sample*size:][:size], dy[sample*out:][:out], arg[sample*out:][:out])
		}
	})
}

// Mean sets each element of y to the mean of its window, a channel for itself, of the places that are no padding; each window must have one. Windows are added up down their rows, along all columns at once, and then across.
func Mean[T Float](s *Shape, y, x []T) {
	rows := s.Batch * s.Rows.Out
	parallel.For(rows, s.poolGrain(), func(lo, hi int) {
		buf := getScratch[T]()
		defer putScratch(buf)
		for r := lo; r < hi; r++ {
			sample, o := r/s.Rows.Out, r%s.Rows.Out
			x, row := x[sample*s.Rows.In*s.row():], y[r*s.outRow():][:s.outRow()]
			if fastMean(s, row, x, o) {
				continue
			}
			k0, k1 := s.Rows.taps(o)
			sum := x[(s.Rows.from(o)+k0*s.Rows.Dilation)*s.row():][:s.row()]
			for k := k0 + 1; k < k1; k++ {
				to := grown(&buf.full, s.row())
				vec.Add(to, sum, x[(s.Rows.from(o)+k*s.Rows.Dilation)*s.row():][:s.row()])
				sum = to
			}
			step := s.Cols.Dilation * s.In
			for q := range s.Cols.Out {
				l0, l1 := s.Cols.taps(q)
				y, from := row[q*s.In:][:s.In], sum[(s.Cols.from(q)+l0*s.Cols.Dilation)*s.In:]
				share := 1 / T((k1-k0)*(l1-l0))
				if l1-l0 == 2 {
					a, b := from[:len(y)], from[step:][:len(y)]
					for c := range y {
						y[c] = (a[c] + b[c]) * share
					}
					continue
				}
				copy(y, from)
				for l := 1; l < l1-l0; l++ {
					accumulate(y, from[l*step:][:len(y)])
				}
				for c := range y {
					y[c] *= share
				}
			}
		}
	})
}

// accumulate adds x to y.
func accumulate[T Float](y, x []T) {
	if len(y) >= 16 {
		vec.SumAccumulate(y, x)
		return
	}
	for c, v := range x {
		y[c] += v
	}
}

// MeanGrad sets dx to the sum of the dy of the windows that saw each place, each divided among its places.
func MeanGrad[T Float](s *Shape, dx, dy []T) {
	size, out := s.Rows.In*s.row(), s.Rows.Out*s.outRow()
	parallel.For(s.Batch, max(1, grain/size), func(lo, hi int) {
		buf := getScratch[T]()
		defer putScratch(buf)
		for sample := lo; sample < hi; sample++ {
			meanGrad(s, dx[sample*size:][:size], dy[sample*out:][:out], buf)
		}
	})
}

// meanGrad is a sample's.
func meanGrad[T Float](s *Shape, dx, dy []T, buf *scratch[T]) {
	if fastMeanGrad(s, dx, dy) {
		return
	}
	clear(dx)
	row, step, alone := grown(&buf.image, s.row()), s.Cols.Dilation*s.In, !s.Rows.Overlaps()
	for o := range s.Rows.Out {
		k0, k1 := s.Rows.taps(o)
		clear(row)
		for q := range s.Cols.Out {
			l0, l1 := s.Cols.taps(q)
			share := 1 / T((k1-k0)*(l1-l0))
			dy, at := dy[o*s.outRow()+q*s.In:][:s.In], (s.Cols.from(q)+l0*s.Cols.Dilation)*s.In
			if l1-l0 == 2 {
				a, b := row[at:][:len(dy)], row[at+step:][:len(dy)]
				for c, d := range dy {
					d *= share
					a[c] += d
					b[c] += d
				}
				continue
			}
			for l := range l1 - l0 {
				to := row[at+l*step:][:len(dy)]
				for c, d := range dy {
					to[c] += d * share
				}
			}
		}
		for k := k0; k < k1; k++ {
			to := dx[(s.Rows.from(o)+k*s.Rows.Dilation)*s.row():][:s.row()]
			if alone {
				copy(to, row)
			} else {
				vec.SumAccumulate(to, row)
			}
		}
	}
}
