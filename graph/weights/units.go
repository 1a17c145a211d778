package weights

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A flow is what is known of a value between two layers.
type flow struct {
	shape []int // of a sample
	first bool  // the framework has its channels first
	order []int // of a flattened one: where each of the framework's features lies among ours; nil where they lie alike
	lost  bool  // no longer known
}

// A walk goes through a model's layers as they are applied.
type walk struct {
	framework Framework
	infos     []graph.LayerInfo
	at        int
	params    map[string]map[string]graph.Param // by layer and name
	units     []unit
	seen      map[string]bool
	err       error
}

// unitsOf are the model's layers that keep something, in order, as a framework has them.
func unitsOf(m *graph.Model, f Framework) ([]unit, error) {
	if f != PyTorch && f != Keras {
		return nil, fmt.Errorf("weights: got the framework %q, want %q or %q: how weights lie is never guessed", string(f), PyTorch, Keras)
	}
	if m == nil || len(m.Layers()) == 0 {
		return nil, fmt.Errorf("weights: got no model, want one of graph.NewModel")
	}
	w := &walk{framework: f, infos: m.Layers(), params: map[string]map[string]graph.Param{}, seen: map[string]bool{}}
	for _, p := range m.Tensors() {
		cut := strings.LastIndexByte(p.Name, '.')
		layer := p.Name[:max(cut, 0)]
		if w.params[layer] == nil {
			w.params[layer] = map[string]graph.Param{}
		}
		w.params[layer][p.Name[cut+1:]] = p
	}
	parts, err := m.Net().Parts()
	if err != nil {
		return nil, err
	}
	inputs := m.Inputs()
	flows := make([]flow, len(parts))
	for i, p := range parts {
		switch {
		case p.Layer != nil:
			var in []flow
			for _, from := range p.From {
				in = append(in, flows[from])
			}
			flows[i] = w.layer(in...)
		case len(p.From) == 0 && len(inputs) > 0:
			shape := inputs[0].Shape
			inputs = inputs[1:]
			flows[i] = flow{shape: shape, first: f == PyTorch && len(shape) == 3}
		}
	}
	if w.err == nil && len(w.units) == 0 {
		w.err = fmt.Errorf("weights: the model keeps nothing: none of its layers has weights")
	}
	return w.units, w.err
}

// within are the layers directly in the one before w.at, at a depth: each is walked by do.
func (w *walk) within(depth int, do func()) {
	for w.err == nil && w.at < len(w.infos) && w.infos[w.at].Nested > depth {
		do()
	}
}

// layer goes through the next layer and those within it.
func (w *walk) layer(in ...flow) flow {
	if w.err != nil || w.at >= len(w.infos) {
		return flow{lost: true}
	}
	info := w.infos[w.at]
	w.at++
	kind := info.Layer
	if bare, ok := graph.Shared(kind); ok {
		kind = bare
	}
	x := flow{lost: true}
	if len(in) > 0 {
		x = in[0]
	}
	out := flow{shape: info.Output, first: x.first, order: x.order, lost: x.lost}
	l := &layer{name: info.Name, kind: kind, params: w.params[info.Name], rank: len(info.Output)}
	switch kind := kind.(type) {
	case layers.Sequence, layers.Residual, layers.Regularized:
		y := x
		w.within(info.Nested, func() { y = w.layer(y) })
		y.shape = info.Output
		return y
	case layers.TimeDistributed:
		y := flow{first: w.framework == PyTorch && len(x.shape) == 4}
		if len(x.shape) > 0 {
			y.shape = x.shape[1:]
		}
		w.within(info.Nested, func() { y = w.layer(y) })
		return flow{shape: info.Output, lost: y.order != nil}
	case layers.Concat:
		branches := in
		if len(kind) > 0 {
			branches = nil
			w.within(info.Nested, func() { branches = append(branches, w.layer(x)) })
		}
		return beside(info.Output, branches)
	case layers.Bidirectional:
		w.bidirectional(info)
		return flow{shape: info.Output}
	case layers.Flatten:
		return w.flattened(x, info.Output)
	case layers.Conv, layers.Depthwise, layers.ConvTranspose, layers.MaxPool, layers.AvgPool, layers.Upsample, layers.Conv1D, layers.ConvTranspose1D, layers.MaxPool1D, layers.AvgPool1D, layers.Upsample1D:
		out.first = w.framework == PyTorch
	case layers.Dense:
		switch {
		case w.framework != PyTorch:
		case x.lost:
			w.fail(l, "what its input is made of no longer shows, and PyTorch has an image's channels first: build the network without Reshape and Permute between the image and this layer")
		case x.first && len(x.shape) > 1 && size(x.shape[:len(x.shape)-1]) > 1:
			w.fail(l, "it goes over the channels of an image, and PyTorch's Linear over its columns: put a 1x1 convolution in its place")
		case x.order != nil && len(x.order) == x.shape[len(x.shape)-1]:
			l.order = x.order
		}
		out.first, out.order = false, nil
	case layers.GlobalMaxPool, layers.GlobalAvgPool, layers.RNN, layers.LSTM, layers.GRU, layers.Embedding, layers.Attention:
		out = flow{shape: info.Output}
	case layers.Reshape, layers.Permute:
		out.lost = x.first || x.order != nil || x.lost
	case layers.Crop, layers.ConstantPad, layers.Step:
		out.lost = x.lost || x.order != nil
	case layers.BatchNorm, layers.PReLU, layers.LayerNorm, layers.RMSNorm, layers.GroupNorm:
		l.order = x.order
		if _, groups := kind.(layers.GroupNorm); x.lost && w.framework == PyTorch || groups && x.order != nil {
			w.fail(l, "what its features are no longer shows, and PyTorch has an image's channels first")
		}
	}
	w.within(info.Nested, func() { w.layer(flow{lost: true}) }) // of a layer that is not known
	w.unit(l)
	return out
}

// unit adds a layer that keeps something, once.
func (w *walk) unit(l *layer) {
	if len(l.params) == 0 || w.seen[l.name] || w.err != nil {
		return
	}
	w.seen[l.name] = true
	forms := l.forms(w.framework)
	if len(forms) == 0 {
		w.fail(l, "%s has no layer like it", map[Framework]string{PyTorch: "PyTorch", Keras: "Keras"}[w.framework])
		return
	}
	w.units = append(w.units, unit{l.name, forms})
}

func (w *walk) fail(l *layer, format string, args ...any) {
	if w.err == nil && len(l.params) > 0 {
		w.err = fmt.Errorf("weights: layer %s, as %s has it: %w", l.name, w.framework, fmt.Errorf(format, args...))
	}
}

// bidirectional is a unit of the layers forward and backward.
func (w *walk) bidirectional(info graph.LayerInfo) {
	var parts []part
	for i, direction := range []string{"", "_reverse"} {
		if w.at >= len(w.infos) {
			return
		}
		child := w.infos[w.at]
		w.at++
		w.within(child.Nested, func() { w.at++ })
		l := &layer{name: child.Name, kind: child.Layer, params: w.params[child.Name]}
		switch child.Layer.(type) {
		case layers.RNN, layers.LSTM, layers.GRU:
		default:
			w.fail(l, "want a recurrent layer in both directions")
			return
		}
		if i == 0 && w.seen[child.Name] {
			w.at++
			return
		}
		w.seen[child.Name] = true
		parts = append(parts, l.recurrent(w.framework, direction)...)
	}
	w.units = append(w.units, unit{info.Name, []form{{parts: parts}}})
}

// flattened says how features lie after an image is made a row of them: here channels come last, in PyTorch first.
func (w *walk) flattened(x flow, shape []int) flow {
	out := flow{shape: shape, lost: x.lost, order: x.order}
	if !x.first || len(x.shape) < 2 {
		return out
	}
	channels := x.shape[len(x.shape)-1]
	places := size(x.shape[:len(x.shape)-1])
	if channels == 1 || places == 1 {
		return out
	}
	out.order = make([]int, 0, channels*places)
	for c := range channels {
		for p := range places {
			out.order = append(out.order, p*channels+c)
		}
	}
	return out
}

// beside is several values, one beside the other along the last axis.
func beside(shape []int, in []flow) flow {
	out := flow{shape: shape}
	ordered := slices.ContainsFunc(in, func(x flow) bool { return x.order != nil })
	first := 0
	for _, x := range in {
		out.first, out.lost = out.first || x.first, out.lost || x.lost
		if !ordered || len(x.shape) == 0 {
			continue
		}
		n := x.shape[len(x.shape)-1]
		order := x.order
		if order == nil {
			order = span(0, n)
		}
		for _, o := range order {
			out.order = append(out.order, first+o)
		}
		first += n
	}
	return out
}
