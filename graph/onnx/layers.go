package onnx

import (
	"reflect"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// exports are how the project's own layers are written, by their types.
var exports = map[reflect.Type]func(e *Exporter, l graph.Layer, xs []string) string{}

func typeOf(l graph.Layer) reflect.Type { return reflect.TypeOf(l) }

// how says how layers of a type are written.
func how[L graph.Layer](f func(e *Exporter, l L, xs []string) string) {
	exports[reflect.TypeFor[L]()] = func(e *Exporter, l graph.Layer, xs []string) string { return f(e, l.(L), xs) }
}

func init() {
	how(func(e *Exporter, l layers.Dense, xs []string) string {
		y := e.Node("MatMul", []string{xs[0], e.Param("weight")})
		return e.activate(l.Activation, e.Node("Add", []string{y, e.Param("bias")}))
	})
	how(func(e *Exporter, l layers.Activation, xs []string) string { return e.activate(l, xs[0]) })
	how(func(e *Exporter, l layers.Dropout, xs []string) string { return xs[0] })
	how(func(e *Exporter, l layers.Flatten, xs []string) string {
		size := 1
		for _, d := range e.Shape(xs[0]) {
			size *= d
		}
		return e.Reshape(xs[0], size)
	})
	how(func(e *Exporter, l layers.Sequence, xs []string) string { return e.Chain(l, xs[0]) })
	how(func(e *Exporter, l layers.Residual, xs []string) string {
		return e.Node("Add", []string{xs[0], e.Chain(l, xs[0])})
	})
	how(func(e *Exporter, l layers.Concat, xs []string) string {
		for _, branch := range l {
			xs = append(xs, e.Layer(branch, xs[0]))
		}
		return e.Node("Concat", xs[min(1, len(l)):], Attr{"axis", -1})
	})
	how(func(e *Exporter, l layers.Regularized, xs []string) string { return e.Layer(l.Layer, xs[0]) })
	how(func(e *Exporter, l layers.Sum, xs []string) string { return e.Node("Sum", xs) })
	how(func(e *Exporter, l layers.AbsDiff, xs []string) string {
		return e.Node("Abs", []string{e.Node("Sub", xs)})
	})
	how(func(e *Exporter, l *graph.Net, xs []string) string {
		out, err := e.net(l, xs...)
		if err != nil {
			return ""
		}
		return out[0]
	})
}

// activate is the activation's op, or ops.
func (e *Exporter) activate(a layers.Activation, x string) string {
	in := []string{x}
	switch a {
	case layers.Linear:
		return x
	case layers.Sigmoid:
		return e.Node("Sigmoid", in)
	case layers.Tanh:
		return e.Node("Tanh", in)
	case layers.ReLU:
		return e.Node("Relu", in)
	case layers.LeakyReLU:
		return e.Node("LeakyRelu", in, Attr{"alpha", .01})
	case layers.Softplus:
		return e.Node("Softplus", in)
	case layers.Softmax:
		return e.Node("Softmax", in, Attr{"axis", -1})
	case layers.LogSoftmax:
		return e.Node("LogSoftmax", in, Attr{"axis", -1})
	case layers.ELU:
		return e.Node("Elu", in)
	case layers.SELU:
		return e.Node("Selu", in)
	case layers.GELU:
		return e.Node("Gelu", in)
	case layers.GELUTanh:
		return e.Node("Gelu", in, Attr{"approximate", "tanh"})
	case layers.SiLU:
		return e.Node("Mul", []string{x, e.Node("Sigmoid", in)})
	case layers.Mish:
		return e.Node("Mish", in)
	}
	return e.Errorf("activation %v has no form in ONNX that is known here", a)
}
