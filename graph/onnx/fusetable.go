package onnx

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

func init() {
	readAs(func(r *reader, n *given) {
		if n.domain != fusedDomain {
			r.fail("no operator has that name")
			return
		}
		r.embed(n, layers.Embedding{Bag: layers.Bag(n.int("bag", 0)), Padding: float64(n.int("padding", -1))})
	}, "Embedding")
}

// tables puts one node in place of those that an embedding with padding is written in: the rows of a table, Gather, of Where(ids = padding, 0, ids), times ids ≠ padding, which is a float then; their sum over the last
// axis of the ids; and that over how many are no padding, 1 at least.
func tables(nodes []*given, consts map[string]*constant) {
	f := newFinder(nodes, consts)
	type bag struct {
		keep string // what tells ids from padding, as floats, and an axis more than ids have
		last int    // axis of the ids
	}
	bags := map[string]bag{} // by what the rows are
	// kept is the padding in Unsqueeze(Cast(Not(ids = padding))).
	kept := func(value string) (equal *given, last int, ok bool) {
		u := f.is(value, "Unsqueeze", 2)
		if u == nil {
			return nil, 0, false
		}
		axis, ok := f.whole(u.in[1])
		cast := f.is(u.in[0], "Cast", 1)
		if !ok || axis < 1 || cast == nil || cast.int("to", 0) != float32Type {
			return nil, 0, false
		}
		not := f.is(cast.in[0], "Not", 1)
		if not == nil {
			return nil, 0, false
		}
		equal = f.is(not.in[0], "Equal", 2)
		return equal, axis - 1, equal != nil
	}
	// over says that a node adds up the axis alone, and leaves it out.
	over := func(n *given, axis int) bool {
		if n == nil || n.int("keepdims", 1) != 0 {
			return false
		}
		at, ok := f.whole(n.in[1])
		return ok && at == axis
	}
	for i, n := range nodes {
		if n.domain != "" || len(n.in) != 2 || len(n.out) != 1 {
			continue
		}
		put := func(in []string, attrs map[string]any) *given {
			nodes[i] = &given{op: "Embedding", name: n.name, domain: fusedDomain, in: in, out: n.out, attrs: attrs}
			f.by[n.out[0]] = nodes[i]
			return nodes[i]
		}
		switch n.op {
		case "Mul":
			for k := range 2 {
				rows := f.is(n.in[k], "Gather", 2)
				equal, last, ok := kept(n.in[1-k])
				if rows == nil || !ok || rows.int("axis", 0) != 0 {
					continue
				}
				padding, ok := f.whole(equal.in[1])
				where := f.is(rows.in[1], "Where", 3)
				if !ok || where == nil || f.by[where.in[0]] != f.by[equal.out[0]] || where.in[2] != equal.in[0] {
					continue
				}
				put([]string{rows.in[0], equal.in[0]}, map[string]any{"padding": int64(padding)})
				bags[n.out[0]] = bag{n.in[1-k], last}
			}
		case "ReduceSum":
			if b, ok := bags[n.in[0]]; ok && over(n, b.last) {
				rows := f.by[n.in[0]]
				put(rows.in, map[string]any{"padding": rows.attrs["padding"], "bag": int64(layers.BagSum)})
				bags[n.out[0]] = b
			}
		case "Div":
			rows, most := f.by[n.in[0]], f.is(n.in[1], "Max", 2)
			b, ok := bags[n.in[0]]
			if !ok || most == nil || rows.int("bag", 0) != int(layers.BagSum) {
				continue
			}
			count := f.is(most.in[0], "ReduceSum", 2)
			if one := consts[most.in[1]]; one != nil && one.length() == 1 && one.at(0) == 1 && over(count, b.last) && count.in[0] == b.keep {
				put(rows.in, map[string]any{"padding": rows.attrs["padding"], "bag": int64(layers.BagMean)})
			}
		}
	}
}

// embed is an Embedding of a table that is known.
func (r *reader) embed(n *given, l layers.Embedding) {
	table, ids := r.constant(n, 0), r.input(n, 1)
	switch {
	case r.err != nil:
		return
	case table == nil:
		r.fail("want a table that is known when the file is read")
		return
	case !ids.ids || table.integer || len(table.shape) != 2 || n.int("axis", 0) != 0:
		r.fail("got a table of shape %v, want floats [ids,units], and ids, int32 or int64, that are an input", table.shape)
		return
	}
	ids = r.opened(ids)
	dims, have, shape := ids.dims, ids.have, ids.shape
	if l.Bag != layers.EachID {
		last := dims[len(dims)-1]
		k := len(have) - len(last)
		if len(dims) < 2 || len(shape) < 1 || k < 0 || !slices.Equal(have[k:], last) || shape[len(shape)-1] != sizeOf(last) {
			r.fail("got bags of ids, %s, that do not lie side by side", shown(ids.sizes()))
			return
		}
		dims, have, shape = dims[:len(dims)-1], have[:k], shape[:len(shape)-1]
	}
	switch l.Padding {
	case -1:
		l.Padding = 0 // which it is by default
	case 0:
		l.Padding = graph.Zero
	}
	l.IDs, l.Units = table.shape[0], table.shape[1]
	h := r.add(l, []*constant{{shape: table.shape, floats: table.floats}}, ids.handle)
	var unit []*atom
	if l.Units != 1 {
		unit = []*atom{{l.Units}}
	}
	r.views[n.out[0]] = &view{handle: h, have: slices.Concat(have, unit), shape: append(slices.Clone(shape), l.Units), dims: append(slices.Clone(dims), unit)}
}
