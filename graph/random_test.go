package graph_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/scalar"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

var randomGraphs = flag.Int("graphs", 150, "how many random graphs of Gorgonia's ops to compile")

// TestRandomGraphs builds layers of Gorgonia's ops and ours at random, on parameters, states, constants and the input, and holds what compiles against the
// reference: outputs, losses, gradients, and every tensor that a run must not write. What does not compile must have been refused, not have failed.
func TestRandomGraphs(t *testing.T) {
	compiled := 0
	for seed := range uint64(*randomGraphs) {
		if p := newPlan(seed); p.check(t) {
			compiled++
		}
		if t.Failed() {
			return
		}
	}
	if compiled < *randomGraphs/3 {
		t.Errorf("only %d of %d graphs were not refused", compiled, *randomGraphs)
	}
	t.Logf("%d of %d graphs were not refused", compiled, *randomGraphs)
}

// A value is a tensor of the reference.
type value struct {
	shape tensor.Shape
	v     []*scalar.Value
	read  int // by how many steps
}

// A step makes a value of others.
type step struct {
	what  string
	in    []int
	build func(b builder, in []node) node
}

// A plan is a graph: leaves (the input, parameters, a state, a constant), then steps.
type plan struct {
	r      *rand.Rand
	seed   uint64
	leaves []leaf
	steps  []step
	values []*value // of the leaves, then of the steps
}

type leaf struct {
	kind  string // "input", "parameter", "state", "constant"
	shape tensor.Shape
	data  []float64
}

var leafShapes = []tensor.Shape{{2, 3}, {3, 2}, {6}, {3}, {2}, {1, 3}, {2, 1, 3}, {2, 3, 1}, {3, 3}, {4, 1}}

func newPlan(seed uint64) *plan {
	p := &plan{r: rand.New(rand.NewPCG(seed, 77)), seed: seed}
	add := func(kind string, s tensor.Shape) {
		l := leaf{kind: kind, shape: s, data: make([]float64, s.TotalSize())}
		v := &value{shape: s}
		for i := range l.data {
			l.data[i] = math.Round(1e4*(p.r.Float64()+.2)*float64(1-2*p.r.IntN(2))) / 1e4
			v.v = append(v.v, scalar.Of(l.data[i]))
		}
		p.leaves = append(p.leaves, l)
		p.values = append(p.values, v)
	}
	add("input", []tensor.Shape{{2, 3}, {2, 1, 3}, {2}, {2, 2}}[p.r.IntN(4)])
	for range 1 + p.r.IntN(3) {
		add("parameter", leafShapes[p.r.IntN(len(leafShapes))])
	}
	if p.r.IntN(2) == 0 {
		add("state", leafShapes[p.r.IntN(len(leafShapes))])
	}
	if p.r.IntN(2) == 0 {
		add("constant", leafShapes[p.r.IntN(len(leafShapes))])
	}
	for range 3 + p.r.IntN(12) {
		p.grow()
	}
	return p
}

// pick is a value that suits, rather a late one, or one that is not read yet; −1 if there is none.
func (p *plan) pick(suits func(v *value) bool) int {
	var all []int
	for i, v := range p.values {
		if suits(v) {
			all = append(all, i)
			if v.read == 0 || i > len(p.leaves) {
				all = append(all, i, i)
			}
		}
	}
	if len(all) == 0 {
		return -1
	}
	return all[p.r.IntN(len(all))]
}

func (p *plan) step(what string, build func(b builder, in []node) node, shape tensor.Shape, v []*scalar.Value, in ...int) {
	top := 0.0
	for _, x := range v {
		if top = max(top, math.Abs(x.X)); math.IsNaN(x.X) {
			return
		}
	}
	if top > 50 || len(v) > 12 || len(v) == 0 {
		return
	}
	for _, i := range in {
		p.values[i].read++
		what += fmt.Sprintf(" %d%v", i, p.values[i].shape)
	}
	p.steps = append(p.steps, step{fmt.Sprintf("%d = %s", len(p.values), what), in, build})
	p.values = append(p.values, &value{shape: shape.Clone(), v: v})
}

type (
	unaryOp  = func(x *gorgonia.Node) (*gorgonia.Node, error)
	binaryOp = func(a, b *gorgonia.Node) (*gorgonia.Node, error)
	number   = *scalar.Value
)

func square(x number) number { return scalar.Mul(x, x) }
func neg(x number) number    { return scalar.Scale(-1, x) }
func minus(a, b number) number {
	return scalar.Add(a, neg(b))
}
func plus(a, b number) number { return scalar.Add(a, b) }

var unaries = []struct {
	name   string
	raw    unaryOp
	define func(x number) number
}{
	{"Neg", gorgonia.Neg, neg}, {"Square", gorgonia.Square, square}, {"Cube", gorgonia.Cube, func(x number) number { return scalar.Mul(x, square(x)) }},
	{"Sigmoid", gorgonia.Sigmoid, scalar.Sigmoid}, {"Tanh", gorgonia.Tanh, scalar.Tanh}, {"Exp", gorgonia.Exp, scalar.Exp}, {"Softplus", gorgonia.Softplus, scalar.Softplus},
	{"Rectify", gorgonia.Rectify, scalar.ReLU}, {"Abs", gorgonia.Abs, func(x number) number { return scalar.Max(x, neg(x)) }},
	{"Log1p of Square", func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Log1p(must(gorgonia.Square(x))) }, func(x number) number { return scalar.Log(scalar.Add(scalar.Of(1), square(x))) }},
	{"Log of 1 + Square", func(x *gorgonia.Node) (*gorgonia.Node, error) { // which takes the sum out of the graph
		return gorgonia.Log(must(gorgonia.Add(must(gorgonia.Square(x)), gorgonia.NewConstant(1.))))
	}, func(x number) number { return scalar.Log(scalar.Add(scalar.Of(1), square(x))) }},
	{"1 less Sigmoid", func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Sub(gorgonia.NewConstant(1.), must(gorgonia.Sigmoid(x)))
	}, func(x number) number { return scalar.Add(scalar.Of(1), neg(scalar.Sigmoid(x))) }},
	{"LeakyRelu", func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.LeakyRelu(x, .1) }, scalar.LeakyReLU(.1)},
	{"Expm1", gorgonia.Expm1, func(x number) number { return scalar.Add(scalar.Exp(x), scalar.Of(-1)) }},
	{"Inverse of Softplus", func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Inverse(must(gorgonia.Softplus(x))) }, func(x number) number { return scalar.Inverse(scalar.Softplus(x)) }},
	{"our Copy", ops.Copy, func(x number) number { return x }}, {"our Abs", ops.Abs, func(x number) number { return scalar.Max(x, neg(x)) }},
	{"our Tanh", func(x *gorgonia.Node) (*gorgonia.Node, error) { return ops.Activate(x, ops.Tanh) }, scalar.Tanh},
}

var binaries = []struct {
	name   string
	raw    binaryOp
	define func(a, b number) number
}{
	{"Add", gorgonia.Add, plus}, {"Sub", gorgonia.Sub, minus}, {"HadamardProd", gorgonia.HadamardProd, scalar.Mul},
	{"HadamardDiv by Exp", func(a, b *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.HadamardDiv(a, must(gorgonia.Exp(b)))
	}, func(a, b number) number { return scalar.Mul(a, scalar.Exp(neg(b))) }},
	{"Pow of Softplus", func(a, b *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Pow(must(gorgonia.Softplus(a)), b) }, func(a, b number) number { return scalar.Exp(scalar.Mul(b, scalar.Log(scalar.Softplus(a)))) }},
	{"our Add", ops.Add, plus}, {"our Sub", ops.Sub, minus}, {"our Mul", ops.Mul, scalar.Mul},
}

var broadcasts = []struct {
	name   string
	raw    func(a, b *gorgonia.Node, left, right []byte) (*gorgonia.Node, error)
	define func(a, b number) number
}{
	{"BroadcastAdd", gorgonia.BroadcastAdd, plus}, {"BroadcastSub", gorgonia.BroadcastSub, minus}, {"BroadcastHadamardProd", gorgonia.BroadcastHadamardProd, scalar.Mul},
}

// grow adds a step, or, where what it picked does not suit, none.
func (p *plan) grow() {
	whatever := func(v *value) bool { return true }
	tensors := func(v *value) bool { return len(v.shape) > 0 }
	one := func(i int) *value { return p.values[i] }
	switch kind := p.r.IntN(16); kind {
	case 0, 1, 2:
		i, u := p.pick(whatever), unaries[p.r.IntN(len(unaries))]
		if strings.HasPrefix(u.name, "our") && len(one(i).shape) == 0 {
			return
		}
		var v []number
		for _, x := range one(i).v {
			v = append(v, u.define(x))
		}
		p.step(u.name, func(b builder, in []node) node { return b.Node(u.raw(in[0])) }, one(i).shape, v, i)
	case 3, 4, 5:
		i := p.pick(tensors)
		j := p.pick(func(v *value) bool { return slices.Equal(v.shape, one(i).shape) })
		bin := binaries[p.r.IntN(len(binaries))]
		var v []number
		for k := range one(i).v {
			v = append(v, bin.define(one(i).v[k], one(j).v[k]))
		}
		p.step(bin.name, func(b builder, in []node) node { return b.Node(bin.raw(in[0], in[1])) }, one(i).shape, v, i, j)
	case 6: // with a scalar, on either side
		i := p.pick(tensors)
		j := p.pick(func(v *value) bool { return len(v.shape) == 0 })
		bin, turned := binaries[p.r.IntN(3)], p.r.IntN(2) == 0
		c := math.Round(8*p.r.NormFloat64()) / 8
		with := scalar.Of(c)
		in := []int{i}
		if j >= 0 {
			with, in = one(j).v[0], []int{i, j}
		}
		var v []number
		for _, x := range one(i).v {
			if turned {
				v = append(v, bin.define(with, x))
			} else {
				v = append(v, bin.define(x, with))
			}
		}
		p.step(fmt.Sprintf("%s with a scalar, turned %v", bin.name, turned), func(b builder, in []node) node {
			x, s := in[0], b.Constant(c)
			if len(in) == 2 {
				s = in[1]
			}
			if turned {
				return b.Node(bin.raw(s, x))
			}
			return b.Node(bin.raw(x, s))
		}, one(i).shape, v, in...)
	case 7: // a vector and a matrix
		i := p.pick(func(v *value) bool { return len(v.shape) == 2 })
		if i < 0 {
			return
		}
		axis := p.r.IntN(2) // along which the vector is repeated
		j := p.pick(func(v *value) bool { return len(v.shape) == 1 && v.shape[0] == one(i).shape[1-axis] })
		if j < 0 || slices.Contains(one(i).shape, 1) {
			return
		}
		br, left := broadcasts[p.r.IntN(len(broadcasts))], p.r.IntN(2) == 0
		var v []number
		for k, x := range one(i).v {
			at := k % one(i).shape[1]
			if axis == 1 {
				at = k / one(i).shape[1]
			}
			if y := one(j).v[at]; left {
				v = append(v, br.define(y, x))
			} else {
				v = append(v, br.define(x, y))
			}
		}
		p.step(fmt.Sprintf("%s along %d, left %v", br.name, axis, left), func(b builder, in []node) node {
			if left {
				return b.Node(br.raw(in[1], in[0], []byte{byte(axis)}, nil))
			}
			return b.Node(br.raw(in[0], in[1], nil, []byte{byte(axis)}))
		}, one(i).shape, v, i, j)
	case 8, 9: // Reshape and Ravel, of ours too
		i := p.pick(tensors)
		shapes := append([]tensor.Shape{}, leafShapes...)
		shapes = append(shapes, tensor.Shape{1, len(one(i).v)}, tensor.Shape{len(one(i).v), 1}, tensor.Shape{len(one(i).v)})
		s := shapes[p.r.IntN(len(shapes))]
		if s.TotalSize() != len(one(i).v) {
			s = tensor.Shape{len(one(i).v)}
		}
		ours := p.r.IntN(3) == 0
		p.step(fmt.Sprintf("reshape, ours %v, to %v", ours, s), func(b builder, in []node) node {
			switch {
			case ours:
				return b.Node(ops.Reshape(in[0], s...))
			case len(s) == 1:
				return b.Node(gorgonia.Ravel(in[0]))
			}
			return b.Node(gorgonia.Reshape(in[0], s.Clone()))
		}, s, one(i).v, i)
	case 10: // Transpose, also the one that changes nothing
		i := p.pick(func(v *value) bool { return len(v.shape) > 1 })
		if i < 0 {
			return
		}
		axes := p.r.Perm(len(one(i).shape))
		s := make(tensor.Shape, len(axes))
		for k, a := range axes {
			s[k] = one(i).shape[a]
		}
		v := make([]number, len(one(i).v))
		for k := range v {
			v[k] = one(i).v[offset(one(i).shape, permuted(coordinates(s, k), axes))]
		}
		p.step(fmt.Sprint("Transpose ", axes), func(b builder, in []node) node { return b.Node(gorgonia.Transpose(in[0], axes...)) }, s, v, i)
	case 11: // Slice
		i := p.pick(tensors)
		s := one(i).shape.Clone()
		axis := p.r.IntN(len(s))
		lo := p.r.IntN(s[axis])
		hi := lo + 1 + p.r.IntN(s[axis]-lo)
		if hi == lo+1 {
			return // it loses its axis, and what is then read of a scalar or a vector is Gorgonia's to say
		}
		s[axis] = hi - lo
		var v []number
		for k := range s.TotalSize() {
			at := coordinates(s, k)
			at[axis] += lo
			v = append(v, one(i).v[offset(one(i).shape, at)])
		}
		p.step(fmt.Sprintf("Slice %d:%d of axis %d", lo, hi, axis), func(b builder, in []node) node {
			cut := make([]tensor.Slice, axis+1)
			cut[axis] = gorgonia.S(lo, hi)
			return b.Node(gorgonia.Slice(in[0], cut...))
		}, s, v, i)
	case 12: // Concat, of one too
		i := p.pick(tensors)
		in := []int{i}
		for range p.r.IntN(3) {
			in = append(in, p.pick(func(v *value) bool { return slices.Equal(v.shape, one(i).shape) }))
		}
		s := one(i).shape.Clone()
		s[0] *= len(in)
		var v []number
		for _, k := range in {
			v = append(v, one(k).v...)
		}
		p.step("Concat", func(b builder, in []node) node { return b.Node(gorgonia.Concat(0, in...)) }, s, v, in...)
	case 13, 14: // sums, means and maxima along an axis, or over all
		i := p.pick(tensors)
		s := one(i).shape
		axis := p.r.IntN(len(s))
		if p.r.IntN(4) == 0 {
			p.step("Sum of all", func(b builder, in []node) node { return b.Node(gorgonia.Sum(in[0])) }, tensor.ScalarShape(), []number{scalar.Add(one(i).v...)}, i)
			return
		}
		if len(s) == 1 {
			return
		}
		rest := slices.Delete(s.Clone(), axis, axis+1)
		groups := make([][]number, rest.TotalSize())
		for k, x := range one(i).v {
			at := offset(rest, slices.Delete(coordinates(s, k), axis, axis+1))
			groups[at] = append(groups[at], x)
		}
		what := p.r.IntN(3)
		v := make([]number, len(groups))
		for k, g := range groups {
			switch what {
			case 0:
				v[k] = scalar.Add(g...)
			case 1:
				v[k] = scalar.Scale(1/float64(len(g)), scalar.Add(g...))
			default:
				v[k] = g[0]
				for _, x := range g[1:] {
					if math.Abs(x.X-v[k].X) < 1e-3 {
						return // two maxima, or nearly
					}
					v[k] = scalar.Max(v[k], x)
				}
			}
		}
		p.step(fmt.Sprintf("%s along %d", []string{"Sum", "Mean", "Max"}[what], axis), func(b builder, in []node) node {
			switch what {
			case 0:
				return b.Node(gorgonia.Sum(in[0], axis))
			case 1:
				return b.Node(gorgonia.Mean(in[0], axis))
			}
			return b.Node(gorgonia.Max(in[0], axis))
		}, rest, v, i)
	case 15: // a product
		i := p.pick(func(v *value) bool { return len(v.shape) == 2 })
		if i < 0 {
			return
		}
		j := p.pick(func(v *value) bool { return len(v.shape) == 2 && v.shape[0] == one(i).shape[1] })
		if j < 0 {
			return
		}
		a, b := scalar.Rows{}, scalar.Rows{}
		for row := range slices.Chunk(one(i).v, one(i).shape[1]) {
			a = append(a, row)
		}
		for row := range slices.Chunk(one(j).v, one(j).shape[1]) {
			b = append(b, row)
		}
		zero := scalar.Rows{make([]number, one(j).shape[1])}
		for k := range zero[0] {
			zero[0][k] = scalar.Of(0)
		}
		ours := p.r.IntN(2) == 0
		p.step(fmt.Sprintf("product, ours %v", ours), func(b builder, in []node) node {
			if ours {
				return b.Node(matmul(in[0], in[1]))
			}
			return b.Node(gorgonia.Mul(in[0], in[1]))
		}, tensor.Shape{one(i).shape[0], one(j).shape[1]}, scalar.Dense(a, b, zero).Flat(), i, j)
	}
}

// coordinates are those of the k-th element of a shape, offset is the way back.
func coordinates(s tensor.Shape, k int) []int {
	at := make([]int, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		at[i] = k % s[i]
		k /= s[i]
	}
	return at
}

func offset(s tensor.Shape, at []int) (k int) {
	for i, n := range s {
		k = k*n + at[i]
	}
	return k
}

// permuted are the coordinates before a transposition of those after it.
func permuted(at, axes []int) []int {
	before := make([]int, len(at))
	for k, a := range axes {
		before[a] = at[k]
	}
	return before
}

// layer builds the plan; what nobody reads stands side by side in the output, [2,…].
func (p *plan) layer() graph.Layer {
	return custom(func(b builder, x node) node {
		var nodes, outs []node
		for i, l := range p.leaves {
			fill := graph.Initializer{Name: "leaf", Fill: func(_ *rand.Rand, w []float64, _ []int) { copy(w, l.data) }}
			switch name := fmt.Sprint(l.kind, i); l.kind {
			case "input":
				nodes = append(nodes, x)
			case "parameter":
				nodes = append(nodes, b.Param(name, fill, l.shape...))
			case "state":
				nodes = append(nodes, b.State(name, fill, l.shape...))
			default:
				nodes = append(nodes, x.Graph().AddNode(gorgonia.NewConstant(tensor.New(tensor.WithShape(l.shape...), tensor.WithBacking(slices.Clone(l.data))))))
			}
		}
		for _, s := range p.steps {
			var in []node
			for _, i := range s.in {
				in = append(in, nodes[i])
			}
			n := s.build(b, in)
			if n == nil {
				return nil
			}
			if want := p.values[len(nodes)].shape; !slices.Equal(n.Shape(), want) && len(n.Shape())+len(want) > 0 {
				return b.Errorf("unlike the reference: %s has shape %v, want %v", s.what, n.Shape(), want)
			}
			nodes = append(nodes, n)
		}
		for i, v := range p.values {
			if v.read == 0 || i < len(p.leaves) && p.leaves[i].kind == "input" {
				outs = append(outs, b.Node(ops.Reshape(nodes[i], 1, len(v.v))))
			}
		}
		if b.Err() != nil {
			return nil
		}
		y := b.Node(ops.Concat(outs...))
		return b.Node(ops.Reshape(b.Node(ops.Concat(y, y)), 2, graph.Features(y)))
	})
}

func (p *plan) String() string {
	s := fmt.Sprintf("seed %d\n", p.seed)
	for i, l := range p.leaves {
		s += fmt.Sprintf("%d = %s %v\n", i, l.kind, l.shape)
	}
	for _, st := range p.steps {
		s += st.what + "\n"
	}
	return s
}

// refusals are the beginnings of what may be said of a random graph.
var refusals = []string{"which is read later: use ops.Reshape in place of Reshape and Ravel"}

// check says whether the graph compiled, in every mode.
func (p *plan) check(t *testing.T) bool {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(p.leaves[0].shape[1:]...), Float64: true}, p.layer())
	if err != nil {
		t.Errorf("%v%v", p, err)
		return false
	}
	var out []number
	for i, v := range p.values {
		if v.read == 0 || i < len(p.leaves) && p.leaves[i].kind == "input" {
			out = append(out, v.v...)
		}
	}
	var target []number // zero but for a few
	for i := range 2 * len(out) {
		target = append(target, scalar.Of(float64(i%3)))
	}
	rows := scalar.Rows{out, out}
	want := scalar.MeanSquared(rows, scalar.Rows{target[:len(out)], target[len(out):]})
	scalar.Backward(want)
	for _, spec := range []graph.Spec{{Mode: graph.Predict}, {Mode: graph.Evaluate}, {Mode: graph.Train}, {Mode: graph.Train, Inspect: true}} {
		spec.Batch, spec.Loss = 2, lossIn(spec.Mode, losses.MSE{})
		prog, err := m.Compile(spec)
		if err != nil {
			if !slices.ContainsFunc(refusals, func(r string) bool { return strings.Contains(err.Error(), r) }) {
				t.Errorf("%v%v: %v", p, spec.Mode, err)
			}
			return false
		}
		copy(prog.X().Float64s(), p.leaves[0].data)
		if prog.Y() != nil {
			for i, v := range target {
				prog.Y().Float64s()[i] = v.X
			}
		}
		for n := range 3 {
			what := fmt.Sprintf("%v%v, inspect %v, run %d: ", p, spec.Mode, spec.Inspect, n)
			if err := prog.Run(); err != nil {
				t.Errorf("%s%v", what, err)
				return true
			}
			closeEnough(t, what+"output", prog.Output().Float64s(), rows.Flat(), func(v number) float64 { return v.X })
			if spec.Mode != graph.Predict {
				closeEnough(t, what+"loss", []float64{prog.Loss()}, []number{want}, func(v number) float64 { return v.X })
			}
			at := map[string]int{}
			for i, g := range prog.Grads() {
				v, err := g.Grad()
				if err != nil {
					t.Error(err)
				}
				at[m.Params()[i].Name] = i
				k := slices.IndexFunc(p.leaves, func(l leaf) bool {
					return l.kind == "parameter" && fmt.Sprint("custom_1.parameter", slices.IndexFunc(p.leaves, func(o leaf) bool { return &o.data[0] == &l.data[0] })) == m.Params()[i].Name
				})
				closeEnough(t, what+"gradient of "+m.Params()[i].Name, v.Data().([]float64), p.values[k].v, func(v number) float64 { return v.Grad })
			}
			leaves := map[string][]float64{"input0": prog.X().Float64s()}
			for _, kept := range slices.Concat(m.Params(), m.States()) {
				leaves[strings.TrimPrefix(kept.Name, "custom_1.")] = kept.Value.Float64s()
			}
			for i, l := range p.leaves {
				if got := leaves[fmt.Sprint(l.kind, i)]; l.kind != "constant" && !slices.Equal(got, l.data) {
					t.Errorf("%s%s %d was written over: %v, want %v", what, l.kind, i, got, l.data)
				}
			}
			if t.Failed() {
				return true
			}
		}
	}
	return true
}

func closeEnough(t *testing.T, what string, got []float64, want []number, of func(number) float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d elements, want %d", what, len(got), len(want))
		return
	}
	scale := 1.0
	for _, w := range want {
		scale = max(scale, math.Abs(of(w)))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-of(w)) <= 1e-10*scale) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], of(w))
			return
		}
	}
}
