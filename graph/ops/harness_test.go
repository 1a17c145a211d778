package ops_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/numeric"
	"github.com/stheno-ml/stheno/graph/ops"
)

// A fixture is a function on nodes and what it must compute.
type fixture struct {
	name   string
	shapes []tensor.Shape  // of the inputs
	ids    []*tensor.Dense // inputs of int32 that follow them
	fixed  int             // how many of the last inputs have no gradient
	draw   func(r *rand.Rand, input int) float64
	build  func(in gorgonia.Nodes) (*gorgonia.Node, error)
	want   func(in [][]float64) []float64 // the value, by the definition
}

// check compares the fixture's value with its definition and its gradients with central differences, in float64, and float32
// with float64; and sees that a second run gives the same bits and that no run writes what it was given.
func (f fixture) check(t *testing.T) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(len(f.name))))
	draw := f.draw
	if draw == nil {
		draw = awayFromZero
	}
	values := make([][]float64, len(f.shapes))
	for i, s := range f.shapes {
		values[i] = make([]float64, s.TotalSize())
		for j := range values[i] {
			values[i][j] = float64(float32(draw(r, i))) // the same number in both types
		}
	}
	wide, err := f.result(tensor.Float64, values)
	if err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	if f.want != nil {
		for i, want := range f.want(values) {
			if d := math.Abs(wide.value[i] - want); !(d <= 1e-13*max(1, math.Abs(want))) {
				t.Errorf("%s: value[%d] = %v, want %v", f.name, i, wide.value[i], want)
				break
			}
		}
	}
	f.checkGradients(t, wide, r)

	narrow, err := f.result(tensor.Float32, values)
	if err != nil {
		t.Fatalf("%s, float32: %v", f.name, err)
	}
	near(t, f.name+", float32: value", narrow.value, wide.value, 2e-6)
	for i := range wide.grads {
		near(t, fmt.Sprintf("%s, float32: gradient of input %d", f.name, i), narrow.grads[i], wide.grads[i], 2e-6)
	}
}

func (f fixture) checkGradients(t *testing.T, p *result, r *rand.Rand) {
	t.Helper()
	for i, got := range p.grads {
		x := p.inputs[i].Float64s()
		places := r.Perm(len(x))
		for _, at := range places[:min(len(x), 24)] {
			want, err := numeric.Gradient(x[at:at+1], 1e-5, p.run)
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			if !(math.Abs(got[at]-want[0]) <= 1e-7*max(1, math.Abs(want[0]))) {
				t.Errorf("%s: gradient[%d] of input %d, %v, is %v, numerically %v", f.name, at, i, f.shapes[i], got[at], want[0])
				return
			}
		}
	}
}

// result is a fixture that has run: cost = Σ c∘f(inputs), with c drawn at random.
type result struct {
	inputs []*tensor.Dense
	value  []float64
	grads  [][]float64
	run    func() (float64, error)
}

func (f fixture) result(dt tensor.Dtype, values [][]float64) (*result, error) {
	g := gorgonia.NewGraph()
	p := &result{}
	var in gorgonia.Nodes
	for i, s := range f.shapes {
		n, v := input(g, fmt.Sprint("in", i), dt, s, values[i])
		in, p.inputs = append(in, n), append(p.inputs, v)
	}
	learnt := in[:len(in):len(in)]
	var ids [][]int32
	for i, v := range f.ids {
		in = append(in, gorgonia.NewTensor(g, tensor.Int32, v.Dims(), gorgonia.WithShape(v.Shape()...), gorgonia.WithName(fmt.Sprint("ids", i)), gorgonia.WithValue(v)))
		ids = append(ids, slices.Clone(v.Int32s()))
	}
	y, err := f.build(in)
	if err != nil {
		return nil, err
	}
	cost, err := against(y, dt)
	if err != nil {
		return nil, err
	}
	grads, err := gorgonia.Grad(cost, learnt[:len(learnt)-f.fixed]...)
	if err != nil {
		return nil, fmt.Errorf("grad: %w", err)
	}
	for _, n := range append(gorgonia.Nodes{y, cost}, grads...) {
		if !n.Type().Eq(typeOf(dt, n.Dims())) {
			return nil, fmt.Errorf("node %v: got type %v, want %d dimensions of %v", n, n.Type(), n.Dims(), dt)
		}
	}
	for i, n := range grads {
		if !slices.Equal(n.Shape(), f.shapes[i]) {
			return nil, fmt.Errorf("gradient of input %d: got shape %v, want %v", i, n.Shape(), f.shapes[i])
		}
	}
	kept := make(gorgonia.Nodes, 0, 2+len(grads))
	for _, n := range append(gorgonia.Nodes{y, cost}, grads...) {
		k, err := ops.Keep(n)
		if err != nil {
			return nil, err
		}
		kept = append(kept, k)
	}
	machine := gorgonia.NewTapeMachine(g)
	p.run = func() (float64, error) {
		machine.Reset()
		if err := machine.RunAll(); err != nil {
			return 0, err
		}
		return floats(kept[1].Value())[0], nil
	}
	var before []uint64
	for i := range 3 {
		if _, err := p.run(); err != nil {
			return nil, err
		}
		var bits []uint64
		for _, n := range kept {
			bits = append(bits, bitsOf(n.Value())...)
		}
		if i > 0 && !slices.Equal(bits, before) {
			return nil, fmt.Errorf("run %d gave other bits than the run before", i)
		}
		before = bits
	}
	for i, v := range p.inputs {
		if want := values[i]; !slices.Equal(floats(v), want) {
			return nil, fmt.Errorf("running wrote over input %d", i)
		}
	}
	for i, v := range f.ids {
		if !slices.Equal(v.Int32s(), ids[i]) {
			return nil, fmt.Errorf("running wrote over the ids %d", i)
		}
	}
	p.value = floats(kept[0].Value())
	for _, n := range kept[2:] {
		p.grads = append(p.grads, floats(n.Value()))
	}
	return p, nil
}

// against is Σ c∘y in Gorgonia's own ops, for a c of random numbers.
func against(y *gorgonia.Node, dt tensor.Dtype) (*gorgonia.Node, error) {
	r := rand.New(rand.NewPCG(1, 2))
	c := make([]float64, y.Shape().TotalSize())
	for i := range c {
		c[i] = float64(float32(awayFromZero(r, 0)))
	}
	if y.IsScalar() {
		y = gorgonia.Must(ops.Reshape(y, 1))
	}
	n, _ := input(y.Graph(), "against", dt, y.Shape(), c)
	products, err := gorgonia.HadamardProd(y, n)
	if err != nil {
		return nil, err
	}
	return gorgonia.Sum(products)
}

// input is an input node with a copy of the values.
func input(g *gorgonia.ExprGraph, name string, dt tensor.Dtype, s tensor.Shape, values []float64) (*gorgonia.Node, *tensor.Dense) {
	v := dense(dt, s, values)
	return gorgonia.NewTensor(g, dt, s.Dims(), gorgonia.WithShape(s...), gorgonia.WithName(name), gorgonia.WithValue(v)), v
}

func dense(dt tensor.Dtype, s tensor.Shape, values []float64) *tensor.Dense {
	if dt == tensor.Float64 {
		return tensor.New(tensor.WithShape(s...), tensor.WithBacking(slices.Clone(values)))
	}
	narrow := make([]float32, len(values))
	for i, v := range values {
		narrow[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(narrow))
}

func typeOf(dt tensor.Dtype, dims int) hm.Type {
	if dims == 0 {
		return dt
	}
	return gorgonia.TensorType{Dims: dims, Of: dt}
}

// floats copies the elements of a value, row by row.
func floats(v gorgonia.Value) []float64 {
	switch x := v.Data().(type) {
	case []float64:
		return slices.Clone(x)
	case []float32:
		wide := make([]float64, len(x))
		for i, v := range x {
			wide[i] = float64(v)
		}
		return wide
	case float64:
		return []float64{x}
	case float32:
		return []float64{float64(x)}
	}
	panic(fmt.Sprintf("%T", v.Data()))
}

func bitsOf(v gorgonia.Value) []uint64 {
	bits := make([]uint64, 0)
	for _, x := range floats(v) {
		bits = append(bits, math.Float64bits(x))
	}
	return bits
}

// awayFromZero is normal, but not near the kink that some functions have at 0.
func awayFromZero(r *rand.Rand, _ int) float64 {
	for {
		if v := r.NormFloat64(); math.Abs(v) > 0.05 {
			return v
		}
	}
}

// near fails where got is further from want than tolerance times want's largest element, or times 1 where that is less.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d elements, want %d", what, len(got), len(want))
		return
	}
	scale := 1.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*scale) {
			t.Errorf("%s[%d] = %v, want %v", what, i, got[i], w)
			return
		}
	}
}

// matrices are [batch,n] with 1 in every place, and one that is large enough to be cut over the cores.
var matrices = []tensor.Shape{{1, 1}, {1, 5}, {4, 1}, {3, 5}, {130, 70}}

// evaluate builds one function of input tensors in a graph of its own and runs it.
func evaluate(t *testing.T, build func(in gorgonia.Nodes) (*gorgonia.Node, error), in ...*tensor.Dense) []float64 {
	t.Helper()
	g := gorgonia.NewGraph()
	var nodes gorgonia.Nodes
	for i, v := range in {
		nodes = append(nodes, gorgonia.NewTensor(g, v.Dtype(), v.Dims(), gorgonia.WithShape(v.Shape()...), gorgonia.WithName(fmt.Sprint("in", i)), gorgonia.WithValue(v)))
	}
	y, err := build(nodes)
	if err != nil {
		t.Fatal(err)
	}
	if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
		t.Fatal(err)
	}
	return floats(y.Value())
}

// gradientOf is evaluate for the gradient of the sum of a function's elements with regard to its first input.
func gradientOf(t *testing.T, build func(in gorgonia.Nodes) (*gorgonia.Node, error), in ...*tensor.Dense) []float64 {
	t.Helper()
	return evaluate(t, func(nodes gorgonia.Nodes) (*gorgonia.Node, error) {
		y, err := build(nodes)
		if err != nil {
			return nil, err
		}
		if !y.IsScalar() {
			y = gorgonia.Must(ops.Total(y))
		}
		grads, err := gorgonia.Grad(y, nodes[0])
		if err != nil {
			return nil, err
		}
		return ops.Keep(grads[0])
	}, in...)
}
