package onnx

import (
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

func init() {
	readAs((*reader).readConv, "Conv")
	readAs((*reader).readConvTranspose, "ConvTranspose")
	readAs((*reader).readPool, "MaxPool", "AveragePool")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		var axes []int
		for i := 2; i < len(v.dims); i++ {
			axes = append(axes, i)
		}
		r.reduced(n, v, axes, true)
	}, "GlobalAveragePool", "GlobalMaxPool")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		axes, given, ok := r.axesOf(n, 1)
		if !ok {
			r.fail("want axes that are known when the file is read")
			return
		}
		if !given || len(axes) == 0 {
			if n.int("noop_with_empty_axes", 0) != 0 {
				r.views[n.out[0]] = v
				return
			}
			axes = nil
			for i := range v.dims {
				axes = append(axes, i)
			}
		}
		for i := range axes {
			a, err := axisOf(axes[i], len(v.dims))
			if err != nil {
				r.fail("%v", err)
				return
			}
			axes[i] = a
		}
		r.reduced(n, v, axes, n.int("keepdims", 1) != 0)
	}, "ReduceMean", "ReduceSum", "ReduceMax")
}

// channelsLast lays out [batch,channels,…] as [batch,…,channels].
func (r *reader) channelsLast(v *view, most int) (*view, bool) {
	rank := len(v.dims)
	switch {
	case r.err != nil:
		return v, false
	case rank < 3 || rank > most:
		r.fail("got %s, want [batch,channels,length] or [batch,channels,rows,columns]: there are no layers of volumes", shown(v.sizes()))
		return v, false
	case v.batchAxis() != 0:
		r.fail("got %s, want the batch as its first axis", shown(v.sizes()))
		return v, false
	}
	axes := []int{}
	for i := 2; i < rank; i++ {
		axes = append(axes, i)
	}
	v = r.byAxes(v, append(axes, 1))
	return v, r.err == nil
}

// spatial is the view of what a layer made that has these places and channels.
func spatial(h graph.Handle, places []int, channels int, b []*atom) *view {
	out := &view{handle: h, dims: [][]*atom{b, nil}}
	for _, p := range append(slices.Clone(places), channels) {
		var d []*atom
		if p != 1 {
			d = []*atom{{p}}
		}
		out.have, out.shape, out.dims = append(out.have, d...), append(out.shape, p), append(out.dims, d)
	}
	k := len(out.dims) - 1
	out.dims[1], out.dims = out.dims[k], out.dims[:k]
	return out
}

// windowOf reads how a window goes over places: its pads are what stands before and after, along each.
func (r *reader) windowOf(n *given, places, size []int) (stride, dilation, before, after []int, ok bool) {
	axes := len(places)
	or := func(name string) []int {
		l := n.list(name)
		if len(l) == 0 {
			l = slices.Repeat([]int{1}, axes)
		}
		return l
	}
	stride, dilation = or("strides"), or("dilations")
	pads := n.list("pads")
	if len(pads) == 0 {
		pads = make([]int, 2*axes)
	}
	if len(stride) != axes || len(dilation) != axes || len(pads) != 2*axes || len(size) != axes {
		r.fail("got kernel_shape %v, strides %v, dilations %v and pads %v, want as many as there are axes", size, stride, dilation, pads)
		return nil, nil, nil, nil, false
	}
	for i := range axes {
		if size[i] < 1 || stride[i] < 1 || dilation[i] < 1 || min(pads[i], pads[axes+i]) < 0 || max(size[i], stride[i], dilation[i], pads[i], pads[axes+i]) > 1<<20 {
			r.fail("got kernel_shape %v, strides %v, dilations %v and pads %v, want numbers that make sense", size, stride, dilation, pads)
			return nil, nil, nil, nil, false
		}
	}
	before, after = slices.Clone(pads[:axes]), slices.Clone(pads[axes:])
	switch auto := n.text("auto_pad", "NOTSET"); auto {
	case "", "NOTSET":
	case "VALID":
		clear(before)
		clear(after)
	case "SAME_UPPER", "SAME_LOWER":
		for i := range axes {
			before[i], after[i] = samePad(places[i], size[i], stride[i], dilation[i])
			if auto == "SAME_LOWER" {
				before[i], after[i] = after[i], before[i]
			}
		}
	default:
		r.fail("got auto_pad %q", auto)
		return nil, nil, nil, nil, false
	}
	return stride, dilation, before, after, true
}

// samePad is how much layers.Same pads.
func samePad(places, size, stride, dilation int) (before, after int) {
	all := max(0, ((places+stride-1)/stride-1)*stride+(size-1)*dilation+1-places)
	return all / 2, all - all/2
}

// window is a layer's, with as little padding before it as may be: it says what must be put around in a layer of its own.
func window(places, size, stride, dilation, before, after []int, pooling bool) (w layers.Window, apart bool) {
	w.Size = short(size, 0)
	if w.Stride = short(stride, 1); pooling && slices.Equal(stride, size) {
		w.Stride = nil
	} else if pooling && w.Stride == nil {
		w.Stride = []int{1}
	}
	w.Dilation = short(dilation, 1)
	same := true
	for i := range places {
		b, a := samePad(places[i], size[i], stride[i], dilation[i])
		same = same && b == before[i] && a == after[i]
	}
	switch {
	case !slices.ContainsFunc(slices.Concat(before, after), func(p int) bool { return p != 0 }):
	case slices.Equal(before, after):
		if len(before) == 1 || before[0] == before[1] {
			w.Padding = layers.Pad(before[0])
		} else {
			w.Padding = layers.Pad(before...)
		}
	case same:
		w.Padding = layers.Same
	default:
		return w, true
	}
	return w, false
}

// short is one number where all are alike, and none where that is the one that is taken anyway.
func short(list []int, otherwise int) []int {
	if slices.ContainsFunc(list, func(n int) bool { return n != list[0] }) {
		return list
	}
	if list[0] == otherwise {
		return nil
	}
	return list[:1]
}

// around puts places around what lies channels last.
func (r *reader) around(v *view, before, after []int, value float64) *view {
	all := func(p []int) []int { return append([]int{0, 0}, p...) }
	return r.padded(v, all(before), all(after), value)
}

// kernelOf turns weights [a,b,…] into [window's axes…,…]: in what order, says axes.
func (r *reader) kernelOf(w *constant, axes ...int) *constant {
	out, err := w.transposed(axes)
	if err != nil {
		r.fail("%v", err)
		return w
	}
	return out
}

// biasOf are n numbers, 0 where there are none.
func (r *reader) biasOf(n *given, input, size int) *constant {
	c := r.constant(n, input)
	switch {
	case c == nil && n.has(input):
		r.fail("want a bias that is known when the file is read")
	case c == nil:
		return &constant{shape: []int{size}, floats: []float32{0}}
	case c.integer || c.size() != size || c.length() == 0:
		r.fail("got a bias of shape %v for %d channels", c.shape, size)
	default:
		return &constant{shape: []int{size}, floats: c.floats}
	}
	return &constant{shape: []int{size}, floats: []float32{0}}
}

func (r *reader) readConv(n *given) {
	v, ok := r.channelsLast(r.input(n, 0), 4)
	if !ok {
		return
	}
	w := r.constant(n, 1)
	if w == nil || w.integer || len(w.shape) != len(v.dims) || w.length() == 0 {
		r.fail("want weights that are known when the file is read, [filters,channels,…], floats")
		return
	}
	places := v.shape[:len(v.shape)-1]
	channels, group, filters := v.shape[len(v.shape)-1], n.int("group", 1), w.shape[0]
	if group < 1 || w.shape[1]*group != channels || filters%group != 0 {
		r.fail("got weights of shape %v and group %d for %s", w.shape, group, shown(v.sizes()))
		return
	}
	size := w.shape[2:]
	stride, dilation, before, after, ok := r.windowOf(n, places, size)
	if !ok {
		return
	}
	win, apart := window(places, size, stride, dilation, before, after, false)
	if apart {
		v = r.around(v, before, after, 0)
	}
	order := []int{}
	for i := range size {
		order = append(order, i+2)
	}
	kernel, bias := r.kernelOf(w, append(order, 1, 0)...), r.biasOf(n, 2, filters)
	if r.err != nil {
		return
	}
	out := make([]int, len(places))
	for i := range places {
		if out[i] = (places[i]+before[i]+after[i]-(size[i]-1)*dilation[i]-1)/stride[i] + 1; places[i]+before[i]+after[i] < (size[i]-1)*dilation[i]+1 {
			r.fail("got a window of %v for %s, in which it does not fit", size, shown(v.sizes()))
			return
		}
	}
	a := layers.Linear
	if r.next[n.out[0]] != nil {
		a = r.spatialActivation(n, len(v.dims))
	}
	l := layers.Conv{Filters: filters, Window: win, Groups: group, Activation: a}
	if group == 1 {
		l.Groups = 0
	}
	var layer graph.Layer = l
	if len(places) == 1 {
		layer = layers.Conv1D(l)
	}
	r.finish(n, a, spatial(r.add(layer, []*constant{kernel, bias}, v.handle), out, filters, v.dims[0]))
}

// spatialActivation is the activation behind a convolution: Softmax of another axis than the channels stays a layer.
func (r *reader) spatialActivation(n *given, rank int) layers.Activation {
	next := r.next[n.out[0]]
	if next.op == "Softmax" || next.op == "LogSoftmax" {
		if at := next.int("axis", -1); r.opset < 13 || at != 1 && at != 1-rank || r.readers[n.out[0]] != 1 || next.domain != "" || len(next.out) == 0 {
			return layers.Linear
		}
		r.done[next] = true
		if next.op == "LogSoftmax" {
			return layers.LogSoftmax
		}
		return layers.Softmax
	}
	return r.after(n, 1)
}

func (r *reader) readConvTranspose(n *given) {
	v, ok := r.channelsLast(r.input(n, 0), 4)
	if !ok {
		return
	}
	w := r.constant(n, 1)
	if w == nil || w.integer || len(w.shape) != len(v.dims) || w.length() == 0 {
		r.fail("want weights that are known when the file is read, [channels,filters,…], floats")
		return
	}
	places := v.shape[:len(v.shape)-1]
	channels, filters, size := v.shape[len(v.shape)-1], w.shape[1], w.shape[2:]
	if n.int("group", 1) != 1 || w.shape[0] != channels {
		r.fail("got weights of shape %v and group %d for %s, want one group", w.shape, n.int("group", 1), shown(v.sizes()))
		return
	}
	if auto := n.text("auto_pad", "NOTSET"); auto != "NOTSET" && auto != "VALID" && auto != "SAME_UPPER" {
		r.fail("got auto_pad %q, want NOTSET, VALID or SAME_UPPER", auto)
		return
	}
	_, has := n.attrs["output_shape"]
	if has {
		r.fail("got an output_shape, want pads and output_padding")
		return
	}
	plain := *n
	plain.attrs = map[string]any{}
	for _, name := range []string{"strides", "dilations", "pads"} {
		if a, ok := n.attrs[name]; ok {
			plain.attrs[name] = a
		}
	}
	stride, dilation, before, after, ok := r.windowOf(&plain, places, size)
	if !ok {
		return
	}
	more := n.list("output_padding")
	if len(more) == 0 {
		more = make([]int, len(places))
	}
	if len(more) != len(places) {
		r.fail("got output_padding %v", more)
		return
	}
	valid, same, equal := true, true, slices.Equal(before, after)
	out, span := make([]int, len(places)), make([]int, len(places))
	for i := range places {
		span[i] = (size[i]-1)*dilation[i] + 1
		if n.text("auto_pad", "") == "SAME_UPPER" {
			all := max(0, span[i]-stride[i])
			before[i], after[i], more[i] = all/2, all-all/2, max(0, stride[i]-span[i])
		}
		if more[i] < 0 || more[i] > 1<<20 {
			r.fail("got output_padding %v", more)
			return
		}
		out[i] = (places[i]-1)*stride[i] + span[i] - before[i] - after[i] + more[i]
		all := max(0, span[i]-stride[i])
		valid = valid && before[i] == 0 && after[i] == 0 && more[i] == max(0, stride[i]-span[i])
		same = same && before[i] == all/2 && after[i] == all-all/2 && more[i] == max(0, stride[i]-span[i])
		equal = equal && before[i] == after[i] && more[i] == 0
	}
	win := layers.Window{Size: short(size, 0), Stride: short(stride, 1), Dilation: short(dilation, 1)}
	var cutBefore, cutAfter []int
	switch {
	case valid:
	case same:
		win.Padding = layers.Same
	case equal && slices.Max(before) > 0:
		win.Padding = layers.Pad(before...)
	default: // all there is, and then less
		for i := range places {
			full := (places[i]-1)*stride[i] + max(span[i], stride[i])
			cutBefore, cutAfter = append(cutBefore, before[i]), append(cutAfter, full-before[i]-out[i])
			if cutAfter[i] < 0 {
				r.fail("got output_padding %v and pads %v, which make more than a layer does", more, after)
				return
			}
		}
	}
	order := []int{}
	for i := range size {
		order = append(order, i+2)
	}
	kernel, bias := r.kernelOf(w, append(order, 0, 1)...), r.biasOf(n, 2, filters)
	if r.err != nil {
		return
	}
	if slices.Min(out) < 1 {
		r.fail("nothing is left of its output")
		return
	}
	a := layers.Linear
	if r.next[n.out[0]] != nil {
		a = r.spatialActivation(n, len(v.dims))
	}
	l := layers.ConvTranspose{Filters: filters, Window: win, Activation: a}
	var layer graph.Layer = l
	if len(places) == 1 {
		layer = layers.ConvTranspose1D(l)
	}
	h := r.add(layer, []*constant{kernel, bias}, v.handle)
	if cutBefore != nil {
		h = r.add(layers.Crop{Before: cutBefore, After: cutAfter}, nil, h)
	}
	r.finish(n, a, spatial(h, out, filters, v.dims[0]))
}

func (r *reader) readPool(n *given) {
	v, ok := r.channelsLast(r.input(n, 0), 4)
	if !ok {
		return
	}
	if len(n.out) > 1 && r.readers[n.out[1]] > 0 {
		r.fail("its indices are read, which no layer gives")
		return
	}
	k := len(v.shape) - 1
	places, channels, size := v.shape[:k], v.shape[k], n.list("kernel_shape")
	stride, dilation, before, after, ok := r.windowOf(n, places, size)
	if !ok {
		return
	}
	ceil, counts := n.int("ceil_mode", 0) != 0, n.int("count_include_pad", 0) != 0
	out, whole := make([]int, k), true
	for i := range places {
		span := (size[i]-1)*dilation[i] + 1
		room := places[i] + before[i] + after[i] - span
		if room < 0 {
			r.fail("got a window of %v for %s, in which it does not fit", size, shown(v.sizes()))
			return
		}
		out[i] = room/stride[i] + 1
		if more := stride[i] - room%stride[i]; ceil && room%stride[i] != 0 {
			if out[i]*stride[i] < places[i]+before[i] { // a window begins within the input, or before it
				out[i]++
				after[i] += more
				if n.op == "AveragePool" && counts {
					r.fail("got ceil_mode with count_include_pad, which no layer does")
					return
				}
			}
		}
		whole = whole && out[i] == 1 && before[i] < size[i] && places[i] <= span-before[i] && dilation[i] == 1
	}
	pads := slices.Max(slices.Concat(before, after)) > 0
	if n.op == "AveragePool" && whole && (!pads || !counts) || n.op == "MaxPool" && whole {
		var axes []int
		for i := range k {
			axes = append(axes, i+2)
		}
		r.reduced(n, v, axes, true)
		return
	}
	win, apart := window(places, size, stride, dilation, before, after, true)
	around := apart || n.op == "AveragePool" && counts && pads
	if around {
		value := float64(-math.MaxFloat32)
		if n.op == "AveragePool" {
			if value = 0; !counts {
				r.fail("got pads %v and %v that differ and do not count, which no layer does", before, after)
				return
			}
		}
		win, _ = window(places, size, stride, dilation, make([]int, k), make([]int, k), true)
		v = r.around(v, before, after, value)
	}
	if r.err != nil {
		return
	}
	var l graph.Layer
	switch {
	case n.op == "MaxPool" && k == 2:
		l = layers.MaxPool{Window: win}
	case n.op == "MaxPool":
		l = layers.MaxPool1D{Window: win}
	case k == 2:
		l = layers.AvgPool{Window: win}
	default:
		l = layers.AvgPool1D{Window: win}
	}
	r.finish(n, layers.Linear, spatial(r.add(l, nil, v.handle), out, channels, v.dims[0]))
}

// reduced is the mean, the sum or the largest along axes.
func (r *reader) reduced(n *given, v *view, axes []int, keep bool) {
	if r.err != nil {
		return
	}
	v = r.opened(v)
	var over, rest [][]*atom
	count := 1
	for i, d := range v.dims {
		switch {
		case slices.Contains(axes, i):
			over = append(over, d)
			count *= sizeOf(d)
		case i != v.batchAxis():
			rest = append(rest, d)
		}
	}
	if v.batchAxis() < 0 || slices.Contains(axes, v.batchAxis()) {
		r.fail("it goes over the batch of %s, which no layer does", shown(v.sizes()))
		return
	}
	if count > 1 {
		// What goes, and what stays, which is one axis.
		gone, stays := slices.Concat(over...), slices.Concat(rest...)
		byPlace := func(l []*atom) []*atom {
			l = slices.Clone(l)
			slices.SortFunc(l, func(a, b *atom) int { return slices.Index(v.have, a) - slices.Index(v.have, b) })
			return l
		}
		gone, stays = byPlace(gone), byPlace(stays)
		want := append(slices.Clone(gone), stays...)
		if !slices.Equal(v.have, want) || len(v.shape) < 2 || v.shape[len(v.shape)-1] != sizeOf(stays) {
			v = r.laid(v, gone, stays)
		}
		var l graph.Layer = layers.GlobalAvgPool{}
		if n.op == "ReduceMax" || n.op == "GlobalMaxPool" || n.op == "MaxPool" {
			l = layers.GlobalMaxPool{}
		}
		if r.err != nil {
			return
		}
		h := r.add(l, nil, v.handle)
		if n.op == "ReduceSum" {
			h = r.add(layers.Rescaling{Scale: float64(count)}, nil, h)
		}
		v = &view{handle: h, have: stays, shape: []int{sizeOf(stays)}, dims: slices.Clone(v.dims)}
	} else if n.op == "MaxPool" || n.op == "AveragePool" {
		v = &view{handle: v.handle, have: v.have, shape: v.shape, dims: slices.Clone(v.dims)}
	}
	out := *v
	out.dims = nil
	for i, d := range v.dims {
		switch {
		case !slices.Contains(axes, i):
			out.dims = append(out.dims, d)
		case keep:
			out.dims = append(out.dims, nil)
		}
	}
	r.views[n.out[0]] = &out
}
