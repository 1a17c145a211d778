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
	return apply(&op{
		name:  with(name, f),
		raw:   f == Identity,
		shape: outer(c.Shape, c.axes, c.Out),
		run32: func(y []float32, in [][]float32) {
			conv.Forward(c.Shape, y, in[0], in[1], third(in), finish[float32](f))
		},
		run64: func(y []float64, in [][]float64) {
			conv.Forward(c.Shape, y, in[0], in[1], third(in), finish[float64](f))
		},
		differ: func(v gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			return c.grads(v, y, dy, f, func(dz *gorgonia.Node) (dx, dw *gorgonia.Node, err error) {
				if dx, err = c.input("∂conv/∂x", Identity, dz, v[1]); err != nil {
					return nil, nil, err
				}
				dw, err = c.kernel(v[0], dz)
				return dx, dw, err
			})
		},
	}, in...)
}

// input is f(y∗ᵀw + b), of the shape of the convolution's input.
func (c *convolution) input(name string, f Func, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return apply(&op{
		name:  with(name, f),
		raw:   f == Identity,
		shape: inner(c.Shape, c.axes, c.In),
		run32: func(x []float32, in [][]float32) { conv.Input(c.Shape, x, in[0], in[1], third(in), finish[float32](f)) },
		run64: func(x []float64, in [][]float64) { conv.Input(c.Shape, x, in[0], in[1], third(in), finish[float64](f)) },
		differ: func(v gorgonia.Nodes, x, dx *gorgonia.Node) (gorgonia.Nodes, error) {
			return c.grads(v, x, dx, f, func(dz *gorgonia.Node) (dy, dw *gorgonia.Node, err error) {
				if dy, err = c.forward("conv", Identity, dz, v[1]); err != nil {
					return nil, nil, err
				}
				dw, err = c.kernel(dz, v[0])
				return dy, dw, err
			})
		},
	}, in...)
}

// grads are the gradients of a product with a bias and a function.
func (c *convolution) grads(v gorgonia.Nodes, y, dy *gorgonia.Node, f Func, of func(dz *gorgonia.Node) (*gorgonia.Node, *gorgonia.Node, error)) (gorgonia.Nodes, error) {
	dz, err := funcGrad(f, dy, y)
	if err != nil {
		return nil, err
	}
	first, dw, err := of(dz)
	if err != nil || len(v) == 2 {
		return gorgonia.Nodes{first, dw}, err
	}
	db, err := SumRows(dz)
	return gorgonia.Nodes{first, dw, db}, err
}

// kernel is Σ x·dy over the windows, of the kernel's shape.
func (c *convolution) kernel(x, dy *gorgonia.Node) (*gorgonia.Node, error) {
	shape := tensor.Shape{c.Rows.Size, c.Cols.Size, c.In / c.Groups, c.Out}
	return apply(&op{
		name:  "∂conv/∂w",
		shape: shape[2-c.axes:],
		run32: func(dw []float32, in [][]float32) { conv.Kernel(c.Shape, dw, in[0], in[1]) },
		run64: func(dw []float64, in [][]float64) { conv.Kernel(c.Shape, dw, in[0], in[1]) },
	}, x, dy)
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

// finish applies a function to rows in place.
func finish[T float](f Func) func(row []T) {
	if f == Identity {
		return nil
	}
	return func(row []T) { forward(f, row, row, nil) }
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
