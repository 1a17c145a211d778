package onnx

import (
	"math"

	"github.com/stheno-ml/stheno/graph/layers"
)

func init() {
	how(func(e *Exporter, l layers.Attention, xs []string) string { return e.attention(l, xs) })
	how(func(e *Exporter, l layers.Positions, xs []string) string {
		return e.Node("Add", []string{xs[0], e.Param("weight")})
	})
	how(func(e *Exporter, l layers.Sinusoidal, xs []string) string {
		shape := e.Shape(xs[0])
		if len(shape) != 2 {
			return ""
		}
		v := make([]float32, shape[0]*shape[1])
		for t := range shape[0] {
			for i := range shape[1] {
				s, c := math.Sincos(float64(t) * math.Pow(10000, -2*float64(i/2)/float64(shape[1])))
				v[t*shape[1]+i] = float32([]float64{s, c}[i%2])
			}
		}
		return e.Node("Add", []string{xs[0], e.Floats("waves", shape, v...)})
	})
}

// unseen is what a score that does not count becomes: its exponential is 0 beside any other.
const unseen = -1e30

func (e *Exporter) attention(l layers.Attention, xs []string) string {
	x, rest := xs[0], xs[1:]
	lengths := ""
	if n := len(rest); n > 0 && e.ids[rest[n-1]] {
		lengths, rest = rest[n-1], rest[:n-1]
	}
	shape := e.Shape(x)
	if len(shape) != 2 {
		return ""
	}
	size := l.Size
	if size == 0 {
		size = shape[1] / l.Heads
	}
	width := l.Heads * size
	var q, k, v string
	steps := shape[0]
	if len(rest) == 0 {
		parts := e.Nodes("Split", []string{e.affine("weight", "bias", x)}, 3, Attr{"axis", -1}, Attr{"num_outputs", 3})
		q, k, v = parts[0], parts[1], parts[2]
	} else {
		if memory := e.Shape(rest[0]); len(memory) == 2 {
			steps = memory[0]
		}
		parts := e.Nodes("Split", []string{e.affine("memory", "memory_bias", rest[0])}, 2, Attr{"axis", -1}, Attr{"num_outputs", 2})
		q, k, v = e.affine("query", "query_bias", x), parts[0], parts[1]
	}
	if l.Rotary {
		q, k = e.rotary(q, shape[0], l.Heads, size), e.rotary(k, steps, l.Heads, size)
	}
	heads := func(x string, steps int, axes ...int) string {
		return e.Transpose(e.Reshape(x, steps, l.Heads, size), axes...)
	}
	q, k, v = heads(q, shape[0], 0, 2, 1, 3), heads(k, steps, 0, 2, 3, 1), heads(v, steps, 0, 2, 1, 3)
	scores := e.Node("Mul", []string{e.Node("MatMul", []string{q, k}), e.Floats("scale", nil, float32(1/math.Sqrt(float64(size))))})
	if l.Causal {
		mask := make([]float32, shape[0]*steps)
		for i := range shape[0] {
			for j := i + 1; j < steps; j++ {
				mask[i*steps+j] = unseen
			}
		}
		scores = e.Node("Add", []string{scores, e.Floats("causal", []int{shape[0], steps}, mask...)})
	}
	seen := ""
	if lengths != "" {
		places := make([]int, steps)
		for i := range places {
			places[i] = i
		}
		n := e.Node("Unsqueeze", []string{e.Node("Cast", []string{lengths}, Attr{"to", int64Type}), e.Ints("axes", 1, 2, 3)})
		seen = e.Node("Less", []string{e.Ints("places", places...), n}) // [batch,1,1,steps]
		scores = e.Node("Where", []string{seen, scores, e.Floats("unseen", nil, unseen)})
	}
	p := e.Node("Softmax", []string{scores}, Attr{"axis", -1})
	if seen != "" { // where nothing is seen, what is attended to is 0
		p = e.Node("Mul", []string{p, e.Node("Cast", []string{seen}, Attr{"to", float32Type})})
	}
	y := e.Reshape(e.Transpose(e.Node("MatMul", []string{p, v}), 0, 2, 1, 3), shape[0], width)
	return e.affine("output", "output_bias", y)
}

func (e *Exporter) affine(weight, bias, x string) string {
	return e.Node("Add", []string{e.Node("MatMul", []string{x, e.Param(weight)}), e.Param(bias)})
}

// rotary turns neighbouring pairs of each head, [batch,time,heads·size]: x∘cos + (−b, a of each pair a, b)∘sin.
func (e *Exporter) rotary(x string, time, heads, size int) string {
	cos, sin := make([]float32, 0, time*heads*size), make([]float32, 0, time*heads*size)
	for t := range time {
		for i := range heads * size {
			s, c := math.Sincos(float64(t) * math.Pow(10000, -2*float64(i%size/2)/float64(size)))
			cos, sin = append(cos, float32(c)), append(sin, float32(s))
		}
	}
	shape := []int{time, heads * size}
	pairs := e.Nodes("Split", []string{e.Reshape(x, time, heads*size/2, 2)}, 2, Attr{"axis", -1}, Attr{"num_outputs", 2})
	across := e.Node("Concat", []string{e.Node("Neg", []string{pairs[1]}), pairs[0]}, Attr{"axis", -1})
	across = e.Reshape(across, shape...)
	return e.Node("Add", []string{e.Node("Mul", []string{x, e.Floats("cos", shape, cos...)}), e.Node("Mul", []string{across, e.Floats("sin", shape, sin...)})})
}
