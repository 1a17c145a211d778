package graph_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/scalar"
	"github.com/stheno-ml/stheno/graph/ops"
)

var randomNets = flag.Int("nets", 200, "how many random networks of layers to hold against the reference")

// TestRandomNets draws networks of layers, with several inputs, shared layers, joins, states, penalties, outputs and every loss, and holds them against the
// reference, a number at a time. Sizes and batches of 1 are among them.
func TestRandomNets(t *testing.T) {
	for seed, n := uint64(0), 0; n < *randomNets; seed++ {
		if a, ok := drawNet(seed); ok {
			t.Run(a.Name, func(t *testing.T) {
				a.check(t, true)
				if n%4 == 0 && !a.saturated {
					a.check(t, false)
				}
			})
			n++
		}
		if t.Failed() {
			return
		}
	}
}

// A slow is the reference's builder: it names layers and keeps what they ask for as graph.Builder does, and draws it when it is first asked for.
type slow struct {
	a         *architecture
	r         *rand.Rand
	training  bool
	count     map[string]int
	uses      map[int]slowUse
	path      []string
	leaves    map[string]value // parameters and states
	next      map[string]value // of states
	penalties []number
	nearest   float64 // distance from a kink
}

type slowUse struct {
	name  string
	count map[string]int
}

func newSlow(a *architecture, r *rand.Rand, training bool) *slow {
	return &slow{a: a, r: r, training: training, count: map[string]int{}, uses: map[int]slowUse{}, leaves: map[string]value{}, next: map[string]value{}, nearest: 1}
}

// kept is a parameter or a state of the layer that is being built.
func (s *slow) kept(all *[]archTensor, name string, shape ...int) value {
	name = s.path[len(s.path)-1] + "." + name
	if v, ok := s.leaves[name]; ok {
		return v
	}
	at := slices.IndexFunc(*all, func(t archTensor) bool { return t.Name == name })
	if at < 0 {
		at = len(*all)
		size := tensor.Shape(shape).TotalSize()
		*all = append(*all, archTensor{Name: name, Shape: shape, Value: fractions(s.r, size, math.Sqrt(float64(shape[len(shape)-1])/float64(size)))})
	}
	s.leaves[name] = valueOf(shape, (*all)[at].Value)
	return s.leaves[name]
}

func (s *slow) param(name string, shape ...int) value { return s.kept(&s.a.Params, name, shape...) }

// fractions are normal numbers that are multiples of 1/64, none of them 0: the same in float32.
func fractions(r *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		if x[i] = math.Round(64*scale*r.NormFloat64()) / 64; x[i] == 0 {
			x[i] = 1. / 64
		}
	}
	return x
}

func valueOf(shape []int, x []float64) value {
	v := value{shape: slices.Clone(shape)}
	for _, x := range x {
		v.v = append(v.v, scalar.Of(x))
	}
	return v
}

func (v value) last() int { return v.shape[len(v.shape)-1] }

// rows are a value as a matrix of its last axis.
func (v value) rows() scalar.Rows {
	var rows scalar.Rows
	for row := range slices.Chunk(v.v, v.last()) {
		rows = append(rows, row)
	}
	return rows
}

// of is a value of other rows.
func (v value) of(rows scalar.Rows) value {
	return value{shape: append(slices.Clone(v.shape[:len(v.shape)-1]), len(rows[0])), v: rows.Flat()}
}

func (v value) each(f func(at int, x number) number) value {
	y := value{shape: v.shape}
	for i, x := range v.v {
		y.v = append(y.v, f(i, x))
	}
	return y
}

// kink notes a number at whose 0 there is no derivative.
func (s *slow) kink(x number) number {
	s.nearest = min(s.nearest, math.Abs(x.X))
	return x
}

func (s *slow) activated(name string, x value) (y value) {
	f := map[string]func(number) number{
		"linear": func(x number) number { return x }, "sigmoid": scalar.Sigmoid, "tanh": scalar.Tanh, "softplus": scalar.Softplus,
		"relu":       func(x number) number { return scalar.ReLU(s.kink(x)) },
		"leaky-relu": func(x number) number { return scalar.LeakyReLU(ops.LeakySlope)(s.kink(x)) },
		"elu":        scalar.ELU(1, 1), "gelu": scalar.GELU, "gelu-tanh": scalar.GELUTanh, "silu": scalar.SiLU, "mish": scalar.Mish,
		"selu": func(x number) number { return scalar.ELU(ops.SELUScale, ops.SELUAlpha)(s.kink(x)) },
	}[name]
	switch name {
	case "softmax":
		y = x.of(scalar.Softmax(x.rows()))
	case "log-softmax":
		y = x.of(scalar.LogSoftmax(x.rows()))
	default:
		y = x.each(func(_ int, x number) number { return f(x) })
	}
	for _, y := range y.v {
		s.a.saturated = s.a.saturated || (name == "sigmoid" || name == "tanh" || name == "softmax") && math.Abs(y.X) > .99 && math.Abs(y.X) < 1
	}
	return y
}

func (s *slow) apply(l archLayer, xs ...value) value {
	var name string
	if l.Kind == "share" {
		inner := s.a.Shared[l.Of]
		if u, ok := s.uses[l.Of]; ok {
			defer func(count map[string]int) { s.count = count }(s.count)
			name, s.count = u.name, clone(u.count)
		} else {
			name = s.named(inner)
			s.uses[l.Of] = slowUse{name, clone(s.count)}
		}
		l = inner
	} else {
		name = s.named(l)
	}
	s.path = append(s.path, name)
	defer func() { s.path = s.path[:len(s.path)-1] }()
	return s.build(l, xs)
}

func clone(m map[string]int) map[string]int {
	c := map[string]int{}
	for k, v := range m {
		c[k] = v
	}
	return c
}

func (s *slow) named(l archLayer) string {
	kind := l.Kind
	if kind == "activation" {
		kind = strings.ReplaceAll(l.Activation, "-", "_")
	}
	s.count[kind]++
	return fmt.Sprintf("%s_%d", kind, s.count[kind])
}

func (s *slow) build(l archLayer, xs []value) value {
	x := xs[0]
	switch l.Kind {
	case "dense":
		w, b := s.param("weight", x.last(), l.Units), s.param("bias", l.Units)
		return s.activated(l.Activation, x.of(scalar.Dense(x.rows(), w.rows(), b.rows())))
	case "activation":
		return s.activated(l.Activation, x)
	case "flatten":
		return value{shape: tensor.Shape{x.shape[0], len(x.v) / x.shape[0]}, v: x.v}
	case "residual":
		y := x
		for _, l := range l.Layers {
			y = s.apply(l, y)
		}
		return x.each(func(i int, x number) number { return scalar.Add(x, y.v[i]) })
	case "sequence":
		for _, l := range l.Layers {
			x = s.apply(l, x)
		}
		return x
	case "concat":
		var parts []scalar.Rows
		for _, l := range l.Layers {
			parts = append(parts, s.apply(l, x).rows())
		}
		for i := 0; len(l.Layers) == 0 && i < len(xs); i++ {
			parts = append(parts, xs[i].rows())
		}
		return x.of(scalar.Beside(parts...))
	case "sum":
		return x.each(func(i int, _ number) number {
			var terms []number
			for _, x := range xs {
				terms = append(terms, x.v[i])
			}
			return scalar.Add(terms...)
		})
	case "absdiff":
		return x.each(func(i int, x number) number {
			d := s.kink(minus(x, xs[1].v[i]))
			return scalar.Max(d, neg(d))
		})
	case "swish":
		return x.each(func(_ int, x number) number {
			if x.X > 15 {
				s.nearest = 0 // from there on Gorgonia's Sigmoid is 1, in float64 from 19
			}
			return scalar.Mul(x, scalar.Sigmoid(x))
		})
	case "affine":
		return x.each(func(_ int, x number) number { return scalar.Add(scalar.Scale(l.Number, x), scalar.Of(.75)) })
	case "mix":
		return x.each(func(_ int, x number) number {
			return scalar.Add(scalar.Scale(1-l.Number, x), scalar.Scale(l.Number, scalar.Tanh(x)))
		})
	case "columns":
		rows := x.rows()
		for i := range rows {
			rows[i] = rows[i][1:]
		}
		return x.of(rows)
	case "ridge":
		w := s.param("weight", x.last(), l.Units)
		var squares []number
		for _, w := range w.v {
			squares = append(squares, square(w))
		}
		s.penalties = append(s.penalties, scalar.Scale(l.Number, scalar.Add(squares...)))
		return x.of(scalar.Dense(x.rows(), w.rows(), scalar.Rows{valueOf([]int{l.Units}, make([]float64, l.Units)).v}))
	case "embed":
		table := s.param("table", l.Words, l.Units).rows()
		y := value{shape: append(slices.Clone(x.shape), l.Units)}
		for _, id := range x.v {
			y.v = append(y.v, table[int(id.X)]...)
		}
		return y
	case "centre":
		mean := s.kept(&s.a.States, "mean", x.last())
		if s.training {
			rows, now := x.rows(), value{shape: mean.shape}
			for j := range mean.v {
				var column []number
				for _, row := range rows {
					column = append(column, row[j])
				}
				now.v = append(now.v, scalar.Scale(1/float64(len(rows)), scalar.Add(column...)))
			}
			s.next[s.path[len(s.path)-1]+".mean"] = mean.each(func(j int, m number) number {
				return scalar.Add(scalar.Scale(1-l.Number, m), scalar.Scale(l.Number, now.v[j]))
			})
			mean = now
		}
		return x.each(func(i int, x number) number { return minus(x, mean.v[i%len(mean.v)]) })
	}
	return s.more(l, x)
}

// loss gives the loss of each row, and how much it counts.
func (s *slow) loss(o archOutput, end archLayer, y value, options lossOptions) (values []number, counts []float64) {
	n := y.last()
	probabilities := y
	if end.Activation != "softmax" {
		probabilities = y.of(scalar.Softmax(y.rows()))
	}
	mean := func(terms []number) number { return scalar.Scale(1/float64(n), scalar.Add(terms...)) }
	for i, row := range y.rows() {
		count := 1.
		at := func(j int) float64 { return o.Target[i*n+j] }
		class := -1
		if classified(o.Loss, options) {
			class = int(o.Target[i])
			switch {
			case class < 0:
				count = 0
			case options.Weights != nil:
				count = options.Weights[class]
			}
			at = func(j int) float64 {
				if j == class {
					return 1
				}
				return 0
			}
		}
		var terms []number
		for j, z := range row {
			difference := scalar.Add(z, scalar.Of(-at(j)))
			switch o.Loss {
			case "cross-entropy", "clipped-cross-entropy":
				p := probabilities.v[i*n+j]
				if o.Loss == "clipped-cross-entropy" {
					p = scalar.Clip(1e-7, 1-1e-7)(p)
				}
				t := at(j)*(1-options.Smoothing) + options.Smoothing/float64(n)
				terms = append(terms, scalar.Scale(-t*sign(count), scalar.Log(p)))
			case "kl":
				if t := at(j); t > 0 {
					terms = append(terms, scalar.Scale(t, scalar.Add(scalar.Of(math.Log(t)), neg(scalar.Log(probabilities.v[i*n+j])))))
				}
			case "binary-cross-entropy":
				p := z
				if end.Activation != "sigmoid" {
					p = scalar.Sigmoid(z)
				}
				terms = append(terms, scalar.Scale(-at(j), scalar.Log(p)), scalar.Scale(at(j)-1, scalar.Log(scalar.Add(scalar.Of(1), neg(p)))))
			case "mse":
				terms = append(terms, square(difference))
			case "mae":
				terms = append(terms, scalar.Max(s.kink(difference), neg(difference)))
			case "huber":
				size := scalar.Max(s.kink(difference), neg(difference))
				if delta := options.delta(); size.X <= delta {
					terms = append(terms, scalar.Scale(.5, square(difference)))
				} else {
					terms = append(terms, scalar.Scale(delta, scalar.Add(size, scalar.Of(-delta/2))))
				}
			case "hinge":
				terms = append(terms, scalar.ReLU(s.kink(scalar.Add(scalar.Of(1), scalar.Scale(1-2*at(j), z)))))
			case "multi-margin":
				if j != class && class >= 0 {
					terms = append(terms, scalar.ReLU(s.kink(scalar.Add(scalar.Of(1), neg(row[class]), z))))
				}
			}
		}
		switch o.Loss {
		case "cross-entropy", "clipped-cross-entropy", "kl":
			values = append(values, scalar.Add(terms...))
		case "cosine":
			var along, squares []number
			length := 0.
			for j, z := range row {
				along, squares = append(along, scalar.Scale(at(j), z)), append(squares, square(z))
				length += at(j) * at(j)
			}
			inverse := scalar.Exp(scalar.Scale(-.5, scalar.Log(scalar.Add(squares...))))
			values = append(values, minus(scalar.Of(1), scalar.Scale(1/math.Sqrt(length), scalar.Mul(scalar.Add(along...), inverse))))
		default:
			values = append(values, mean(terms))
		}
		counts = append(counts, count)
	}
	return values, counts
}

// sign is 0 of what does not count, else 1.
func sign(count float64) float64 {
	if count > 0 {
		return 1
	}
	return 0
}

type lossOptions struct {
	Smoothing     float64   `json:",omitempty"`
	Weights       []float64 `json:",omitempty"`
	Distributions bool      `json:",omitempty"`
	Delta         float64   `json:",omitempty"`
}

func (o lossOptions) delta() float64 {
	if o.Delta == 0 {
		return 1
	}
	return o.Delta
}

// classified says whether a loss's target is classes.
func classified(loss string, o lossOptions) bool {
	return loss == "multi-margin" || loss == "clipped-cross-entropy" || loss == "cross-entropy" && !o.Distributions
}

// run computes the network, and what it is to give.
func (s *slow) run(inputs []value) (outputs []value, values [][]number, loss number) {
	places := slices.Clone(inputs)
	for _, i := range s.a.Items {
		var from []value
		for _, f := range i.From {
			from = append(from, places[f])
		}
		places = append(places, s.apply(i.Layer, from...))
	}
	var terms []number
	for _, o := range s.a.Outputs {
		var options lossOptions
		if err := json.Unmarshal(o.Options, &options); err != nil {
			panic(err)
		}
		end, y := s.a.Items[o.Of-len(inputs)].Layer, places[o.Of]
		losses, counts := s.loss(o, end, y, options)
		whole := 0.
		for _, c := range counts {
			whole += c
		}
		weight := o.Weight
		if weight == 0 {
			weight = 1
		}
		for i, l := range losses {
			w := counts[i] / whole * weight
			if s.a.Samples != nil {
				w *= s.a.Samples[i/(len(losses)/s.a.Batch)]
			}
			terms = append(terms, scalar.Scale(w, l))
		}
		outputs, values = append(outputs, y), append(values, losses)
	}
	return outputs, values, scalar.Add(append(terms, s.penalties...)...)
}
