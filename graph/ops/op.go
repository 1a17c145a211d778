// Package ops holds Stheno's own Gorgonia ops: the ones in which a training step spends its time, and the ones that
// Gorgonia gets wrong. Each is a function on nodes, as Gorgonia's own are:
//
//	y, err := ops.Dense(x, w, b, ops.Sigmoid)      // σ(x·w + b) in one op
//	loss, err := ops.CrossEntropy(y, target)       // from logits, stable
//
// and each is an ordinary op to Gorgonia: typed, shaped, differentiated symbolically, run by the tape machine. They may be mixed with Gorgonia's
// own. Package graph builds its layers and losses of them; a layer of one's own (graph.LayerFunc) may too.
//
// Two things set them apart. An op instance owns its output buffer, which lives as long as the graph: a step allocates
// nothing, and a node's Value is its own, never a register that a later op has written over. And shapes are checked when
// the node is made, with an error that says what was got and what is wanted, because a panic while a machine runs
// would end the process.
//
// Tensors are row-major, float32 or float64; a batch is a matrix with one sample a row.
package ops

import (
	"fmt"
	"hash"
	"hash/fnv"
	"sync/atomic"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type float interface{ float32 | float64 }

// A kernel computes out from in; all are row-major and of the sizes that the op checked when it was made. A scalar is a slice of one.
type kernel[T float] func(out []T, in [][]T)

// op is every op of this package: the constructors in the other files fill it in.
type op struct {
	name   string
	shape  tensor.Shape // of the output
	ranks  []int        // dimensions of each input
	sizes  []int        // elements of each input
	run32  kernel[float32]
	run64  kernel[float64]
	differ func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) // nil: not differentiable
	wrt    []bool                                                                    // which inputs have a gradient; nil: all

	id      uint32
	buf     buffers
	from    *gorgonia.Node    // Softmax: the logits, for a loss that can do better with them
	factors [2]*gorgonia.Node // MatMul of aᵀ·b: a and b, for a solver that can do better with them
}

// buffers are what an op owns: its output, and room to hand its inputs to a kernel.
type buffers struct {
	dense *tensor.Dense
	f32   gorgonia.F32
	f64   gorgonia.F64
	in32  [][]float32
	in64  [][]float64
	out32 []float32
	out64 []float64
}

var made atomic.Uint32

// apply adds a node that computes o from the inputs.
func apply(o *op, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	o.id = made.Add(1)
	for i, in := range inputs {
		switch dt := in.Dtype(); {
		case dt != tensor.Float32 && dt != tensor.Float64:
			return nil, fmt.Errorf("%s: got elements of type %v as input %d, want float32 or float64", o.name, dt, i)
		case dt != inputs[0].Dtype():
			return nil, fmt.Errorf("%s: got inputs of %v and of %v, want one element type", o.name, inputs[0].Dtype(), dt)
		}
		o.ranks = append(o.ranks, in.Dims())
		o.sizes = append(o.sizes, in.Shape().TotalSize())
	}
	return gorgonia.ApplyOp(o, inputs...)
}

// Do runs the kernel of the inputs' element type. A panic in it becomes an error, since the machine runs ops in a
// goroutine of its own, where nobody else could recover it.
func (o *op) Do(values ...gorgonia.Value) (out gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", o.name, r)
		}
	}()
	if len(values) != len(o.ranks) {
		return nil, fmt.Errorf("%s: got %d inputs, want %d", o.name, len(values), len(o.ranks))
	}
	b := &o.buf
	switch dt := values[0].Dtype(); dt {
	case tensor.Float32:
		b.in32 = b.in32[:0]
		for i, v := range values {
			in, err := slice32(v)
			if err == nil && len(in) != o.sizes[i] {
				err = fmt.Errorf("got %d elements, want %d", len(in), o.sizes[i])
			}
			if err != nil {
				return nil, fmt.Errorf("%s: input %d: %w", o.name, i, err)
			}
			b.in32 = append(b.in32, in)
		}
		if b.out32 == nil {
			b.out32 = make([]float32, o.shape.TotalSize())
		}
		o.run32(b.out32, b.in32)
		if o.shape.IsScalar() {
			b.f32 = gorgonia.F32(b.out32[0])
			return &b.f32, nil
		}
		if b.dense == nil {
			b.dense = tensor.New(tensor.WithShape(o.shape...), tensor.WithBacking(b.out32))
		}
	case tensor.Float64:
		b.in64 = b.in64[:0]
		for i, v := range values {
			in, err := slice64(v)
			if err == nil && len(in) != o.sizes[i] {
				err = fmt.Errorf("got %d elements, want %d", len(in), o.sizes[i])
			}
			if err != nil {
				return nil, fmt.Errorf("%s: input %d: %w", o.name, i, err)
			}
			b.in64 = append(b.in64, in)
		}
		if b.out64 == nil {
			b.out64 = make([]float64, o.shape.TotalSize())
		}
		o.run64(b.out64, b.in64)
		if o.shape.IsScalar() {
			b.f64 = gorgonia.F64(b.out64[0])
			return &b.f64, nil
		}
		if b.dense == nil {
			b.dense = tensor.New(tensor.WithShape(o.shape...), tensor.WithBacking(b.out64))
		}
	default:
		return nil, fmt.Errorf("%s: got elements of type %v, want float32 or float64", o.name, dt)
	}
	return b.dense, nil
}

func slice32(v gorgonia.Value) ([]float32, error) {
	switch v := v.(type) {
	case *tensor.Dense:
		if v.Dtype() == tensor.Float32 && !v.DataOrder().IsColMajor() {
			return contiguous(v).Float32s(), nil
		}
	case *gorgonia.F32:
		return []float32{float32(*v)}, nil
	}
	return nil, fmt.Errorf("got a %T of %v, want a row-major dense tensor of float32", v, v.Dtype())
}

func slice64(v gorgonia.Value) ([]float64, error) {
	switch v := v.(type) {
	case *tensor.Dense:
		if v.Dtype() == tensor.Float64 && !v.DataOrder().IsColMajor() {
			return contiguous(v).Float64s(), nil
		}
	case *gorgonia.F64:
		return []float64{float64(*v)}, nil
	}
	return nil, fmt.Errorf("got a %T of %v, want a row-major dense tensor of float64", v, v.Dtype())
}

// contiguous returns t itself, or a row-major copy where t is a transposed or sliced view of another tensor.
func contiguous(t *tensor.Dense) *tensor.Dense {
	if t.IsMaterializable() {
		return t.Materialize().(*tensor.Dense)
	}
	return t
}

// Ours says whether a node is computed by an op of this package.
func Ours(n *gorgonia.Node) bool {
	_, ours := n.Op().(*op)
	return ours
}

// The rest is what Gorgonia asks of an op.

func (o *op) Arity() int                                            { return len(o.ranks) }
func (o *op) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return o.shape.Clone(), nil }
func (o *op) ReturnsPtr() bool                                      { return true }
func (o *op) CallsExtern() bool                                     { return false } // so that the machine allocates no register for us
func (o *op) OverwritesInput() int                                  { return -1 }
func (o *op) String() string                                        { return o.name }

// WriteHash tells every instance from every other: two nodes must never share one op's buffer.
func (o *op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "stheno %s %d", o.name, o.id) }

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// Type is made anew at each call: Gorgonia's inference returns it to a pool.
func (o *op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.ranks)+1)
	for _, rank := range append(o.ranks[:len(o.ranks):len(o.ranks)], len(o.shape)) {
		types = append(types, tensorType(rank))
	}
	return hm.NewFnType(types...)
}

func tensorType(rank int) hm.Type {
	if rank == 0 {
		return hm.TypeVariable('a')
	}
	return gorgonia.TensorType{Dims: rank, Of: hm.TypeVariable('a')}
}

func (o *op) DiffWRT(inputs int) []bool {
	wrt := make([]bool, inputs)
	if o.differ != nil {
		for i := range wrt {
			wrt[i] = o.wrt == nil || o.wrt[i]
		}
	}
	return wrt
}

func (o *op) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.differ == nil {
		return nil, fmt.Errorf("%s has no derivative", o.name)
	}
	return o.differ(in, out, grad)
}
