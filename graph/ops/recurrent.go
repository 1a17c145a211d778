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

// A recurrence is a whole recurrent layer as one op: what its kinds have in common. Its forward op goes over the steps, some samples a thread: the input's product, the state's,
// whose weights are packed once, and the gates in one pass. Where a sample is over, its state stays, and what it puts out is 0.
//
// Backward, one op goes over the steps from the last to the first and leaves the gradient of the gates' sums, [batch,time,gates·units]. The weights' gradients are then one
// product each over all samples and steps, and are what nothing is computed of where nobody asks.
type recurrence struct {
	kind                   kind
	batch, time, in, units int
	sequence               bool
	lengths                int // which input of the op they are; -1: none
	first                  int // which input of the op the first state is; -1: none
	states                 *op // [batch,time,units]: the state before each step
	inner                  *op // of a GRU: the gradient of the state's sums, [batch,time,3·units]
	dFirst                 []*op

	f32 recurrentRun[float32]
	f64 recurrentRun[float64]
}

// A kind is what a recurrent layer does at a step.
type kind struct {
	name   string
	gates  int
	kept   int  // states that are kept: of a GRU what its candidate takes of the state, of an LSTM c
	apart  bool // the state's sums are not added to the input's: GRU
	memory int  // states that go from step to step
	f32    cell[float32]
	f64    cell[float64]
}

// A cell is one step of one sample. It is given its part of what is kept, all of units elements but gates and inner.
type cell[T float] interface {
	// forward turns the sums into gates and makes h of h0, and where there is one c of c0.
	forward(gates, inner []T, bias [][]T, h0, h, c0, c []T)
	// backward makes the gradient dz of the sums, and inner, that of the state's, where they are apart, of dh. dh and dc become what goes past the sums to h0 and c0.
	backward(dz, inner, gates, h0, h, c0, c, dh, dc []T)
}

// recurrentRun is what a run keeps for the way back.
type recurrentRun[T float] struct {
	cell   cell[T]
	wx, wh blas.Packed[T]
	back   blas.Packed[T]
	gates  []T // [batch,time,gates·units]
	kept   []T // [batch,time+1,units]: an LSTM's c before each step and at last; of a GRU [batch,time+1,units] too
	last   []T // [batch,units]: the last state
	sums   []T // [batch,gates·units]: a GRU's sums of the state
	dh, dc []T // [batch,units]
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

// node is the forward op.
func (r *recurrence) node(in gorgonia.Nodes) (*gorgonia.Node, error) {
	k := r.kind
	width := k.gates * r.units
	r.states = &op{name: k.name + " states", shape: tensor.Shape{r.batch, r.time, r.units}}
	r.states.asWritten()
	shape := tensor.Shape{r.batch, r.units}
	if r.sequence {
		shape = r.states.shape
	}
	o := &op{name: k.name, shape: shape.Clone()}
	o.ids = r.ids(r.lengths, len(in))
	o.run32 = func(y []float32, v [][]float32) { r.f32.forward(r, y, v, r.lengthsOf(o, r.lengths), r.states.own32()) }
	o.run64 = func(y []float64, v [][]float64) { r.f64.forward(r, y, v, r.lengthsOf(o, r.lengths), r.states.own64()) }
	o.differ = func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
		x, wx, wh := v[0], v[1], v[2]
		rows := r.batch * r.time
		dz, err := r.backward(v, y, dy)
		if err != nil {
			return nil, err
		}
		inner := dz
		if k.apart {
			if inner, err = apply(r.inner, dz); err != nil {
				return nil, err
			}
		}
		grads := make(gorgonia.Nodes, len(v))
		if grads[0], err = matmul(dz, wx, false, true, rows, r.in, width, x.Shape()); err != nil {
			return nil, err
		}
		if grads[1], err = matmul(x, dz, true, false, r.in, width, rows, wx.Shape()); err != nil {
			return nil, err
		}
		states, err := apply(r.states, y)
		if err != nil {
			return nil, err
		}
		if grads[2], err = matmul(states, inner, true, false, r.units, width, rows, wh.Shape()); err != nil {
			return nil, err
		}
		if grads[3], err = SumRows(dz); err != nil {
			return nil, err
		}
		if k.apart {
			if grads[4], err = SumRows(inner); err != nil {
				return nil, err
			}
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

// backward is the op of the gradient of the gates' sums; the ops that read what it leaves beside it are made with it.
func (r *recurrence) backward(v gorgonia.Nodes, y, dy *gorgonia.Node) (*gorgonia.Node, error) {
	k := r.kind
	in := gorgonia.Nodes{dy, y, v[2]}
	lengths := -1
	if r.lengths >= 0 {
		lengths = len(in)
		in = append(in, v[r.lengths])
	}
	sums := tensor.Shape{r.batch, r.time, k.gates * r.units}
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

// tileRows is how many rows the kernel of a product takes at once: threads share out so many samples.
const tileRows = 6

func (m *recurrentRun[T]) forward(r *recurrence, y []T, v [][]T, lengths []int32, states []T) {
	n, width := r.units, r.kind.gates*r.units
	m.gates = resized(m.gates, r.batch*r.time*width)
	m.kept = resized(m.kept, r.kind.kept*r.batch*(r.time+1)*n)
	m.last = resized(m.last, r.batch*n)
	if r.kind.apart {
		m.sums = resized(m.sums, r.batch*width)
	}
	biases := v[3:4]
	if r.kind.apart {
		biases = v[3:5]
	}
	var h0, c0 []T
	if r.first >= 0 {
		if h0 = v[r.first]; r.kind.memory > 1 {
			c0 = v[r.first+1]
		}
	}
	m.wx.Pack(false, width, r.in, v[1], width)
	m.wh.Pack(false, width, n, v[2], width)
	parallel.For(r.batch, tileRows, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			begin(states[i*r.time*n:][:n], h0, i)
			if r.kind.kept > 0 {
				begin(m.kept[i*(r.time+1)*n:][:n], c0, i)
			}
		}
		for t := range r.time {
			gates := m.gates[(lo*r.time+t)*width:]
			m.wx.Multiply(hi-lo, v[0][(lo*r.time+t)*r.in:], r.time*r.in, 0, gates, r.time*width)
			state := states[(lo*r.time+t)*n:]
			switch {
			case r.kind.apart:
				m.wh.Multiply(hi-lo, state, r.time*n, 0, m.sums[lo*width:], width)
			case t > 0 || h0 != nil:
				m.wh.Multiply(hi-lo, state, r.time*n, 1, gates, r.time*width)
			}
			for i := lo; i < hi; i++ {
				m.step(r, i, t, t < r.steps(lengths, i), y, biases, states)
			}
		}
	})
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
func (m *recurrentRun[T]) step(r *recurrence, i, t int, alive bool, y []T, biases [][]T, states []T) {
	n, width := r.units, r.kind.gates*r.units
	at := i*r.time + t
	before, after := states[at*n:][:n], m.last[i*n:][:n]
	if t+1 < r.time {
		after = states[(at+1)*n:][:n]
	}
	c0, c, inner := m.memories(r, i, t, m.sums)
	if alive {
		m.cell.forward(m.gates[at*width:][:width], inner, biases, before, after, c0, c)
	} else {
		copy(after, before)
		copy(c, c0)
	}
	switch {
	case !r.sequence && t+1 == r.time:
		copy(y[i*n:], after)
	case r.sequence && alive:
		copy(y[at*n:], after)
	case r.sequence:
		clear(y[at*n:][:n])
	}
}

// memories are what is kept of a sample before and after a step, and its part of what the steps have a row for each sample of.
func (m *recurrentRun[T]) memories(r *recurrence, i, t int, rows []T) (before, after, inner []T) {
	n := r.units
	if r.kind.kept > 0 {
		before, after = m.kept[(i*(r.time+1)+t)*n:][:n], m.kept[(i*(r.time+1)+t+1)*n:][:n]
	}
	if r.kind.apart {
		inner = rows[i*r.kind.gates*n:][:r.kind.gates*n]
	}
	return before, after, inner
}

func (m *recurrentRun[T]) backward(r *recurrence, dz, dy, wh []T, lengths []int32, own func(*op) []T) {
	n, width := r.units, r.kind.gates*r.units
	states := own(r.states)
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
	parallel.For(r.batch, tileRows, func(lo, hi int) {
		clear(m.dh[lo*n : hi*n])
		clear(m.dc[lo*n : hi*n])
		for t := r.time - 1; t >= 0; t-- {
			for i := lo; i < hi; i++ {
				m.stepBack(r, i, t, r.steps(lengths, i), dz, ofState, dy, states)
			}
			if t == 0 && dh0 == nil {
				break
			}
			beta := T(0)
			if r.kind.apart {
				beta = 1 // a GRU's state goes past the sums, too
			}
			m.back.Multiply(hi-lo, ofState[(lo*r.time+t)*width:], r.time*width, beta, m.dh[lo*n:], n)
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
}

// stepBack goes from the gradient of a sample's state after a step to that of the sums.
func (m *recurrentRun[T]) stepBack(r *recurrence, i, t, steps int, dz, ofState, dy, states []T) {
	n, width := r.units, r.kind.gates*r.units
	at := i*r.time + t
	if t >= steps {
		clear(dz[at*width:][:width])
		clear(ofState[at*width:][:width])
		return
	}
	dh := m.dh[i*n:][:n]
	switch {
	case t+1 == steps && !r.sequence:
		copy(dh, dy[i*n:])
	case t+1 == steps:
		copy(dh, dy[at*n:])
	case r.sequence:
		vec.SumAccumulate(dh, dy[at*n:][:n])
	}
	before, after := states[at*n:][:n], m.last[i*n:][:n]
	if t+1 < r.time {
		after = states[(at+1)*n:][:n]
	}
	c0, c, _ := m.memories(r, i, t, ofState)
	var inner []T
	if r.kind.apart {
		inner = ofState[at*width:][:width]
	}
	m.cell.backward(dz[at*width:][:width], inner, m.gates[at*width:][:width], before, after, c0, c, dh, m.dc[i*n:][:n])
}
