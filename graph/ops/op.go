// Package ops holds Stheno's own Gorgonia ops: the ones in which a training step spends its time, and the ones that
// Gorgonia gets wrong. Each is a function on nodes, as Gorgonia's own are:
//
//	y, err := ops.Dense(x, w, b, ops.Identity)         // x·w + b in one op
//	values, err := ops.CrossEntropy(y, target, 0)      // one a row, from logits, stable
//
// and each is an ordinary op to Gorgonia: typed, shaped, differentiated symbolically, run by the tape machine. They may be mixed with Gorgonia's
// own. Package graph builds its layers and losses of them; a layer of one's own (graph.LayerFunc) may too.
//
// Two things set them apart. An op instance owns its output buffer, which lives as long as the graph: a step allocates
// nothing, and a node's Value is its own, never a register that a later op has written over. And shapes are checked when
// the node is made, with an error that says what was got and what is wanted, because a panic while a machine runs
// would end the process.
//
// Tensors are row-major, float32 or float64; ids and classes are int32. The first axis is the batch, the last the features, classes or channels;
// between them there may be others, such as time.
package ops

import (
	"fmt"
	"hash"
	"hash/fnv"
	"slices"
	"sync/atomic"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/conv"
)

type float interface{ float32 | float64 }

// A kernel computes out from in; all are row-major and of the sizes that the op checked when it was made. A scalar is a slice of one. An input of
// int32 is nil here: the kernel finds it in op.ids.
type kernel[T float] func(out []T, in [][]T)

// op is every op of this package: the constructors in the other files fill it in.
type op struct {
	name   string
	shape  tensor.Shape // of the output
	ids    [][]int32    // of the inputs that are int32 (the constructor puts an empty slice there, the run its elements); nil: none is
	ranks  []int        // dimensions of each input
	sizes  []int        // elements of each input
	run32  kernel[float32]
	run64  kernel[float64]
	differ func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) // nil: not differentiable
	wrt    []bool                                                                    // which inputs have a gradient; nil: all

	id      uint32
	buf     buffers
	raw     bool           // x·w + b without a function: what a loss may take for logits
	from    *gorgonia.Node // Softmax and LogSoftmax: the logits, for a loss that can do better with them
	logs    bool           // LogSoftmax
	sigmoid bool           // f(z) with the sigmoid for f
	logits  *gorgonia.Node // of a sigmoid: z, once a loss has asked for it
	kept    *kept          // of a Dense with a sigmoid: where z is kept for that node
	same    bool           // the elements of its input as they are: Reshape
	pooled  pooled         // Conv: itself with a maximum behind it
	mean    *conv.Shape    // ∂average pool: the windows
	factors *Factors       // MatMul of aᵀ·b, for a solver that can do better with a and b
}

// pooled makes a convolution and a maximum behind it, of that shape, in one; nil where the bits would not be those of two.
type pooled func(s *conv.Shape, shape tensor.Shape) (*gorgonia.Node, error)

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

// apply adds a node that computes o from the inputs. An input that is nil, as after an error that was not looked at, is one too.
func apply(o *op, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	o.id = made.Add(1)
	var first *gorgonia.Node // of floats
	for i, in := range inputs {
		if in == nil {
			return nil, fmt.Errorf("%s: got nil as input %d, want a node: look at the error of the function that made it", o.name, i)
		}
		dt := in.Dtype()
		switch {
		case o.takesIDs(i):
			if dt != tensor.Int32 {
				return nil, fmt.Errorf("%s: got elements of type %v as input %d, want int32, such as graph.Ints gives", o.name, dt, i)
			}
		case dt != tensor.Float32 && dt != tensor.Float64:
			return nil, fmt.Errorf("%s: got elements of type %v as input %d, want float32 or float64", o.name, dt, i)
		case first == nil:
			first = in
		case dt != first.Dtype():
			return nil, fmt.Errorf("%s: got inputs of %v and of %v, want one element type", o.name, first.Dtype(), dt)
		}
		o.ranks = append(o.ranks, in.Dims())
		o.sizes = append(o.sizes, in.Shape().TotalSize())
	}
	return gorgonia.ApplyOp(o, inputs...)
}

// missing is an error if a node is nil, as after an error that was not looked at; constructors that read shapes ask it first.
func missing(name string, nodes ...*gorgonia.Node) error {
	for i, n := range nodes {
		if n == nil {
			return fmt.Errorf("%s: got nil as input %d, want a node: look at the error of the function that made it", name, i)
		}
	}
	return nil
}

// A RunError is what an op of this package found wrong when it ran, such as a class that there is not; it begins with the op's name.
type RunError struct{ text string }

func (e *RunError) Error() string { return e.text }

// noIDs stands for an input of int32 in op.ids until the run has its elements.
var noIDs = []int32{}

func (o *op) takesIDs(input int) bool { return input < len(o.ids) && o.ids[input] != nil }

// Do runs the kernel of the inputs' element type. A panic in it becomes an error, since nobody else could recover it where
// the machine runs ops in a goroutine of its own.
func (o *op) Do(values ...gorgonia.Value) (out gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &RunError{fmt.Sprintf("%s: %v", o.name, r)}
		}
	}()
	if len(values) != len(o.ranks) {
		return nil, fmt.Errorf("%s: got %d inputs, want %d", o.name, len(values), len(o.ranks))
	}
	dt := tensor.Float32
	for i, v := range values {
		if !o.takesIDs(i) {
			dt = v.Dtype()
			break
		}
	}
	b := &o.buf
	switch dt {
	case tensor.Float32:
		if b.in32, err = collect(o, b.in32[:0], values, tensor.Float32); err != nil {
			return nil, err
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
		if b.in64, err = collect(o, b.in64[:0], values, tensor.Float64); err != nil {
			return nil, err
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

// collect appends the inputs' elements to in, nil for one of int32, whose elements it puts into o.ids.
func collect[T float](o *op, in [][]T, values []gorgonia.Value, dt tensor.Dtype) ([][]T, error) {
	for i, v := range values {
		var n int
		var err error
		if o.takesIDs(i) {
			var ids []int32
			ids, err = idsOf(v)
			o.ids[i], n, in = ids, len(ids), append(in, nil)
		} else {
			var x []T
			x, err = floatsOf[T](v, dt)
			n, in = len(x), append(in, x)
		}
		if err == nil && n != o.sizes[i] {
			err = fmt.Errorf("got %d elements, want %d", n, o.sizes[i])
		}
		if err != nil {
			return in, fmt.Errorf("%s: input %d: %w", o.name, i, err)
		}
	}
	return in, nil
}

// floatsOf are a value's elements, row by row; dt is T's.
func floatsOf[T float](v gorgonia.Value, dt tensor.Dtype) ([]T, error) {
	switch v := v.(type) {
	case *tensor.Dense:
		if v.Dtype() == dt && !v.DataOrder().IsColMajor() {
			if v = contiguous(v); dt == tensor.Float32 {
				return any(v.Float32s()).([]T), nil
			}
			return any(v.Float64s()).([]T), nil
		}
	case *gorgonia.F32:
		if dt == tensor.Float32 {
			return []T{T(*v)}, nil
		}
	case *gorgonia.F64:
		if dt == tensor.Float64 {
			return []T{T(*v)}, nil
		}
	}
	return nil, fmt.Errorf("got a %T of %v, want a row-major dense tensor of %v", v, v.Dtype(), dt)
}

func idsOf(v gorgonia.Value) ([]int32, error) {
	if t, ok := v.(*tensor.Dense); ok && t.Dtype() == tensor.Int32 && !t.DataOrder().IsColMajor() {
		return contiguous(t).Int32s(), nil
	}
	return nil, fmt.Errorf("got a %T of %v, want a row-major dense tensor of int32", v, v.Dtype())
}

// contiguous returns t itself, or a row-major copy where t is a transposed or sliced view of another tensor.
func contiguous(t *tensor.Dense) *tensor.Dense {
	if t.IsMaterializable() {
		return t.Materialize().(*tensor.Dense)
	}
	return t
}

// Ours says whether a node is computed by an op of this package.
func Ours(n *gorgonia.Node) bool { return opOf(n) != nil }

// opOf is a node's op where it is one of this package; nil of any other node, and of nil.
func opOf(n *gorgonia.Node) *op {
	if n == nil {
		return nil
	}
	o, _ := n.Op().(*op)
	return o
}

// Inputs are a node's operands, in order; none of a variable, a constant or nil.
func Inputs(n *gorgonia.Node) gorgonia.Nodes {
	if n == nil || n.Graph() == nil {
		return nil
	}
	g := n.Graph()
	if !found(n) {
		g = g.ExactSubgraphRoots(n)
	}
	var in gorgonia.Nodes
	for it := g.From(n.ID()); it.Next(); {
		in = append(in, it.Node().(*gorgonia.Node))
	}
	return in
}

// found says whether a graph finds a node by its id. It takes another for it after a node was taken out, as Gorgonia's Log takes out the 1−x that it is given.
func found(n *gorgonia.Node) bool {
	at, _ := n.Graph().Node(n.ID()).(*gorgonia.Node)
	return at == n
}

// readers are the nodes of which a node is an operand.
func readers(n *gorgonia.Node) (all gorgonia.Nodes) {
	if !found(n) {
		for _, reader := range n.Graph().AllNodes() {
			if slices.Contains(Inputs(reader), n) {
				all = append(all, reader)
			}
		}
		return all
	}
	for it := n.Graph().To(n.ID()); it.Next(); {
		all = append(all, it.Node().(*gorgonia.Node))
	}
	return all
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
	for i, rank := range o.ranks {
		if o.takesIDs(i) {
			types = append(types, tensorType(rank, tensor.Int32))
		} else {
			types = append(types, tensorType(rank, hm.TypeVariable('a')))
		}
	}
	return hm.NewFnType(append(types, tensorType(len(o.shape), hm.TypeVariable('a')))...)
}

func tensorType(rank int, of hm.Type) hm.Type {
	if rank == 0 {
		return of
	}
	return gorgonia.TensorType{Dims: rank, Of: of}
}

func (o *op) DiffWRT(inputs int) []bool {
	wrt := make([]bool, inputs)
	if o.differ != nil {
		for i := range wrt {
			wrt[i] = !o.takesIDs(i) && (o.wrt == nil || o.wrt[i])
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
