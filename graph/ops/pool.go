package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/conv"
)

// MaxPool is the largest element of each window of x, [batch,rows,columns,channels] with two axes or [batch,time,channels] with one, a channel for itself. Padding is never the largest; NaN always is. The
// gradient goes to that element alone, the first of equal ones.
func MaxPool(x *gorgonia.Node, axes ...Axis) (*gorgonia.Node, error) {
	s, err := windows("max pool", x, axes)
	if err != nil {
		return nil, err
	}
	return maxPool(x, s, outer(s, len(axes), s.In))
}

// ConvMaxPool is MaxPool of what Conv made, x, in one op with it: the outputs of a sample are made, their maxima taken, and only these kept, with the same values and gradients. Where nobody else reads x, it is not computed. Of any
// other x it is MaxPool.
func ConvMaxPool(x *gorgonia.Node, axes ...Axis) (*gorgonia.Node, error) {
	o := opOf(x)
	if o == nil || o.pooled == nil {
		return MaxPool(x, axes...)
	}
	s, err := windows("max pool", x, axes)
	if err != nil {
		return nil, err
	}
	y, err := o.pooled(s, outer(s, len(axes), s.In))
	if y == nil && err == nil {
		return MaxPool(x, axes...)
	}
	return y, err
}

// AvgPool is the mean of each window of x, [batch,rows,columns,channels] with two axes or [batch,time,channels] with one, a channel for itself. Padding does not count.
func AvgPool(x *gorgonia.Node, axes ...Axis) (*gorgonia.Node, error) {
	s, err := windows("average pool", x, axes)
	if err != nil {
		return nil, err
	}
	return avgPool(x, s, outer(s, len(axes), s.In))
}

// GlobalMaxPool is the largest element of each channel of x, [batch,…,channels]: [batch,channels].
func GlobalMaxPool(x *gorgonia.Node) (*gorgonia.Node, error) {
	s, err := global("global max pool", x)
	if err != nil {
		return nil, err
	}
	return maxPool(x, s, tensor.Shape{s.Batch, s.In})
}

// GlobalAvgPool is the mean of each channel of x, [batch,…,channels]: [batch,channels].
func GlobalAvgPool(x *gorgonia.Node) (*gorgonia.Node, error) {
	s, err := global("global average pool", x)
	if err != nil {
		return nil, err
	}
	return avgPool(x, s, tensor.Shape{s.Batch, s.In})
}

// windows is the geometry, in which each window has a place that is no padding.
func windows(name string, x *gorgonia.Node, axes []Axis) (*conv.Shape, error) {
	if err := missing(name, x); err != nil {
		return nil, err
	}
	s, err := shaped(name, x.Shape(), axes)
	if err != nil {
		return nil, err
	}
	s.Out = s.In
	for i, a := range []conv.Axis{s.Rows, s.Cols}[2-len(axes):] {
		if o := a.Empty(); o >= 0 {
			return nil, fmt.Errorf("%s: axis %d of %v: window %d lies on padding alone, want less padding: %d and %d", name, i+1, x.Shape(), o, axes[i].Before, axes[i].After)
		}
	}
	return s, nil
}

// global is the geometry of one window over everything between batch and channels.
func global(name string, x *gorgonia.Node) (*conv.Shape, error) {
	if err := missing(name, x); err != nil {
		return nil, err
	}
	if x.Dims() < 3 {
		return nil, fmt.Errorf("%s: got shape %v, want [batch,…,channels]", name, x.Shape())
	}
	batch, channels := x.Shape()[0], features(x)
	places := x.Shape().TotalSize() / (batch * channels)
	return &conv.Shape{
		Batch: batch, Rows: one, Cols: conv.Axis{In: places, Out: 1, Size: places, Stride: 1, Dilation: 1}, In: channels, Out: channels, Groups: 1,
	}, nil
}

// maxPool keeps where the largest elements are, once somebody asks for the gradient.
func maxPool(x *gorgonia.Node, s *conv.Shape, shape tensor.Shape) (*gorgonia.Node, error) {
	var arg []int32
	return apply(&op{
		name:  "max pool",
		shape: shape,
		run32: func(y []float32, in [][]float32) { conv.Max(s, y, arg, in[0]) },
		run64: func(y []float64, in [][]float64) { conv.Max(s, y, arg, in[0]) },
		differ: func(in gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			arg = make([]int32, shape.TotalSize())
			dx, err := apply(&op{
				name:  "∂max pool",
				shape: in[0].Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { conv.MaxGrad(s, dx, in[0], arg) },
				run64: func(dx []float64, in [][]float64) { conv.MaxGrad(s, dx, in[0], arg) },
			}, dy, y) // y, that it has run before
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func avgPool(x *gorgonia.Node, s *conv.Shape, shape tensor.Shape) (*gorgonia.Node, error) {
	return apply(&op{
		name:  "average pool",
		shape: shape,
		run32: func(y []float32, in [][]float32) { conv.Mean(s, y, in[0]) },
		run64: func(y []float64, in [][]float64) { conv.Mean(s, y, in[0]) },
		differ: func(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂average pool",
				mean:  s,
				shape: in[0].Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { conv.MeanGrad(s, dx, in[0]) },
				run64: func(dx []float64, in [][]float64) { conv.MeanGrad(s, dx, in[0]) },
			}, dy)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}
