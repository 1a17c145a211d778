package ops

import (
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// columns walks over rows of n columns. Rows are taken together to a width that is worth a vector, and stretches of them are summed one by one, so that the number of threads
// does not show.
type columns struct {
	n, width int       // of a row, and of the rows that are taken together
	kept     []float64 // room for sums
}

func newColumns(n int) columns { return columns{n: n, width: n * max(1, 256/n)} }

// each calls f for ranges of at most a width, over the cores.
func (c *columns) each(size int, f func(lo, hi int)) {
	parallel.For((size+c.width-1)/c.width, max(1, grain/c.width), func(lo, hi int) {
		for ; lo < hi; lo++ {
			f(lo*c.width, min((lo+1)*c.width, size))
		}
	})
}

// sums adds up what f makes of each stretch of rows, in their order. The next call writes over them.
func (c *columns) sums(size int, f func(sum, other []float64, lo, hi int)) (sum, other []float64) {
	stretch, room := c.width*max(1, 16384/c.width), vec.Room(c.n)
	count := (size + stretch - 1) / stretch
	c.kept = resized(c.kept, 2*room*count)
	parallel.For(count, 1, func(lo, hi int) {
		for ; lo < hi; lo++ {
			at := c.kept[2*room*lo:]
			f(at[:room], at[room:2*room], lo*stretch, min((lo+1)*stretch, size))
		}
	})
	for i := 1; i < count; i++ {
		for j, v := range c.kept[2*room*i : 2*room*(i+1)] {
			c.kept[j] += v
		}
	}
	return c.kept[:c.n], c.kept[room : room+c.n]
}

// moments sets the mean and the variance down the columns of x. What is summed are differences from the first row, so that a mean far from 0 costs no digits.
func moments[T float](c *columns, mean, variance []float64, x []T) {
	about := x[:c.n]
	sum, squares := c.sums(len(x), func(sum, squares []float64, lo, hi int) { vec.Moments(sum, squares, x[lo:hi], about) })
	rows := float64(len(x) / c.n)
	for j := range c.n {
		d := sum[j] / rows
		mean[j], variance[j] = float64(about[j])+d, max(0, squares[j]/rows-d*d)
	}
}

// cross is Σ dy and Σ dy·(x − mean) down the columns, about being the mean as T has it.
func cross[T float](c *columns, dy, x, about []T, mean []float64) (sum, dot []float64) {
	sum, dot = c.sums(len(x), func(sum, dot []float64, lo, hi int) { vec.Cross(sum, dot, dy[lo:hi], x[lo:hi], about) })
	for j := range c.n {
		dot[j] += (float64(about[j]) - mean[j]) * sum[j]
	}
	return sum, dot
}

// vectors say what becomes of each column; they are repeated to the width of columns.
type vectors[T float] struct{ mean, scale, shift, rest []T }

// wide is a vector of n, repeated to the width, in room that is kept.
func wide[T float](c *columns, into []T, v []float64) []T {
	into = resized(into, c.width)
	for i := range into {
		into[i] = T(v[i%c.n])
	}
	return into
}

// standardized is y = (x − mean)·scale + shift.
func standardized[T float](c *columns, v *vectors[T], y, x []T, mean, scale, shift []float64) {
	v.mean = wide(c, v.mean, mean)
	for j := range shift { // the mean as T has it is another
		shift[j] += (float64(v.mean[j]) - mean[j]) * scale[j]
	}
	v.scale, v.shift = wide(c, v.scale, scale), wide(c, v.shift, shift)
	c.each(len(x), func(lo, hi int) {
		n := hi - lo
		vec.Standardize(y[lo:hi], x[lo:hi], v.mean[:n], v.scale[:n], v.shift[:n])
	})
}

// standardizedGrad is dx = a·dy + b·(x − mean) + c, the mean being that of standardized.
func standardizedGrad[T float](of *columns, v *vectors[T], dx, dy, x []T, mean, a, b, c []float64) {
	for j := range c {
		c[j] += b[j] * (float64(v.mean[j]) - mean[j])
	}
	v.scale, v.shift, v.rest = wide(of, v.scale, a), wide(of, v.shift, b), wide(of, v.rest, c)
	of.each(len(x), func(lo, hi int) {
		n := hi - lo
		vec.StandardizeGrad(dx[lo:hi], dy[lo:hi], x[lo:hi], v.mean[:n], v.scale[:n], v.shift[:n], v.rest[:n])
	})
}
