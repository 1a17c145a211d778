package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Recurrent says over what a recurrent op goes.
type Recurrent struct {
	Sequence bool             // the state after each step, [batch,time,units]; else the last one, [batch,units]
	Lengths  *gorgonia.Node   // int32 [batch], from 0 to time: the steps of each sample; nil: all
	First    []*gorgonia.Node // the state before the first step, [batch,units], of an LSTM two: h and c; none: 0
}

// A recurrence is a whole recurrent layer as one op: what its kinds have in common. Its forward op goes over the steps, some samples a thread: what a step takes in, of all
// samples, is one matrix of rows h|1|x, whose product with the weights wh, b and wx under one another is the gates' sums; the weights are packed once, and the gates are one pass.
// Where a sample is over, its state stays, and what it puts out is 0.
//
// Backward, one op goes over the steps from the last to the first and leaves the gradient of the gates' sums. The gradients of weights and bias are then one product over all
// samples and steps, and are what nothing is computed of where nobody asks.
//
// What is kept of each step lies by steps, [time,batch,…]: the rows that a product takes would else be a multiple of a page apart, and want the same place in the nearest cache.
type recurrence struct {
	kind                   kind
	batch, time, in, units int
	sequence               bool
	lengths                int // which input of the op they are; -1: none
	first                  int // which input of the op the first state is; -1: none
	seen                   *op // [time,batch,units+1+in]: the state before each step, 1, and the input
	inner                  *op // of a GRU: the gradient of the state's sums, [time,batch,3·units]
	dFirst                 []*op

	f32 recurrentRun[float32]
	f64 recurrentRun[float64]
}

// A kind is what a recurrent layer does at a step.
type kind struct {
	name   string
	gates  int
	kept   int  // states that are kept: of a GRU what its candidate takes of the state, of an LSTM c
	apart  bool // the state's sums, with a bias of their own, are not added to the input's: GRU
	memory int  // states that go from step to step
	f32    cell[float32]
	f64    cell[float64]
}

// A cell is one step of one sample. It is given its part of what is kept, all of units elements but gates and inner.
type cell[T float] interface {
	// forward turns the sums into gates and makes h of h0, and where there is one c of c0.
	forward(gates, inner, h0, h, c0, c []T)
	// backward makes the gradient dz of the sums, and inner, that of the state's, where they are apart, of dh. dh and dc become what goes past the sums to h0 and c0.
	backward(dz, inner, gates, h0, h, c0, c, dh, dc []T)
}

// recurrentRun is what a run keeps for the way back.
type recurrentRun[T float] struct {
	cell    cell[T]
	weights []T // wh, b and wx under one another; where the sums are apart wh, bh, b and wx
	input   blas.Packed[T]
	state   blas.Packed[T] // with the input's under it, unless their sums are apart
	back    blas.Packed[T]
	gates   []T // [time,batch,gates·units]; on the way back their gradient
	kept    []T // [time+1,batch,units]: an LSTM's c before each step and at last; of a GRU [time+1,batch,units] too
	last    []T // [batch,units]: the last state
	sums    []T // [batch,gates·units]: a GRU's sums of the state
	dh, dc  []T // [batch,units]
}

// recurrent makes the op. The inputs are x, wx, wh and the biases.
func recurrent(k kind, o Recurrent, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	fail := func(format string, args ...any) (*gorgonia.Node, error) {
		return nil, fmt.Errorf(k.name+": "+format, args...)
	}
	if err := missing(k.name, in...); err != nil {
		return nil, err
	}
	x, wx, wh := in[0], in[1], in[2]
	if x.Dims() != 3 || wx.Dims() != 2 || wh.Dims() != 2 || features(x) != wx.Shape()[0] || wh.Shape()[1] != k.gates*wh.Shape()[0] || wx.Shape()[1] != wh.Shape()[1] {
		return fail("got x %v, weights %v and %v, want [batch,time,in], [in,%d·units], [units,%d·units]", x.Shape(), wx.Shape(), wh.Shape(), k.gates, k.gates)
	}
	r := &recurrence{kind: k, batch: x.Shape()[0], time: x.Shape()[1], in: features(x), units: wh.Shape()[0], sequence: o.Sequence, lengths: -1, first: -1}
	r.f32.cell, r.f64.cell = k.f32, k.f64
	for _, b := range in[3:] {
		if b.Dims() != 1 || b.Shape()[0] != k.gates*r.units {
			return fail("got a bias of shape %v, want [%d]", b.Shape(), k.gates*r.units)
		}
	}
	if o.Lengths != nil {
		if s := o.Lengths.Shape(); len(s) != 1 || s[0] != r.batch || o.Lengths.Dtype() != tensor.Int32 {
			return fail("got lengths of shape %v of %v, want int32 [%d], one a sample", s, o.Lengths.Dtype(), r.batch)
		}
		r.lengths = len(in)
		in = append(in, o.Lengths)
	}
	if len(o.First) > 0 {
		if len(o.First) != k.memory {
			return fail("got %d nodes as the first state, want %d", len(o.First), k.memory)
		}
		if err := missing(k.name, o.First...); err != nil {
			return nil, err
		}
		for _, f := range o.First {
			if s := f.Shape(); len(s) != 2 || s[0] != r.batch || s[1] != r.units {
				return fail("got a first state of shape %v, want [%d,%d]", s, r.batch, r.units)
			}
		}
		r.first = len(in)
		in = append(in, o.First...)
	}
	return r.node(in)
}

// width is how many sums a step of a sample has; wide how many numbers go into them.
func (r *recurrence) width() int { return r.kind.gates * r.units }
func (r *recurrence) wide() int  { return r.units + 1 + r.in }

// node is the forward op.
func (r *recurrence) node(in gorgonia.Nodes) (*gorgonia.Node, error) {
	k, width := r.kind, r.width()
	r.seen = &op{name: k.name + " steps", shape: tensor.Shape{r.time, r.batch, r.wide()}}
	r.seen.asWritten()
	shape := tensor.Shape{r.batch, r.units}
	if r.sequence {
		shape = tensor.Shape{r.batch, r.time, r.units}
	}
	o := &op{name: k.name, shape: shape}
	o.ids = r.ids(r.lengths, len(in))
	o.run32 = func(y []float32, v [][]float32) { r.f32.forward(r, y, v, r.lengthsOf(o, r.lengths), r.seen.own32()) }
	o.run64 = func(y []float64, v [][]float64) { r.f64.forward(r, y, v, r.lengthsOf(o, r.lengths), r.seen.own64()) }
	o.differ = func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
		dz, err := r.backward(v, y, dy)
		if err != nil {
			return nil, err
		}
		grads := make(gorgonia.Nodes, len(v))
		if grads[0], err = r.ofInput(dz, v[1]); err != nil {
			return nil, err
		}
		seen, err := apply(r.seen, y)
		if err != nil {
			return nil, err
		}
		var ofState, ofInput *gorgonia.Node
		if k.apart {
			inner, err := apply(r.inner, dz)
			if err != nil {
				return nil, err
			}
			if ofState, err = r.ofWeights(seen, inner, 0, r.units+1); err != nil {
				return nil, err
			}
			if ofInput, err = r.ofWeights(seen, dz, r.units, r.wide()); err != nil {
				return nil, err
			}
			if grads[4], err = part(ofState, r.units*width, tensor.Shape{width}); err != nil {
				return nil, err
			}
			if grads[3], err = part(ofInput, 0, tensor.Shape{width}); err != nil {
				return nil, err
			}
			if grads[1], err = part(ofInput, width, v[1].Shape()); err != nil {
				return nil, err
			}
		} else {
			if ofState, err = r.ofWeights(seen, dz, 0, r.wide()); err != nil {
				return nil, err
			}
			if grads[3], err = part(ofState, r.units*width, tensor.Shape{width}); err != nil {
				return nil, err
			}
			if grads[1], err = part(ofState, (r.units+1)*width, v[1].Shape()); err != nil {
				return nil, err
			}
		}
		if grads[2], err = part(ofState, 0, v[2].Shape()); err != nil {
			return nil, err
		}
		if r.lengths >= 0 {
			grads[r.lengths] = v[r.lengths] // has none
		}
		for i, d := range r.dFirst {
			if grads[r.first+i], err = apply(d, dz); err != nil {
				return nil, err
			}
		}
		return grads, nil
	}
	return apply(o, in...)
}

// ofWeights is the gradient of the weights that the columns from one to another of what is seen meet, from that of the sums.
func (r *recurrence) ofWeights(seen, dz *gorgonia.Node, from, to int) (*gorgonia.Node, error) {
	m, width, rows, wide := to-from, r.width(), r.time*r.batch, r.wide()
	return apply(&op{
		name:  "∂weights of " + r.kind.name,
		shape: tensor.Shape{m, width},
		run32: func(out []float32, in [][]float32) {
			blas.Gemm32(true, false, m, width, rows, 1, in[0][from:], wide, in[1], width, 0, out, width)
		},
		run64: func(out []float64, in [][]float64) {
			blas.Gemm64(true, false, m, width, rows, 1, in[0][from:], wide, in[1], width, 0, out, width)
		},
	}, seen, dz)
}

// ofInput is the gradient of x, from that of the sums: their product with wxᵀ, back in the order of x.
func (r *recurrence) ofInput(dz, wx *gorgonia.Node) (*gorgonia.Node, error) {
	dx, err := matmul(dz, wx, false, true, r.time*r.batch, r.in, r.width(), tensor.Shape{r.time, r.batch, r.in})
	if err != nil {
		return nil, err
	}
	return apply(&op{
		name:  "by samples",
		shape: tensor.Shape{r.batch, r.time, r.in},
		run32: func(out []float32, in [][]float32) { bySamples(r, out, in[0]) },
		run64: func(out []float64, in [][]float64) { bySamples(r, out, in[0]) },
	}, dx)
}

func bySamples[T float](r *recurrence, out, in []T) {
	parallel.For(r.batch, max(1, grain/(r.time*r.in)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for t := range r.time {
				copy(out[(i*r.time+t)*r.in:][:r.in], in[(t*r.batch+i)*r.in:])
			}
		}
	})
}

// part is what lies in a node's elements from one on, in a shape.
func part(of *gorgonia.Node, from int, shape tensor.Shape) (*gorgonia.Node, error) {
	return apply(&op{
		name:  "part of " + of.Op().String(),
		shape: shape.Clone(),
		run32: func(out []float32, in [][]float32) { copy(out, in[0][from:]) },
		run64: func(out []float64, in [][]float64) { copy(out, in[0][from:]) },
	}, of)
}

// backward is the op of the gradient of the gates' sums, [time,batch,gates·units]; the ops that read what it leaves beside it are made with it.
func (r *recurrence) backward(v gorgonia.Nodes, y, dy *gorgonia.Node) (*gorgonia.Node, error) {
	k := r.kind
	in := gorgonia.Nodes{dy, y, v[2]}
	lengths := -1
	if r.lengths >= 0 {
		lengths = len(in)
		in = append(in, v[r.lengths])
	}
	sums := tensor.Shape{r.time, r.batch, r.width()}
	r.inner = &op{name: "∂" + k.name + " of the state", shape: sums}
	r.inner.asWritten()
	r.dFirst = nil
	if r.first >= 0 {
		for range k.memory {
			d := &op{name: "∂" + k.name + " of the first state", shape: tensor.Shape{r.batch, r.units}}
			d.asWritten()
			r.dFirst = append(r.dFirst, d)
		}
	}
	o := &op{name: "∂" + k.name, shape: sums.Clone()}
	o.ids = r.ids(lengths, len(in))
	o.run32 = func(dz []float32, v [][]float32) {
		r.f32.backward(r, dz, v[0], v[2], r.lengthsOf(o, lengths), (*op).own32)
	}
	o.run64 = func(dz []float64, v [][]float64) {
		r.f64.backward(r, dz, v[0], v[2], r.lengthsOf(o, lengths), (*op).own64)
	}
	return apply(o, in...)
}

// ids is op.ids where one input of so many is lengths.
func (r *recurrence) ids(at, inputs int) [][]int32 {
	if at < 0 {
		return nil
	}
	ids := make([][]int32, inputs)
	ids[at] = noIDs
	return ids
}

// lengthsOf are a run's lengths, nil where there are none.
func (r *recurrence) lengthsOf(o *op, at int) []int32 {
	if at < 0 {
		return nil
	}
	checkLengths(o.ids[at], r.time)
	return o.ids[at]
}

// checkLengths panics, which becomes the run's error, where a length is out of range.
func checkLengths(lengths []int32, time int) {
	for i, n := range lengths {
		if n < 0 || int(n) > time {
			panic(fmt.Sprintf("got length %d of sample %d, want 0 to %d, the steps that there are", n, i, time))
		}
	}
}

// asWritten makes an op whose output another op writes when it runs: its own run does nothing.
func (o *op) asWritten() {
	o.run32, o.run64 = func([]float32, [][]float32) {}, func([]float64, [][]float64) {}
}

func (o *op) own32() []float32 {
	o.buf.out32 = resized(o.buf.out32, o.shape.TotalSize())
	return o.buf.out32
}
func (o *op) own64() []float64 {
	o.buf.out64 = resized(o.buf.out64, o.shape.TotalSize())
	return o.buf.out64
}

// steps is how many steps a sample has.
func (r *recurrence) steps(lengths []int32, sample int) int {
	if lengths == nil {
		return r.time
	}
	return int(lengths[sample])
}

// shareRows is how few samples are worth another thread.
const shareRows = 2

func (m *recurrentRun[T]) forward(r *recurrence, y []T, v [][]T, lengths []int32, seen []T) {
	n, width, wide := r.units, r.width(), r.wide()
	m.gates = resized(m.gates, r.batch*r.time*width)
	m.kept = resized(m.kept, r.kind.kept*r.batch*(r.time+1)*n)
	m.last = resized(m.last, r.batch*n)
	var h0, c0 []T
	if r.first >= 0 {
		if h0 = v[r.first]; r.kind.memory > 1 {
			c0 = v[r.first+1]
		}
	}
	m.pack(r, v)
	parallel.For(r.batch, shareRows, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			begin(seen[i*wide:][:n], h0, i)
			if r.kind.kept > 0 {
				begin(m.kept[i*n:][:n], c0, i)
			}
			for t := range r.time {
				row := seen[(t*r.batch+i)*wide+n:]
				row[0] = 1
				copy(row[1:1+r.in], v[0][(i*r.time+t)*r.in:])
			}
		}
		for t := range r.time {
			at := t*r.batch + lo
			gates, rows := m.gates[at*width:], seen[at*wide:]
			if r.kind.apart || t == 0 && h0 == nil {
				m.input.Multiply(hi-lo, rows[n:], wide, 0, gates, width)
			}
			switch {
			case r.kind.apart:
				m.state.Multiply(hi-lo, rows, wide, 0, m.sums[lo*width:], width)
			case t > 0 || h0 != nil:
				m.state.Multiply(hi-lo, rows, wide, 0, gates, width)
			}
			for i := lo; i < hi; i++ {
				m.step(r, i, t, t < r.steps(lengths, i), y, seen)
			}
		}
	})
}

// pack puts the weights under one another, as what is seen wants them.
func (m *recurrentRun[T]) pack(r *recurrence, v [][]T) {
	n, width := r.units, r.width()
	m.weights = m.weights[:0]
	m.weights = append(m.weights, v[2]...)
	if r.kind.apart {
		m.sums = resized(m.sums, r.batch*width)
		m.weights = append(m.weights, v[4]...)
	}
	m.weights = append(append(m.weights, v[3]...), v[1]...)
	input := m.weights[len(m.weights)-(1+r.in)*width:]
	m.input.Pack(false, width, 1+r.in, input, width)
	depth := r.wide()
	if r.kind.apart {
		depth = n + 1
	}
	m.state.Pack(false, width, depth, m.weights, width)
}

// begin writes a sample's first state, 0 where there is none.
func begin[T float](dst, first []T, sample int) {
	if first == nil {
		clear(dst)
		return
	}
	copy(dst, first[sample*len(dst):])
}

// step is a step of one sample, or, where it is over, what stays of the step before.
func (m *recurrentRun[T]) step(r *recurrence, i, t int, alive bool, y, seen []T) {
	n, width := r.units, r.width()
	before, after := m.around(r, i, t, seen)
	c0, c := m.memories(r, i, t)
	if alive {
		var inner []T
		if r.kind.apart {
			inner = m.sums[i*width:][:width]
		}
		m.cell.forward(m.gates[(t*r.batch+i)*width:][:width], inner, before, after, c0, c)
	} else {
		copy(after, before)
		copy(c, c0)
	}
	switch {
	case !r.sequence && t+1 == r.time:
		copy(y[i*n:], after)
	case r.sequence && alive:
		copy(y[(i*r.time+t)*n:], after)
	case r.sequence:
		clear(y[(i*r.time+t)*n:][:n])
	}
}

// around is a sample's state before a step and after it.
func (m *recurrentRun[T]) around(r *recurrence, i, t int, seen []T) (before, after []T) {
	n, wide := r.units, r.wide()
	before, after = seen[(t*r.batch+i)*wide:][:n], m.last[i*n:][:n]
	if t+1 < r.time {
		after = seen[((t+1)*r.batch+i)*wide:][:n]
	}
	return before, after
}

// memories are what is kept of a sample before and after a step.
func (m *recurrentRun[T]) memories(r *recurrence, i, t int) (before, after []T) {
	if r.kind.kept == 0 {
		return nil, nil
	}
	n := r.units
	return m.kept[(t*r.batch+i)*n:][:n], m.kept[((t+1)*r.batch+i)*n:][:n]
}

func (m *recurrentRun[T]) backward(r *recurrence, dz, dy, wh []T, lengths []int32, own func(*op) []T) {
	n, width := r.units, r.width()
	seen := own(r.seen)
	m.dh, m.dc = resized(m.dh, r.batch*n), resized(m.dc, r.batch*n)
	ofState := dz
	if r.kind.apart {
		ofState = own(r.inner)
	}
	var dh0, dc0 []T
	for i, d := range r.dFirst {
		if i == 0 {
			dh0 = own(d)
		} else {
			dc0 = own(d)
		}
	}
	m.back.Pack(true, n, width, wh, width)
	parallel.For(r.batch, shareRows, func(lo, hi int) {
		clear(m.dh[lo*n : hi*n])
		clear(m.dc[lo*n : hi*n])
		for t := r.time - 1; t >= 0; t-- {
			for i := lo; i < hi; i++ {
				m.stepBack(r, i, t, r.steps(lengths, i), dz, ofState, dy, seen)
			}
			if t == 0 && dh0 == nil {
				break
			}
			beta := T(0)
			if r.kind.apart {
				beta = 1 // a GRU's state goes past the sums, too
			}
			m.back.Multiply(hi-lo, ofState[(t*r.batch+lo)*width:], width, beta, m.dh[lo*n:], n)
		}
		for i := lo; i < hi && dh0 != nil; i++ {
			dh := dh0[i*n:][:n]
			switch {
			case r.steps(lengths, i) > 0:
				copy(dh, m.dh[i*n:])
			case r.sequence:
				clear(dh)
			default:
				copy(dh, dy[i*n:])
			}
			if dc0 != nil {
				copy(dc0[i*n:][:n], m.dc[i*n:])
			}
		}
	})
	m.gates = dz // from now on they lie where their gradient goes: a step back then touches half the memory
}

// stepBack goes from the gradient of a sample's state after a step to that of the sums.
func (m *recurrentRun[T]) stepBack(r *recurrence, i, t, steps int, dz, ofState, dy, seen []T) {
	n, width := r.units, r.width()
	at := (t*r.batch + i) * width
	if t >= steps {
		clear(dz[at:][:width])
		clear(ofState[at:][:width])
		return
	}
	dh := m.dh[i*n:][:n]
	switch {
	case t+1 == steps && !r.sequence:
		copy(dh, dy[i*n:])
	case t+1 == steps:
		copy(dh, dy[(i*r.time+t)*n:])
	case r.sequence:
		vec.SumAccumulate(dh, dy[(i*r.time+t)*n:][:n])
	}
	before, after := m.around(r, i, t, seen)
	c0, c := m.memories(r, i, t)
	var inner []T
	if r.kind.apart {
		inner = ofState[at:][:width]
	}
	m.cell.backward(dz[at:][:width], inner, m.gates[at:][:width], before, after, c0, c, dh, m.dc[i*n:][:n])
}
