package inspect

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
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

var swish = graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
	s, err := gorgonia.Sigmoid(x)
	if err != nil {
		return nil, err
	}
	b.Watch("gate", s)
	return gorgonia.HadamardProd(x, s)
})

func network(t testing.TB, seed uint64, layers ...graph.Layer) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: seed}, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func randomBatch(n, inputs, outputs int, seed uint64) Batch {
	r := rand.New(rand.NewPCG(seed, 0))
	x, y := make([]float32, n*inputs), make([]float32, n*outputs)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range n {
		y[i*outputs+r.IntN(outputs)] = 1
	}
	return Batch{tensor.New(tensor.WithShape(n, inputs), tensor.WithBacking(x)), tensor.New(tensor.WithShape(n, outputs), tensor.WithBacking(y))}
}

func TestCheckGradientsAgrees(t *testing.T) {
	for name, layers := range networks {
		for seed := range uint64(5) {
			for _, loss := range []graph.Loss{losses.CrossEntropy{}, losses.ClippedCrossEntropy{}, losses.MSE{}} {
				check, err := CheckGradients(network(t, seed, layers...), loss, randomBatch(7, 4, 3, seed))
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
					if p.Checked+p.Kinks+p.Faint != want || p.Checked == 0 {
						t.Errorf("%s, %s: %+v: want %d elements looked at", name, loss.Name(), p, want)
					}
				}
			}
		}
	}
}

func TestCheckGradientsSamplesLargeParameters(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 50, Activation: layers.Sigmoid}, layers.Dense{Units: 3, Activation: layers.Softmax})
	check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(3, 4, 3, 1))
	if err != nil {
		t.Fatal(err)
	}
	if p := check.Params[0]; p.Elements != 200 || p.Checked != checkRandom+checkLargest || !p.OK {
		t.Errorf("got %+v, want 16 of 200 elements checked", p)
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
			wrong := graph.LayerFunc("square", func(_ *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
				return gorgonia.ApplyOp(square{name, scale, slope}, x)
			})
			m := network(t, 3, layers.Dense{Units: 6}, wrong, layers.Dense{Units: 3, Activation: layers.Softmax})
			check, err := CheckGradients(m, losses.CrossEntropy{}, randomBatch(5, 4, 3, 2))
			if err != nil {
				t.Fatal(err)
			}
			if first, last := check.Params[0], check.Params[2]; first.OK || !last.OK || check.OK() {
				t.Errorf("slope %s, scale %v: want dense_1's found wrong, dense_2's right:\n%v", name, scale, check)
			}
			if !strings.Contains(check.String(), "] ") || !strings.Contains(check.String(), "WRONG: symbolic ") {
				t.Errorf("the table does not say so:\n%v", check)
			}
		}
	}
	right := graph.LayerFunc("square", func(_ *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(square{"right", 1, func(x float64) float64 { return 2 * x }}, x)
	})
	check, err := CheckGradients(network(t, 3, layers.Dense{Units: 6}, right, layers.Dense{Units: 3, Activation: layers.Softmax}), losses.CrossEntropy{}, randomBatch(5, 4, 3, 2))
	if err != nil || !check.OK() {
		t.Errorf("the right slope: got %v, error %v", check, err)
	}
}

// A unit whose input is exactly 0 has no derivative there; that is not a wrong gradient.
func TestCheckGradientsLeavesOutKinks(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 6, Activation: layers.ReLU}, layers.Dense{Units: 3, Activation: layers.Softmax})
	b := randomBatch(4, 4, 3, 1)
	clear(b.X.Float32s()[:4]) // with zero biases, the first sample is at the kink of every unit
	check, err := CheckGradients(m, losses.CrossEntropy{}, b)
	if err != nil {
		t.Fatal(err)
	}
	if p := check.Params[1]; p.Name != "dense_1.bias" || p.Kinks != 6 || !check.OK() {
		t.Errorf("want the 6 biases of dense_1 left out as kinks, and the verdict ok:\n%v", check)
	}
	if !strings.Contains(check.String(), "6 at a kink") {
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

func TestCheckGradientsErrors(t *testing.T) {
	m := network(t, 1, layers.Dense{Units: 3, Activation: layers.Softmax})
	for want, b := range map[string]Batch{
		"got X of shape":              {},
		"got X of shape (2, 5), want": randomBatch(2, 5, 3, 1),
		"got Y of shape (2, 4), want": randomBatch(2, 4, 4, 1),
		"got Y of shape (3, 3), want": {randomBatch(2, 4, 3, 1).X, randomBatch(3, 4, 3, 1).Y},
		"got X of int, want float32":  {tensor.New(tensor.Of(tensor.Int), tensor.WithShape(2, 4)), randomBatch(2, 4, 3, 1).Y},
	} {
		if _, err := CheckGradients(m, losses.CrossEntropy{}, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
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
	if !ok || t.Dtype() != tensor.Float64 {
		return nil, errors.New("want float64")
	}
	out := t.Clone().(*tensor.Dense)
	for i, x := range out.Float64s() {
		out.Float64s()[i] = f(x)
	}
	return out, nil
}
