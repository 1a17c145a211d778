package layers

import (
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/text"
)

// Attention is multi-head scaled dot-product attention (Vaswani et al. 2017), [batch,time,features] → [batch,time,features]: of queries, keys and values, each x·W + b, cut into heads,
// softmax(q·kᵀ/√size)·v, and of all heads side by side another x·W + b.
//
// Of a sequence to itself its parameters are "weight", [features,3·heads·size], queries, keys and values side by side, and "bias". In a graph.Net it may have more inputs: another sequence,
// floats [batch,steps,n], whose keys and values it then takes: the parameters are "query", "query_bias", "memory", [n,2·heads·size], and "memory_bias"; and last, lengths, int32 [batch]: how many keys of
// each sample may be seen, from 0 on; where there are none, what is attended to is 0. All have "output", [heads·size,features], and "output_bias".
type Attention struct {
	Heads   int               // at least 1
	Size    int               // of a head; features/Heads if not given
	Causal  bool              // a place sees itself and those before it
	Rotary  bool              // queries and keys are turned by their places (Su et al. 2021): Size is even
	Weights graph.Initializer // of all; graph.GlorotUniform, of each of the matrices side by side by itself, if not given
}

func init() {
	text.Register[graph.Layer]("attention", "multi-head attention: [batch,time,features] → the same shape", "attention 4 causal", Attention{})
}

// beside is graph.GlorotUniform of each of so many matrices that lie side by side.
func beside(parts int) graph.Initializer {
	return graph.InitFunc("glorot-uniform", func(r *rand.Rand, fanIn, fanOut int) float64 {
		return (2*r.Float64() - 1) * math.Sqrt(6/float64(fanIn+fanOut/parts))
	})
}

// Build is Join of the sequence alone.
func (l Attention) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return l.Join(b, x) }

// Join takes the sequence, another one, and lengths, of which the last two may be left out.
func (l Attention) Join(b *graph.Builder, xs ...*gorgonia.Node) *gorgonia.Node {
	x, rest := xs[0], xs[1:]
	h := ops.Heads{Count: l.Heads, Causal: l.Causal}
	if n := len(rest); n > 0 && rest[n-1].Dtype() == tensor.Int32 {
		h.Lengths, rest = rest[n-1], rest[:n-1]
	}
	features, size := graph.Features(x), l.Size
	if size == 0 && l.Heads > 0 {
		size = features / l.Heads
	}
	switch {
	case l.Heads < 1:
		return b.Errorf("got Heads %d, want at least 1", l.Heads)
	case x.Dims() != 3 || x.Dtype() == tensor.Int32:
		return b.Errorf("want [batch,time,features] in floats: ids take an embedding before it")
	case l.Size == 0 && features%l.Heads != 0:
		return b.Errorf("got %d heads of %d features, want these to be a multiple of them, or a Size", l.Heads, features)
	case size < 1:
		return b.Errorf("got Size %d, want at least 1", size)
	case l.Rotary && size%2 != 0:
		return b.Errorf("got Rotary with heads of size %d, want an even one", size)
	case len(rest) > 1 || len(rest) == 1 && (rest[0].Dims() != 3 || rest[0].Dtype() == tensor.Int32):
		return b.Errorf("want at most another sequence, floats [batch,steps,n], and then lengths, int32 [batch]")
	}
	width := l.Heads * size
	affine := func(name string, x *gorgonia.Node, parts int) *gorgonia.Node {
		w := b.Param(name, l.Weights.Or(beside(parts)), graph.Features(x), parts*width)
		bias := name + "_bias"
		if name == "weight" {
			bias = "bias"
		}
		y := b.Node(ops.Dense(x, w, b.Param(bias, graph.Zeros, parts*width), ops.Identity))
		if l.Rotary {
			y = b.Node(ops.Rotary(y, size, max(1, parts-1)*width))
		}
		return y
	}
	var y *gorgonia.Node
	if len(rest) == 0 {
		y = b.Node(ops.SelfAttention(affine("weight", x, 3), h))
	} else {
		q := affine("query", x, 1)
		y = b.Node(ops.CrossAttention(q, affine("memory", rest[0], 2), h))
	}
	return b.Node(ops.Dense(y, b.Param("output", l.Weights.Or(graph.GlorotUniform), width, features), b.Param("output_bias", graph.Zeros, features), ops.Identity))
}
