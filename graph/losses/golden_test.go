package losses_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// golden is one case of testdata/golden.json, which testdata/golden.py made with PyTorch.
type golden struct {
	Name, Loss, End string
	Options         json.RawMessage
	Shape           []int
	Z, Target       []float64 // as float32 has them
	Values          []float64
	Total           float64
	Grad            []float64
}

// TestGolden compares values, loss, and the gradients of the logits and the parameters with PyTorch's.
func TestGolden(t *testing.T) {
	without := losses.Names()
	for _, g := range readGolden(t) {
		without = slices.DeleteFunc(without, func(name string) bool { return name == g.Loss })
		for _, double := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, %s, end %q, float64 %v", g.Loss, g.Name, g.End, double), func(t *testing.T) { g.check(t, double) })
		}
	}
	if len(without) > 0 {
		t.Errorf("%v: got no golden, want one for each loss", without)
	}
}

func (g golden) check(t *testing.T, double bool) {
	last := len(g.Shape) - 1
	rows, n := len(g.Z)/g.Shape[last], g.Shape[last]
	tolerance := 1e-5
	if double {
		tolerance = 1e-9
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(g.Shape[1:]...), Float64: double}, ends[g.End](n)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
		p, err := m.Compile(graph.Spec{Mode: mode, Batch: g.Shape[0], Loss: g.loss(t), Inspect: true})
		if err != nil {
			t.Fatal(err)
		}
		fill(p.X(), g.Z)
		fill(p.Y(), g.Target)
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		near(t, "values", floats64(p.Losses()), g.Values, tolerance)
		near(t, "loss", []float64{p.Loss()}, []float64{g.Total}, tolerance)
		if mode != graph.Train {
			continue
		}
		near(t, "gradient of the logits", floats64(p.Recordings()[0].Grad), g.Grad, tolerance)
		weight, bias := make([]float64, n*n), make([]float64, n)
		for r := range rows {
			for j, dz := range g.Grad[r*n : (r+1)*n] {
				bias[j] += dz
				for i, x := range g.Z[r*n : (r+1)*n] {
					weight[i*n+j] += x * dz
				}
			}
		}
		for i, want := range [][]float64{weight, bias} {
			got, err := p.Grads()[i].Grad()
			if err != nil {
				t.Fatal(err)
			}
			near(t, m.Params()[i].Name, floats64(got.(*tensor.Dense)), want, tolerance)
		}
	}
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: got %v at %d, want %v", what, got[i], i, want[i])
		}
	}
}

func fill(t *tensor.Dense, values []float64) {
	for i, v := range values {
		put(t, i, v)
	}
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []golden }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, g := range all.Cases {
		for _, values := range [][]float64{g.Z, g.Target} {
			for i, v := range values {
				values[i] = float64(float32(v))
			}
		}
	}
	return all.Cases
}

// loss is the case's loss with its options.
func (g golden) loss(t *testing.T) graph.Loss {
	t.Helper()
	set := func(l any) {
		if err := json.Unmarshal(g.Options, l); err != nil {
			t.Fatal(err)
		}
	}
	switch g.Loss {
	case "cross-entropy":
		l := losses.CrossEntropy{}
		set(&l)
		return l
	case "huber":
		l := losses.Huber{}
		set(&l)
		return l
	}
	l, err := losses.Parse(g.Loss)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ends are what a model ends in behind n logits. The Dense layer hands its input on, and has parameters to be learnt.
var ends = map[string]func(n int) []graph.Layer{
	"":              func(n int) []graph.Layer { return []graph.Layer{passing(n, layers.Linear)} },
	"softmax":       func(n int) []graph.Layer { return []graph.Layer{passing(n, layers.Softmax)} },
	"softmax layer": func(n int) []graph.Layer { return []graph.Layer{passing(n, layers.Linear), layers.Softmax} },
	"sigmoid":       func(n int) []graph.Layer { return []graph.Layer{passing(n, layers.Linear), layers.Sigmoid} },
	"dense sigmoid": func(n int) []graph.Layer { return []graph.Layer{passing(n, layers.Sigmoid)} },
}

func passing(n int, a layers.Activation) graph.Layer {
	return layers.Dense{Units: n, Activation: a, Weights: graph.Initializer{Name: "identity", Fill: func(_ *rand.Rand, w []float64, _ []int) {
		clear(w)
		for i := range n {
			w[i*n+i] = 1
		}
	}}}
}

func put(t *tensor.Dense, i int, v float64) {
	switch t.Dtype() {
	case tensor.Int32:
		t.Int32s()[i] = int32(v)
	case tensor.Float32:
		t.Float32s()[i] = float32(v)
	default:
		t.Float64s()[i] = v
	}
}

func floats64(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return t.Float64s()
	}
	all := make([]float64, len(t.Float32s()))
	for i, v := range t.Float32s() {
		all[i] = float64(v)
	}
	return all
}
