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
	"testing"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// networks between them use every layer, a raw Gorgonia op and a watched node.
var networks = map[string][]graph.Layer{
	"sigmoid":  {layers.Dense{Units: 5, Activation: layers.Sigmoid}, layers.Dense{Units: 3, Activation: layers.Softmax}},
	"relu":     {layers.Dense{Units: 9, Activation: layers.ReLU}, layers.Dense{Units: 9, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax}},
	"residual": {layers.Dense{Units: 6, Activation: layers.Tanh}, layers.Residual{layers.Dense{Units: 6, Activation: layers.ReLU}, layers.Dense{Units: 6}}, layers.Dense{Units: 3, Activation: layers.Softmax}},
	"concat":   {layers.Concat{layers.Dense{Units: 4, Activation: layers.Softplus}, layers.Linear}, layers.Dense{Units: 3, Activation: layers.Softmax}},
	"dropout":  {layers.Dense{Units: 8, Activation: layers.ReLU}, layers.Dropout{Rate: .5}, layers.Dense{Units: 3, Activation: layers.Softmax}},
	"swish":    {layers.Dense{Units: 5}, swish, layers.Dense{Units: 3, Activation: layers.Softmax}},
}

var swish = graph.LayerFunc("swish", raw(func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	s, err := gorgonia.Sigmoid(x)
	if err != nil {
		return nil, err
	}
	b.Watch("gate", s)
	return gorgonia.HadamardProd(x, s)
}))

func network(t testing.TB, seed uint64, layers ...graph.Layer) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: seed}, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func randomBatch(n, inputs, outputs int, seed uint64) *train.Batch {
	r := rand.New(rand.NewPCG(seed, 0))
	x, y := make([]float32, n*inputs), make([]int32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range y {
		y[i] = int32(r.IntN(outputs))
	}
	return &train.Batch{
		Inputs:  []*tensor.Dense{tensor.New(tensor.WithShape(n, inputs), tensor.WithBacking(x))},
		Targets: []*tensor.Dense{tensor.New(tensor.WithShape(n), tensor.WithBacking(y))},
	}
}

// suited is the batch with its three classes as rows of 0 and one 1, where the loss takes numbers.
func suited(loss graph.Loss, b *train.Batch) *train.Batch {
	if _, ok := loss.(losses.MSE); !ok {
		return b
	}
	rows := make([]float32, 3*b.Len())
	for i, class := range b.Targets[0].Int32s() {
		rows[3*i+int(class)] = 1
	}
	return &train.Batch{Inputs: b.Inputs, Targets: []*tensor.Dense{tensor.New(tensor.WithShape(b.Len(), 3), tensor.WithBacking(rows))}}
}

// raw makes a layer's Build of a function that returns an error.
func raw(f func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error)) func(*graph.Builder, *gorgonia.Node) *gorgonia.Node {
	return func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Node(f(b, x)) }
}

func TestCheckGradientsAgrees(t *testing.T) {
	for name, layers := range networks {
		for seed := range uint64(5) {
			for _, loss := range []graph.Loss{losses.CrossEntropy{}, losses.ClippedCrossEntropy{}, losses.MSE{}} {
				check, err := CheckGradients(network(t, seed, layers...), loss, suited(loss, randomBatch(7, 4, 3, seed)))
				if err != nil {
					t.Fatal(err)
				}
				if !check.OK() {
					t.Errorf("%s, %s, seed %d:\n%v", name, loss.Name(), seed, check)
				}
				for _, p := range check.Params {
					want := p.Elements
					if want > checkAll {
						want = checkRandom + checkLargest
					}
					if p.Checked > want || p.Checked == 0 || p.Directions > checkAlong+1 || p.Directions == 0 || p.Checked+p.Directions+p.Kinks+p.Faint < want+checkAlong+1 {
						t.Errorf("%s, %s: %+v: want %d elements and 3 directions looked at", name, loss.Name(), p, want)
					}
					if !(p.Finest < 1e-7) || !(p.Float32 < 1e-5) {
						t.Errorf("%s, %s: %+v: want directions to show errors of 1e-7, and float32 to be within 1e-5", name, loss.Name(), p)
					}
				}
			}
		}
	}
}

// TestCheckGradientsIsQuick: the loss is taken from the least program that has training's: evaluation, where no layer does something else there, or training without gradients; of many
// parameters few elements.
func TestCheckGradientsIsQuick(t *testing.T) {
	for _, last := range []graph.Layer{layers.LayerNorm{}, layers.BatchNorm{}, layers.Dropout{Rate: .5}} {
		net := slices.Repeat([]graph.Layer{layers.Dense{Units: 8, Activation: layers.Tanh}}, 17)
		m := network(t, 1, append(net, last, layers.Dense{Units: 3, Activation: layers.Softmax})...)
		c, err := newChecker(m, losses.CrossEntropy{}, randomBatch(7, 4, 3, 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, same := last.(layers.LayerNorm); c.quick == c.train || same == (c.quick == c.forward) {
			t.Errorf("%T: the loss is taken from another program", last)
		}
		check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(7, 4, 3, 1))
		if err != nil {
			t.Fatal(err)
		}
		if !check.OK() {
			t.Errorf("%T:\n%v", last, check)
		}
		if p := check.Params[0]; p.Elements != 32 || p.Checked+p.Kinks+p.Faint != checkRandom+checkLargest {
			t.Errorf("%T: got %+v, want 6 of 32 elements checked", last, p)
		}
	}
}

func TestCheckGradientsSamplesLargeParameters(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 50, Activation: layers.Sigmoid}, layers.Dense{Units: 3, Activation: layers.Softmax})
	check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(3, 4, 3, 1))
	if err != nil {
		t.Fatal(err)
	}
	if p := check.Params[0]; p.Elements != 200 || p.Checked != checkRandom+checkLargest || p.Fault != "" {
		t.Errorf("got %+v, want 6 of 200 elements checked", p)
	}
	again, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(3, 4, 3, 1))
	if err != nil || again.String() != check.String() {
		t.Errorf("a second check differs:\n%v\n%v", check, again)
	}
}

// A gradient that is wrong by the factor 2, by its sign, in one place only, or not there at all.
func TestCheckGradientsFindsAWrongOne(t *testing.T) {
	for name, slope := range map[string]func(x float64) float64{
		"half":     func(x float64) float64 { return x },
		"sign":     func(x float64) float64 { return -2 * x },
		"zero":     func(float64) float64 { return 0 },
		"slightly": func(x float64) float64 { return 2.001 * x },
		"negative": func(x float64) float64 { return 2 * max(x, 0) },
	} {
		for _, scale := range []float64{1, 1e-3} {
			wrong := graph.LayerFunc("square", raw(func(_ *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
				return gorgonia.ApplyOp(square{name, scale, slope}, x)
			}))
			m := network(t, 3, layers.Dense{Units: 6}, wrong, layers.Dense{Units: 3, Activation: layers.Softmax})
			check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(5, 4, 3, 2))
			if err != nil {
				t.Fatal(err)
			}
			if first, last := check.Params[0], check.Params[2]; first.Fault == "" || last.Fault != "" || check.OK() {
				t.Errorf("slope %s, scale %v: want dense_1's found wrong, dense_2's right:\n%v", name, scale, check)
			}
			if !strings.Contains(check.String(), "WRONG at [") || !strings.Contains(check.String(), "]: symbolic ") {
				t.Errorf("the table does not say so:\n%v", check)
			}
		}
	}
	right := graph.LayerFunc("square", raw(func(_ *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(square{"right", 1, func(x float64) float64 { return 2 * x }}, x)
	}))
	check, err := CheckGradients(network(t, 3, layers.Dense{Units: 6}, right, layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(5, 4, 3, 2))
	if err != nil || !check.OK() {
		t.Errorf("the right slope: got %v, error %v", check, err)
	}
}

// A unit whose input is exactly 0 has no derivative there; that is not a wrong gradient.
func TestCheckGradientsLeavesOutKinks(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 6, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
	b := randomBatch(4, 4, 3, 1)
	clear(b.Inputs[0].Float32s()[:4]) // with zero biases, the first sample is at the kink of every unit
	check, err := CheckGradients(m, losses.CrossEntropy{}, b)
	if err != nil {
		t.Fatal(err)
	}
	if p := check.Params[1]; p.Name != "dense_1.bias" || p.Kinks != 8 || !check.OK() {
		t.Errorf("want the 6 biases of dense_1 and both directions left out as kinks, and the verdict ok:\n%v", check)
	}
	if !strings.Contains(check.String(), "8 at a kink") {
		t.Errorf("the table does not say so:\n%v", check)
	}
}

// A sleeping relu's gradient is 0, however near a large step comes to waking it.
func TestCheckGradientsStepsOverKinks(t *testing.T) {
	for _, depth := range []float32{1e-7, 1e-5, 1e-3, 5e-3} {
		m := network(t, 1, layers.Dense{Units: 6, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
		weights, biases := m.Params()[0].Value.Float32s(), m.Params()[1].Value.Float32s()
		for i := range biases {
			biases[i] = -depth
		}
		clear(weights)
		check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(4, 4, 3, 1))
		if err != nil {
			t.Fatal(err)
		}
		if !check.OK() || check.Params[0].Checked+check.Params[0].Kinks != 24 {
			t.Errorf("units %v below waking:\n%v", depth, check)
		}
	}
}

// waves is sin(2000x), with its derivative times a factor.
func waves(factor float64) graph.Layer {
	return graph.LayerFunc("waves", raw(func(_ *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(&computed{name: "waves", shape: x.Shape().Clone(), ranks: []int{2, 2}, id: made.Add(1),
			compute: func(v [][]float64, _ bool, _ int) []float64 {
				y := make([]float64, len(v[0]))
				for i, x := range v[0] {
					y[i] = math.Sin(2000 * x)
				}
				return y
			},
			gradients: []computation{func(v [][]float64, _ bool, _ int) []float64 {
				dx := make([]float64, len(v[0]))
				for i, x := range v[0] {
					dx[i] = factor * 2000 * math.Cos(2000*x) * v[2][i]
				}
				return dx
			}},
		}, x)
	}))
}

// A function whose waves are far shorter than its weights are large is right too.
func TestCheckGradientsFollowsFastWaves(t *testing.T) {
	for seed := range uint64(20) {
		check, err := CheckGradients(network(t, seed, layers.Dense{Units: 5}, waves(1), layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(5, 4, 3, seed))
		if err != nil {
			t.Fatal(err)
		}
		if p := check.Params[0]; !check.OK() || p.Checked != p.Elements || p.Directions != 3 {
			t.Errorf("seed %d:\n%v", seed, check)
		}
	}
}

// Nor do fast waves, depth and kinks hide what is wrong.
func TestCheckGradientsFindsAWrongOneInRoughPlaces(t *testing.T) {
	deep := func(wrong graph.Layer) []graph.Layer {
		var all []graph.Layer
		for range 8 {
			all = append(all, layers.Dense{Units: 20, Activation: layers.ReLU, Weights: graph.HeNormal})
		}
		all = append(all, wrong)
		for range 8 {
			all = append(all, layers.Dense{Units: 20, Activation: layers.ReLU, Weights: graph.HeNormal})
		}
		return append(all, layers.Dense{Units: 3, Activation: layers.Softmax})
	}
	for seed := range uint64(2) {
		for _, factor := range []float64{-1, 1.0001} {
			check, err := CheckGradients(network(t, seed, layers.Dense{Units: 5}, waves(factor), layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(5, 4, 3, seed))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(check.Params[0].Fault, "WRONG") || !strings.HasPrefix(check.Params[1].Fault, "WRONG") || check.Params[2].Fault != "" {
				t.Errorf("waves, factor %v, seed %d:\n%v", factor, seed, check)
			}
			check, err = CheckGradients(network(t, seed, deep(plantedLayer(seed, 20, func(p *pass) { scale(p.dw, factor) }))...), losses.CrossEntropy{}, randomBatch(5, 4, 3, seed))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range check.Params {
				if wrong := p.Name == "planted_1.weight"; wrong != strings.HasPrefix(p.Fault, "WRONG") {
					t.Errorf("deep, factor %v, seed %d:\n%v", factor, seed, check)
				}
			}
		}
	}
}

// What float32 cannot hold is said, and does not count against the gradient.
func TestCheckGradientsBeyondFloat32(t *testing.T) {
	for want, scale := range map[string]float64{"float32 overflows, float64 is judged": 1e3, "float32 underflows, float64 is judged": 1e-3} {
		check, err := CheckGradients(scaled(t, layers.LeakyReLU, 16, scale, 1), losses.CrossEntropy{}, randomBatch(5, 4, 3, 1))
		if err != nil {
			t.Fatal(err)
		}
		if !check.OK() || !strings.Contains(check.Params[0].Note, want) || !strings.Contains(check.String(), want) {
			t.Errorf("weights %g times as large: want ok, and %q:\n%v", scale, want, check)
		}
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Float64: true}, layers.Dense{Units: 3, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(5, 4, 3, 1))
	if err != nil || !check.OK() || !math.IsNaN(check.Params[0].Float32) || check.Params[0].Note != "" {
		t.Errorf("a model of float64: %v\n%v", err, check)
	}
}

// A parameter that moves the loss by less than can be seen, at whatever weights, is not ok.
func TestCheckGradientsIsNotOKWithNothingCompared(t *testing.T) {
	faintly := func(v []float64) []float64 {
		v = slices.Clone(v)
		scale(v, 1e-30)
		return v
	}
	layer := graph.LayerFunc("faintly", raw(func(_ *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(&computed{name: "faintly", shape: x.Shape().Clone(), ranks: []int{2, 2}, id: made.Add(1),
			compute: func(v [][]float64, _ bool, _ int) []float64 {
				y := faintly(v[0])
				for i := range y {
					y[i]++
				}
				return y
			},
			gradients: []computation{func(v [][]float64, _ bool, _ int) []float64 { return faintly(v[2]) }},
		}, x)
	}))
	check, err := CheckGradients(network(t, 1, layers.Dense{Units: 5, Activation: layers.Tanh}, layer, layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(5, 4, 3, 1))
	if err != nil {
		t.Fatal(err)
	}
	first := check.Params[0]
	if check.OK() || !strings.HasPrefix(first.Fault, "NOT CHECKED") || first.Checked+first.Directions != 0 || check.Params[2].Fault != "" || !strings.Contains(check.String(), "NOT CHECKED") {
		t.Errorf("want dense_1.weight not checked, and dense_2.weight ok:\n%v", check)
	}
}

// A bias before batch normalisation, whose mean takes it off again, has a gradient that is nothing but rounding: that is right, and said.
func TestCheckGradientsOfWhatIsTakenOffAgain(t *testing.T) {
	for name, c := range map[string]struct {
		input graph.Input
		net   string
		bias  int // of the parameters
	}{
		"convolution": {graph.Floats(6, 6), "conv 3 3x3, batchnorm, relu, flatten, dense 3 softmax", 1},
		"one filter":  {graph.Floats(6, 6), "conv 1 3x3, batchnorm, tanh, flatten, dense 3 softmax", 1},
		"dense":       {graph.Floats(7), "dense 5, batchnorm, relu, dense 3 softmax", 1},
	} {
		for seed := range uint64(8) {
			net, err := layers.Parse(c.net)
			if err != nil {
				t.Fatal(err)
			}
			m, err := graph.NewModel(graph.Config{Input: c.input, Seed: seed}, net...)
			if err != nil {
				t.Fatal(err)
			}
			n := 1
			for _, d := range c.input.Shape {
				n *= d
			}
			b := randomBatch(5, n, 3, seed)
			if err := b.Inputs[0].Reshape(append([]int{5}, c.input.Shape...)...); err != nil {
				t.Fatal(err)
			}
			check, err := CheckGradients(m, losses.CrossEntropy{}, b)
			if err != nil {
				t.Fatal(err)
			}
			if bias := check.Params[c.bias]; !check.OK() || !strings.Contains(bias.Note, "the loss does not move") || bias.MaxRel > 0 {
				t.Errorf("%s, seed %d:\n%v", name, seed, check)
			}
		}
	}
}

func TestCheckGradientsLeavesTheModelAlone(t *testing.T) {
	m := network(t, 1, networks["relu"]...)
	var before []float32
	for _, p := range m.Params() {
		before = append(before, p.Value.Float32s()...)
	}
	if _, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(5, 4, 3, 1)); err != nil {
		t.Fatal(err)
	}
	var after []float32
	for _, p := range m.Params() {
		after = append(after, p.Value.Float32s()...)
	}
	if !slices.Equal(before, after) {
		t.Error("the parameters changed")
	}
}

func TestCheckGradientsErrors(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 3, Activation: layers.Softmax})
	for want, b := range map[string]*train.Batch{
		"got no batch": {},
		"got (2, 5) of float32, want (2, 4) of float64": randomBatch(2, 5, 3, 1),
		"got class 3": {Inputs: randomBatch(1, 4, 3, 1).Inputs, Targets: []*tensor.Dense{tensor.New(tensor.WithShape(1), tensor.WithBacking([]int32{3}))}},
		"got a batch of 3 samples for a program of 2":                     {Inputs: randomBatch(2, 4, 3, 1).Inputs, Targets: randomBatch(3, 4, 3, 1).Targets},
		"input 1 of the batch: got (2, 4) of int, want (2, 4) of float64": {Inputs: []*tensor.Dense{tensor.New(tensor.Of(tensor.Int), tensor.WithShape(2, 4))}, Targets: randomBatch(2, 4, 3, 1).Targets},
		"target 1 of the batch: got nothing":                              {Inputs: []*tensor.Dense{randomBatch(2, 4, 3, 1).Inputs[0]}, Targets: []*tensor.Dense{nil}},
	} {
		if _, err := CheckGradients(m, losses.CrossEntropy{}, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := CheckGradients(nil, losses.CrossEntropy{}, randomBatch(2, 4, 3, 1)); err == nil || !strings.Contains(err.Error(), "no model") {
		t.Errorf("no model: got %v", err)
	}
	if _, err := CheckGradients(m, nil, randomBatch(2, 4, 3, 1)); err == nil || !strings.Contains(err.Error(), "loss") {
		t.Errorf("no loss: got %v", err)
	}
	m.Params()[0].Value.Float32s()[0] = float32(math.Inf(1))
	if _, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(2, 4, 3, 1)); err == nil || !strings.Contains(err.Error(), "want a finite number") {
		t.Errorf("an infinite weight: got %v", err)
	}
}

// square is scale·x², elementwise, with any derivative that it is told.
type square struct {
	name  string
	scale float64
	slope func(float64) float64
}

func (s square) Arity() int { return 1 }
func (s square) Type() hm.Type {
	t := gorgonia.TensorType{Dims: 2, Of: hm.TypeVariable('a')}
	return hm.NewFnType(t, t)
}
func (s square) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return in[0].(tensor.Shape).Clone(), nil
}
func (s square) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	return each(in[0], func(x float64) float64 { return s.scale * x * x })
}
func (s square) ReturnsPtr() bool      { return true }
func (s square) CallsExtern() bool     { return false }
func (s square) OverwritesInput() int  { return -1 }
func (s square) WriteHash(h hash.Hash) { fmt.Fprintf(h, "square %s %v", s.name, s.scale) }
func (s square) Hashcode() uint32      { h := fnv.New32a(); s.WriteHash(h); return h.Sum32() }
func (s square) String() string        { return "square" }
func (s square) DiffWRT(int) []bool    { return []bool{true} }
func (s square) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	d, err := gorgonia.ApplyOp(derivative{s}, in[0])
	if err != nil {
		return nil, err
	}
	dx, err := gorgonia.HadamardProd(grad, d)
	return gorgonia.Nodes{dx}, err
}

type derivative struct{ square }

func (d derivative) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	return each(in[0], func(x float64) float64 { return d.scale * d.slope(x) })
}
func (d derivative) WriteHash(h hash.Hash) { fmt.Fprintf(h, "slope %s %v", d.name, d.scale) }
func (d derivative) Hashcode() uint32      { h := fnv.New32a(); d.WriteHash(h); return h.Sum32() }

func each(v gorgonia.Value, f func(float64) float64) (gorgonia.Value, error) {
	t, ok := v.(*tensor.Dense)
	if !ok {
		return nil, errors.New("want a tensor")
	}
	out := t.Clone().(*tensor.Dense)
	if t.Dtype() == tensor.Float32 {
		for i, x := range out.Float32s() {
			out.Float32s()[i] = float32(f(float64(x)))
		}
		return out, nil
	}
	for i, x := range out.Float64s() {
		out.Float64s()[i] = f(x)
	}
	return out, nil
}
