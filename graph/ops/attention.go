package ops

import (
	"fmt"
	"math"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Heads says how attention is cut and what it may see.
type Heads struct {
	Count   int            // of heads, which share the width
	Causal  bool           // a place sees itself and those before it
	Lengths *gorgonia.Node // int32 [batch], from 0 to the number of keys: those that may be seen; nil: all
}

// SelfAttention is scaled dot-product attention (Vaswani et al. 2017) of a sequence to itself: x is queries, keys and values side by side, [batch,time,3·width], the
// result [batch,time,width]. Of each head, width/heads columns of each,
//
//	softmax(q·kᵀ/√(width/heads))·v
//
// over the keys that a place may see; where there are none the result is 0, and so is its gradient. The weights, [time,time], are not kept: the gradient computes them again,
// some rows at a time.
func SelfAttention(x *gorgonia.Node, h Heads) (*gorgonia.Node, error) {
	if err := missing("attention", x); err != nil {
		return nil, err
	}
	if x.Dims() != 3 || features(x)%3 != 0 {
		return nil, fmt.Errorf("attention: got shape %v, want queries, keys and values side by side, [batch,time,3·width]", x.Shape())
	}
	s, width := x.Shape(), features(x)/3
	a := &attention{batch: s[0], queries: s[1], keys: s[1], width: width, heads: h, lengths: -1}
	a.q, a.k, a.v = place{0, 0, 3 * width}, place{0, width, 3 * width}, place{0, 2 * width, 3 * width}
	return a.node(x)
}

// CrossAttention is SelfAttention where the queries, [batch,time,width], are of one sequence, and keys and values side by side, [batch,steps,2·width], of another. Causal: query i
// sees the keys up to i.
func CrossAttention(queries, memory *gorgonia.Node, h Heads) (*gorgonia.Node, error) {
	if err := missing("attention", queries, memory); err != nil {
		return nil, err
	}
	q, m := queries.Shape(), memory.Shape()
	if len(q) != 3 || len(m) != 3 || q[0] != m[0] || m[2] != 2*q[2] {
		return nil, fmt.Errorf("attention: got shapes %v and %v, want [batch,time,width] and [batch,steps,2·width]", q, m)
	}
	a := &attention{batch: q[0], queries: q[1], keys: m[1], width: q[2], heads: h, lengths: -1}
	a.q, a.k, a.v = place{0, 0, q[2]}, place{1, 0, m[2]}, place{1, q[2], m[2]}
	return a.node(queries, memory)
}

// attention is what both have in common.
type attention struct {
	batch, queries, keys, width int
	heads                       Heads
	q, k, v                     place
	lengths                     int // which input of the op they are; -1: none
	scratch                     sync.Pool
}

// A place is where queries, keys or values lie: in which input, from which column of rows of what length.
type place struct{ input, column, stride int }

func (a *attention) node(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	h := a.heads
	if h.Count < 1 || a.width%h.Count != 0 {
		return nil, fmt.Errorf("attention: got %d heads for a width of %d, want at least 1, and the width a multiple of them", h.Count, a.width)
	}
	o := &op{name: "attention", shape: tensor.Shape{a.batch, a.queries, a.width}}
	if l := h.Lengths; l != nil {
		if s := l.Shape(); len(s) != 1 || s[0] != a.batch || l.Dtype() != tensor.Int32 {
			return nil, fmt.Errorf("attention: got lengths of shape %v of %v, want int32 [%d], one a sample", s, l.Dtype(), a.batch)
		}
		a.lengths = len(in)
		in = append(in, l)
		o.ids = make([][]int32, len(in))
		o.ids[a.lengths] = noIDs
	}
	o.run32 = func(y []float32, v [][]float32) { attend(a, y, v, a.seen(o, a.lengths)) }
	o.run64 = func(y []float64, v [][]float64) { attend(a, y, v, a.seen(o, a.lengths)) }
	o.differ = func(v gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) { return a.backward(v, dy) }
	return apply(o, in...)
}

// backward is the op of the gradient of the first input; that of the second is an op that reads what it leaves beside.
func (a *attention) backward(v gorgonia.Nodes, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	o := &op{name: "∂attention", shape: v[0].Shape().Clone()}
	in := append(gorgonia.Nodes{dy}, v...)
	if a.lengths >= 0 {
		o.ids = make([][]int32, len(in))
		o.ids[a.lengths+1] = noIDs
	}
	memory := &op{name: "∂attention of the memory"}
	memory.asWritten()
	cross := a.k.input == 1
	if cross {
		memory.shape = v[1].Shape().Clone()
	}
	lengths := a.lengths
	if lengths >= 0 {
		lengths++
	}
	o.run32 = func(dq []float32, v [][]float32) {
		d := [][]float32{dq, nil}
		if cross {
			d[1] = memory.own32()
		}
		attendGrad(a, d, v[0], v[1:], a.seen(o, lengths))
	}
	o.run64 = func(dq []float64, v [][]float64) {
		d := [][]float64{dq, nil}
		if cross {
			d[1] = memory.own64()
		}
		attendGrad(a, d, v[0], v[1:], a.seen(o, lengths))
	}
	grads := make(gorgonia.Nodes, len(v))
	var err error
	if grads[0], err = apply(o, in...); err == nil && cross {
		grads[1], err = apply(memory, grads[0])
	}
	if a.lengths >= 0 {
		grads[a.lengths] = v[a.lengths] // has none
	}
	return grads, err
}

// seen says how many keys of a sample may be seen.
func (a *attention) seen(o *op, at int) func(sample int) int {
	if at < 0 {
		return func(int) int { return a.keys }
	}
	lengths := o.ids[at]
	checkLengths(lengths, a.keys)
	return func(sample int) int { return int(lengths[sample]) }
}

// rows is how many queries are worked on at once: their weights stay in the second-level cache.
func (a *attention) rows() int { return min(a.queries, max(16, 16384/a.keys)) }

// headOf is a head of a sample, from a place on.
func headOf[T float](a *attention, x []T, p place, rows, sample, head int) []T {
	return x[sample*rows*p.stride+p.column+head*(a.width/a.heads.Count):]
}

// each calls f for every head of every sample, with room for the weights of two blocks of rows, and a number a row.
func each[T float](a *attention, f func(sample, head int, room []T)) {
	n := 2*a.rows()*a.keys + a.rows()
	parallel.For(a.batch*a.heads.Count, 1, func(lo, hi int) {
		room, _ := a.scratch.Get().(*[]T)
		if room == nil {
			s := make([]T, n)
			room = &s
		}
		for i := lo; i < hi; i++ {
			f(i/a.heads.Count, i%a.heads.Count, *room)
		}
		a.scratch.Put(room)
	})
}

// weights computes the weights of queries from row first on, e^(s − max), of as many keys as the last of them sees, and returns that number; and one over the sum of each row.
func weights[T float](a *attention, p, shares []T, q, k []T, first, rows, seen int) int {
	size := a.width / a.heads.Count
	keys := seen
	if a.heads.Causal {
		keys = min(seen, first+rows)
	}
	blas.Serial(false, true, rows, keys, size, T(1/math.Sqrt(float64(size))), q[first*a.q.stride:], a.q.stride, k, a.k.stride, 0, p, keys)
	for i := range rows {
		w := p[i*keys:][:keys]
		n := keys
		if a.heads.Causal {
			n = min(keys, first+i+1)
			clear(w[n:])
		}
		shares[i] = T(1 / vec.SumExp(w[:n], w[:n], vec.Max(w[:n])))
	}
	return keys
}

func attend[T float](a *attention, y []T, v [][]T, seen func(int) int) {
	size := a.width / a.heads.Count
	out := place{0, 0, a.width}
	each(a, func(sample, head int, room []T) {
		q, k, val := headOf(a, v[a.q.input], a.q, a.queries, sample, head), headOf(a, v[a.k.input], a.k, a.keys, sample, head), headOf(a, v[a.v.input], a.v, a.keys, sample, head)
		o := headOf(a, y, out, a.queries, sample, head)
		n := seen(sample)
		for first := 0; first < a.queries; first += a.rows() {
			rows := min(a.rows(), a.queries-first)
			to := o[first*a.width:]
			if n == 0 {
				for i := range rows {
					clear(to[i*a.width:][:size])
				}
				continue
			}
			shares := room[len(room)-a.rows():]
			keys := weights(a, room, shares, q, k, first, rows, n)
			blas.Serial(false, false, rows, size, keys, 1, room, keys, val, a.v.stride, 0, to, a.width)
			for i, share := range shares[:rows] {
				row := to[i*a.width:][:size]
				vec.Scale(row, row, share)
			}
		}
	})
}

func attendGrad[T float](a *attention, d [][]T, dy []T, v [][]T, seen func(int) int) {
	size := a.width / a.heads.Count
	scale := T(1 / math.Sqrt(float64(size)))
	out := place{0, 0, a.width}
	each(a, func(sample, head int, room []T) {
		at := func(x [][]T, p place, rows int) []T { return headOf(a, x[p.input], p, rows, sample, head) }
		q, k, val := at(v, a.q, a.queries), at(v, a.k, a.keys), at(v, a.v, a.keys)
		dq, dk, dval := at(d, a.q, a.queries), at(d, a.k, a.keys), at(d, a.v, a.keys)
		do := headOf(a, dy, out, a.queries, sample, head)
		n := seen(sample)
		for i := range a.keys {
			clear(dk[i*a.k.stride:][:size])
			clear(dval[i*a.v.stride:][:size])
		}
		if n == 0 {
			for i := range a.queries {
				clear(dq[i*a.q.stride:][:size])
			}
			return
		}
		block := a.rows() * a.keys
		p, ds, shares := room[:block], room[block:2*block], room[2*block:]
		for first := 0; first < a.queries; first += a.rows() {
			rows := min(a.rows(), a.queries-first)
			from := do[first*a.width:]
			keys := weights(a, p, shares, q, k, first, rows, n)
			for i, share := range shares[:rows] {
				w := p[i*keys:][:keys]
				vec.Scale(w, w, share)
			}
			blas.Serial(true, false, keys, size, rows, 1, p, keys, from, a.width, 1, dval, a.v.stride)
			blas.Serial(false, true, rows, keys, size, 1, from, a.width, val, a.v.stride, 0, ds, keys)
			for i := range rows {
				w, g := p[i*keys:][:keys], ds[i*keys:][:keys]
				vec.SoftmaxGrad(g, w, T(vec.Dot(w, g)), scale)
			}
			blas.Serial(false, false, rows, size, keys, 1, ds, keys, k, a.k.stride, 0, dq[first*a.q.stride:], a.q.stride)
			blas.Serial(true, false, keys, size, rows, 1, ds, keys, q[first*a.q.stride:], a.q.stride, 1, dk, a.k.stride)
		}
	})
}
