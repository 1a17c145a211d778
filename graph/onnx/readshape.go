package onnx

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

func init() {
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		axes := n.list("perm")
		if _, has := n.attrs["perm"]; !has {
			for i := range v.dims {
				axes = append([]int{i}, axes...)
			}
		}
		if r.err == nil && !permutation(axes, len(v.dims)) {
			r.fail("got the order %v for axes of %s", axes, shown(v.sizes()))
		}
		if r.err == nil {
			r.views[n.out[0]] = v.transpose(axes)
		}
	}, "Transpose")
	readAs((*reader).readReshape, "Reshape")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		axis := n.int("axis", 1)
		if axis < 0 {
			axis += len(v.dims)
		}
		if axis < 0 || axis > len(v.dims) {
			r.fail("got axis %d of %s", axis, shown(v.sizes()))
			return
		}
		out := *v
		out.dims = [][]*atom{slices.Concat(v.dims[:axis]...), slices.Concat(v.dims[axis:]...)}
		r.views[n.out[0]] = &out
	}, "Flatten")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		axes, _, ok := r.axesOf(n, 1)
		shape, err := unsqueezed(v.sizes(), axes)
		if err != nil || !ok {
			r.fail("got axes %v for %s: %v", axes, shown(v.sizes()), err)
			return
		}
		r.view(n, v, shape)
	}, "Unsqueeze")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		axes, given, ok := r.axesOf(n, 1)
		shape, err := squeezed(v.sizes(), axes, given)
		if err != nil || !ok {
			r.fail("got axes %v for %s: %v", axes, shown(v.sizes()), err)
			return
		}
		r.view(n, v, shape)
	}, "Squeeze")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		c := r.constant(n, 1)
		if c == nil {
			r.fail("want a shape that is known when the file is read")
			return
		}
		shape, err := shapeIn(c)
		if err != nil {
			r.fail("%v", err)
			return
		}
		both, ok := broadcast(v.sizes(), shape)
		if !ok || !slices.Equal(both, v.sizes()) {
			r.fail("got the shape %s for %s, which no layer stretches", shown(shape), shown(v.sizes()))
			return
		}
		r.views[n.out[0]] = v
	}, "Expand")
	readAs((*reader).concat, "Concat")
	readAs((*reader).readSlice, "Slice")
	readAs(func(r *reader, n *given) {
		v, lengths := r.input(n, 0), r.constant(n, 1)
		axis := n.int("time_axis", 0)
		switch {
		case r.err != nil:
		case axis < 0 || axis >= len(v.dims) || lengths == nil || !lengths.integer || slices.ContainsFunc(lengths.ints, func(l int64) bool { return l != int64(sizeOf(v.dims[axis])) }):
			r.fail("want lengths that are known when the file is read, of whole sequences: %s along axis %d", shown(v.sizes()), axis)
		default:
			r.views[n.out[0]] = r.reversed(v, axis)
		}
	}, "ReverseSequence")
	readAs((*reader).readSplit, "Split")
	readAs((*reader).pad, "Pad")
}

// view gives a value axes of other sizes, without moving anything.
func (r *reader) view(n *given, v *view, shape []int) {
	if r.err != nil {
		return
	}
	out, ok := v.regroup(shape)
	if !ok && v.source != nil {
		out, ok = r.opened(v).regroup(shape)
	}
	if !ok && v.batchAxis() >= 0 { // where borders lie across what was moved
		out, ok = r.whole(v).regroup(shape)
	}
	if !ok {
		r.fail("got the shape %s for %s, which tears the batch, or is not of its size", shown(shape), shown(v.sizes()))
		return
	}
	r.views[n.out[0]] = out
}

// readReshape finds where the batch is in the shape.
func (r *reader) readReshape(n *given) {
	v := r.input(n, 0)
	c := r.constant(n, 1)
	var shape []int
	if c != nil && c.integer && len(c.shape) == 1 && c.size() <= mostAxes {
		shape, _ = r.ints(n, 1)
	} else if _, old := n.attrs["shape"]; old && len(n.list("shape")) <= mostAxes {
		shape = n.list("shape")
	} else {
		r.fail("want a shape that is known when the file is read, the batch left out")
		return
	}
	if r.err != nil {
		return
	}
	from := v.sizes()
	open := -1
	for i, d := range shape {
		switch {
		case d == 0 && n.int("allowzero", 0) == 0 && i < len(from):
			shape[i] = from[i]
		case d == -1 && open < 0:
			open = i
		case d < 1:
			r.fail("got the shape %v", shape)
			return
		}
	}
	total := 1
	for _, d := range from {
		total *= d // below 2⁶²: the batch once, and a sample of at most 2³⁰
	}
	// tries is the shape with what is open filled in, if it comes out.
	tries := func(v *view, shape []int) (*view, bool) {
		shape = slices.Clone(shape)
		if open >= 0 {
			rest := total
			for i, d := range shape {
				if i == open {
					continue
				}
				if d < 1 || rest%d != 0 {
					return nil, false
				}
				rest /= d
			}
			shape[open] = rest
		}
		if out, ok := v.regroup(shape); ok {
			return out, true
		}
		if v.source != nil {
			return r.opened(v).regroup(shape)
		}
		return nil, false
	}
	var fits []*view
	if out, ok := tries(v, shape); ok {
		fits = append(fits, out)
	}
	if len(fits) == 0 || r.batch > 0 && fits[0].batchAxis() < 0 {
		if r.batch > 0 { // a file with a fixed batch says its size
			for i, d := range shape {
				if d != r.batch {
					continue
				}
				with := slices.Clone(shape)
				with[i] = batch
				if out, ok := tries(v, with); ok {
					fits = append([]*view{out}, fits...)
					break
				}
			}
		}
	}
	if len(fits) == 0 && v.batchAxis() >= 0 {
		if out, ok := tries(r.whole(v), shape); ok { // where borders lie across what was torn
			fits = append(fits, out)
		}
	}
	if len(fits) == 0 {
		r.fail("got the shape %s for %s, which tears the batch, or is not of its size", shown(shape), shown(from))
		return
	}
	r.views[n.out[0]] = fits[0]
}

// concat puts values side by side along an axis.
func (r *reader) concat(n *given) {
	var vs []*view
	for i := range n.in {
		vs = append(vs, r.input(n, i))
	}
	if r.err != nil || len(vs) == 0 {
		r.fail("it has no input")
		return
	}
	axis, err := axisOf(n.int("axis", 1), len(vs[0].dims))
	if err != nil {
		r.fail("%v", err)
		return
	}
	total := 0
	for _, v := range vs {
		if len(v.dims) != len(vs[0].dims) {
			r.fail("got shapes %s and %s to put side by side", shown(vs[0].sizes()), shown(v.sizes()))
			return
		}
		for i := range v.dims {
			if i != axis && sizeOf(v.dims[i]) != sizeOf(vs[0].dims[i]) {
				r.fail("got shapes %s and %s to put side by side", shown(vs[0].sizes()), shown(v.sizes()))
				return
			}
		}
		total += sizeOf(v.dims[axis])
	}
	lead := r.axesLast(r.opened(vs[0]), axis)
	var from []graph.Handle
	for i, v := range vs {
		if i > 0 {
			v = r.axesLike(v, lead, axis)
		} else {
			v = lead
		}
		if r.err != nil {
			return
		}
		from = append(from, v.handle)
	}
	if len(from) == 1 {
		r.views[n.out[0]] = lead
		return
	}
	r.views[n.out[0]] = lead.put(r.add(layers.Concat{}, nil, from...), axis, total)
}

// axesLast is a value each of whose axes lies as one, in any order, but for one that is last.
func (r *reader) axesLast(v *view, axis int) *view {
	b := v.batchAxis()
	if b < 0 {
		r.fail("the batch is mixed up with another axis of %s", shown(v.sizes()))
		return v
	}
	var axes []int
	for i := range v.dims {
		if i != b && i != axis {
			axes = append(axes, i)
		}
	}
	slices.SortStableFunc(axes, func(i, j int) int { return v.place(i) - v.place(j) })
	return r.byAxes(v, append(axes, axis))
}

// place is where an axis lies; one of size 1 lies where it is.
func (v *view) place(axis int) int {
	if len(v.dims[axis]) == 0 || v.source != nil {
		return axis
	}
	return slices.Index(v.have, v.dims[axis][0])
}

// byAxes lays out axes in this order, each as one, and makes an atom of each.
func (r *reader) byAxes(v *view, axes []int) *view {
	var groups [][]*atom
	for _, a := range axes {
		groups = append(groups, v.dims[a])
	}
	v = r.laid(v, groups...)
	if r.err != nil {
		return v
	}
	out := &view{handle: v.handle, ids: v.ids, dims: slices.Clone(v.dims)}
	for i, a := range axes {
		size := v.shape[i]
		out.shape = append(out.shape, size)
		if size != 1 {
			one := &atom{size}
			out.have = append(out.have, one)
			out.dims[a] = []*atom{one}
		}
	}
	return out
}

// order is which of ONNX's axes lie one after another in a value that byAxes laid out; those of size 1 are where they were put.
func (r *reader) axesLike(v, lead *view, axis int) *view {
	var axes []int
	var ones []int
	for i := range lead.dims {
		if i != lead.batchAxis() && i != axis && len(lead.dims[i]) == 0 {
			ones = append(ones, i)
		}
	}
	have := lead.have
	for _, size := range lead.shape[:len(lead.shape)-1] {
		if size == 1 {
			axes, ones = append(axes, ones[0]), ones[1:]
			continue
		}
		at := slices.IndexFunc(lead.dims, func(d []*atom) bool { return len(d) == 1 && d[0] == have[0] })
		axes, have = append(axes, at), have[1:]
	}
	if lead.batchAxis() != v.batchAxis() {
		r.fail("got the batch as axis %d of one value and axis %d of another", lead.batchAxis(), v.batchAxis())
		return v
	}
	return r.byAxes(v, append(axes, axis))
}

// cropped takes n places of an axis, from one on.
func (r *reader) cropped(v *view, axis, from, n int) *view {
	size := sizeOf(v.dims[axis])
	switch {
	case r.err != nil:
		return v
	case axis == v.batchAxis() || size > batch/2:
		r.fail("it takes a part of the batch, which no layer does")
		return v
	case from < 0 || n < 1 || from+n > size:
		r.fail("got places %d to %d of an axis of %d, want some that are there", from, from+n, size)
		return v
	case n == size:
		return v
	}
	v = r.opened(v)
	// The axis must lie as one; the others may lie as they do.
	d := v.dims[axis]
	at := slices.Index(v.have, d[0])
	if at+len(d) > len(v.have) || !slices.Equal(v.have[at:at+len(d)], d) {
		v = r.last(v, axis)
		at = len(v.have) - len(d)
	}
	if r.err != nil {
		return v
	}
	var groups [][]*atom
	whole := 0
	for i, s := 0, 0; i < len(v.have); s++ {
		if i == at {
			whole = len(groups)
			groups, i = append(groups, d), i+len(d)
			continue
		}
		groups, i = append(groups, []*atom{v.have[i]}), i+1
	}
	shape := v.shape
	if k := physical(v, at, len(d)); k >= 0 {
		whole = k // an axis of its own: nothing is reshaped
	} else {
		v = r.laid(v, groups...)
		shape = v.shape
	}
	if n == 1 && whole == 0 && len(shape) > 1 { // a time of a sequence
		l := layers.Step{At: from}
		if from == size-1 {
			l.At = -1
		}
		out := &view{handle: r.add(l, nil, v.handle), have: slices.Delete(slices.Clone(v.have), at, at+len(d)), shape: shape[1:], dims: slices.Clone(v.dims)}
		out.dims[axis] = nil
		return out
	}
	before, after := make([]int, whole+1), make([]int, whole+1)
	before[whole], after[whole] = from, size-from-n
	h := r.add(layers.Crop{Before: before, After: after}, nil, v.handle)
	out := &view{handle: h, dims: slices.Clone(v.dims), shape: slices.Clone(shape)}
	out.shape[whole] = n
	var fresh []*atom
	if n != 1 {
		fresh = []*atom{{n}}
	}
	out.have = slices.Concat(v.have[:at], fresh, v.have[at+len(d):])
	out.dims[axis] = fresh
	return out
}

// physical is the axis of a sample, as it lies, that is n atoms from one on; −1 where there is none.
func physical(v *view, at, n int) int {
	i := 0
	for k, size := range v.shape {
		from := i
		for p := 1; p < size && i < len(v.have); i++ {
			p *= v.have[i].size
		}
		if from == at && i-from == n {
			return k
		}
	}
	return -1
}

func (r *reader) readSlice(n *given) {
	v := r.input(n, 0)
	if r.err != nil {
		return
	}
	cuts, err := r.cuts(n, v.sizes())
	if err != nil {
		r.fail("%v", err)
		return
	}
	for _, c := range cuts {
		if c.n == sizeOf(v.dims[c.axis]) && c.step == 1 {
			continue
		}
		if size := sizeOf(v.dims[c.axis]); c.step == -1 && c.start == size-1 && c.n == size {
			v = r.reversed(v, c.axis)
			continue
		}
		if c.step != 1 {
			r.fail("got a step of %d, want 1, or -1 of a whole axis", c.step)
			return
		}
		v = r.cropped(v, c.axis, c.start, c.n)
	}
	r.views[n.out[0]] = v
}

// reversed turns an axis round, which lies as a sequence's time for that.
func (r *reader) reversed(v *view, axis int) *view {
	b := v.batchAxis()
	if b < 0 || b == axis {
		r.fail("it turns the batch round, which no layer does")
		return v
	}
	v = r.opened(v)
	if len(v.dims[axis]) == 0 {
		return v
	}
	var axes []int
	for i := range v.dims {
		if i != b && i != axis {
			axes = append(axes, i)
		}
	}
	slices.SortStableFunc(axes, func(i, j int) int { return v.place(i) - v.place(j) })
	v = r.byAxes(v, append([]int{axis}, axes...))
	if r.err != nil {
		return v
	}
	return v.made(r.add(layers.Reverse{}, nil, v.handle))
}

func (r *reader) readSplit(n *given) {
	v := r.input(n, 0)
	axis, err := axisOf(n.int("axis", 0), len(v.dims))
	if err != nil || r.err != nil {
		r.fail("%v", err)
		return
	}
	size := sizeOf(v.dims[axis])
	parts := n.list("split")
	if n.has(1) {
		var ok bool
		if parts, ok = r.ints(n, 1); !ok {
			r.fail("want sizes that are known when the file is read")
			return
		}
	}
	if len(parts) == 0 {
		count := len(n.out)
		each := (size + count - 1) / count
		for rest := size; rest > 0; rest -= each {
			parts = append(parts, min(each, rest))
		}
	}
	sum := 0
	for _, p := range parts {
		sum += p
	}
	if len(parts) != len(n.out) || sum != size {
		r.fail("got parts of %v for %d outputs and an axis of %d", parts, len(n.out), size)
		return
	}
	at := 0
	for i, p := range parts {
		if n.out[i] != "" && r.readers[n.out[i]] > 0 {
			r.views[n.out[i]] = r.cropped(v, axis, at, p)
		}
		at += p
	}
}

// pad puts a value around.
func (r *reader) pad(n *given) {
	v := r.input(n, 0)
	pads, ok := r.ints(n, 1)
	if _, old := n.attrs["pads"]; old {
		pads, ok = n.list("pads"), true
	}
	value := n.float("value", 0)
	if c := r.constant(n, 2); c != nil && c.length() == 1 {
		value = c.at(0)
	}
	rank := len(v.dims)
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = i
	}
	if n.has(3) {
		var known bool
		axes, known = r.ints(n, 3)
		ok = ok && known
	}
	switch {
	case r.err != nil:
		return
	case !ok || len(pads) != 2*len(axes) || n.has(2) && r.constant(n, 2) == nil:
		r.fail("got pads %v for %s, want two for each axis, known when the file is read", pads, shown(v.sizes()))
		return
	case n.text("mode", "constant") != "constant":
		r.fail("got the mode %q, want constant: no layer has another", n.text("mode", ""))
		return
	}
	before, after := make([]int, rank), make([]int, rank)
	for i, a := range axes {
		a, err := axisOf(a, rank)
		if err != nil {
			r.fail("%v", err)
			return
		}
		before[a], after[a] = pads[i], pads[i+len(axes)]
		if v.batchAxis() == a && (before[a] != 0 || after[a] != 0) || max(before[a], after[a], -before[a], -after[a]) > 1<<20 {
			r.fail("got pads %v, which make the batch larger, or are too many", pads)
			return
		}
	}
	r.views[n.out[0]] = r.padded(v, before, after, value)
}

// padded puts so many places, below zero fewer, at both ends of each of ONNX's axes.
func (r *reader) padded(v *view, before, after []int, value float64) *view {
	for i := range before { // what is taken off
		if less := min(before[i], 0) + min(after[i], 0); less < 0 {
			v = r.cropped(v, i, max(0, -before[i]), sizeOf(v.dims[i])+less)
		}
	}
	more := func(i int) bool { return before[i] > 0 || after[i] > 0 }
	var axes []int
	some := false
	for i := range v.dims {
		if i != v.batchAxis() {
			axes = append(axes, i)
		}
		some = some || more(i)
	}
	if r.err != nil || !some {
		return v
	}
	v = r.opened(v)
	slices.SortStableFunc(axes, func(i, j int) int { return v.place(i) - v.place(j) })
	v = r.byAxes(v, axes)
	if r.err != nil {
		return v
	}
	l := layers.ConstantPad{Value: value}
	out := &view{dims: slices.Clone(v.dims)}
	for i, a := range axes {
		l.Before, l.After = append(l.Before, max(0, before[a])), append(l.After, max(0, after[a]))
		size := v.shape[i] + l.Before[i] + l.After[i]
		out.shape = append(out.shape, size)
		out.dims[a] = nil
		if size != 1 {
			out.dims[a] = []*atom{{size}}
			out.have = append(out.have, out.dims[a]...)
		}
	}
	out.handle = r.add(l, nil, v.handle)
	return out
}
