package onnx

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A tensor of ONNX that is computed from the inputs is seen through atoms: pieces of its axes that are never torn. A Transpose or a Reshape only says anew how they form axes; elements are moved when a layer
// wants them otherwise than they lie. So what ONNX has channels first lies channels last, from a convolution to the next, and nobody moves it.
type atom struct{ size int } // known by its address; the batch's size is batch

// A view is a value: atoms as they lie, and how they form the axes that ONNX sees.
type view struct {
	handle graph.Handle
	have   []*atom   // of a sample as it lies, the batch, which is first, left out
	shape  []int     // of a sample as it lies
	dims   [][]*atom // of each of ONNX's axes, the batch among them; none is 1
	ids    bool
	source *source // an input that is not laid out so far; then handle, have and shape are not there
}

// A source is an input of the model. It is laid out as the first layer wants it that reads it.
type source struct {
	declared
	atoms []*atom   // of ONNX's axes, the batch first
	dims  [][]*atom // the axes
	made  *view
}

func sizeOf(atoms []*atom) int {
	n := 1
	for _, a := range atoms {
		n *= a.size
	}
	return n
}

// sizes are the axes as ONNX sees them.
func (v *view) sizes() []int {
	all := make([]int, len(v.dims))
	for i, d := range v.dims {
		all[i] = sizeOf(d)
	}
	return all
}

// batchAxis is the axis that is the batch and nothing else; −1 where there is none.
func (v *view) batchAxis() int {
	return slices.IndexFunc(v.dims, func(d []*atom) bool { return len(d) == 1 && d[0].size == batch })
}

// split replaces an atom everywhere in a list.
func split(list []*atom, old *atom, parts []*atom) []*atom {
	at := slices.Index(list, old)
	if at < 0 {
		return list
	}
	return slices.Concat(list[:at], parts, list[at+1:])
}

// regroup makes axes of these sizes of the atoms, in their order, tearing those that lie across a border. Not ok where that cannot be.
func (v *view) regroup(sizes []int) (*view, bool) {
	out := &view{handle: v.handle, have: v.have, shape: v.shape, ids: v.ids, source: v.source}
	atoms := slices.Concat(v.dims...)
	for _, want := range sizes {
		var axis []*atom
		for rest := want; rest != 1; {
			if len(atoms) == 0 || rest < 1 {
				return nil, false
			}
			a := atoms[0]
			switch {
			case rest%a.size == 0:
				axis, atoms, rest = append(axis, a), atoms[1:], rest/a.size
			case a.size != batch && a.size%rest == 0 && v.source == nil:
				parts := []*atom{{rest}, {a.size / rest}}
				out.have = split(out.have, a, parts)
				axis, atoms, rest = append(axis, parts[0]), append([]*atom{parts[1]}, atoms[1:]...), 1
			default:
				return nil, false
			}
		}
		out.dims = append(out.dims, axis)
	}
	return out, len(atoms) == 0
}

// transpose orders the axes.
func (v *view) transpose(axes []int) *view {
	out := *v
	out.dims = nil
	for _, a := range axes {
		out.dims = append(out.dims, v.dims[a])
	}
	return &out
}

// laid is the view with the atoms of a sample lying in this order, in axes of these groups; layers that move them are added where they must be.
func (r *reader) laid(v *view, groups ...[]*atom) *view {
	want := slices.Concat(groups...)
	shape := make([]int, len(groups))
	for i, g := range groups {
		shape[i] = sizeOf(g)
	}
	if v.source != nil {
		v = r.open(v, groups)
	}
	if r.err != nil || len(want) != len(v.have) {
		r.fail("its elements cannot be laid out as it wants them: %v as %v", v.sizes(), shape)
		return v
	}
	out := *v
	if !slices.Equal(want, v.have) {
		// Runs of atoms that stay together are moved as one axis.
		var runs [][]*atom
		for i, a := range v.have {
			at := slices.Index(want, a)
			if at < 0 {
				r.fail("its elements cannot be laid out as it wants them")
				return v
			}
			if i > 0 && at > 0 && want[at-1] == v.have[i-1] {
				runs[len(runs)-1] = append(runs[len(runs)-1], a)
			} else {
				runs = append(runs, []*atom{a})
			}
		}
		var lies, moved, axes []int
		for _, run := range runs {
			lies = append(lies, sizeOf(run))
		}
		for _, a := range want {
			for i, run := range runs {
				if run[0] == a {
					axes, moved = append(axes, i+1), append(moved, sizeOf(run))
				}
			}
		}
		out.handle = r.reshape(out.handle, v.shape, lies)
		out.handle = r.add(layers.Permute{Axes: axes}, nil, out.handle)
		out.have, out.shape = want, moved
	}
	out.handle = r.reshape(out.handle, out.shape, shape)
	out.shape = shape
	return &out
}

func (r *reader) reshape(h graph.Handle, from, to []int) graph.Handle {
	switch {
	case slices.Equal(from, to):
		return h
	case len(to) == 1:
		return r.add(layers.Flatten{}, nil, h)
	}
	if len(to) == 0 {
		to = []int{}
	}
	return r.add(layers.Reshape{Shape: to}, nil, h)
}

// open lays out an input as the first who reads it wants it, if it is by whole axes of ONNX, else as it is declared.
func (r *reader) open(v *view, groups [][]*atom) *view {
	s := v.source
	if s.made == nil {
		have := s.atoms[1:]
		shape := s.shape[1:]
		want := slices.Concat(groups...)
		whole := func(g []*atom) bool { return len(g) < 2 }
		if len(want) == len(have) && !slices.ContainsFunc(have, func(a *atom) bool { return !slices.Contains(want, a) }) && !slices.ContainsFunc(groups, func(g []*atom) bool { return !whole(g) }) {
			have, shape = want, nil
			for _, g := range groups {
				shape = append(shape, sizeOf(g))
			}
		}
		s.made = &view{handle: r.net.Input(s.name, graph.Input{Shape: append([]int{}, shape...), IDs: v.ids}), have: have, shape: shape}
	}
	out := *s.made
	out.dims, out.ids = v.dims, v.ids
	return &out
}

// plain is the view with a sample's elements lying as ONNX has them, an axis for each that is not the batch; the batch must be an axis by itself.
func (r *reader) plain(v *view) *view {
	b := v.batchAxis()
	if b < 0 {
		r.fail("the batch is mixed up with another axis, %v, and it takes none such", shown(v.sizes()))
		return v
	}
	var groups [][]*atom
	for i, d := range v.dims {
		if i != b {
			groups = append(groups, d)
		}
	}
	return r.laid(v, groups...)
}

// shown is a shape with the batch's size in words.
func shown(shape []int) string {
	s := "["
	for i, d := range shape {
		if i > 0 {
			s += ","
		}
		switch {
		case d == batch:
			s += "batch"
		case d%batch == 0 && d > 0:
			s += fmt.Sprintf("%d·batch", d/batch)
		default:
			s += fmt.Sprint(d)
		}
	}
	return s + "]"
}
