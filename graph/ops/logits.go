package ops

import (
	"gorgonia.org/gorgonia"
)

// Logits returns the node whose softmax or log-softmax x is, so that a loss can be computed from the logits; the node that SigmoidLogits made, where it was asked for x's; x
// itself elsewhere.
func Logits(x *gorgonia.Node) *gorgonia.Node {
	if x == nil {
		return nil
	}
	o, ok := x.Op().(*op)
	switch {
	case ok && o.from != nil:
		return o.from
	case ok && o.logits != nil:
		return o.logits
	}
	return x
}

// IsSoftmax says whether x holds probabilities that Softmax made.
func IsSoftmax(x *gorgonia.Node) bool {
	if x == nil {
		return false
	}
	o, ok := x.Op().(*op)
	return ok && o.from != nil && !o.logs
}

// IsLogSoftmax says whether x holds logarithms of probabilities that LogSoftmax made.
func IsLogSoftmax(x *gorgonia.Node) bool {
	o := opOf(x)
	return o != nil && o.logs
}

// IsSigmoid says whether x holds probabilities that a sigmoid made: Activate, or Dense.
func IsSigmoid(x *gorgonia.Node) bool {
	if x == nil {
		return false
	}
	o, ok := x.Op().(*op)
	return ok && o.sigmoid
}

// IsLinear says whether x was made by Dense, or another op of the kind x·w + b, without an activation function: such an output may be taken for logits. A
// Reshape is looked through.
func IsLinear(x *gorgonia.Node) bool {
	if x == nil {
		return false
	}
	o, ok := x.Op().(*op)
	if ok && o.same {
		return IsLinear(Inputs(x)[0])
	}
	return ok && o.raw
}

// SigmoidLogits returns the node z of which x is the sigmoid, the same at each call; x itself where it is no sigmoid. Dense has no such node: it is asked
// to keep z, and gets one, computed once for both, whose gradients are those of x·w + b. Where nobody asks, nothing is kept.
func SigmoidLogits(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("logits", x); err != nil {
		return nil, err
	}
	o, ok := x.Op().(*op)
	if !ok || !o.sigmoid || o.logits != nil {
		return Logits(x), nil
	}
	in := Inputs(x)
	if len(in) == 1 { // Activate
		o.logits = in[0]
		return in[0], nil
	}
	o.kept = &kept{}
	z, err := apply(&op{
		name:  "logits of " + o.name,
		shape: x.Shape().Clone(),
		raw:   true,
		run32: func(z []float32, _ [][]float32) { copy(z, o.kept.f32) },
		run64: func(z []float64, _ [][]float64) { copy(z, o.kept.f64) },
		wrt:   []bool{true, true, true, false}, // x is read so that it is computed before
		differ: func(v gorgonia.Nodes, _, dz *gorgonia.Node) (gorgonia.Nodes, error) {
			grads, err := denseGrads(v, dz)
			return append(grads, v[3]), err
		},
	}, append(in, x)...)
	if err != nil {
		return nil, err
	}
	o.logits = z
	return z, nil
}

// kept is x·w + b, from before Dense's function.
type kept struct {
	f32 []float32
	f64 []float64
}

// resized is z if it has n elements, else a new slice that has.
func resized[T any](z []T, n int) []T {
	if len(z) == n {
		return z
	}
	return make([]T, n)
}
