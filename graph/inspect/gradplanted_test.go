package inspect

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// A pass is one backward pass of y = tanh(x·w + b) with its right gradients, for an error to be planted in.
type pass struct {
	batch, in, out int
	x, w, y, dy    []float64
	dz             []float64 // dy·(1−y²)
	dx, dw, db     []float64
	single         bool       // float32
	run            int        // how often this gradient was computed before, in this program
	r              *rand.Rand // of the network's seed, the same in each run
	kept           map[string][]float64
}

// recompute makes dx, dw and db of another dz.
func (p *pass) recompute() {
	clear(p.dx)
	clear(p.dw)
	clear(p.db)
	for n := range p.batch {
		for o, dz := range p.dz[n*p.out : (n+1)*p.out] {
			p.db[o] += dz
			for i, x := range p.x[n*p.in : (n+1)*p.in] {
				p.dw[i*p.out+o] += x * dz
				p.dx[n*p.in+i] += p.w[i*p.out+o] * dz
			}
		}
	}
}

func scale(v []float64, by float64) {
	for i := range v {
		v[i] *= by
	}
}

// pick is an element that is not far smaller than the others: one with a gradient to be wrong.
func (p *pass) pick(v []float64) int {
	typical := rms(v)
	for range 1000 {
		if i := p.r.IntN(len(v)); math.Abs(v[i]) > typical/10 {
			return i
		}
	}
	return 0 // they are all 0, or none is a number
}

func (p *pass) column(o int, by float64) {
	for i := range p.in {
		p.dw[i*p.out+o] *= by
	}
}

func (p *pass) row(i int, by float64) { scale(p.dw[i*p.out:(i+1)*p.out], by) }

// planted are errors of a backward pass, by what is then wrong: "weight" and "bias" of the layer, "before" what comes before it. Where that
// is "" the check must be refused with an error.
var planted = []struct {
	name, wrong string
	plant       func(p *pass)
}{
	{"dw of the other sign", "weight", func(p *pass) { scale(p.dw, -1) }},
	{"db of the other sign", "bias", func(p *pass) { scale(p.db, -1) }},
	{"dx of the other sign", "before", func(p *pass) { scale(p.dx, -1) }},
	{"dw by 1.0001", "weight", func(p *pass) { scale(p.dw, 1.0001) }},
	{"db by 1.0001", "bias", func(p *pass) { scale(p.db, 1.0001) }},
	{"dx by 1.0001", "before", func(p *pass) { scale(p.dx, 1.0001) }},
	{"dw by 1.000001", "weight", func(p *pass) { scale(p.dw, 1.000001) }},
	{"dw doubled", "weight", func(p *pass) { scale(p.dw, 2) }},
	{"dx halved", "before", func(p *pass) { scale(p.dx, .5) }},
	{"one element by 1.0001", "weight", func(p *pass) { p.dw[p.pick(p.dw)] *= 1.0001 }},
	{"one element by .99", "weight", func(p *pass) { p.dw[p.pick(p.dw)] *= .99 }},
	{"one element 0", "weight", func(p *pass) { p.dw[p.pick(p.dw)] = 0 }},
	{"one element of the other sign", "weight", func(p *pass) { p.dw[p.pick(p.dw)] *= -1 }},
	{"one element its neighbour's", "weight", func(p *pass) { at := p.pick(p.dw[1:]); p.dw[at] = p.dw[at+1] }},
	{"a row zeroed", "weight", func(p *pass) { p.row(p.r.IntN(p.in), 0) }},
	{"a column zeroed", "weight", func(p *pass) { p.column(p.r.IntN(p.out), 0) }},
	{"a tenth of the columns zeroed", "weight", func(p *pass) {
		for o := range p.out / 10 {
			p.column(o*10, 0)
		}
	}},
	{"a tenth of the rows zeroed", "weight", func(p *pass) {
		for i := range p.in / 10 {
			p.row(i*10, 0)
		}
	}},
	{"a row doubled", "weight", func(p *pass) { p.row(p.r.IntN(p.in), 2) }},
	{"two rows swapped", "weight", func(p *pass) {
		for o := range p.out {
			p.dw[o], p.dw[p.out+o] = p.dw[p.out+o], p.dw[o]
		}
	}},
	{"dw transposed", "weight", func(p *pass) {
		for i := range p.in {
			for o := range i {
				p.dw[i*p.out+o], p.dw[o*p.out+i] = p.dw[o*p.out+i], p.dw[i*p.out+o]
			}
		}
	}},
	{"dx by w, not its transpose", "before", func(p *pass) {
		clear(p.dx)
		for n := range p.batch {
			for o, dz := range p.dz[n*p.out : (n+1)*p.out] {
				for i := range p.in {
					p.dx[n*p.in+i] += p.w[o*p.out+i] * dz
				}
			}
		}
	}},
	{"dw divided by the batch", "weight", func(p *pass) { scale(p.dw, 1/float64(p.batch)) }},
	{"db a mean, not a sum", "bias", func(p *pass) { scale(p.db, 1/float64(p.batch)) }},
	{"db of the first sample alone", "bias", func(p *pass) { copy(p.db, p.dz[:p.out]) }},
	{"dw detached", "weight", func(p *pass) { clear(p.dw) }},
	{"db detached", "bias", func(p *pass) { clear(p.db) }},
	{"dx detached", "before", func(p *pass) { clear(p.dx) }},
	{"dx 0 where x < 0", "before", func(p *pass) {
		for i, x := range p.x {
			if x < 0 {
				p.dx[i] = 0
			}
		}
	}},
	{"dw of |x|", "weight", func(p *pass) {
		for i, x := range p.x {
			p.x[i] = math.Abs(x)
		}
		p.recompute()
	}},
	{"the last sample left out", "weight bias before", func(p *pass) {
		scale(p.dz[(p.batch-1)*p.out:], 0)
		p.recompute()
	}},
	{"dx of one sample by 1.001", "before", func(p *pass) { scale(p.dx[:p.in], 1.001) }},
	{"dx of one sample another's", "before", func(p *pass) { copy(p.dx[:p.in], p.dx[p.in:2*p.in]) }},
	{"1−y in place of 1−y²", "weight bias before", func(p *pass) {
		for i, y := range p.y {
			p.dz[i] = p.dy[i] * (1 - y)
		}
		p.recompute()
	}},
	{"1−y² + .00001", "weight bias before", func(p *pass) {
		for i, y := range p.y {
			p.dz[i] = p.dy[i] * (1 - y*y + .00001)
		}
		p.recompute()
	}},
	{"y² forgotten beyond .2", "weight bias before", func(p *pass) {
		for i, y := range p.y {
			if y > .2 {
				p.dz[i] = p.dy[i]
			}
		}
		p.recompute()
	}},
	{"dw clipped", "weight", func(p *pass) {
		limit := 2 * rms(p.dw)
		for i, g := range p.dw {
			p.dw[i] = min(limit, max(-limit, g))
		}
	}},
	{"dw plus a millionth of its size", "weight", func(p *pass) {
		c := 1e-6 * rms(p.dw)
		for i := range p.dw {
			p.dw[i] += c
		}
	}},
	{"dw with the digits of bfloat16", "weight", func(p *pass) {
		for i, g := range p.dw {
			p.dw[i] = float64(math.Float32frombits(math.Float32bits(float32(g)) &^ 0xffff))
		}
	}},
	{"weight decay left in", "weight", func(p *pass) {
		for i, w := range p.w {
			p.dw[i] += 1e-4 * w
		}
	}},
	{"dw NaN in one place", "weight", func(p *pass) { p.dw[p.pick(p.dw)] = math.NaN() }},
	{"dw of the first run, kept", "weight", func(p *pass) {
		if p.kept["dw"] == nil {
			p.kept["dw"] = slices.Clone(p.dw)
		}
		p.dw = p.kept["dw"]
	}},
	{"db of the first run, kept", "bias", func(p *pass) {
		if p.kept["db"] == nil {
			p.kept["db"] = slices.Clone(p.db)
		}
		p.db = p.kept["db"]
	}},
	{"dw of the run before", "", func(p *pass) {
		before := p.kept["dw"]
		p.kept["dw"] = slices.Clone(p.dw)
		if before == nil {
			before = make([]float64, len(p.dw))
		}
		p.dw = before
	}},
	{"dw added up from run to run", "", func(p *pass) {
		for i, g := range p.kept["dw"] {
			p.dw[i] += g
		}
		p.kept["dw"] = slices.Clone(p.dw)
	}},
	{"db wrong in the second run", "", func(p *pass) {
		if p.run == 1 {
			scale(p.db, 1.01)
		}
	}},
	{"dw with noise", "", func(p *pass) {
		for i := range p.dw {
			p.dw[i] *= 1 + 1e-9*rand.NormFloat64()
		}
	}},
	{"float32: dw by 1.001", "weight", func(p *pass) {
		if p.single {
			scale(p.dw, 1.001)
		}
	}},
	{"float32: one element by 1.01", "weight", func(p *pass) {
		if at := p.pick(p.dw); p.single {
			p.dw[at] *= 1.01
		}
	}},
	{"float32: db of the other sign", "bias", func(p *pass) {
		if p.single {
			scale(p.db, -1)
		}
	}},
	{"float32: a tenth of the columns zeroed", "weight", func(p *pass) {
		for o := range p.out / 10 {
			if p.single {
				p.column(o*10, 0)
			}
		}
	}},
	{"float32: dx with the digits of bfloat16", "before", func(p *pass) {
		for i, g := range p.dx {
			if p.single {
				p.dx[i] = float64(math.Float32frombits(math.Float32bits(float32(g)) &^ 0xffff))
			}
		}
	}},
}

// plantedLayer is a dense layer with tanh whose backward pass has the error.
func plantedLayer(seed uint64, units int, plant func(*pass)) graph.Layer {
	return graph.LayerFunc("planted", raw(func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		batch, in := x.Shape()[0], x.Shape()[1]
		w, bias := b.Param("weight", graph.GlorotUniform, in, units), b.Param("bias", graph.Zeros, units)
		forward := func(v [][]float64, _ bool, _ int) []float64 {
			y := make([]float64, batch*units)
			for n := range batch {
				for o := range units {
					z := v[2][o]
					for i := range in {
						z += v[0][n*in+i] * v[1][i*units+o]
					}
					y[n*units+o] = math.Tanh(z)
				}
			}
			return y
		}
		var gradients []computation
		for i := range 3 {
			kept := map[string][]float64{}
			gradients = append(gradients, func(v [][]float64, single bool, run int) []float64 {
				p := &pass{batch: batch, in: in, out: units, x: slices.Clone(v[0]), w: v[1], y: v[3], dy: v[4], single: single, run: run, kept: kept, r: rand.New(rand.NewPCG(seed, 9))}
				p.dz = make([]float64, len(p.y))
				for j, y := range p.y {
					p.dz[j] = p.dy[j] * (1 - y*y)
				}
				p.dx, p.dw, p.db = make([]float64, batch*in), make([]float64, in*units), make([]float64, units)
				p.recompute()
				if plant != nil {
					plant(p)
				}
				return [][]float64{p.dx, p.dw, p.db}[i]
			})
		}
		return gorgonia.ApplyOp(&computed{name: "planted", shape: tensor.Shape{batch, units}, ranks: []int{2, 2, 1, 2}, compute: forward, gradients: gradients, id: made.Add(1)}, x, w, bias)
	}))
}

var made atomic.Uint32

// plantedNetwork has the layer after one of tanh, and before one of sigmoid or, for odd seeds, one of relu with its kinks.
func plantedNetwork(t testing.TB, seed uint64, units int, middle graph.Layer) *graph.Model {
	after := []layers.Activation{layers.Sigmoid, layers.ReLU}[seed%2]
	return network(t, seed, layers.Dense{Units: units, Activation: layers.Tanh}, middle, layers.Dense{Units: 12, Activation: after}, layers.Dense{Units: 3, Activation: layers.Softmax})
}

// Every planted error is found, in the parameter where it is and in no other.
func TestPlantedErrorsAreFound(t *testing.T) {
	seeds := uint64(1)
	if *campaign {
		seeds = 20
	}
	for seed := range seeds { // the layer itself is right
		check, err := CheckGradients(plantedNetwork(t, seed, 20, plantedLayer(seed, 20, nil)), losses.CrossEntropy{}, randomBatch(5, 4, 3, seed))
		if err != nil || !check.OK() {
			t.Fatalf("without an error: %v\n%v", err, check)
		}
	}
	total, found := 0, 0
	for _, e := range planted {
		missed := 0
		for seed := range seeds {
			units := 20
			if *campaign || strings.Contains(e.name, "one element") {
				units = 100
			}
			m := plantedNetwork(t, seed, units, plantedLayer(seed, units, e.plant))
			check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(5, 4, 3, seed))
			total++
			if e.wrong == "" {
				if err == nil || !strings.Contains(err.Error(), "does not repeat") {
					t.Errorf("%s, seed %d: got error %v, want one that says that it does not repeat", e.name, seed, err)
					missed++
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, seed %d: %v", e.name, seed, err)
				missed++
				continue
			}
			right := true
			for _, p := range check.Params {
				is := "after"
				switch layer, param, _ := strings.Cut(p.Name, "."); layer {
				case "dense_1":
					is = "before"
				case "planted_1":
					is = param
				}
				if wrong := strings.Contains(e.wrong, is); wrong != strings.HasPrefix(p.Fault, "WRONG") {
					right = false
				}
			}
			if !right {
				missed++
				t.Errorf("%s, seed %d: want wrong: %s; got\n%v", e.name, seed, e.wrong, check)
			}
		}
		found += int(seeds) - missed
		t.Logf("%-40s found %d of %d", e.name, int(seeds)-missed, seeds)
	}
	t.Logf("%d of %d found, %d kinds", found, total, len(planted))
}

// A loss that does not repeat has no differences to compare with, and a program that writes over its weights no weights.
func TestCheckGradientsRefusesWhatDoesNotRepeat(t *testing.T) {
	noise := func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(&computed{name: "noise", shape: x.Shape().Clone(), ranks: []int{2, 2}, id: made.Add(1),
			compute: func(v [][]float64, _ bool, _ int) []float64 {
				y := slices.Clone(v[0])
				for i := range y {
					y[i] += 1e-6 * rand.NormFloat64()
				}
				return y
			},
			gradients: []computation{func(v [][]float64, _ bool, _ int) []float64 { return v[2] }},
		}, x)
	}
	dropout := func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Dropout(x, .5) }
	grown := func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(&computed{name: "grown", shape: x.Shape().Clone(), ranks: []int{2, 2}, id: made.Add(1),
			compute: func(v [][]float64, _ bool, run int) []float64 {
				y := slices.Clone(v[0])
				scale(y, 1+float64(run)/8)
				return y
			},
			gradients: []computation{func(v [][]float64, _ bool, _ int) []float64 { return v[2] }},
		}, x)
	}
	shifted := func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		w := b.Param("shift", graph.Constant(.5), x.Shape()[1])
		return gorgonia.ApplyOp(&computed{name: "shifted", shape: x.Shape().Clone(), ranks: []int{2, 1, 2}, id: made.Add(1), writes: true,
			compute: func(v [][]float64, _ bool, _ int) []float64 {
				y := slices.Clone(v[0])
				for i := range y {
					y[i] += v[1][i%len(v[1])]
				}
				return y
			},
			gradients: []computation{
				func(v [][]float64, _ bool, _ int) []float64 { return v[3] },
				func(v [][]float64, _ bool, _ int) []float64 { return make([]float64, len(v[1])) },
			},
		}, x, w)
	}
	for _, c := range []struct {
		name, want string
		build      func(*graph.Builder, *gorgonia.Node) (*gorgonia.Node, error)
	}{
		{"noise", "does not repeat", noise},
		{"dropout", "which must not be used", dropout},
		{"grown", "the loss does not repeat", grown},
		{"shifted", "wrote over shifted_1.shift", shifted},
	} {
		for seed := range uint64(5) {
			_, err := CheckGradients(network(t, seed, layers.Dense{Units: 6, Activation: layers.Tanh}, graph.LayerFunc(c.name, raw(c.build)), layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(5, 4, 3, seed))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, seed %d: got %v, want an error that says %q", c.name, seed, err, c.want)
			}
		}
	}
}

// A computation makes an op's output of its inputs; run counts from 0 in each program.
type computation func(in [][]float64, single bool, run int) []float64

// computed is an op of any function and any gradients, each of the inputs, the output and its gradient.
type computed struct {
	name      string
	shape     tensor.Shape
	ranks     []int // of the inputs and the output
	compute   computation
	gradients []computation
	writes    bool // it moves its second input at each run
	id        uint32
	runs      int
}

func (c *computed) Arity() int { return len(c.ranks) - 1 }
func (c *computed) Type() hm.Type {
	var types []hm.Type
	for _, rank := range c.ranks {
		types = append(types, gorgonia.TensorType{Dims: rank, Of: hm.TypeVariable('a')})
	}
	return hm.NewFnType(types...)
}
func (c *computed) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return c.shape.Clone(), nil
}
func (c *computed) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	var in [][]float64
	for _, v := range values {
		t, ok := v.(*tensor.Dense)
		if !ok {
			return nil, errors.New("want tensors")
		}
		in = append(in, wide(t))
	}
	out := tensor.New(tensor.Of(values[0].Dtype()), tensor.WithShape(c.shape...))
	y := c.compute(in, out.Dtype() == tensor.Float32, c.runs)
	c.runs++
	if out.Dtype() == tensor.Float64 {
		copy(out.Float64s(), y)
	} else {
		for i, v := range y {
			out.Float32s()[i] = float32(v)
		}
	}
	if c.writes && out.Dtype() == tensor.Float64 {
		values[1].(*tensor.Dense).Float64s()[0]++
	}
	return out, nil
}
func (c *computed) ReturnsPtr() bool      { return true }
func (c *computed) CallsExtern() bool     { return false }
func (c *computed) OverwritesInput() int  { return -1 }
func (c *computed) WriteHash(h hash.Hash) { fmt.Fprintf(h, "%s %d", c.name, c.id) }
func (c *computed) Hashcode() uint32      { h := fnv.New32a(); c.WriteHash(h); return h.Sum32() }
func (c *computed) String() string        { return c.name }
func (c *computed) DiffWRT(n int) []bool {
	wrt := make([]bool, n)
	for i := range wrt {
		wrt[i] = c.gradients != nil
	}
	return wrt
}
func (c *computed) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	var all gorgonia.Nodes
	for i, g := range c.gradients {
		ranks := append(slices.Clone(c.ranks), c.ranks[len(c.ranks)-1], c.ranks[i])
		d, err := gorgonia.ApplyOp(&computed{name: fmt.Sprint("∂", c.name, i), shape: in[i].Shape().Clone(), ranks: ranks, compute: g, id: made.Add(1)}, append(slices.Clone(in), out, grad)...)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}
