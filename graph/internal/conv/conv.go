// Package conv convolves and pools images with their channels last: x [batch,rows,columns,in], kernels [rows,columns,in/groups,out], y [batch,rows,columns,out].
// A sequence is an image of one row. Any stride, padding, dilation and number of groups is right.
//
// The three products of a convolution are one another's gradients: [Forward] makes y of x and w, [Input] x's gradient of y's and w, [Kernel] w's of x and
// y's; and Input is the forward pass of a transposed convolution. Work is shared out by rows of images; the sums over a batch are made in stretches of samples that
// depend on the shape alone, and added up in their order. So no result depends on the number of threads.
package conv

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

// taps are those, from lo up to hi, of an output's window that lie on the input and not on padding.
func (a Axis) taps(o int) (lo, hi int) {
	at := a.from(o)
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

// rowGrain is how many rows of that many are worth a thread.
func (s *Shape) rowGrain(rows int) int { return max(1, grain*rows/max(1, s.Products())) }
