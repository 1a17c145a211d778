package weights

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A Framework is whose weights a file has.
type Framework string

// The frameworks that are known.
const (
	PyTorch Framework = "pytorch"
	Keras   Framework = "keras"
)

// A part is a tensor of a framework's layer.
type part struct {
	name   string
	shape  []int
	pieces []piece // its elements, one piece after the other; none of what says nothing here
}

// A piece is elements of a tensor of the model.
type piece struct {
	of    graph.Param
	at    []int // where each lies in it; nil where they lie alike
	added bool  // to what an earlier part gave; written as 0
}

// A form is a layer's tensors as a framework has them, in its order.
type form struct {
	parts []part
	zero  []graph.Param // which it has not, and are 0 then
}

// A unit is one layer of a framework, which may be two here.
type unit struct {
	name  string
	forms []form // the first is what is written
}

// A layer is one of the model, with what it keeps.
type layer struct {
	name   string
	kind   graph.Layer
	params map[string]graph.Param
	rank   int   // of its output, of a sample
	order  []int // where each of the framework's input features, of a flattened image, lies among ours; nil where they lie alike
}

// alike is a tensor that lies as here, perhaps in another shape.
func alike(name string, p graph.Param, shape ...int) part {
	if shape == nil {
		shape = p.Value.Shape()
	}
	return part{name, shape, []piece{{of: p}}}
}

// turned is a tensor whose axis i is axis axes[i] here.
func turned(name string, p graph.Param, axes ...int) part {
	shape, at := turn(p.Value.Shape(), axes)
	return part{name, shape, []piece{{of: p, at: at}}}
}

// turn is the shape of a tensor with its axes in another order, and where its elements come from.
func turn(shape, axes []int) (to, at []int) {
	strides := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = n
		n *= shape[i]
	}
	at = []int{0}
	for _, a := range axes {
		to = append(to, shape[a])
		next := make([]int, 0, len(at)*shape[a])
		for _, base := range at {
			for i := range shape[a] {
				next = append(next, base+i*strides[a])
			}
		}
		at = next
	}
	return to, at
}

// columns are those of a matrix [rows,columns] here, as rows of a tensor: column first+i for each i of n.
func columns(p graph.Param, first, n int) []int {
	shape := p.Value.Shape()
	at := make([]int, 0, n*shape[0])
	for c := range n {
		for r := range shape[0] {
			at = append(at, r*shape[1]+first+c)
		}
	}
	return at
}

// rows are columns of a matrix that stay columns.
func rows(p graph.Param, first, n int) []int {
	shape := p.Value.Shape()
	at := make([]int, 0, n*shape[0])
	for r := range shape[0] {
		for c := range n {
			at = append(at, r*shape[1]+first+c)
		}
	}
	return at
}

// span is first, first+1, …
func span(first, n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = first + i
	}
	return at
}

// forms are the ways in which a framework has a layer; none where it has no such layer.
func (l *layer) forms(f Framework) []form {
	switch kind := l.kind.(type) {
	case layers.Dense:
		return l.dense(f)
	case layers.Conv, layers.Conv1D:
		return l.conv(f, l.params["weight"])
	case layers.Depthwise:
		if f == Keras {
			w := l.params["weight"]
			s := w.Value.Shape()
			m := max(1, kind.Multiplier)
			return l.biased(alike("kernel", w, s[0], s[1], s[3]/m, m))
		}
		return l.conv(f, l.params["weight"])
	case layers.ConvTranspose, layers.ConvTranspose1D:
		w := l.params["weight"]
		n := len(w.Value.Shape())
		if f == Keras {
			return l.biased(turned("kernel", w, append(span(0, n-2), n-1, n-2)...))
		}
		return l.biased(turned("weight", w, append([]int{n - 2, n - 1}, span(0, n-2)...)...))
	case layers.BatchNorm:
		return l.vectors(f, []string{"scale", "shift", "mean", "variance"}, []string{"weight", "bias", "running_mean", "running_var"}, []string{"gamma", "beta", "moving_mean", "moving_variance"}, true)
	case layers.LayerNorm, layers.GroupNorm, layers.RMSNorm:
		return l.vectors(f, []string{"scale", "shift"}, []string{"weight", "bias"}, []string{"gamma", "beta"}, false)
	case layers.PReLU:
		return l.prelu(f)
	case layers.Embedding:
		return []form{{parts: []part{alike(name(f, "weight", "embeddings"), l.params["table"])}}}
	case layers.Positions:
		w := l.params["weight"]
		return []form{{parts: []part{alike(name(f, "weight", "embeddings"), w)}}, {parts: []part{alike("", w, append([]int{1}, w.Value.Shape()...)...)}}}
	case layers.RNN, layers.LSTM, layers.GRU:
		return []form{{parts: l.recurrent(f, "")}}
	case layers.Attention:
		return l.attention(f, kind)
	}
	return nil
}

func name(f Framework, torch, keras string) string {
	if f == Keras {
		return keras
	}
	return torch
}

// biased is a weight with the layer's bias, or without one, which is 0 then.
func (l *layer) biased(weight part) []form {
	bias := l.params["bias"]
	return []form{{parts: []part{weight, alike("bias", bias)}}, {parts: []part{weight}, zero: []graph.Param{bias}}}
}

func (l *layer) dense(f Framework) []form {
	w := l.params["weight"]
	if f == Keras {
		return l.biased(alike("kernel", w))
	}
	p := turned("weight", w, 1, 0)
	if l.order != nil {
		in, out := w.Value.Shape()[0], w.Value.Shape()[1]
		for o := range out {
			for i := range in {
				p.pieces[0].at[o*in+i] = l.order[i]*out + o
			}
		}
	}
	return l.biased(p)
}

func (l *layer) conv(f Framework, w graph.Param) []form {
	if f == Keras {
		return l.biased(alike("kernel", w))
	}
	n := len(w.Value.Shape())
	return l.biased(turned("weight", w, append([]int{n - 1, n - 2}, span(0, n-2)...)...))
}

// vectors are tensors of one element a feature; those that the layer does not have are left out.
func (l *layer) vectors(f Framework, ours, torch, keras []string, counted bool) []form {
	var parts []part
	for i, o := range ours {
		p, ok := l.params[o]
		if !ok {
			continue
		}
		v := alike(name(f, torch[i], keras[i]), p)
		if f == PyTorch {
			v.pieces[0].at = l.order
		}
		parts = append(parts, v)
	}
	if counted && f == PyTorch {
		parts = append(parts, part{name: counters, shape: []int{1}})
	}
	if len(parts) == 0 {
		return nil
	}
	return []form{{parts: parts}}
}

func (l *layer) prelu(f Framework) []form {
	p := l.params["slope"]
	n := p.Value.Shape()[0]
	if f == Keras { // which has one for each place, too, unless it shares them over rows and columns, as here
		shape := append(slices.Repeat([]int{1}, max(0, l.rank-1)), n)
		return []form{{parts: []part{alike("alpha", p, shape...)}}}
	}
	v := alike("weight", p)
	v.pieces[0].at = l.order
	return []form{{parts: []part{v}}}
}

// recurrent are the tensors of one direction.
func (l *layer) recurrent(f Framework, direction string) []part {
	w, u, b := l.params["weight"], l.params["recurrent"], l.params["bias"]
	units := u.Value.Shape()[0]
	d, gru := l.params["recurrent_bias"]
	if f == Keras {
		parts := []part{alike("kernel", w), alike("recurrent_kernel", u), alike("bias", b)}
		if gru {
			parts[2] = part{"bias", []int{2, 3 * units}, []piece{{of: b}, {of: d}}}
		}
		return parts
	}
	wi, wh, bi, bh := turned("weight_ih_l0"+direction, w, 1, 0), turned("weight_hh_l0"+direction, u, 1, 0), alike("bias_ih_l0"+direction, b), alike("bias_hh_l0"+direction, b)
	bh.pieces[0].added = true
	if gru { // r, z, n there; z, r, n here
		order := slices.Concat(span(units, units), span(0, units), span(2*units, units))
		gates := func(p graph.Param) []int {
			var at []int
			for _, c := range order {
				at = append(at, columns(p, c, 1)...)
			}
			return at
		}
		wi.pieces[0].at, wh.pieces[0].at = gates(w), gates(u)
		bi.pieces[0].at = order
		bh.pieces[0] = piece{of: d, at: order}
	}
	return []part{wi, wh, bi, bh}
}

func (l *layer) attention(f Framework, kind layers.Attention) []form {
	out, outBias := l.params["output"], l.params["output_bias"]
	width, features := out.Value.Shape()[0], out.Value.Shape()[1]
	// Queries, keys and values: each a matrix [in,width] within one of ours, and its bias.
	type third struct {
		w, b  graph.Param
		first int // column
	}
	var all [3]third
	if w, ok := l.params["weight"]; ok {
		for i := range all {
			all[i] = third{w, l.params["bias"], i * width}
		}
	} else {
		m, mb := l.params["memory"], l.params["memory_bias"]
		all = [3]third{{l.params["query"], l.params["query_bias"], 0}, {m, mb, 0}, {m, mb, width}}
	}
	if f == Keras {
		heads := kind.Heads
		size := width / heads
		var parts []part
		for i, n := range []string{"query", "key", "value"} {
			t := all[i]
			parts = append(parts, part{n + "/kernel", []int{t.w.Value.Shape()[0], heads, size}, []piece{{of: t.w, at: rows(t.w, t.first, width)}}},
				part{n + "/bias", []int{heads, size}, []piece{{of: t.b, at: span(t.first, width)}}})
		}
		return []form{{parts: append(parts, alike("attention_output/kernel", out, heads, size, features), alike("attention_output/bias", outBias))}}
	}
	var weight, bias []piece
	same := true
	for _, t := range all {
		weight = append(weight, piece{of: t.w, at: columns(t.w, t.first, width)})
		bias = append(bias, piece{of: t.b, at: span(t.first, width)})
		same = same && t.w.Value.Shape()[0] == features
	}
	if width != features { // which PyTorch's cannot be
		return nil
	}
	parts := []part{{"in_proj_weight", []int{3 * width, features}, weight}}
	if !same {
		parts = nil
		for i, n := range []string{"q", "k", "v"} {
			parts = append(parts, part{n + "_proj_weight", []int{width, all[i].w.Value.Shape()[0]}, weight[i : i+1]})
		}
	}
	return []form{{parts: append(parts, part{"in_proj_bias", []int{3 * width}, bias}, turned("out_proj.weight", out, 1, 0), alike("out_proj.bias", outBias))}}
}

// size is how many elements a shape has.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// String is what messages say of a form: "weight [64,784], bias [64]".
func (f form) String() string {
	var all []string
	for _, p := range f.parts {
		all = append(all, strings.TrimSpace(p.name+" "+shown(p.shape)))
	}
	return strings.Join(all, ", ")
}

func shown(shape []int) string { return strings.ReplaceAll(fmt.Sprint(shape), " ", ",") }
