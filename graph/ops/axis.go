package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/conv"
)

// An Axis says how the window of a convolution or a pooling lies along one axis of an image or a sequence. The first window begins Before places before the first
// element, each next one Stride further, and its Size taps are Dilation apart.
type Axis struct {
	Size          int // of the window; of a convolution it is the kernel's, and may be left 0
	Stride        int // 0 is 1
	Dilation      int // 0 is 1
	Before, After int // padding: of zeros for a convolution; for a pooling it is not there
}

// along is the axis over n places.
func (a Axis) along(n int) (conv.Axis, error) {
	c := conv.Axis{In: n, Size: a.Size, Stride: max(a.Stride, 1), Dilation: max(a.Dilation, 1), Before: a.Before}
	const most = 1 << 20 // keeps all products within an int
	switch {
	case a.Size < 1 || a.Stride < 0 || a.Dilation < 0 || a.Before < 0 || a.After < 0:
		return c, fmt.Errorf("got size %d, stride %d, dilation %d, padding %d and %d, want a size of at least 1, and nothing below 0", a.Size, a.Stride, a.Dilation, a.Before, a.After)
	case max(a.Size, a.Stride, a.Dilation, a.Before, a.After) > most:
		return c, fmt.Errorf("got size %d, stride %d, dilation %d, padding %d and %d, want at most %d", a.Size, a.Stride, a.Dilation, a.Before, a.After, most)
	}
	span := (c.Size-1)*c.Dilation + 1
	if span > n+a.Before+a.After {
		return c, fmt.Errorf("got a window of %d places on %d, with padding %d, want one that fits: a smaller size or dilation, or padding=same", span, n, n+a.Before+a.After)
	}
	c.Out = (n+a.Before+a.After-span)/c.Stride + 1
	return c, nil
}

// one is the axis that a sequence has for rows.
var one = conv.Axis{In: 1, Out: 1, Size: 1, Stride: 1, Dilation: 1}

// shaped is the geometry of windows over a node, [batch,time,channels] or [batch,rows,columns,channels], without its channels.
func shaped(name string, x tensor.Shape, axes []Axis) (*conv.Shape, error) {
	s := &conv.Shape{Rows: one, Groups: 1}
	if d := len(x) - 2; d < 1 || d > 2 || d != len(axes) {
		return nil, fmt.Errorf("%s: got shape %v and %d axes, want [batch,time,channels] and one, or [batch,rows,columns,channels] and two", name, x, len(axes))
	}
	s.Batch, s.In = x[0], x[len(x)-1]
	for i, a := range axes {
		c, err := a.along(x[i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: axis %d of %v: %w", name, i+1, x, err)
		}
		s.Rows, s.Cols = s.Cols, c
	}
	if len(axes) == 1 {
		s.Rows = one
	}
	return s, nil
}

// outer is the shape of the outputs: the batch, the axes and that many channels; inner that of the inputs.
func outer(s *conv.Shape, axes, channels int) tensor.Shape {
	if axes == 1 {
		return tensor.Shape{s.Batch, s.Cols.Out, channels}
	}
	return tensor.Shape{s.Batch, s.Rows.Out, s.Cols.Out, channels}
}

func inner(s *conv.Shape, axes, channels int) tensor.Shape {
	if axes == 1 {
		return tensor.Shape{s.Batch, s.Cols.In, channels}
	}
	return tensor.Shape{s.Batch, s.Rows.In, s.Cols.In, channels}
}

// axesOf are the axes with the kernel's sizes.
func axesOf(name string, w *gorgonia.Node, axes []Axis) ([]Axis, error) {
	if w.Dims() != len(axes)+2 {
		return nil, fmt.Errorf("%s: got a kernel of shape %v and %d axes, want [time,in,out] and one, or [rows,columns,in,out] and two", name, w.Shape(), len(axes))
	}
	all := make([]Axis, len(axes))
	for i, a := range axes {
		if a.Size != 0 && a.Size != w.Shape()[i] {
			return nil, fmt.Errorf("%s: got size %d for axis %d of a kernel of shape %v, want its own, or 0", name, a.Size, i+1, w.Shape())
		}
		a.Size = w.Shape()[i]
		all[i] = a
	}
	return all, nil
}
