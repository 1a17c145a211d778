package onnx

import (
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

func init() {
	how(func(e *Exporter, l layers.Embedding, xs []string) string { return e.embedding(l, xs[0]) })
	how(func(e *Exporter, l layers.PReLU, xs []string) string {
		return e.Node("PRelu", []string{xs[0], e.Param("slope")})
	})
	how(func(e *Exporter, l layers.Noise, xs []string) string { return xs[0] })
	how(func(e *Exporter, l layers.Reshape, xs []string) string { return e.Reshape(xs[0], e.layer.Output...) })
	how(func(e *Exporter, l layers.Permute, xs []string) string {
		return e.Transpose(xs[0], append([]int{0}, l.Axes...)...)
	})
	how(func(e *Exporter, l layers.Crop, xs []string) string {
		shape, after := e.Shape(xs[0]), l.After
		if len(after) == 0 {
			after = l.Before
		}
		var starts, ends, axes []int
		for i := range max(len(l.Before), len(after)) {
			starts, ends, axes = append(starts, at(l.Before, i)), append(ends, shape[i]-at(after, i)), append(axes, i+1)
		}
		return e.Node("Slice", []string{xs[0], e.Ints("starts", starts...), e.Ints("ends", ends...), e.Ints("axes", axes...)})
	})
	how(func(e *Exporter, l layers.ConstantPad, xs []string) string {
		after := l.After
		if len(after) == 0 {
			after = l.Before
		}
		n := len(e.Shape(xs[0])) + 1
		pads := make([]int, 2*n)
		for i := range n - 1 {
			pads[1+i], pads[n+1+i] = at(l.Before, i), at(after, i)
		}
		return e.Node("Pad", []string{xs[0], e.Ints("pads", pads...), e.Floats("value", nil, float32(l.Value))})
	})
	how(func(e *Exporter, l layers.Step, xs []string) string {
		y := e.Node("Gather", []string{xs[0], e.Ints("at", l.At)}, Attr{"axis", 1})
		return e.Node("Squeeze", []string{y, e.Ints("axes", 1)})
	})
	how(func(e *Exporter, l layers.TimeDistributed, xs []string) string {
		shape := e.Shape(xs[0])
		if len(shape) == 0 {
			return ""
		}
		x := e.Node("Reshape", []string{xs[0], e.Ints("shape", append([]int{-1}, shape[1:]...)...)}) // each time is a sample
		e.shapes[x] = shape[1:]
		y := e.Chain(l, x)
		return e.Node("Reshape", []string{y, e.Ints("shape", append([]int{-1}, e.layer.Output...)...)})
	})
}

// at is an element of a list, 0 beyond it.
func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// embedding takes the ids' rows; that of padding is zeros, and does not count in a mean.
func (e *Exporter) embedding(l layers.Embedding, ids string) string {
	padding := e.whole("padding", int(text.Value(l.Padding, -1)))
	axes := len(e.Shape(ids)) + 1
	skip := e.Node("Equal", []string{ids, padding})
	keep := e.Node("Unsqueeze", []string{e.Node("Cast", []string{e.Node("Not", []string{skip})}, Attr{"to", float32Type}), e.Ints("axes", axes)})
	rows := e.Node("Gather", []string{e.Param("table"), e.Node("Where", []string{skip, e.whole("zero", 0), ids})})
	y := e.Node("Mul", []string{rows, keep})
	if l.Bag == layers.EachID {
		return y
	}
	over := e.Ints("axes", axes-1)
	y = e.Node("ReduceSum", []string{y, over}, Attr{"keepdims", 0})
	if l.Bag == layers.BagMean {
		count := e.Node("Max", []string{e.Node("ReduceSum", []string{keep, over}, Attr{"keepdims", 0}), e.Floats("one", nil, 1)})
		y = e.Node("Div", []string{y, count})
	}
	return y
}

// whole is one number in int32, as ids are.
func (e *Exporter) whole(name string, v int) string {
	name = e.unique(e.layer.Name + "/" + name)
	if e.err == nil {
		e.consts = append(e.consts, tensorProto(name, nil, int32Type, []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)}))
	}
	return name
}
