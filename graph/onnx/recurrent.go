package onnx

import (
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/layers"
)

func init() {
	how(func(e *Exporter, l layers.RNN, xs []string) string {
		f := "Tanh"
		if l.Rectified {
			f = "Relu"
		}
		return e.recurrent("RNN", l.Units, []int{0}, "", l.Sequence, xs, Attr{"activations", []string{f}})
	})
	how(func(e *Exporter, l layers.LSTM, xs []string) string { // ONNX has the gates in the order i, o, f, g
		return e.recurrent("LSTM", l.Units, []int{0, 3, 1, 2}, "", l.Sequence, xs)
	})
	how(func(e *Exporter, l layers.GRU, xs []string) string {
		return e.recurrent("GRU", l.Units, []int{0, 1, 2}, "recurrent_bias", l.Sequence, xs, Attr{"linear_before_reset", 1})
	})
	how(func(e *Exporter, l layers.Bidirectional, xs []string) string { return e.bidirectional(l, xs) })
}

// side cuts the inputs of a layer over time into the sequence, lengths, "" where there are none, and the rest.
func (e *Exporter) side(xs []string) (x, lengths string, rest []string) {
	x, rest = xs[0], xs[1:]
	if len(rest) > 0 && e.ids[rest[0]] {
		lengths, rest = rest[0], rest[1:]
	}
	return x, lengths, rest
}

// recurrent is one of ONNX' recurrent ops. gates are ours in ONNX' order.
func (e *Exporter) recurrent(op string, units int, gates []int, recurrentBias string, sequence bool, xs []string, attrs ...Attr) string {
	x, lengths, states := e.side(xs)
	w, u, b := e.gated("weight", gates, units), e.gated("recurrent", gates, units), e.biases(gates, units, recurrentBias)
	in := []string{e.Transpose(x, 1, 0, 2), w, u, b, lengths} // ONNX has the time first
	for _, s := range states {
		in = append(in, e.Node("Unsqueeze", []string{s, e.Ints("axes", 0)}))
	}
	outs := e.Nodes(op, in, 2, append(attrs, Attr{"hidden_size", units})...)
	if sequence {
		return e.Transpose(e.Node("Squeeze", []string{outs[0], e.Ints("axes", 1)}), 1, 0, 2)
	}
	return e.Node("Squeeze", []string{outs[1], e.Ints("axes", 0)})
}

// gated is a matrix, [in, gates·units], as ONNX has it: [1, gates·units, in], with the gates in another order.
func (e *Exporter) gated(name string, gates []int, units int) string {
	t, full := e.Value(name), e.of(name)
	if t == nil || e.made[full] != "" {
		return e.made[full]
	}
	from, in := t.Float32s(), t.Shape()[0]
	v := make([]float32, 0, len(from))
	for _, g := range gates {
		for u := range units {
			for i := range in {
				v = append(v, from[i*len(gates)*units+g*units+u])
			}
		}
	}
	e.made[full] = e.keep(full, []int{1, len(gates) * units, in}, v)
	return e.made[full]
}

// biases are those of the input and those of the state, side by side; these are 0 where a layer has none.
func (e *Exporter) biases(gates []int, units int, recurrentBias string) string {
	full := e.of("bias")
	if e.made[full] != "" {
		return e.made[full]
	}
	v := make([]float32, 0, 2*len(gates)*units)
	for _, name := range []string{"bias", recurrentBias} {
		var t *tensor.Dense
		if name != "" {
			if t = e.Value(name); t == nil {
				return ""
			}
		}
		for _, g := range gates {
			if t == nil {
				v = append(v, make([]float32, units)...)
			} else {
				v = append(v, t.Float32s()[g*units:(g+1)*units]...)
			}
		}
	}
	e.made[full] = e.keep(full, []int{1, len(v)}, v)
	return e.made[full]
}

func (e *Exporter) bidirectional(l layers.Bidirectional, xs []string) string {
	x, lengths, states := e.side(xs)
	half := len(states) / 2
	inputs := func(x string, states []string) []string {
		in := []string{x}
		if lengths != "" {
			in = append(in, lengths)
		}
		return append(in, states...)
	}
	reverse := func(x string) string {
		if lengths != "" {
			return e.Node("ReverseSequence", []string{x, e.Node("Cast", []string{lengths}, Attr{"to", int64Type})}, Attr{"batch_axis", 0}, Attr{"time_axis", 1})
		}
		const all = -1 << 31
		return e.Node("Slice", []string{x, e.Ints("starts", -1), e.Ints("ends", all), e.Ints("axes", 1), e.Ints("steps", -1)})
	}
	turned := reverse(x)
	e.shapes[turned] = e.Shape(x)
	forward := e.Layer(l.Layer, inputs(x, states[:half])...)
	backward := e.Layer(l.Layer, inputs(turned, states[half:])...)
	if len(e.shapes[backward]) == 2 {
		backward = reverse(backward)
	}
	return e.Node("Concat", []string{forward, backward}, Attr{"axis", -1})
}
