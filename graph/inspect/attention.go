package inspect

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/memory"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/train"
)

// An AttentionMap is what the heads of a layer of attention look at, weights at rest.
type AttentionMap struct {
	Layer                         string    // "attention_1"
	Samples, Heads, Queries, Keys int       // Queries are the places that look, Keys those that are looked at
	Weights                       []float64 // [sample,head,query,key], softmax(q·kᵀ/√size): those of a query are 1 in all, or all 0 where it may see nothing
}

// Of are the weights of a head of a sample, both from 0 on: [query,key]; nil where there is none.
func (a *AttentionMap) Of(sample, head int) []float64 {
	if a == nil || sample < 0 || head < 0 || sample >= a.Samples || head >= a.Heads {
		return nil
	}
	n := a.Queries * a.Keys
	return a.Weights[(sample*a.Heads+head)*n:][:n]
}

// Attention computes the maps of all attention layers of a model on a batch, which training never has as a whole: [heads,time,time] numbers a sample and layer. None of a model without such a layer. A batch that does not
// fit the model is an error.
func Attention(m *graph.Model, b *train.Batch) ([]AttentionMap, error) {
	if m == nil || b == nil || len(b.Inputs) == 0 {
		return nil, errors.New("inspect: attention: got a nil model or no batch, want both, the batch such as train.NewBatch makes")
	}
	infos := m.Layers()
	if !slices.ContainsFunc(infos, attends) {
		return nil, nil
	}
	p, err := AtRest(m, b)
	if err != nil {
		return nil, err
	}
	var all []AttentionMap
	recordings := p.Recordings()
	for i, l := range infos {
		if !attends(l) {
			continue
		}
		a, err := attention(m, l, recordings[i].Inputs)
		if err != nil {
			return nil, fmt.Errorf("inspect: attention: %s: %w", l.Name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

func attends(l graph.LayerInfo) bool {
	_, ok := l.Layer.(layers.Attention)
	return ok
}

// attention computes a layer's map from what goes into it: a sequence, perhaps another one, and perhaps lengths.
func attention(m *graph.Model, info graph.LayerInfo, in []*tensor.Dense) (a AttentionMap, err error) {
	l := info.Layer.(layers.Attention)
	a = AttentionMap{Layer: info.Name, Samples: in[0].Shape()[0], Heads: l.Heads, Queries: in[0].Shape()[1], Keys: in[0].Shape()[1]}
	keeps, _, _ := strings.Cut(info.Name, "/") // a shared layer has its parameters under its first name
	features := in[0].Shape()[2]
	size := l.Size
	if size == 0 {
		size = features / l.Heads
	}
	width := l.Heads * size
	var seen []int32
	if last := in[len(in)-1]; last.Dtype() == tensor.Int32 {
		seen, in = last.Int32s(), in[:len(in)-1]
	}
	affine := func(x *tensor.Dense, weight, bias string, turned int) ([]float64, error) {
		return projected(x, param(m, keeps+"."+weight), param(m, keeps+"."+bias), size, turned, l.Rotary)
	}
	q, k := place{stride: 3 * width}, place{stride: 3 * width, column: width}
	if len(in) == 1 {
		if q.values, err = affine(in[0], "weight", "bias", 2*width); err != nil {
			return a, err
		}
		k.values = q.values
	} else {
		q, k = place{stride: width}, place{stride: 2 * width}
		a.Keys = in[1].Shape()[1]
		if q.values, err = affine(in[0], "query", "query_bias", width); err == nil {
			k.values, err = affine(in[1], "memory", "memory_bias", width)
		}
		if err != nil {
			return a, err
		}
	}
	n := a.Samples * a.Heads * a.Queries * a.Keys
	if err := memory.Check(8*uint64(n), fmt.Sprintf("the attention of %d samples", a.Samples)); err != nil {
		return a, err
	}
	a.Weights = make([]float64, n)
	for s := range a.Samples {
		keys := a.Keys
		if seen != nil {
			keys = int(seen[s])
		}
		for head := range a.Heads {
			for i := range a.Queries {
				n := keys
				if l.Causal {
					n = min(n, i+1)
				}
				look(a.Of(s, head)[i*a.Keys:][:n], q.row(s*a.Queries+i, head, size), k, s*a.Keys, head)
			}
		}
	}
	return a, nil
}

// A place is where queries or keys lie: from which column of rows of what length.
type place struct {
	values         []float64
	column, stride int
}

func (p place) row(i, head, size int) []float64 {
	return p.values[i*p.stride+p.column+head*size:][:size]
}

// look makes the weights of a query over as many keys as w is long, from a row on.
func look(w, q []float64, k place, from, head int) {
	top := math.Inf(-1)
	for j := range w {
		for c, v := range k.row(from+j, head, len(q)) {
			w[j] += q[c] * v
		}
		w[j] /= math.Sqrt(float64(len(q)))
		top = max(top, w[j])
	}
	sum := 0.0
	for j := range w {
		w[j] = math.Exp(w[j] - top)
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
}

// projected is x·w + b, with the first columns turned by their places where the layer does that, as the layer's own ops compute it.
func projected(x, w, b *tensor.Dense, size, turned int, rotary bool) ([]float64, error) {
	if w == nil || b == nil {
		return nil, errors.New("it has other parameters than an attention layer")
	}
	g := gorgonia.NewGraph()
	node := func(name string, t *tensor.Dense) *gorgonia.Node {
		return gorgonia.NewTensor(g, t.Dtype(), t.Dims(), gorgonia.WithShape(t.Shape()...), gorgonia.WithName(name), gorgonia.WithValue(t))
	}
	y, err := ops.Dense(node("x", x), node("w", w), node("b", b), ops.Identity)
	if err == nil && rotary {
		y, err = ops.Rotary(y, size, turned)
	}
	if err != nil {
		return nil, err
	}
	machine := gorgonia.NewTapeMachine(g)
	defer machine.Close()
	if err := machine.RunAll(); err != nil {
		return nil, err
	}
	return wide(y.Value().(*tensor.Dense)), nil
}

// param is a model's parameter of a name; nil if there is none.
func param(m *graph.Model, name string) *tensor.Dense {
	for _, p := range m.Params() {
		if p.Name == name {
			return p.Value
		}
	}
	return nil
}
