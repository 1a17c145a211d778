package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// ConvTranspose is a transposed convolution over images, which makes them larger: [batch,rows,columns,in] → [batch,rows',columns',Filters]. Each place adds itself times the kernel to a window of the output;
// of n places and windows that span s = (size−1)·dilation + 1 come
//
//	valid        (n−1)·stride + max(s, stride) places (Keras)
//	same         n·stride (Keras)
//	padding p    (n−1)·stride + s − 2p (PyTorch), p being at least 1: 0 is valid
//
// It is the gradient of a convolution with that window (Dumoulin and Visin 2016, chapter 4). Its parameters are "weight", [window's rows, its columns, in, Filters], and "bias", [Filters]; both frameworks have the
// kernel's last two sizes the other way round, and Glorot's bound is the same.
type ConvTranspose struct {
	Filters int // at least 1
	Window
	Activation Activation        // Linear if not given
	Weights    graph.Initializer // graph.GlorotUniform if not given
	Bias       graph.Initializer // graph.Zeros if not given
}

// ConvTranspose1D is a transposed convolution over sequences: [batch,time,in] → [batch,time',Filters]. Its parameters are "weight", [window's size, in, Filters], and "bias", [Filters].
type ConvTranspose1D ConvTranspose

func init() {
	text.Register[graph.Layer]("convtranspose", "a transposed convolution, which makes images larger: [batch,rows,columns,in] → [batch,rows',columns',filters]", "convtranspose 16 3x3 stride=2 same relu", ConvTranspose{})
	text.Register[graph.Layer]("convtranspose1d", "a transposed convolution, which makes sequences longer: [batch,time,in] → [batch,time',filters]", "convtranspose1d 16 3 stride=2 same relu", ConvTranspose1D{})
}

// Build is an error where nothing is left of the output between its padding.
func (c ConvTranspose) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := image(b, x)
	return c.over(b, x, places)
}

// Build is an error where nothing is left of the output between its padding.
func (c ConvTranspose1D) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := sequence(b, x)
	return ConvTranspose(c).over(b, x, places)
}

func (c ConvTranspose) over(b *graph.Builder, x *gorgonia.Node, places []int) *gorgonia.Node {
	if x == nil {
		return nil
	}
	if c.Filters < 1 {
		return tooFew(b, "Filters", c.Filters, "convtranspose 32 3x3")
	}
	axes := c.Window.over(b, places, convWindow, false)
	out := make([]int, len(axes))
	for i, a := range axes {
		n, span := places[i], (a.Size-1)*a.Dilation+1
		switch {
		case c.Padding.same:
			out[i] = n * a.Stride
			all := max(0, span-a.Stride)
			a.Before, a.After = all/2, all-all/2
		case c.Padding == Valid:
			out[i] = (n-1)*a.Stride + max(span, a.Stride)
		default:
			out[i] = (n-1)*a.Stride + span - a.Before - a.After
		}
		if axes[i] = a; out[i] < 1 {
			return b.Errorf("got Padding %v for an output of %d places, want less, so that some are left", c.Padding, out[i]+a.Before+a.After)
		}
	}
	w := b.Param("weight", c.Weights.Or(graph.GlorotUniform), kernel(axes, graph.Features(x), c.Filters)...)
	bias := b.Param("bias", c.Bias.Or(graph.Zeros), c.Filters)
	return c.Activation.after(b, func(f ops.Func) (*gorgonia.Node, error) { return ops.ConvTranspose(x, w, bias, f, out, axes...) })
}

// Label is "convtranspose 3x3", with the stride and the activation where it has one.
func (c ConvTranspose) Label() string {
	return "convtranspose " + c.Window.label(2, convWindow) + c.Activation.suffix()
}

// Label is "convtranspose1d 3", with the stride and the activation where it has one.
func (c ConvTranspose1D) Label() string {
	return "convtranspose1d " + c.Window.label(1, convWindow) + c.Activation.suffix()
}
