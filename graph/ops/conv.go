package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/conv"
)

// Conv is f(x∗w + b), the cross-correlation that all frameworks call a convolution, in one op: of an image x, [batch,rows,columns,in], with a kernel w, [rows,columns,in/groups,out],
// or of a sequence, [batch,time,in], with [time,in/groups,out]; b is a vector of out. The channels are cut into as many groups as w's third size says, of which each makes its share of the output from
// its own share of the input. There is an Axis for each axis between batch and channels. The result is [batch,…,out], with
//
//	y[o,q,f] = b[f] + Σ_{k,l,c} x[o·stride − before + k·dilation, …l, c] · w[k,l,c,f]
//
// (Dumoulin and Visin 2016, A guide to convolution arithmetic). Its gradients, from dz = dy∘f'(z), are the transposed convolution of dz with w for x; for w, the correlation of x with dz; Σ dz for b.
func Conv(x, w, b *gorgonia.Node, f Func, axes ...Axis) (*gorgonia.Node, error) {
	const name = "conv"
	if err := missing(name, x, w, b); err != nil {
		return nil, err
	}
	axes, err := axesOf(name, w, axes)
	if err != nil {
		return nil, err
	}
	s, err := shaped(name, x.Shape(), axes)
	if err != nil {
		return nil, err
	}
	in := w.Shape()[w.Dims()-2]
	if s.Out = features(w); s.In%in != 0 || s.Out%(s.In/in) != 0 {
		return nil, fmt.Errorf("%s: got x %v and a kernel %v, want x's channels a multiple of the kernel's, and the kernel's outputs one of as many groups", name, x.Shape(), w.Shape())
	}
	s.Groups = s.In / in
	return (&convolution{s, len(axes)}).linear(name, x, w, b, f, (*convolution).forward)
}

// ConvTranspose is f(x∗ᵀw + b), the transposed convolution: each place of x, [batch,rows,columns,in] or [batch,time,in], adds itself times the kernel w, [rows,columns,in,out] or [time,in,out], to a window of the
// output. It is the gradient of a convolution whose input has the sizes out, one for each Axis, which there must be such a convolution from (Dumoulin and Visin 2016, chapter 4).
func ConvTranspose(x, w, b *gorgonia.Node, f Func, out []int, axes ...Axis) (*gorgonia.Node, error) {
	const name = "transposed conv"
	if err := missing(name, x, w, b); err != nil {
		return nil, err
	}
	axes, err := axesOf(name, w, axes)
	if err != nil {
		return nil, err
	}
	if len(out) != len(axes) || x.Dims() != len(axes)+2 || features(x) != w.Shape()[len(axes)] {
		return nil, fmt.Errorf("%s: got x %v, a kernel %v and %d sizes, want [batch,…,in], [rows,columns,in,out] or [time,in,out], and a size for each axis", name, x.Shape(), w.Shape(), len(out))
	}
	s, err := shaped(name, append(append(tensor.Shape{x.Shape()[0]}, out...), features(w)), axes)
	if err != nil {
		return nil, err
	}
	s.Out = features(x)
	if want := outer(s, len(axes), s.Out); !want.Eq(x.Shape()) {
		return nil, fmt.Errorf("%s: got x %v for an output of %v, whose convolution gives %v, want them equal", name, x.Shape(), out, want)
	}
	turned, err := swapLast(w)
	if err != nil {
		return nil, err
	}
	return (&convolution{s, len(axes)}).linear(name, x, turned, b, f, (*convolution).input)
}

// A convolution is what its three products know: each is the gradient of the others.
type convolution struct {
	*conv.Shape
	axes int
}

// linear is a product with a bias and a function. The sigmoid is a node of its own, of which a loss finds the logits, and so is what takes its input for its derivative.
func (c *convolution) linear(name string, x, w, b *gorgonia.Node, f Func, product func(c *convolution, name string, f Func, in ...*gorgonia.Node) (*gorgonia.Node, error)) (*gorgonia.Node, error) {
	if int(f) >= len(funcNames) {
		return nil, fmt.Errorf("%s: got function number %d, want one of %v", name, f, funcNames)
	}
	if b.Dims() != 1 || features(b) != c.bias(name) {
		return nil, fmt.Errorf("%s: got a bias of shape %v, want [%d]", name, b.Shape(), c.bias(name))
	}
	if f == Sigmoid || f.fromInput() {
		z, err := product(c, name, Identity, x, w, b)
		if err != nil {
			return nil, err
		}
		return Activate(z, f)
	}
	return product(c, name, f, x, w, b)
}

func (c *convolution) bias(name string) int {
	if name == "conv" {
		return c.Out
	}
	return c.In
}

// forward is f(x∗w + b), where there may be no b.
func (c *convolution) forward(name string, f Func, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	o := c.convolve(with(name, f), f, outer(c.Shape, c.axes, c.Out), nil)
	o.raw = f == Identity
	o.pooled = func(s *conv.Shape, shape tensor.Shape) (*gorgonia.Node, error) {
		if f != Identity && f != ReLU && (s.Rows.Overlaps() || s.Cols.Overlaps()) {
			return nil, nil // slopes would be multiplied before the sum over windows, not after
		}
		return apply(c.convolve(with(name, f)+"+max pool", f, shape, &conv.Pool{Shape: s}), in...)
	}
	return apply(o, in...)
}

// convolve is the op of a convolution, and of a maximum behind it.
func (c *convolution) convolve(name string, f Func, shape tensor.Shape, pool *conv.Pool) *op {
	f32, f64 := convFunc[float32](f), convFunc[float64](f)
	return &op{
		name:  name,
		shape: shape,
		run32: func(y []float32, in [][]float32) { conv.Forward(c.Shape, y, in[0], in[1], third(in), f32, pool) },
		run64: func(y []float64, in [][]float64) { conv.Forward(c.Shape, y, in[0], in[1], third(in), f64, pool) },
		differ: func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			if pool != nil && pool.Arg == nil {
				pool.Arg = make([]int32, shape.TotalSize())
			}
			b := &convBackward{c: c, f32: f32, f64: f64, pool: pool}
			if o := opOf(dy); o != nil && o.mean != nil && pool == nil {
				b.mean, dy = o.mean, Inputs(dy)[0]
			}
			return b.nodes(v, y, dy)
		},
	}
}

// A convBackward makes all gradients of a convolution in one pass, that of the kernel, for which it has one op. Those of x and b have ops of their own, which are there only where somebody reads them: the first time that they run they
// make theirs, and from then on the pass fills their buffers.
type convBackward struct {
	c      *convolution
	f32    conv.Func[float32]
	f64    conv.Func[float64]
	pool   *conv.Pool
	mean   *conv.Shape // windows over which alone y was averaged: what comes in is their gradient, and that of y goes through no memory
	others struct {
		f32 conv.Grads[float32]
		f64 conv.Grads[float64]
	}
}

func (b *convBackward) nodes(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	x, w := v[0], v[1]
	of32, of64 := &b.others.f32, &b.others.f64
	dw, err := apply(&op{
		name:  "∂conv/∂w",
		shape: w.Shape().Clone(),
		run32: func(dw []float32, in [][]float32) { b.run32(conv.Grads[float32]{X: of32.X, W: dw, B: of32.B}, in) },
		run64: func(dw []float64, in [][]float64) { b.run64(conv.Grads[float64]{X: of64.X, W: dw, B: of64.B}, in) },
	}, x, w, y, dy)
	if err != nil {
		return nil, err
	}
	dx, err := apply(&op{
		name:  "∂conv/∂x",
		shape: x.Shape().Clone(),
		run32: func(dx []float32, in [][]float32) {
			if of32.X == nil {
				of32.X = dx
				b.run32(conv.Grads[float32]{X: dx}, in)
			}
		},
		run64: func(dx []float64, in [][]float64) {
			if of64.X == nil {
				of64.X = dx
				b.run64(conv.Grads[float64]{X: dx}, in)
			}
		},
	}, x, w, y, dy, dw) // dw, that it has run before
	if err != nil || len(v) == 2 {
		return gorgonia.Nodes{dx, dw}, err
	}
	db, err := apply(&op{
		name:  "∂conv/∂b",
		shape: v[2].Shape().Clone(),
		run32: func(db []float32, in [][]float32) {
			if of32.B == nil {
				of32.B = db
				b.run32(conv.Grads[float32]{B: db}, in)
			}
		},
		run64: func(db []float64, in [][]float64) {
			if of64.B == nil {
				of64.B = db
				b.run64(conv.Grads[float64]{B: db}, in)
			}
		},
	}, x, w, y, dy, dw)
	return gorgonia.Nodes{dx, dw, db}, err
}

func (b *convBackward) run32(to conv.Grads[float32], in [][]float32) {
	conv.Backward(b.c.Shape, to, in[0], in[1], in[2], in[3], b.f32, b.pool, b.mean)
}

func (b *convBackward) run64(to conv.Grads[float64], in [][]float64) {
	conv.Backward(b.c.Shape, to, in[0], in[1], in[2], in[3], b.f64, b.pool, b.mean)
}

// input is f(y∗ᵀw + b), of the shape of the convolution's input.
func (c *convolution) input(name string, f Func, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	f32, f64 := convFunc[float32](f), convFunc[float64](f)
	return apply(&op{
		name:  with(name, f),
		raw:   f == Identity,
		shape: inner(c.Shape, c.axes, c.In),
		run32: func(x []float32, in [][]float32) { conv.Input(c.Shape, x, in[0], in[1], third(in), f32) },
		run64: func(x []float64, in [][]float64) { conv.Input(c.Shape, x, in[0], in[1], third(in), f64) },
		differ: func(v gorgonia.Nodes, x, dx *gorgonia.Node) (gorgonia.Nodes, error) {
			dz, err := funcGrad(f, dx, x)
			if err != nil {
				return nil, err
			}
			dy, err := c.forward("conv", Identity, dz, v[1])
			if err != nil {
				return nil, err
			}
			dw, err := c.kernel(dz, v[1], v[0])
			if err != nil {
				return nil, err
			}
			db, err := SumRows(dz)
			return gorgonia.Nodes{dy, dw, db}, err
		},
	}, in...)
}

// kernel is Σ x·dy over the windows, of the kernel's shape.
func (c *convolution) kernel(x, w, dy *gorgonia.Node) (*gorgonia.Node, error) {
	return apply(&op{
		name:  "∂conv/∂w",
		shape: w.Shape().Clone(),
		run32: func(dw []float32, in [][]float32) {
			conv.Backward(c.Shape, conv.Grads[float32]{W: dw}, in[0], in[1], nil, in[2], conv.Func[float32]{}, nil, nil)
		},
		run64: func(dw []float64, in [][]float64) {
			conv.Backward(c.Shape, conv.Grads[float64]{W: dw}, in[0], in[1], nil, in[2], conv.Func[float64]{}, nil, nil)
		},
	}, x, w, dy)
}

// convFunc is a function as convolutions do it.
func convFunc[T float](f Func) conv.Func[T] {
	c := conv.Func[T]{ReLU: f == ReLU}
	if f != Identity {
		c.Slope = func(dz, dy, y []T) { backward(f, dz, dy, y) }
		if f != ReLU {
			c.Apply = func(y []T) { forward(f, y, y, nil) }
		}
	}
	return c
}

// with names a function that is worth it.
func with(name string, f Func) string {
	if f == Identity {
		return name
	}
	return name + "+" + f.String()
}

func third[T float](in [][]T) []T {
	if len(in) < 3 {
		return nil
	}
	return in[2]
}

// swapLast exchanges the last two axes.
func swapLast(w *gorgonia.Node) (*gorgonia.Node, error) {
	shape := w.Shape().Clone()
	d := len(shape)
	shape[d-1], shape[d-2] = shape[d-2], shape[d-1]
	rows, cols := shape[d-1], shape[d-2]
	return apply(&op{
		name:  "swap the last axes",
		shape: shape,
		run32: func(out []float32, in [][]float32) { swapped(out, in[0], rows, cols) },
		run64: func(out []float64, in [][]float64) { swapped(out, in[0], rows, cols) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dw, err := swapLast(grad)
			return gorgonia.Nodes{dw}, err
		},
	}, w)
}

// swapped transposes matrices of rows by cols.
func swapped[T float](out, in []T, rows, cols int) {
	for at := 0; at < len(in); at += rows * cols {
		for i := range rows {
			for j, v := range in[at+i*cols:][:cols] {
				out[at+j*rows+i] = v
			}
		}
	}
}
