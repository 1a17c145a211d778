package onnx

import (
	"math"

	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
)

func init() {
	how(func(e *Exporter, l layers.Affine, xs []string) string {
		return e.Node("Add", []string{e.Node("Mul", []string{xs[0], e.Param("scale")}), e.Param("shift")})
	})
	how(func(e *Exporter, l layers.Rescaling, xs []string) string {
		y := xs[0]
		if scale := text.Value(l.Scale, 1); scale != 1 {
			y = e.Node("Mul", []string{y, e.Floats("scale", nil, float32(scale))})
		}
		if l.Offset != 0 {
			y = e.Node("Add", []string{y, e.Floats("offset", nil, float32(l.Offset))})
		}
		return y
	})
	how(func(e *Exporter, l layers.Product, xs []string) string {
		y := xs[0]
		for _, x := range xs[1:] {
			y = e.Node("Mul", []string{y, x})
		}
		return y
	})
	how(func(e *Exporter, l layers.Dot, xs []string) string {
		b := xs[1]
		if l.Transposed {
			rank := len(e.Shape(b)) + 1
			var axes []int
			for i := range rank {
				axes = append(axes, i)
			}
			axes[rank-2], axes[rank-1] = rank-1, rank-2
			b = e.Transpose(b, axes...)
		}
		return e.Node("MatMul", []string{xs[0], b})
	})
	how(func(e *Exporter, l layers.LRN, xs []string) string {
		shape := e.Shape(xs[0])
		if l.Size == 0 {
			l.Size = 5
		}
		channels, places := shape[len(shape)-1], 1
		for _, d := range shape[:len(shape)-1] {
			places *= d
		}
		x := e.Transpose(e.Reshape(xs[0], places, 1, channels), 0, 3, 1, 2) // ONNX Runtime takes four axes
		y := e.Node("LRN", []string{x}, Attr{"size", l.Size}, Attr{"alpha", text.Value(l.Alpha, 1e-4)}, Attr{"beta", text.Value(l.Beta, .75)}, Attr{"bias", text.Value(l.K, 1)})
		return e.Reshape(e.Transpose(y, 0, 2, 3, 1), shape...)
	})
	how(func(e *Exporter, l layers.Reverse, xs []string) string {
		if len(xs) > 1 {
			return e.Errorf("it has lengths, for which it has no form in ONNX")
		}
		return e.Node("Slice", []string{xs[0], e.Ints("starts", -1), e.Ints("ends", math.MinInt64), e.Ints("axes", 1), e.Ints("steps", -1)})
	})
}
