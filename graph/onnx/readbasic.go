package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

func init() {
	readAs(func(r *reader, n *given) { r.views[n.out[0]] = r.views[n.in[0]] }, "Identity")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		if to := n.int("to", 1); v != nil && !v.ids && to != 1 && to != 10 && to != 11 && to != 16 || v != nil && v.ids && to != 6 && to != 7 {
			r.fail("got a cast to %s, want one that keeps floats floats, and ids ids", typeName(to))
			return
		}
		r.views[n.out[0]] = v
	}, "Cast")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		rate := n.float("ratio", .5)
		if c := r.constant(n, 1); c != nil && c.length() == 1 {
			rate = c.at(0)
			if !c.integer {
				rate = shortest(c.floats[0])
			}
		}
		if !(rate >= 0 && rate < 1) {
			r.fail("got a ratio of %v, want one in [0, 1)", rate)
			return
		}
		r.same(n, v, layers.Dropout{Rate: rate})
	}, "Dropout")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		if elu, relu, ok := bent(n); ok && v != nil {
			v = r.opened(v)
			scaled := func(a layers.Activation, by float64) graph.Handle {
				return r.add(layers.Rescaling{Scale: by}, nil, r.add(a, nil, v.handle))
			}
			if r.err == nil {
				r.views[n.out[0]] = v.made(r.add(layers.Sum{}, nil, scaled(layers.ELU, elu), scaled(layers.ReLU, relu)))
			}
			return
		}
		if a, ok := r.activation(n, v); ok {
			r.same(n, v, a)
		}
	}, activations...)
	readAs((*reader).softmax, "Softmax", "LogSoftmax")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		alpha := n.float("alpha", .01)
		if alpha == .01 {
			r.same(n, v, layers.LeakyReLU)
			return
		}
		v = r.last(v, len(v.dims)-1)
		if r.err == nil {
			size := v.shape[len(v.shape)-1]
			r.keeping(n, v, layers.PReLU{}, &constant{shape: []int{size}, floats: []float32{float32(alpha)}})
		}
	}, "LeakyRelu")
	readAs((*reader).prelu, "PRelu")
	readAs(func(r *reader, n *given) { r.same(n, r.input(n, 0), layers.Rescaling{Scale: -1}) }, "Neg")
	readAs((*reader).sum, "Sum")
	readAs((*reader).binary, "Add", "Sub", "Mul", "Div")
	readAs(func(r *reader, n *given) {
		v, c := r.input(n, 0), r.constant(n, 1)
		switch {
		case v == nil:
		case c == nil || c.length() != 1 || c.at(0) != math.Trunc(c.at(0)) || c.at(0) < 1 || c.at(0) > 8:
			r.fail("want a power that is known, a whole number from 1 to 8")
		default:
			v = r.opened(v)
			from := make([]graph.Handle, int(c.at(0)))
			for i := range from {
				from[i] = v.handle
			}
			r.views[n.out[0]] = v.made(r.add(layers.Product{}, nil, from...))
		}
	}, "Pow")
	readAs((*reader).gemm, "Gemm")
	readAs((*reader).matmul, "MatMul")
	readAs((*reader).gather, "Gather")
}

// input is a value that comes of the model's inputs. The error is one for constants: of those that are mixed up with such.
func (r *reader) input(n *given, i int) *view {
	if !n.has(i) || r.views[n.in[i]] == nil {
		r.fail("want an input %d that comes of the model's inputs, and is no constant", i+1)
		return &view{dims: [][]*atom{{{batch}}}}
	}
	v := r.views[n.in[i]]
	if v.ids && n.op != "Gather" && n.op != "Embedding" && n.op != "Cast" && n.op != "Identity" && n.op != "Reshape" && n.op != "Squeeze" && n.op != "Unsqueeze" && n.op != "Transpose" && n.op != "Flatten" {
		r.fail("got whole numbers, want floats: a Gather makes them of ids")
	}
	return v
}

// made is the view of what a layer that leaves the shape alone made of it.
func (v *view) made(h graph.Handle) *view {
	out := *v
	out.handle = h
	return &out
}

// opened is the view of an input that is laid out as it is declared, unless it has been otherwise; another view is itself.
func (r *reader) opened(v *view) *view {
	if v.source == nil {
		return v
	}
	return r.open(v, slices.Clone(v.source.dims[1:]))
}

// same adds a layer that leaves a value's shape alone, however it lies.
func (r *reader) same(n *given, v *view, l graph.Layer) {
	v = r.opened(v)
	if r.err == nil {
		r.views[n.out[0]] = v.made(r.add(l, nil, v.handle))
	}
}

// keeping adds a layer with what it keeps to a value that lies as the layer wants it.
func (r *reader) keeping(n *given, v *view, l graph.Layer, keeps ...*constant) {
	if r.err == nil {
		r.views[n.out[0]] = v.made(r.add(l, keeps, v.handle))
	}
}

// last is a value that lies with one of ONNX's axes last, the others before it, in one order or another, with as little moved as may be.
func (r *reader) last(v *view, axis int) *view {
	if r.err != nil {
		return v
	}
	tail := v.dims[axis]
	if slices.ContainsFunc(tail, func(a *atom) bool { return a.size == batch }) {
		r.fail("it works on the axis of the batch, %d, of %s", axis, shown(v.sizes()))
		return v
	}
	var groups [][]*atom
	if v.source != nil && v.source.made == nil && !slices.ContainsFunc(v.dims, func(d []*atom) bool { return len(d) > 1 }) {
		for i, d := range v.dims {
			if i != axis && i != v.batchAxis() {
				groups = append(groups, d)
			}
		}
		return r.laid(v, append(groups, tail)...)
	}
	v = r.opened(v)
	// As it lies already?
	if k := len(v.shape) - 1; k >= 0 && v.shape[k] == sizeOf(tail) && len(v.have) >= len(tail) && slices.Equal(v.have[len(v.have)-len(tail):], tail) {
		return v
	}
	for _, a := range v.have {
		if !slices.Contains(tail, a) {
			groups = append(groups, []*atom{a})
		}
	}
	return r.laid(v, append(groups, tail)...)
}

// put is the view of what a layer made that changes the last axis, which is ONNX's axis, alone.
func (v *view) put(h graph.Handle, axis, size int) *view {
	fresh := []*atom{}
	if size > 1 {
		fresh = append(fresh, &atom{size})
	}
	out := &view{handle: h, dims: slices.Clone(v.dims)}
	out.have = slices.Concat(v.have[:len(v.have)-len(v.dims[axis])], fresh)
	out.shape = append(slices.Clone(v.shape[:len(v.shape)-1]), size)
	out.dims[axis] = fresh
	return out
}

var activations = []string{"Relu", "Sigmoid", "Tanh", "Elu", "Selu", "Softplus", "Gelu", "Mish", "Silu", "Swish"}

// activation is what a node does to each element; not ok after an error.
func (r *reader) activation(n *given, _ *view) (layers.Activation, bool) {
	a, why := activationOf(n)
	if why != "" {
		r.fail("%s", why)
	}
	return a, why == ""
}

// bent are the factors of ELU and ReLU whose sum is an Elu or Selu with numbers of its own: γ·x for x > 0, else γ·α·(eˣ − 1).
func bent(n *given) (elu, relu float64, ok bool) {
	alpha, gamma := n.float("alpha", 1), 1.0
	switch n.op {
	case "Elu":
	case "Selu":
		alpha, gamma = n.float("alpha", 1.67326), n.float("gamma", 1.0507)
	default:
		return 0, 0, false
	}
	_, why := activationOf(n)
	elu, relu = gamma*alpha, gamma*(1-alpha)
	return elu, relu, why != "" && elu != 0 && relu != 0 && elu-elu == 0 && relu-relu == 0
}

func activationOf(n *given) (a layers.Activation, why string) {
	switch n.op {
	case "Relu":
		return layers.ReLU, ""
	case "Sigmoid":
		return layers.Sigmoid, ""
	case "Tanh":
		return layers.Tanh, ""
	case "Softplus":
		return layers.Softplus, ""
	case "Mish":
		return layers.Mish, ""
	case "Silu":
		return layers.SiLU, ""
	case "Swish":
		if n.float("alpha", 1) != 1 {
			return 0, "got another alpha than 1, which no layer has"
		}
		return layers.SiLU, ""
	case "Elu":
		if n.float("alpha", 1) != 1 {
			return 0, "got another alpha than 1, which no layer has"
		}
		return layers.ELU, ""
	case "Selu":
		if math.Abs(n.float("alpha", 1.67326)-1.67326) > 1e-4 || math.Abs(n.float("gamma", 1.0507)-1.0507) > 1e-4 {
			return 0, "got another alpha or gamma than the usual one, which no layer has"
		}
		return layers.SELU, ""
	case "Gelu":
		if n.text("approximate", "none") == "tanh" {
			return layers.GELUTanh, ""
		}
		return layers.GELU, ""
	case "LeakyRelu":
		if n.float("alpha", .01) == .01 {
			return layers.LeakyReLU, ""
		}
	}
	return 0, "no activation"
}

// after is the activation that alone reads what a node makes, and is taken into its layer: then its output is the layer's.
func (r *reader) after(n *given, axis int) layers.Activation {
	next := r.next[n.out[0]]
	if next == nil || r.readers[n.out[0]] != 1 || len(next.in) != 1 || next.domain != "" && next.domain != fusedDomain || len(next.out) == 0 {
		return layers.Linear
	}
	a, why := activationOf(next)
	if next.op == "Softmax" || next.op == "LogSoftmax" {
		rank := axis + 1
		at := next.int("axis", map[bool]int{true: -1, false: 1}[r.opset >= 13])
		if at < 0 {
			at += rank
		}
		if at != axis || r.views[n.in[0]] == nil || len(r.views[n.in[0]].dims) != rank {
			return layers.Linear
		}
		a, why = layers.Softmax, ""
		if next.op == "LogSoftmax" {
			a = layers.LogSoftmax
		}
	}
	if why != "" {
		return layers.Linear
	}
	r.done[next] = true
	return a
}

// finish says what a node made, which is what the activation behind it makes, too.
func (r *reader) finish(n *given, a layers.Activation, v *view) {
	if r.err != nil {
		return
	}
	if r.views[n.out[0]] = v; a != layers.Linear {
		r.views[r.next[n.out[0]].out[0]] = v
	}
}

func (r *reader) softmax(n *given) {
	v := r.input(n, 0)
	rank := len(v.dims)
	axis, err := axisOf(n.int("axis", map[bool]int{true: -1, false: 1}[r.opset >= 13]), rank)
	if err != nil {
		r.fail("%v", err)
		return
	}
	if r.opset < 13 { // over all axes from that one on; those that are 1 do not matter
		for i := rank - 1; i >= 0 && axis < rank-1; i-- {
			size := sizeOf(v.dims[i])
			if size == 1 {
				continue
			}
			if i > axis && slices.ContainsFunc(v.dims[axis:i], func(d []*atom) bool { return sizeOf(d) > 1 }) {
				r.fail("got the axis %d of %s, from which on it goes over several: no layer does that", axis, shown(v.sizes()))
				return
			}
			axis = i
			break
		}
	}
	a := layers.Softmax
	if n.op == "LogSoftmax" {
		a = layers.LogSoftmax
	}
	v = r.last(v, axis)
	r.keeping(n, v, a)
}

func (r *reader) prelu(n *given) {
	v, slope := r.input(n, 0), r.constant(n, 1)
	if slope == nil {
		r.fail("want slopes that are known")
		return
	}
	axis, ok := channel(slope, v)
	if !ok {
		r.fail("got slopes of shape %v for %s, want one for each channel, or one in all", slope.shape, shown(v.sizes()))
		return
	}
	v = r.last(v, axis)
	if r.err == nil {
		size := v.shape[len(v.shape)-1]
		c, err := (&constant{shape: []int{slope.size()}, floats: slope.floats}).stretched([]int{size})
		if err != nil {
			r.fail("%v", err)
			return
		}
		r.keeping(n, v, layers.PReLU{}, c)
	}
}

// channel is the one axis along which a constant differs, as it is broadcast to a value; the last one where it is a single number.
func channel(c *constant, v *view) (axis int, ok bool) {
	off := len(v.dims) - len(c.shape)
	axis = -1
	for i, d := range c.shape {
		if d == 1 {
			continue
		}
		if off+i < 0 || axis >= 0 || d != sizeOf(v.dims[off+i]) || d == batch {
			return 0, false
		}
		axis = off + i
	}
	if axis < 0 {
		axis = len(v.dims) - 1
	}
	return axis, off >= 0
}

// meet brings values of one shape to lie in one way, that of the first.
func (r *reader) meet(vs []*view) []*view {
	out := make([]*view, len(vs))
	first := slices.IndexFunc(vs, func(v *view) bool { return v.source == nil })
	if first < 0 {
		first = 0
	}
	out[first] = r.opened(vs[first])
	lead := out[first]
	for i, v := range vs {
		if i == first || r.err != nil {
			continue
		}
		if !slices.Equal(v.sizes(), lead.sizes()) {
			r.fail("got shapes %s and %s, want them equal: no layer stretches what is not a constant", shown(lead.sizes()), shown(v.sizes()))
			return nil
		}
		alike := slices.EqualFunc(v.dims, lead.dims, func(a, b []*atom) bool {
			return slices.EqualFunc(a, b, func(a, b *atom) bool { return a.size == b.size })
		})
		if !alike {
			// As ONNX has them, axis by axis.
			for k := range vs {
				out[k] = r.whole(vs[k])
			}
			return r.meetWhole(out)
		}
		out[i] = r.inOrderOf(v, lead)
	}
	return out
}

// whole is a value whose axes are an atom each; they lie as ONNX has them.
func (r *reader) whole(v *view) *view {
	b := v.batchAxis()
	v = r.plain(v)
	if r.err != nil {
		return v
	}
	out := &view{handle: v.handle, ids: v.ids, dims: make([][]*atom, len(v.dims))}
	for i, d := range v.dims {
		size := sizeOf(d)
		if i != b {
			out.shape = append(out.shape, size)
		}
		if size != 1 {
			a := &atom{size}
			out.dims[i] = []*atom{a}
			if i != b {
				out.have = append(out.have, a)
			}
		}
	}
	return out
}

func (r *reader) meetWhole(vs []*view) []*view {
	for i := range vs {
		if r.err == nil && i > 0 {
			vs[i] = r.inOrderOf(vs[i], vs[0])
		}
	}
	return vs
}

// inOrderOf lays out a value as another of the same axes lies.
func (r *reader) inOrderOf(v, lead *view) *view {
	of := map[*atom]*atom{}
	for k, d := range lead.dims {
		for j, a := range d {
			of[a] = v.dims[k][j]
		}
	}
	have := lead.have
	var groups [][]*atom
	for _, size := range lead.shape {
		var g []*atom
		for n := 1; n < size; {
			g, n, have = append(g, of[have[0]]), n*have[0].size, have[1:]
		}
		groups = append(groups, g)
	}
	return r.laid(v, groups...)
}

func (r *reader) join(n *given, l graph.Layer, vs []*view) {
	vs = r.meet(vs)
	if r.err != nil {
		return
	}
	var from []graph.Handle
	for _, v := range vs {
		from = append(from, v.handle)
	}
	r.views[n.out[0]] = vs[0].made(r.add(l, nil, from...))
}

func (r *reader) sum(n *given) {
	var vs []*view
	for i := range n.in {
		vs = append(vs, r.input(n, i))
	}
	if len(vs) == 0 {
		r.fail("it has no input")
		return
	}
	r.join(n, layers.Sum{}, vs)
}

// binary is one of the four rules of arithmetic.
func (r *reader) binary(n *given) {
	if len(n.in) != 2 {
		r.fail("got %d inputs, want two", len(n.in))
		return
	}
	if c, at := r.constant(n, 0), 1; c != nil {
		r.withConstant(n, r.input(n, at), c, true)
		return
	}
	if c := r.constant(n, 1); c != nil {
		r.withConstant(n, r.input(n, 0), c, false)
		return
	}
	a, b := r.input(n, 0), r.input(n, 1)
	if r.err != nil {
		return
	}
	if n.int("broadcast", 0) != 0 {
		r.fail("got the broadcast of an opset below 7, which is not read")
		return
	}
	// Axes of one in front do not matter.
	for len(a.dims) > len(b.dims) && b.batchAxis() != 0 {
		b = b.framed()
	}
	for len(b.dims) > len(a.dims) && a.batchAxis() != 0 {
		a = a.framed()
	}
	switch n.op {
	case "Add":
		r.join(n, layers.Sum{}, []*view{a, b})
	case "Mul":
		r.join(n, layers.Product{}, []*view{a, b})
	case "Sub":
		b = r.opened(b)
		r.join(n, layers.Sum{}, []*view{a, b.made(r.add(layers.Rescaling{Scale: -1}, nil, b.handle))})
	default:
		r.fail("got a quotient of two values that come of the inputs, which no layer has")
	}
}

func (v *view) framed() *view {
	out := *v
	out.dims = append([][]*atom{nil}, v.dims...)
	return &out
}

// withConstant computes with a constant: a number, one for each channel, or one for each element of a sample.
func (r *reader) withConstant(n *given, v *view, c *constant, first bool) {
	if r.err != nil {
		return
	}
	if c.integer || v.ids || c.length() == 0 {
		r.fail("got whole numbers, want floats")
		return
	}
	if len(c.shape) > len(v.dims) {
		for range len(c.shape) - len(v.dims) {
			if c.shape[0] != 1 || v.batchAxis() != 0 {
				r.fail("got a constant of shape %v for %s, which it would stretch: no layer does that", c.shape, shown(v.sizes()))
				return
			}
			c = &constant{name: c.name, shape: c.shape[1:], floats: c.floats}
		}
	}
	for i, d := range c.shape { // the constant may not be larger
		if k := len(v.dims) - len(c.shape) + i; d != 1 && d != sizeOf(v.dims[k]) {
			r.fail("got a constant of shape %v for %s, want sizes that go into it", c.shape, shown(v.sizes()))
			return
		}
	}
	scale, shift := float64(1), float64(0)
	times := n.op == "Mul" || n.op == "Div"
	if n.op == "Div" && first {
		r.fail("got a constant over a value that comes of the inputs, which no layer has")
		return
	}
	if c.same() { // a number
		x := shortest(c.floats[0])
		switch n.op {
		case "Add":
			shift = x
		case "Sub":
			if shift = -x; first {
				scale, shift = -1, x
			}
		case "Mul":
			scale = x
		default:
			scale = 1 / x
		}
		if math.IsNaN(scale) || math.IsInf(scale, 0) {
			r.fail("got a division by %v", x)
			return
		}
		if c.size() == 1 {
			l := layers.Rescaling{Scale: scale, Offset: shift}
			if scale == 0 {
				l.Scale = text.Zero
			} else if scale == 1 {
				l.Scale = 0
			}
			r.same(n, v, l)
			return
		}
	}
	kept := *c
	if c.same() {
		kept.floats = []float32{c.floats[0]}
	} else {
		kept.floats = slices.Clone(c.floats)
	}
	if n.op == "Div" || n.op == "Sub" && !first {
		for i, x := range kept.floats {
			if kept.floats[i] = -x; n.op == "Div" {
				kept.floats[i] = 1 / x
			}
		}
	}
	if n.op == "Sub" && first {
		v = r.opened(v)
		v = v.made(r.add(layers.Rescaling{Scale: -1}, nil, v.handle))
	}
	if axis, ok := channel(&kept, v); ok {
		v = r.last(v, axis)
		if r.err != nil {
			return
		}
		r.affine(n, v, &constant{shape: []int{kept.size()}, floats: kept.floats}, times)
		return
	}
	// A number for each element of a sample.
	if v.batchAxis() != 0 {
		r.fail("got a constant of shape %v for %s, whose batch is not its first axis", c.shape, shown(v.sizes()))
		return
	}
	v = r.whole(v)
	if r.err != nil {
		return
	}
	if len(kept.shape) == len(v.dims) {
		kept.shape = kept.shape[1:]
	}
	full, err := kept.stretched(v.sizes()[1:])
	if err != nil {
		r.fail("%v", err)
		return
	}
	if n.op != "Mul" && n.op != "Div" && len(v.shape) == 2 {
		r.keeping(n, v, layers.Positions{}, full)
		return
	}
	flat := v.shape
	full.shape = []int{full.size()}
	h := r.reshape(v.handle, flat, full.shape)
	ones, zeros := &constant{shape: full.shape, floats: []float32{1}}, &constant{shape: full.shape, floats: []float32{0}}
	if times {
		h = r.add(layers.Affine{}, []*constant{full, zeros}, h)
	} else {
		h = r.add(layers.Affine{}, []*constant{ones, full}, h)
	}
	r.frozen = append(r.frozen, fmt.Sprintf("affine_%d", r.count["affine"]))
	r.views[n.out[0]] = v.made(r.reshape(h, full.shape, flat))
}

// affine multiplies channels, which lie last, or adds to them. An addition right behind goes into the same layer.
func (r *reader) affine(n *given, v *view, c *constant, times bool) {
	ones, zeros := &constant{shape: c.shape, floats: []float32{1}}, &constant{shape: c.shape, floats: []float32{0}}
	if !times {
		r.keeping(n, v, layers.Affine{}, ones, c)
		return
	}
	next := r.next[n.out[0]]
	if next != nil && r.readers[n.out[0]] == 1 && next.op == "Add" && next.domain == "" && len(next.in) == 2 {
		for i := range 2 {
			shift := r.constant(next, i)
			if shift == nil || next.in[1-i] != n.out[0] || shift.integer || shift.size() != c.size() {
				continue
			}
			a, ok := channel(shift, v)
			b := slices.IndexFunc(v.dims, func(d []*atom) bool {
				return len(d) == 1 && len(v.have) > 0 && d[0] == v.have[len(v.have)-1]
			})
			if ok && a == b {
				r.done[next] = true
				r.keeping(n, v, layers.Affine{}, c, &constant{shape: c.shape, floats: shift.floats})
				r.views[next.out[0]] = r.views[n.out[0]]
				return
			}
		}
	}
	r.keeping(n, v, layers.Affine{}, c, zeros)
}

// gemm is α·x·W + β·b.
func (r *reader) gemm(n *given) {
	v, w, bias := r.input(n, 0), r.constant(n, 1), r.constant(n, 2)
	switch {
	case r.err != nil:
		return
	case n.int("transA", 0) != 0:
		r.fail("got transA, want the batch as the first axis")
		return
	case w == nil || n.has(2) && bias == nil:
		r.fail("want weights that are known when the file is read")
		return
	case w.integer || len(w.shape) != 2 || len(v.dims) != 2:
		r.fail("got weights of shape %v for %s, want two matrices", w.shape, shown(v.sizes()))
		return
	}
	if n.int("transB", 0) != 0 {
		var err error
		if w, err = w.transposed([]int{1, 0}); err != nil {
			r.fail("%v", err)
			return
		}
	}
	w = scaled(w, n.float("alpha", 1))
	if bias != nil {
		bias = scaled(bias, n.float("beta", 1))
		if bias.integer || bias.size() != 1 && (bias.size() != w.shape[1] || len(bias.shape) > 2 || bias.shape[len(bias.shape)-1] != w.shape[1]) {
			r.fail("got a bias of shape %v for %d columns, want one for each", bias.shape, w.shape[1])
			return
		}
	}
	r.dense(n, v, w, bias)
}

func scaled(c *constant, by float64) *constant {
	if by == 1 {
		return c
	}
	out := *c
	out.floats = slices.Clone(c.floats)
	for i := range out.floats {
		out.floats[i] *= float32(by)
	}
	return &out
}

// dense adds a Dense on the last axis, with what may follow it: a bias that is added, and an activation.
func (r *reader) dense(n *given, v *view, w, bias *constant) {
	axis := len(v.dims) - 1
	if sizeOf(v.dims[axis]) != w.shape[0] {
		r.fail("got weights of shape %v for %s", w.shape, shown(v.sizes()))
		return
	}
	units := w.shape[1]
	// What lies channels last, and is flattened channels first, stays where it is: the rows of the weights are put in its order.
	if perm := v.order(axis); perm != nil && len(v.dims) == 2 {
		shape := make([]int, len(v.dims[axis]))
		for i, a := range v.dims[axis] {
			shape[i] = a.size
		}
		axes := append(perm, len(perm))
		moved, err := (&constant{shape: append(shape, units), floats: w.floats}).transposed(axes)
		if err != nil {
			r.fail("%v", err)
			return
		}
		w = &constant{shape: w.shape, floats: moved.floats}
		out := *v
		out.handle, out.shape = r.reshape(v.handle, v.shape, []int{w.shape[0]}), []int{w.shape[0]}
		out.dims = [][]*atom{v.dims[0], v.have}
		v = &out
	} else {
		v = r.last(v, axis)
	}
	if r.err != nil {
		return
	}
	if bias == nil {
		if next := r.next[n.out[0]]; next != nil && r.readers[n.out[0]] == 1 && next.op == "Add" && next.domain == "" && len(next.in) == 2 {
			for i := range 2 {
				c := r.constant(next, i)
				if c != nil && next.in[1-i] == n.out[0] && !c.integer && c.size() == units && c.shape[len(c.shape)-1] == units && len(c.shape) <= len(v.dims) {
					r.done[next] = true
					r.readers[n.out[0]] = 0 // it stands within the layer
					bias, n = c, next
					break
				}
			}
		}
	}
	if bias == nil {
		bias = &constant{floats: []float32{0}}
	}
	keep := &constant{shape: []int{units}, floats: bias.floats}
	a := layers.Linear
	if next := r.next[n.out[0]]; next != nil {
		a = r.afterDense(n, axis)
	}
	h := r.add(layers.Dense{Units: units, Activation: a}, []*constant{w, keep}, v.handle)
	r.finish(n, a, v.put(h, axis, units))
}

// afterDense is after, of a node whose output has so many axes and one more.
func (r *reader) afterDense(n *given, axis int) layers.Activation {
	next := r.next[n.out[0]]
	if next.op == "Softmax" || next.op == "LogSoftmax" {
		at := next.int("axis", map[bool]int{true: -1, false: 1}[r.opset >= 13])
		if at != -1 && at != axis || r.readers[n.out[0]] != 1 || len(next.out) == 0 || next.domain != "" {
			return layers.Linear
		}
		r.done[next] = true
		if next.op == "LogSoftmax" {
			return layers.LogSoftmax
		}
		return layers.Softmax
	}
	return r.after(n, axis)
}

// order is in which order the atoms of an axis lie, which are all of a sample; nil where that is theirs, or there are others.
func (v *view) order(axis int) []int {
	if v.source != nil || len(v.have) != len(v.dims[axis]) || slices.Equal(v.have, v.dims[axis]) {
		return nil
	}
	var perm []int
	for _, a := range v.have {
		at := slices.Index(v.dims[axis], a)
		if at < 0 {
			return nil
		}
		perm = append(perm, at)
	}
	return perm
}

// matmul is a Dense where one side is known, else a Dot.
func (r *reader) matmul(n *given) {
	if len(n.in) != 2 {
		r.fail("got %d inputs, want two", len(n.in))
		return
	}
	v := r.input(n, 0)
	if r.err != nil {
		return
	}
	if w := r.constant(n, 1); w != nil {
		if w.integer || len(w.shape) != 2 || len(v.dims) < 2 {
			r.fail("got weights of shape %v for %s, want a matrix", w.shape, shown(v.sizes()))
			return
		}
		r.dense(n, v, w, nil)
		return
	}
	a, b := v, r.input(n, 1)
	rank := len(a.dims)
	if r.err != nil {
		return
	}
	front := func(v *view) []int { return v.sizes()[:len(v.dims)-2] }
	if rank < 3 || len(b.dims) != rank || !slices.Equal(front(a), front(b)) || sizeOf(a.dims[rank-1]) != sizeOf(b.dims[rank-2]) {
		r.fail("got %s times %s, want matrices of the same samples", shown(a.sizes()), shown(b.sizes()))
		return
	}
	// The axes before the matrices, the batch left out, in the first one's order.
	outer := func(v *view) (all []*atom) {
		for _, a := range slices.Concat(v.dims[:rank-2]...) {
			if a.size != batch {
				all = append(all, a)
			}
		}
		return all
	}
	oa, ob := outer(a), outer(b)
	if len(oa) != len(ob) || slices.ContainsFunc(slices.Concat(a.dims[rank-2], a.dims[rank-1], b.dims[rank-2], b.dims[rank-1]), func(a *atom) bool { return a.size == batch }) {
		r.fail("got %s times %s, whose axes before the matrices are not cut alike", shown(a.sizes()), shown(b.sizes()))
		return
	}
	groups := func(o []*atom, m ...[]*atom) (all [][]*atom) {
		for _, a := range o {
			all = append(all, []*atom{a})
		}
		return append(all, m...)
	}
	transposed := b.source == nil && !lies(b, b.dims[rank-2], b.dims[rank-1]) && lies(b, b.dims[rank-1], b.dims[rank-2])
	a = r.laid(a, groups(oa, a.dims[rank-2], a.dims[rank-1])...)
	if transposed {
		b = r.laid(b, groups(ob, b.dims[rank-1], b.dims[rank-2])...)
	} else {
		b = r.laid(b, groups(ob, b.dims[rank-2], b.dims[rank-1])...)
	}
	if r.err != nil {
		return
	}
	h := r.add(layers.Dot{Transposed: transposed}, nil, a.handle, b.handle)
	// Rows and columns are new atoms, one may be 1.
	out := &view{handle: h, have: slices.Clone(oa), shape: slices.Clone(a.shape[:len(a.shape)-2])}
	out.dims = slices.Clone(a.dims[:rank-2])
	for _, size := range []int{sizeOf(a.dims[rank-2]), sizeOf(b.dims[rank-1])} {
		var d []*atom
		if size != 1 {
			d = []*atom{{size}}
		}
		out.have, out.shape, out.dims = append(out.have, d...), append(out.shape, size), append(out.dims, d)
	}
	r.views[n.out[0]] = out
}

// lies says that atoms of one group lie somewhere before those of another.
func lies(v *view, first, then []*atom) bool {
	if len(first) == 0 || len(then) == 0 {
		return true
	}
	return slices.Index(v.have, first[0]) < slices.Index(v.have, then[0])
}

// gather is an Embedding, of a table that is known, or takes one place of an axis.
func (r *reader) gather(n *given) {
	if r.constant(n, 0) != nil {
		r.embed(n, layers.Embedding{Padding: -1})
		return
	}
	v := r.input(n, 0)
	at, ok := r.ints(n, 1)
	axis, err := axisOf(n.int("axis", 0), len(v.dims))
	if c := r.constant(n, 1); !ok || err != nil || len(at) != 1 || len(c.shape) > 1 {
		r.fail("want a table that is known, or one place of an axis: %v", err)
		return
	}
	size := sizeOf(v.dims[axis])
	place := at[0]
	if place < 0 {
		place += size
	}
	out := r.cropped(v, axis, place, 1)
	if r.err == nil && len(r.constant(n, 1).shape) == 0 {
		kept := *out
		kept.dims = slices.Delete(slices.Clone(out.dims), axis, axis+1)
		out = &kept
	}
	r.views[n.out[0]] = out
}
