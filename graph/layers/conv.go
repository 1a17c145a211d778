package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Conv is a convolution over images, f(x∗W + b): [batch,rows,columns,in] → [batch,rows',columns',Filters], where the Window says how many rows and columns there are; an image without channels,
// [batch,rows,columns], has one. Its parameters are "weight", [window's rows, its columns, in/Groups, Filters], and "bias", [Filters] (LeCun et al. 1989; as all frameworks have it, the kernel is not turned).
type Conv struct {
	Filters int // at least 1
	Window
	Groups     int               `default:"1"` // each makes its share of the filters from its share of the channels, both of which it divides
	Activation Activation        // f; Linear if not given
	Weights    graph.Initializer // graph.GlorotUniform if not given
	Bias       graph.Initializer // graph.Zeros if not given
}

// Conv1D is a convolution over sequences, f(x∗W + b): [batch,time,in] → [batch,time',Filters]. Its parameters are "weight", [window's size, in/Groups, Filters], and "bias", [Filters].
type Conv1D Conv

func init() {
	text.Register[graph.Layer]("conv", "f(x∗W + b) over images: [batch,rows,columns,in] → [batch,rows',columns',filters]", "conv 32 3x3 same relu", Conv{})
	text.Register[graph.Layer]("conv1d", "f(x∗W + b) over sequences: [batch,time,in] → [batch,time',filters]", "conv1d 32 3 relu", Conv1D{})
}

// Build is an error where the window does not fit, or Groups divides not both in and Filters.
func (c Conv) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := image(b, x)
	return c.over(b, x, places)
}

// Build is an error where the window does not fit, or Groups divides not both in and Filters.
func (c Conv1D) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	x, places := sequence(b, x)
	return Conv(c).over(b, x, places)
}

// convWindow is the size of a convolution's window that is not given.
const convWindow = 3

func (c Conv) over(b *graph.Builder, x *gorgonia.Node, places []int) *gorgonia.Node {
	if x == nil {
		return nil
	}
	axes := c.Window.over(b, places, convWindow, false)
	in, groups := graph.Features(x), c.Groups
	if groups == 0 {
		groups = 1
	}
	switch {
	case c.Filters < 1:
		return tooFew(b, "Filters", c.Filters, "conv 32 3x3")
	case groups < 1 || in%groups != 0 || c.Filters%groups != 0:
		return b.Errorf("got Groups %d for %d channels and %d filters, want one that divides both", c.Groups, in, c.Filters)
	}
	w := b.Param("weight", c.Weights.Or(graph.GlorotUniform), kernel(axes, in/groups, c.Filters)...)
	bias := b.Param("bias", c.Bias.Or(graph.Zeros), c.Filters)
	return c.Activation.after(b, func(f ops.Func) (*gorgonia.Node, error) { return ops.Conv(x, w, bias, f, axes...) })
}

// kernel is the shape of a kernel.
func kernel(axes []ops.Axis, in, out int) []int {
	var shape []int
	for _, a := range axes {
		shape = append(shape, a.Size)
	}
	return append(shape, in, out)
}

// after makes an op that takes a function do the activation, or itself come before one of rows.
func (a Activation) after(b *graph.Builder, build func(f ops.Func) (*gorgonia.Node, error)) *gorgonia.Node {
	switch {
	case b.Err() != nil:
		return nil
	case a.overRows():
		return a.Build(b, b.Node(build(ops.Identity)))
	}
	return b.Node(build(a.function(b)))
}

// Label is "conv 3x3", with the stride and the activation where it has one.
func (c Conv) Label() string { return "conv " + c.Window.label(2, convWindow) + c.Activation.suffix() }

// Label is "conv1d 3", with the stride and the activation where it has one.
func (c Conv1D) Label() string {
	return "conv1d " + c.Window.label(1, convWindow) + c.Activation.suffix()
}

// suffix is ", relu"; nothing of Linear.
func (a Activation) suffix() string {
	if a == Linear {
		return ""
	}
	return ", " + a.String()
}
