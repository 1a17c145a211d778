// Package conv convolves and pools images with their channels last: x [batch,rows,columns,in], kernels [rows,columns,in/groups,out], y [batch,rows,columns,out].
// A sequence is an image of one row. Any stride, padding, dilation and number of groups is right.
//
// [Forward] makes y of x and w, [Backward] all gradients that are asked for, or some; [Input] alone is x's gradient, and the forward pass of a transposed convolution. Work is shared out by samples. Sums over the batch
// are made in stretches of samples that depend on the shape alone, and added up in their order: no result depends on the number of threads.
//
// Which path is taken:
//
//	another processor than amd64 with AVX2; one channel in and three or fewer out a group    plain Go
//	else                                                                                     tiles in AVX2 or AVX-512, written by the generator in gen
//	windows of three by three, no stride, no groups, channels that fill pairs of vectors     these tiles for patches of two by two outputs (Winograd): y, and x's gradient where all of y's counts
//	its backward pass, where a sample has few gradients that are not zero                    through these alone
//
// Forward also does relu as it stores a tile, any other function a sample at a time, and a maximum behind it, so that what a convolution puts out need not go through memory.
package conv

import "github.com/stheno-ml/stheno/graph/internal/cpu"

// fast says whether there are kernels for this processor. Those there are are for amd64 alone.
var fast = cpu.AVX2

// Float is what the functions work on.
type Float interface{ float32 | float64 }

// An Axis is how a window slides along rows or columns: place o of the output sees places o·Stride − Before + k·Dilation of the input, for each k of its Size,
// those outside being padding.
type Axis struct {
	In, Out          int // places
	Size             int // of the window, in taps
	Stride, Dilation int
	Before           int // places of padding before the first
}

// from is the place of the input that the first tap of an output's window lies on.
func (a Axis) from(o int) int { return o*a.Stride - a.Before }

// end is the place behind that of its last tap.
func (a Axis) end(o int) int { return a.from(o) + (a.Size-1)*a.Dilation + 1 }

// taps are those, from lo up to hi, of an output's window that lie on the input and not on padding.
func (a Axis) taps(o int) (lo, hi int) {
	at := a.from(o)
	if at >= 0 && at+(a.Size-1)*a.Dilation < a.In { // without dividing
		return 0, a.Size
	}
	if at < 0 {
		lo = (-at + a.Dilation - 1) / a.Dilation
	}
	if at < a.In {
		hi = min(a.Size, (a.In-at+a.Dilation-1)/a.Dilation)
	}
	return min(lo, hi), hi
}

// Empty is the first output whose window lies on padding alone; −1 if there is none.
func (a Axis) Empty() int {
	for o := range a.Out {
		if lo, hi := a.taps(o); lo == hi {
			return o
		}
	}
	return -1
}

// Overlaps says whether windows share places.
func (a Axis) Overlaps() bool { return a.Out > 1 && a.Stride <= (a.Size-1)*a.Dilation }

// seeing are the outputs, from lo up to hi, whose windows have a tap on the input.
func (a Axis) seeing(tap int) (lo, hi int) {
	at := tap*a.Dilation - a.Before // of output 0
	if at < 0 {
		lo = (-at + a.Stride - 1) / a.Stride
	}
	if at < a.In {
		hi = min(a.Out, (a.In-at+a.Stride-1)/a.Stride)
	}
	return min(lo, hi), hi
}

// seen is the output whose window has a tap on a place of the input, if there is one.
func (a Axis) seen(i, tap int) (o int, ok bool) {
	at := i + a.Before - tap*a.Dilation
	if at < 0 || at%a.Stride != 0 {
		return 0, false
	}
	o = at / a.Stride
	return o, o < a.Out
}

// A Shape is a convolution's, or a pooling's, of which Out is In and Groups counts for nothing.
type Shape struct {
	Batch      int
	Rows, Cols Axis
	In, Out    int // channels
	Groups     int // divides both
}

func (s *Shape) row() int    { return s.Cols.In * s.In }   // elements of an input's row
func (s *Shape) outRow() int { return s.Cols.Out * s.Out } // and of an output's

// Sizes are the elements of x, w and y.
func (s *Shape) Sizes() (x, w, y int) {
	return s.Batch * s.Rows.In * s.row(), s.Rows.Size * s.Cols.Size * s.In / s.Groups * s.Out, s.Batch * s.Rows.Out * s.outRow()
}

// Products are the multiplications of one pass.
func (s *Shape) Products() int {
	_, w, y := s.Sizes()
	return y / s.Out * w
}

// grain is the least number of products, or of elements, that are worth another thread.
const grain = 1 << 15
