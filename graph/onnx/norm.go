package onnx

import (
	"slices"

	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

func init() {
	how(func(e *Exporter, l layers.BatchNorm, xs []string) string {
		return e.channels(xs[0], func(x string) string {
			scale, shift := e.affineOf(l.Plain)
			return e.Node("BatchNormalization", []string{x, scale, shift, e.Param("mean"), e.Param("variance")}, Attr{"epsilon", text.Value(l.Epsilon, .001)})
		})
	})
	how(func(e *Exporter, l layers.GroupNorm, xs []string) string {
		groups := l.Groups
		if groups == 0 {
			groups = 32
		}
		// GroupNormalization has no shape where the batch is open (onnx 1.23), so a group is one channel of a normalisation of instances.
		y := e.channels(xs[0], func(x string) string {
			y := e.Node("Reshape", []string{x, e.Ints("groups", 0, groups, -1)})
			y = e.Node("InstanceNormalization", []string{y, e.Floats("ones", []int{groups}, slices.Repeat([]float32{1}, groups)...), e.Floats("zeros", []int{groups}, make([]float32, groups)...)},
				Attr{"epsilon", text.Value(l.Epsilon, .001)})
			shape := e.Shape(xs[0])
			last := len(shape) - 1
			if last < 0 {
				return ""
			}
			return e.Reshape(y, append([]int{shape[last]}, shape[:last]...)...)
		})
		if l.Plain {
			return y
		}
		return e.Node("Add", []string{e.Node("Mul", []string{y, e.Param("scale")}), e.Param("shift")})
	})
	how(func(e *Exporter, l layers.LayerNorm, xs []string) string {
		scale, shift := e.affineOf(l.Plain)
		return e.Node("LayerNormalization", []string{xs[0], scale, shift}, Attr{"axis", -1}, Attr{"epsilon", text.Value(l.Epsilon, .001)})
	})
	how(func(e *Exporter, l layers.RMSNorm, xs []string) string { // an op of its own from operator set 23 on
		square := e.Node("ReduceMean", []string{e.Node("Mul", []string{xs[0], xs[0]}), e.Ints("axes", -1)})
		root := e.Node("Sqrt", []string{e.Node("Add", []string{square, e.Floats("epsilon", nil, float32(text.Value(l.Epsilon, 1e-6)))})})
		y := e.Node("Div", []string{xs[0], root})
		if l.Plain {
			return y
		}
		return e.Node("Mul", []string{y, e.Param("scale")})
	})
}

// affineOf are a normalisation's scale and shift: of a plain one, ones and zeros, as many as the layer puts out channels.
func (e *Exporter) affineOf(plain bool) (scale, shift string) {
	if !plain {
		return e.Param("scale"), e.Param("shift")
	}
	n := e.layer.Output[len(e.layer.Output)-1]
	return e.Floats("ones", []int{n}, slices.Repeat([]float32{1}, n)...), e.Floats("zeros", []int{n}, make([]float32, n)...)
}

// channels does what ONNX does with the channels first, behind the batch.
func (e *Exporter) channels(x string, do func(x string) string) string {
	n := len(e.Shape(x)) + 1
	there, back := []int{0, n - 1}, []int{0}
	for i := range n - 2 {
		there, back = append(there, i+1), append(back, i+2)
	}
	return e.Transpose(do(e.Transpose(x, there...)), append(back, 1)...)
}
