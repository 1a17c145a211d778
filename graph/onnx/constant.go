package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A constant is a tensor that is known when a file is read. Where all its elements are the same one stands for them, whatever the shape.
type constant struct {
	name    string
	shape   []int
	integer bool // ints, else floats
	ints    []int64
	floats  []float32
	folded  bool // it came of an op, and of which file's tensor is not known
}

// batch stands for the batch's size in shapes and in what is made of them: a large prime, so that products of it, and what is divided out of them again, show it.
const batch = 2147483629

// mostFolded is how many elements what is computed while a file is read may have.
const mostFolded = 1 << 24

func (c *constant) size() int {
	n := 1
	for _, d := range c.shape {
		if d > 0 && n > math.MaxInt/d {
			return math.MaxInt
		}
		n *= d
	}
	return n
}

func (c *constant) length() int { return max(len(c.ints), len(c.floats)) }

// same says that one element stands for all.
func (c *constant) same() bool { return c.length() == 1 }

// fill lays out a constant of which one element stands for all.
func (c *constant) fill() (*constant, error) {
	n := c.size()
	switch {
	case c.length() == n:
		return c, nil
	case n > mostFolded:
		return nil, fmt.Errorf("a constant of shape %v is too large to compute with while a file is read", c.shape)
	}
	full := *c
	full.ints, full.floats = nil, nil
	if c.integer {
		full.ints = slices.Repeat(c.ints, n)
	} else {
		full.floats = slices.Repeat(c.floats, n)
	}
	return &full, nil
}

// at is an element as a float64.
func (c *constant) at(i int) float64 {
	if c.same() {
		i = 0
	}
	if c.integer {
		return float64(c.ints[i])
	}
	return float64(c.floats[i])
}

// values are the elements, in float32, of one that stands for all too many times to lay out.
func (c *constant) values() []float32 {
	n := c.size()
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(c.at(i))
	}
	return v
}

func whole(v ...int64) *constant {
	return &constant{shape: []int{len(v)}, integer: true, ints: v, folded: true}
}

// gathered makes a constant of another's elements: element i of the shape is that of index(i).
func (c *constant) gathered(shape []int, index func(i int) int) (*constant, error) {
	out := &constant{shape: shape, integer: c.integer, folded: true}
	if n := out.size(); c.same() && n > 0 {
		out.ints, out.floats = c.ints, c.floats
		return out, nil
	} else if n > mostFolded {
		return nil, fmt.Errorf("a constant of shape %v is too large to compute while a file is read", shape)
	}
	for i := range out.size() {
		if c.integer {
			out.ints = append(out.ints, c.ints[index(i)])
		} else {
			out.floats = append(out.floats, c.floats[index(i)])
		}
	}
	return out, nil
}

// transposed has axis axes[i] as its axis i.
func (c *constant) transposed(axes []int) (*constant, error) {
	if !permutation(axes, len(c.shape)) {
		return nil, fmt.Errorf("got the order %v for axes of %v", axes, c.shape)
	}
	strides := rowMajor(c.shape)
	shape, steps := make([]int, len(axes)), make([]int, len(axes))
	for i, a := range axes {
		shape[i], steps[i] = c.shape[a], strides[a]
	}
	out := *c
	out.shape, out.folded = shape, true
	if c.same() {
		return &out, nil
	}
	out.ints, out.floats = nil, nil
	if c.integer {
		out.ints = picked(c.ints, shape, steps)
	} else {
		out.floats = picked(c.floats, shape, steps)
	}
	return &out, nil
}

// picked are elements of a shape that are so far apart along each axis.
func picked[T any](v []T, shape, steps []int) []T {
	out := make([]T, 0, len(v))
	at := make([]int, len(shape))
	for place := 0; len(out) < len(v); {
		out = append(out, v[place])
		for i := len(shape) - 1; i >= 0; i-- {
			at[i]++
			place += steps[i]
			if at[i] < shape[i] {
				break
			}
			place -= steps[i] * shape[i]
			at[i] = 0
		}
	}
	return out
}

func permutation(axes []int, n int) bool {
	sorted := slices.Sorted(slices.Values(axes))
	for i, a := range sorted {
		if a != i {
			return false
		}
	}
	return len(sorted) == n
}

// rowMajor are how far apart neighbours along each axis are.
func rowMajor(shape []int) []int {
	strides := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = n
		n *= shape[i]
	}
	return strides
}

// broadcast is the shape in which two meet.
func broadcast(a, b []int) ([]int, bool) {
	out := make([]int, max(len(a), len(b)))
	for i := range out {
		x, y := 1, 1
		if j := i - len(out) + len(a); j >= 0 {
			x = a[j]
		}
		if j := i - len(out) + len(b); j >= 0 {
			y = b[j]
		}
		switch {
		case x == y || y == 1:
			out[i] = x
		case x == 1:
			out[i] = y
		default:
			return nil, false
		}
	}
	return out, true
}

// stretched is a constant in a larger shape, repeated along axes of one.
func (c *constant) stretched(shape []int) (*constant, error) {
	if both, ok := broadcast(c.shape, shape); !ok || !slices.Equal(both, shape) {
		return nil, fmt.Errorf("got shape %v, which does not go into %v", c.shape, shape)
	}
	from, to := rowMajor(c.shape), rowMajor(shape)
	off := len(shape) - len(c.shape)
	return c.gathered(shape, func(i int) int {
		at := 0
		for k := range shape {
			x := i / to[k]
			i -= x * to[k]
			if k >= off && c.shape[k-off] > 1 {
				at += x * from[k-off]
			}
		}
		return at
	})
}

// paired computes with the elements of two constants.
func paired(a, b *constant, ints func(x, y int64) int64, floats func(x, y float64) float64) (*constant, error) {
	shape, ok := broadcast(a.shape, b.shape)
	if !ok || a.integer != b.integer || a.length() == 0 || b.length() == 0 {
		return nil, fmt.Errorf("got constants of shapes %v and %v, want shapes that go together, and elements of one kind", a.shape, b.shape)
	}
	out := &constant{shape: shape, integer: a.integer, folded: true}
	n := 1
	if !a.same() || !b.same() {
		if n = out.size(); n > mostFolded {
			return nil, fmt.Errorf("a constant of shape %v is too large to compute while a file is read", shape)
		}
		var err error
		if a, err = a.stretched(shape); err != nil {
			return nil, err
		}
		if b, err = b.stretched(shape); err != nil {
			return nil, err
		}
	}
	for i := range n {
		if a.integer {
			x, y := a.ints[min(i, len(a.ints)-1)], b.ints[min(i, len(b.ints)-1)]
			out.ints = append(out.ints, ints(x, y))
		} else {
			out.floats = append(out.floats, float32(floats(a.at(i), b.at(i))))
		}
	}
	return out, nil
}

// reshaped is the constant in another shape, as Reshape has it.
func (c *constant) reshaped(shape []int) (*constant, error) {
	out := *c
	out.shape, out.folded = shape, true
	if c.size() != out.size() {
		return nil, fmt.Errorf("got shape %v for a constant of %v", shape, c.shape)
	}
	return &out, nil
}

// sliced is every step'th element from start on along an axis, of which there are n.
func (c *constant) sliced(axis, start, step, n int) (*constant, error) {
	shape := slices.Clone(c.shape)
	shape[axis] = n
	from, to := rowMajor(c.shape), rowMajor(shape)
	return c.gathered(shape, func(i int) int {
		at := 0
		for k := range shape {
			x := i / to[k]
			i -= x * to[k]
			if k == axis {
				x = start + x*step
			}
			at += x * from[k]
		}
		return at
	})
}

var errNoFold = errors.New("no fold")
