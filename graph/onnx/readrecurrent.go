package onnx

import (
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

func init() { readAs((*reader).recurrent, "RNN", "GRU", "LSTM") }

// gates are how many blocks of rows the weights of an op have, and which of them stands where in a layer's columns: ONNX has an LSTM's as i, o, f, g, and we i, f, g, o.
var gates = map[string][]int{"RNN": {0}, "GRU": {0, 1, 2}, "LSTM": {0, 2, 3, 1}}

func (r *reader) recurrent(n *given) {
	v := r.input(n, 0)
	w, u, bias := r.constant(n, 1), r.constant(n, 2), r.constant(n, 3)
	order := gates[n.op]
	direction := n.text("direction", "forward")
	layout := n.int("layout", 0)
	directions := map[string]int{"forward": 1, "reverse": 1, "bidirectional": 2}[direction]
	backward := direction == "reverse"
	switch {
	case r.err != nil:
		return
	case directions == 0:
		r.fail("got the direction %q, want forward, reverse or bidirectional", direction)
		return
	case len(v.dims) != 3 || layout != 0 && layout != 1 || v.batchAxis() != 1-layout:
		r.fail("got %s in layout %d, want [time,batch,features] in layout 0, [batch,time,features] in layout 1", shown(v.sizes()), layout)
		return
	case w == nil || u == nil || n.has(3) && bias == nil:
		r.fail("want weights that are known when the file is read")
		return
	case n.has(7):
		r.fail("got peepholes, which no layer has")
		return
	}
	for _, name := range []string{"clip", "activation_alpha", "activation_beta"} {
		if _, has := n.attrs[name]; has {
			r.fail("got %s, which no layer has", name)
			return
		}
	}
	timeAxis := layout
	time, in := sizeOf(v.dims[timeAxis]), sizeOf(v.dims[2])
	if steps := n.int("steps", time); steps != time { // of a Loop
		r.fail("got a loop of %d steps over a sequence of %d", steps, time)
		return
	}
	if len(u.shape) != 3 || u.shape[0] != directions || u.shape[2] < 1 || u.shape[1] != len(order)*u.shape[2] || !slices.Equal(w.shape, []int{directions, u.shape[1], in}) || w.integer || u.integer || w.length() == 0 || u.length() == 0 ||
		bias != nil && (!slices.Equal(bias.shape, []int{directions, 2 * u.shape[1]}) || bias.integer || bias.length() == 0) {
		r.fail("got weights of shapes %v and %v for %s in %d directions", w.shape, u.shape, shown(v.sizes()), directions)
		return
	}
	units := u.shape[2]
	rectified, why := cell(n, directions)
	if why != "" {
		r.fail("%s", why)
		return
	}
	var keeps []*constant
	for d := range directions {
		keeps = append(keeps, byGates(w, d, units, order), byGates(u, d, units, order))
		var input, state []float32
		for _, g := range order {
			for j := range units {
				x, y := float32(0), float32(0)
				if bias != nil {
					x, y = float32(bias.at(d*2*u.shape[1]+g*units+j)), float32(bias.at(d*2*u.shape[1]+u.shape[1]+g*units+j))
				}
				input, state = append(input, x), append(state, y)
			}
		}
		shape := []int{len(input)}
		if n.op == "GRU" { // which has both
			keeps = append(keeps, &constant{shape: shape, floats: input}, &constant{shape: shape, floats: state})
			continue
		}
		for i := range input {
			input[i] += state[i]
		}
		keeps = append(keeps, &constant{shape: shape, floats: input})
	}
	v = r.byAxes(v, []int{timeAxis, 2})
	if backward {
		if n.has(4) && r.constant(n, 4) == nil {
			r.fail("got lengths for the direction reverse, which are not read")
			return
		}
		v = r.reversed(v, timeAxis)
	}
	from := []graph.Handle{v.handle}
	if n.has(4) {
		lengths := r.views[n.in[4]]
		switch c := r.constant(n, 4); {
		case c != nil && c.integer && !slices.ContainsFunc(c.ints, func(l int64) bool { return l != int64(time) }):
		case lengths != nil && lengths.ids && len(lengths.dims) == 1:
			from = append(from, r.opened(lengths).handle)
		default:
			r.fail("want lengths that are an input, int32 [batch], or all of the sequence")
			return
		}
	}
	states := [][]graph.Handle{nil, nil} // of each direction
	given := 0
	for _, i := range []int{5, 6} {
		if !n.has(i) || n.op != "LSTM" && i == 6 {
			continue
		}
		if c := r.constant(n, i); c != nil {
			if !c.integer && !slices.ContainsFunc(c.floats, func(x float32) bool { return x != 0 }) {
				continue
			}
			r.fail("got a first state that is known and is not 0, which no layer has")
			return
		}
		h := r.input(n, i)
		if directions != 1 || len(h.dims) != 3 || h.batchAxis() != 1-layout || sizeOf(h.dims[2]) != units {
			r.fail("got a first state of %s, want [1,batch,%d], one direction", shown(h.sizes()), units)
			return
		}
		h = r.last(h, 2)
		if r.err == nil {
			states[0] = append(states[0], r.reshape(h.handle, h.shape, []int{units}))
			given++
		}
	}
	if n.op == "LSTM" && given == 1 {
		r.fail("got one of the first states h and c, want both or none")
	}
	if r.err != nil {
		return
	}
	from = append(from, states[0]...)
	reads := func(i int) bool { return i < len(n.out) && n.out[i] != "" && r.readers[n.out[i]] > 0 }
	if reads(2) {
		r.fail("its last cell state is read, which no layer gives")
		return
	}
	sequence := reads(0)
	if sequence && reads(1) && len(from) > 1 && n.has(4) && directions == 2 {
		r.fail("its steps and its last state are both read, with lengths, which no layer gives")
		return
	}
	var l graph.Layer
	switch n.op {
	case "RNN":
		l = layers.RNN{Units: units, Sequence: sequence, Rectified: rectified}
	case "GRU":
		l = layers.GRU{Units: units, Sequence: sequence}
	default:
		l = layers.LSTM{Units: units, Sequence: sequence}
	}
	if directions == 2 {
		l = layers.Bidirectional{Layer: l}
	}
	h := r.add(l, keeps, from...)
	if backward && sequence {
		if reads(1) {
			r.fail("its steps and its last state are both read, which is not read of the direction reverse")
			return
		}
		h = r.add(layers.Reverse{}, nil, h)
	}
	one := func(size int) []*atom {
		if size == 1 {
			return nil
		}
		return []*atom{{size}}
	}
	t, d, f, b := one(time), one(directions), one(units), v.dims[1-layout]
	out := &view{handle: h, have: slices.Concat(t, d, f), shape: []int{time, directions * units}}
	if !sequence {
		out.have, out.shape = slices.Concat(d, f), []int{directions * units}
		out.dims = [][]*atom{d, b, f}
		if layout == 1 {
			out.dims = [][]*atom{b, d, f}
		}
		if reads(1) {
			r.views[n.out[1]] = out
		}
		return
	}
	directionAxis := 1
	out.dims = [][]*atom{t, d, b, f}
	if layout == 1 {
		out.dims, directionAxis = [][]*atom{b, t, d, f}, 2
	}
	r.views[n.out[0]] = out
	if !reads(1) {
		return
	}
	if len(from) > 1 && n.has(4) && r.constant(n, 4) == nil {
		r.fail("its steps and its last state are both read, with lengths, which no layer gives")
		return
	}
	end := r.cropped(out, timeAxis, time-1, 1)
	if directions == 2 {
		ahead, back := r.cropped(end, directionAxis, 0, 1), r.cropped(r.cropped(out, timeAxis, 0, 1), directionAxis, 1, 1)
		ahead, back = r.last(ahead, 3), r.last(back, 3)
		if r.err != nil {
			return
		}
		x := r.reshape(ahead.handle, ahead.shape, []int{units})
		y := r.reshape(back.handle, back.shape, []int{units})
		end = &view{handle: r.add(layers.Concat{}, nil, x, y), have: slices.Concat(d, f), shape: []int{2 * units}, dims: out.dims}
	}
	last := *end
	last.dims = slices.Delete(slices.Clone(end.dims), timeAxis, timeAxis+1)
	r.views[n.out[1]] = &last
}

// cell says whether an RNN is rectified, and what is wrong with a cell's functions.
func cell(n *given, directions int) (rectified bool, why string) {
	usual := map[string][]string{"RNN": {"tanh"}, "GRU": {"sigmoid", "tanh"}, "LSTM": {"sigmoid", "tanh", "tanh"}}[n.op]
	if names, has := n.attrs["activations"]; has {
		list, _ := names.([]string)
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		relu := slices.Repeat([]string{"relu"}, directions)
		switch {
		case n.op == "RNN" && slices.Equal(list, relu):
			rectified = true
		case !slices.Equal(list, slices.Repeat(usual, directions)):
			return false, "got activations " + strings.Join(list, ", ") + ", want " + strings.Join(usual, ", ")
		}
	}
	if n.op == "LSTM" && n.int("input_forget", 0) != 0 {
		return rectified, "got input_forget, which no layer does"
	}
	if n.op == "GRU" && n.int("linear_before_reset", 0) == 0 {
		return rectified, "got linear_before_reset = 0, whose reset gate acts on the state: the layer's acts on the state's product, as PyTorch's and Keras' do"
	}
	return rectified, ""
}

// byGates turns a direction's weights [gates·units,in] into [in,gates·units], the gates in a layer's order.
func byGates(c *constant, direction, units int, order []int) *constant {
	rows, in := c.shape[1], c.shape[2]
	out := &constant{shape: []int{in, rows}, floats: make([]float32, 0, rows*in)}
	for i := range in {
		for _, g := range order {
			for j := range units {
				out.floats = append(out.floats, float32(c.at((direction*rows+g*units+j)*in+i)))
			}
		}
	}
	return out
}
