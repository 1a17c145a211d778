package onnx

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

func init() {
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		switch {
		case r.err != nil:
			return
		case len(v.dims) < 2:
			r.fail("got %s, want [batch,channels,…]", shown(v.sizes()))
			return
		case n.int("training_mode", 0) != 0:
			r.fail("got training_mode, want a network at rest: export it in evaluation mode")
			return
		case n.int("spatial", 1) == 0:
			r.fail("got spatial = 0, which no layer does")
			return
		}
		v = r.last(v, 1)
		keeps := r.vectors(n, v, 1, 2, 3, 4)
		r.keeping(n, v, layers.BatchNorm{Momentum: setting(n.float("momentum", .9), .99), Epsilon: setting(n.float("epsilon", 1e-5), .001)}, keeps...)
	}, "BatchNormalization")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		if r.err != nil {
			return
		}
		if len(v.dims) < 3 || v.batchAxis() != 0 {
			r.fail("got %s, want [batch,channels,…]", shown(v.sizes()))
			return
		}
		v = r.last(v, 1)
		keeps := r.vectors(n, v, 1, 2)
		r.keeping(n, v, layers.GroupNorm{Groups: sizeOf(v.dims[1]), Epsilon: setting(n.float("epsilon", 1e-5), .001)}, keeps...)
	}, "InstanceNormalization")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		if r.err != nil {
			return
		}
		if len(v.dims) < 3 || v.batchAxis() != 0 {
			r.fail("got %s, want [batch,channels,…]", shown(v.sizes()))
			return
		}
		v = r.last(v, 1)
		groups, channels := n.int("num_groups", 0), sizeOf(v.dims[1])
		if groups < 1 || channels%groups != 0 {
			r.fail("got num_groups %d for %d channels", groups, channels)
			return
		}
		var keeps []*constant
		for _, i := range []int{1, 2} {
			c := r.constant(n, i)
			if c != nil && c.size() == groups && r.opset < 21 && c.length() > 0 { // a number for each group, once
				c = &constant{shape: []int{channels}, integer: c.integer, floats: c.values()}
				var all []float32
				for _, x := range c.floats[:groups] {
					all = append(all, slices.Repeat([]float32{x}, channels/groups)...)
				}
				c.floats = all
			}
			keeps = append(keeps, r.vector(c, channels))
		}
		r.keeping(n, v, layers.GroupNorm{Groups: groups, Epsilon: setting(n.float("epsilon", 1e-5), .001)}, keeps...)
	}, "GroupNormalization")
	readAs(func(r *reader, n *given) { r.rowNorm(n) }, "LayerNormalization", "RMSNormalization")
	readAs(func(r *reader, n *given) {
		v := r.input(n, 0)
		if r.err == nil && len(v.dims) < 2 {
			r.fail("got %s, want [batch,channels,…]", shown(v.sizes()))
		}
		if r.err != nil {
			return
		}
		v = r.last(v, 1)
		l := layers.LRN{Size: n.int("size", 0), Alpha: setting(n.float("alpha", 1e-4), 1e-4), Beta: setting(n.float("beta", .75), .75), K: setting(n.float("bias", 1), 1)}
		if l.Size < 1 || l.Size > 1<<20 {
			r.fail("got size %d, want at least 1", l.Size)
			return
		}
		r.keeping(n, v, l)
	}, "LRN")
}

// setting is a number as a layer's field has it: 0 where it is the default, text.Zero where it is 0.
func setting(v, otherwise float64) float64 {
	switch v {
	case otherwise:
		return 0
	case 0:
		return text.Zero
	}
	return v
}

// vectors are constants of as many elements as the last axis has.
func (r *reader) vectors(n *given, v *view, inputs ...int) (all []*constant) {
	if r.err != nil {
		return nil
	}
	for _, i := range inputs {
		all = append(all, r.vector(r.constant(n, i), v.shape[len(v.shape)-1]))
	}
	return all
}

func (r *reader) vector(c *constant, size int) *constant {
	if c == nil || c.integer || c.size() != size || c.length() == 0 {
		r.fail("want scale, bias and moments that are known when the file is read, %d floats each", size)
		return &constant{}
	}
	return &constant{shape: []int{size}, floats: c.floats}
}

// rowNorm normalises the last axes together.
func (r *reader) rowNorm(n *given) {
	v := r.input(n, 0)
	axis, err := axisOf(n.int("axis", -1), len(v.dims))
	switch {
	case r.err != nil:
		return
	case err != nil:
		r.fail("%v", err)
		return
	case len(n.out) > 1 && slices.ContainsFunc(n.out[1:], func(out string) bool { return out != "" && r.readers[out] > 0 }):
		r.fail("its mean or deviation is read, which no layer gives")
		return
	case slices.ContainsFunc(v.dims[axis:], func(d []*atom) bool { return slices.ContainsFunc(d, func(a *atom) bool { return a.size == batch }) }):
		r.fail("it goes over the batch of %s", shown(v.sizes()))
		return
	}
	if n.int("alone", 0) != 0 && axis != len(v.dims)-1 { // of norms
		r.fail("it normalises axis %d of %s, want the last", axis, shown(v.sizes()))
		return
	}
	v = r.opened(v)
	tail := slices.Concat(v.dims[axis:]...)
	merged := *v
	merged.dims = append(slices.Clone(v.dims[:axis]), tail)
	lies := r.last(&merged, axis)
	if r.err != nil {
		return
	}
	size := sizeOf(tail)
	epsilon := n.float("epsilon", 1e-5)
	stretched := func(i int, otherwise float32) *constant {
		c := r.constant(n, i)
		switch {
		case c == nil && n.has(i) || c != nil && (c.integer || c.length() == 0):
			r.fail("want scale and bias that are known when the file is read")
			return nil
		case c == nil:
			return &constant{shape: []int{size}, floats: []float32{otherwise}}
		}
		var shape []int
		for _, d := range v.dims[axis:] {
			shape = append(shape, sizeOf(d))
		}
		full, err := c.stretched(shape)
		if err != nil {
			r.fail("%v", err)
			return nil
		}
		return &constant{shape: []int{size}, floats: full.floats}
	}
	scale := stretched(1, 1)
	var l graph.Layer = layers.RMSNorm{Epsilon: setting(epsilon, 1e-6)}
	keeps := []*constant{scale}
	if n.op == "LayerNormalization" {
		l, keeps = layers.LayerNorm{Epsilon: setting(epsilon, .001)}, append(keeps, stretched(2, 0))
	}
	if r.err != nil {
		return
	}
	out := *lies
	out.handle, out.dims = r.add(l, keeps, lies.handle), v.dims
	r.views[n.out[0]] = &out
}
