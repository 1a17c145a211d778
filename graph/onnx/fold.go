package onnx

import (
	"fmt"
	"math"
	"slices"
)

// ints are an input's whole numbers, and not ok where it is left out or not known.
func (r *reader) ints(n *given, i int) ([]int, bool) {
	c := r.constant(n, i)
	if c == nil || !c.integer || c.size() > 1<<16 {
		return nil, false
	}
	all := make([]int, c.size())
	for k := range all {
		all[k] = int(c.ints[min(k, len(c.ints)-1)])
	}
	return all, true
}

// constant is an input that is known; nil of one that is not, or is left out.
func (r *reader) constant(n *given, i int) *constant {
	if i >= len(n.in) || n.in[i] == "" {
		return nil
	}
	return r.consts[n.in[i]]
}

func (n *given) has(i int) bool { return i < len(n.in) && n.in[i] != "" }

// Attributes, or what they are where a node has none.
func (n *given) int(name string, otherwise int) int {
	if v, ok := n.attrs[name].(int64); ok {
		return int(v)
	}
	return otherwise
}
func (n *given) float(name string, otherwise float64) float64 {
	if v, ok := n.attrs[name].(float32); ok {
		return shortest(v)
	}
	return otherwise
}
func (n *given) text(name, otherwise string) string {
	if v, ok := n.attrs[name].(string); ok {
		return v
	}
	return otherwise
}
func (n *given) list(name string) []int {
	v, _ := n.attrs[name].([]int64)
	all := make([]int, len(v))
	for i, x := range v {
		all[i] = int(x)
	}
	return all
}

// axesOf are the axes that a node names, by an attribute or, in later versions, by an input; not ok where they are not known.
func (r *reader) axesOf(n *given, input int) (axes []int, given, ok bool) {
	if _, has := n.attrs["axes"]; has {
		return n.list("axes"), true, true
	}
	if !n.has(input) {
		return nil, false, true
	}
	axes, ok = r.ints(n, input)
	return axes, true, ok
}

// axisOf is an axis counted from the front, or an error.
func axisOf(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("got axis %d of a tensor with %d axes", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}

// fold computes a node of which all that it reads is known, or the shape of what is not. The error is errNoFold where that cannot be.
func (r *reader) fold(n *given) ([]*constant, error) {
	if n.op == "Shape" || n.op == "Size" {
		return r.shapeOf(n)
	}
	in := make([]*constant, len(n.in))
	for i := range in {
		if in[i] = r.constant(n, i); in[i] == nil && n.has(i) {
			return nil, errNoFold
		}
	}
	f := folds[n.op]
	if f == nil {
		return nil, errNoFold
	}
	for i := range n.in {
		if in[i] == nil && (i == 0 || n.op != "Slice" && n.op != "Squeeze") {
			return nil, fmt.Errorf("its input %d is left out", i+1)
		}
	}
	if len(in) < leastInputs[n.op] {
		return nil, fmt.Errorf("got %d inputs, want %d", len(in), leastInputs[n.op])
	}
	c, err := f(r, n, in)
	if err != nil {
		return nil, err
	}
	return []*constant{c}, nil
}

func (r *reader) shapeOf(n *given) ([]*constant, error) {
	var shape []int
	if c := r.constant(n, 0); c != nil {
		shape = c.shape
	} else if n.has(0) && r.views[n.in[0]] != nil {
		shape = r.views[n.in[0]].sizes()
	} else {
		return nil, fmt.Errorf("it has no input")
	}
	all := []int64{}
	size := int64(1)
	for _, d := range shape {
		all = append(all, int64(d))
		size *= int64(d)
	}
	if n.op == "Size" {
		c := whole(size)
		c.shape = nil
		return []*constant{c}, nil
	}
	start, end := n.int("start", 0), n.int("end", len(shape))
	if start < 0 {
		start += len(shape)
	}
	if end < 0 {
		end += len(shape)
	}
	start = min(max(start, 0), len(shape))
	end = min(max(end, start), len(shape))
	return []*constant{whole(all[start:end]...)}, nil
}

type folding func(r *reader, n *given, in []*constant) (*constant, error)

// leastInputs are how many inputs ops need to be folded.
var leastInputs = map[string]int{"Identity": 1, "Cast": 1, "ConstantOfShape": 1, "Gather": 2, "Concat": 1, "Unsqueeze": 1, "Squeeze": 1, "Slice": 1, "Reshape": 2, "Expand": 2, "Transpose": 1, "Range": 3, "Neg": 1, "Sqrt": 1,
	"Add": 2, "Sub": 2, "Mul": 2, "Div": 2, "Pow": 2, "Max": 2, "Min": 2, "Floor": 1, "Ceil": 1, "ReduceProd": 1, "Flatten": 1, "Reciprocal": 1, "Exp": 1}

func arithmetic(ints func(x, y int64) int64, floats func(x, y float64) float64) folding {
	return func(_ *reader, _ *given, in []*constant) (*constant, error) {
		if len(in) != 2 {
			return nil, errNoFold
		}
		return paired(in[0], in[1], ints, floats)
	}
}

func elementwise(f func(x float64) float64) folding {
	return func(_ *reader, _ *given, in []*constant) (*constant, error) {
		out := &constant{shape: in[0].shape, integer: in[0].integer, folded: true}
		for i := range in[0].length() {
			if out.integer {
				out.ints = append(out.ints, int64(f(float64(in[0].ints[i]))))
			} else {
				out.floats = append(out.floats, float32(f(float64(in[0].floats[i]))))
			}
		}
		return out, nil
	}
}

var folds map[string]folding

func init() {
	folds = map[string]folding{
		"Constant": func(_ *reader, n *given, _ []*constant) (*constant, error) {
			for name, v := range n.attrs {
				switch v := v.(type) {
				case *constant:
					return v, nil
				case int64:
					return &constant{integer: true, ints: []int64{v}}, nil
				case float32:
					return &constant{floats: []float32{v}}, nil
				case []int64:
					return &constant{shape: []int{len(v)}, integer: true, ints: v}, nil
				case []float32:
					return &constant{shape: []int{len(v)}, floats: v}, nil
				default:
					return nil, fmt.Errorf("got a constant by %s, want numbers", name)
				}
			}
			return nil, fmt.Errorf("it has no value")
		},
		"Identity": func(_ *reader, _ *given, in []*constant) (*constant, error) { return in[0], nil },
		"Cast": func(_ *reader, n *given, in []*constant) (*constant, error) {
			out := &constant{shape: in[0].shape, folded: true}
			switch to := n.int("to", 1); to {
			case 1, 10, 11, 16:
				for i := range in[0].length() {
					out.floats = append(out.floats, float32(in[0].at(i)))
				}
			case 6, 7, 9:
				out.integer = true
				for i := range in[0].length() {
					x := int64(0)
					if in[0].integer {
						x = in[0].ints[i]
					} else {
						x = int64(in[0].floats[i])
					}
					if to == 9 && x != 0 {
						x = 1
					}
					out.ints = append(out.ints, x)
				}
			default:
				return nil, fmt.Errorf("got a cast to %s, want floats, int32 or int64", typeName(to))
			}
			return out, nil
		},
		"ConstantOfShape": func(_ *reader, n *given, in []*constant) (*constant, error) {
			out := &constant{floats: []float32{0}, folded: true}
			if v, ok := n.attrs["value"].(*constant); ok && v.length() == 1 {
				out.integer, out.ints, out.floats = v.integer, v.ints, v.floats
			}
			shape, err := shapeIn(in[0])
			out.shape = shape
			return out, err
		},
		"Expand": func(_ *reader, _ *given, in []*constant) (*constant, error) {
			shape, err := shapeIn(in[1])
			if err != nil {
				return nil, err
			}
			both, ok := broadcast(in[0].shape, shape)
			if !ok {
				return nil, fmt.Errorf("got shape %v, which does not go into %v", in[0].shape, shape)
			}
			return in[0].stretched(both)
		},
		"Reshape": func(_ *reader, n *given, in []*constant) (*constant, error) {
			if !in[1].integer || in[1].size() > mostAxes {
				return nil, fmt.Errorf("got a shape of %v numbers", in[1].shape)
			}
			rest, open := in[0].size(), -1
			var shape []int
			for i := range in[1].size() {
				d := int(in[1].at(i))
				switch {
				case d == 0 && n.int("allowzero", 0) == 0 && i < len(in[0].shape):
					d = in[0].shape[i]
				case d == -1 && open < 0:
					open, d = i, 1
				}
				if shape = append(shape, d); d < 1 {
					return nil, fmt.Errorf("got a constant to reshape to %v", shape)
				}
				rest /= d
			}
			if open >= 0 {
				shape[open] = rest
			}
			return in[0].reshaped(shape)
		},
		"Flatten": func(_ *reader, n *given, in []*constant) (*constant, error) {
			axis := n.int("axis", 1)
			if axis < 0 {
				axis += len(in[0].shape)
			}
			if axis < 0 || axis > len(in[0].shape) {
				return nil, fmt.Errorf("got axis %d for a constant of %v", axis, in[0].shape)
			}
			front := (&constant{shape: in[0].shape[:axis]}).size()
			return in[0].reshaped([]int{front, in[0].size() / max(1, front)})
		},
		"Unsqueeze": func(r *reader, n *given, in []*constant) (*constant, error) {
			axes, _, ok := r.axesOf(n, 1)
			shape, err := unsqueezed(in[0].shape, axes)
			if err != nil || !ok {
				return nil, fmt.Errorf("got axes %v: %w", axes, err)
			}
			return in[0].reshaped(shape)
		},
		"Squeeze": func(r *reader, n *given, in []*constant) (*constant, error) {
			axes, given, ok := r.axesOf(n, 1)
			if !ok {
				return nil, errNoFold
			}
			shape, err := squeezed(in[0].shape, axes, given)
			if err != nil {
				return nil, err
			}
			return in[0].reshaped(shape)
		},
		"Transpose": func(_ *reader, n *given, in []*constant) (*constant, error) {
			axes := n.list("perm")
			if _, has := n.attrs["perm"]; !has {
				for i := range in[0].shape {
					axes = append([]int{i}, axes...)
				}
			}
			return in[0].transposed(axes)
		},
		"Gather": func(_ *reader, n *given, in []*constant) (*constant, error) {
			data, at := in[0], in[1]
			axis, err := axisOf(n.int("axis", 0), len(data.shape))
			if err != nil || !at.integer {
				return nil, fmt.Errorf("got indices of floats, or: %w", err)
			}
			shape := slices.Concat(data.shape[:axis], at.shape, data.shape[axis+1:])
			inner := (&constant{shape: data.shape[axis+1:]}).size()
			many := at.size()
			for i := range at.length() {
				if x := at.ints[i]; x < -int64(data.shape[axis]) || x >= int64(data.shape[axis]) {
					return nil, fmt.Errorf("got index %d of an axis of %d", x, data.shape[axis])
				}
			}
			return data.gathered(shape, func(i int) int {
				k, rest := i/inner%many, i%inner
				x := int(at.at(k))
				if x < 0 {
					x += data.shape[axis]
				}
				return (i/inner/many*data.shape[axis]+x)*inner + rest
			})
		},
		"Concat": func(_ *reader, n *given, in []*constant) (*constant, error) {
			axis, err := axisOf(n.int("axis", 0), len(in[0].shape))
			if err != nil {
				return nil, err
			}
			out := &constant{shape: slices.Clone(in[0].shape), integer: in[0].integer, folded: true}
			out.shape[axis] = 0
			alike := !slices.ContainsFunc(in, func(c *constant) bool { return !c.same() || c.integer || c.at(0) != in[0].at(0) })
			for i := range in {
				if !alike {
					if in[i], err = in[i].fill(); err != nil {
						return nil, err
					}
				}
				c := in[i]
				if c.integer != out.integer || len(c.shape) != len(out.shape) {
					return nil, fmt.Errorf("got constants of other types or shapes to put together")
				}
				for k := range c.shape {
					if k != axis && c.shape[k] != out.shape[k] {
						return nil, fmt.Errorf("got shapes %v and %v to put together", in[0].shape, c.shape)
					}
				}
				out.shape[axis] += c.shape[axis]
			}
			if alike { // which may be as many as the batch
				out.floats = in[0].floats
				return out, nil
			}
			if out.size() > mostFolded {
				return nil, fmt.Errorf("a constant of shape %v is too large to compute while a file is read", out.shape)
			}
			outer := (&constant{shape: out.shape[:axis]}).size()
			for o := range outer {
				for _, c := range in {
					k := c.size() / outer
					if out.integer {
						out.ints = append(out.ints, c.ints[o*k:(o+1)*k]...)
					} else {
						out.floats = append(out.floats, c.floats[o*k:(o+1)*k]...)
					}
				}
			}
			return out, nil
		},
		"Slice": func(r *reader, n *given, in []*constant) (*constant, error) {
			cuts, err := r.cuts(n, in[0].shape)
			if err != nil {
				return nil, err
			}
			out := in[0]
			for _, c := range cuts {
				if out, err = out.sliced(c.axis, c.start, c.step, c.n); err != nil {
					return nil, err
				}
			}
			return out, nil
		},
		"Range": func(_ *reader, _ *given, in []*constant) (*constant, error) {
			if in[0].length() != 1 || in[1].length() != 1 || in[2].length() != 1 || in[2].at(0) == 0 || in[0].integer != in[2].integer {
				return nil, fmt.Errorf("got no three numbers")
			}
			n := math.Ceil((in[1].at(0) - in[0].at(0)) / in[2].at(0))
			if n > mostFolded {
				return nil, fmt.Errorf("got a range of %v numbers", n)
			}
			out := &constant{shape: []int{max(0, int(n))}, integer: in[0].integer, folded: true}
			for i := range out.shape[0] {
				v := in[0].at(0) + float64(i)*in[2].at(0)
				if out.integer {
					out.ints = append(out.ints, int64(v))
				} else {
					out.floats = append(out.floats, float32(v))
				}
			}
			return out, nil
		},
		"ReduceProd": func(_ *reader, n *given, in []*constant) (*constant, error) {
			if len(in[0].shape) != 1 || !in[0].integer || len(in) > 1 {
				return nil, errNoFold
			}
			p := int64(1)
			for i := range in[0].size() {
				p *= int64(in[0].at(i))
			}
			c := whole(p)
			if n.int("keepdims", 1) == 0 {
				c.shape = nil
			}
			return c, nil
		},
		"Add": arithmetic(func(x, y int64) int64 { return x + y }, func(x, y float64) float64 { return x + y }),
		"Sub": arithmetic(func(x, y int64) int64 { return x - y }, func(x, y float64) float64 { return x - y }),
		"Mul": arithmetic(func(x, y int64) int64 { return x * y }, func(x, y float64) float64 { return x * y }),
		"Div": arithmetic(func(x, y int64) int64 {
			if y == 0 {
				return 0
			}
			return x / y
		}, func(x, y float64) float64 { return x / y }),
		"Pow":        arithmetic(func(x, y int64) int64 { return int64(math.Pow(float64(x), float64(y))) }, math.Pow),
		"Max":        arithmetic(func(x, y int64) int64 { return max(x, y) }, math.Max),
		"Min":        arithmetic(func(x, y int64) int64 { return min(x, y) }, math.Min),
		"Neg":        elementwise(func(x float64) float64 { return -x }),
		"Sqrt":       elementwise(math.Sqrt),
		"Exp":        elementwise(math.Exp),
		"Floor":      elementwise(math.Floor),
		"Ceil":       elementwise(math.Ceil),
		"Reciprocal": elementwise(func(x float64) float64 { return 1 / x }),
	}
}

// shapeIn is a shape that a constant lists.
func shapeIn(c *constant) ([]int, error) {
	if !c.integer || len(c.shape) > 1 || c.size() > mostAxes {
		return nil, fmt.Errorf("got a shape of %v numbers, want at most %d whole ones", c.shape, mostAxes)
	}
	shape := []int{}
	for i := range c.size() {
		d := c.at(i)
		if d < 0 || d > 1<<40 {
			return nil, fmt.Errorf("got the size %v in a shape", d)
		}
		shape = append(shape, int(d))
	}
	return shape, nil
}

// unsqueezed is a shape with axes of 1 put in.
func unsqueezed(shape, axes []int) ([]int, error) {
	rank := len(shape) + len(axes)
	if rank > mostAxes {
		return nil, fmt.Errorf("got %d axes, want at most %d", rank, mostAxes)
	}
	out := make([]int, rank)
	for _, a := range axes {
		a, err := axisOf(a, rank)
		if err != nil {
			return nil, err
		}
		if out[a] == 1 {
			return nil, fmt.Errorf("got axes %v, one of them twice", axes)
		}
		out[a] = 1
	}
	for i := range out {
		if out[i] == 0 {
			out[i], shape = shape[0], shape[1:]
		}
	}
	return out, nil
}

// squeezed is a shape without axes of 1: those that are named, or all.
func squeezed(shape, axes []int, named bool) ([]int, error) {
	drop := make([]bool, len(shape))
	for _, a := range axes {
		a, err := axisOf(a, len(shape))
		if err != nil {
			return nil, err
		}
		drop[a] = true
	}
	out := []int{}
	for i, d := range shape {
		switch {
		case drop[i] && d != 1:
			return nil, fmt.Errorf("got axis %d of %s to leave out, want one of size 1", i, shown(shape))
		case drop[i] || !named && d == 1:
		default:
			out = append(out, d)
		}
	}
	return out, nil
}

// A cut is what Slice takes of an axis.
type cut struct{ axis, start, step, n int }

// cuts are those of a Slice of a shape.
func (r *reader) cuts(n *given, shape []int) ([]cut, error) {
	starts, ok := r.ints(n, 1)
	ends, ok2 := r.ints(n, 2)
	axes, given := r.ints(n, 3)
	steps, stepped := r.ints(n, 4)
	if _, old := n.attrs["starts"]; old {
		starts, ends, axes, ok, ok2 = n.list("starts"), n.list("ends"), n.list("axes"), true, true
		_, given = n.attrs["axes"]
	}
	if !ok || !ok2 || !given && n.has(3) || !stepped && n.has(4) || len(starts) != len(ends) || given && len(axes) != len(starts) || stepped && len(steps) != len(starts) || len(starts) > len(shape) {
		return nil, fmt.Errorf("got starts %v, ends %v, axes %v and steps %v for a tensor of %s, want as many numbers of each, known when the file is read", starts, ends, axes, steps, shown(shape))
	}
	var all []cut
	for i := range starts {
		c := cut{axis: i, step: 1}
		if given {
			c.axis = axes[i]
		}
		if stepped {
			c.step = steps[i]
		}
		var err error
		if c.axis, err = axisOf(c.axis, len(shape)); err != nil {
			return nil, err
		}
		if c.step == 0 || c.step == math.MinInt {
			return nil, fmt.Errorf("got a step of %d", c.step)
		}
		size := shape[c.axis]
		place := func(x, low, high int) int {
			if x < 0 {
				x = max(x, -1<<60) + size
			}
			return min(max(x, low), high)
		}
		if c.step > 0 {
			c.start = place(starts[i], 0, size)
			c.n = max(0, (place(ends[i], 0, size)-c.start+c.step-1)/c.step)
			if c.step > size {
				c.n = min(c.n, 1)
			}
		} else {
			c.start = place(starts[i], 0, size-1)
			c.n = max(0, (c.start-place(ends[i], -1, size-1)-c.step-1)/-c.step)
		}
		all = append(all, c)
	}
	return all, nil
}
