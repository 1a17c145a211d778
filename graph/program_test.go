package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/numeric"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// models are networks that between them use every layer, with 1 in every place that a shape has.
var models = map[string]struct {
	inputs int
	layers []graph.Layer
}{
	"dense":      {3, []graph.Layer{layers.Dense{Units: 4, Activation: layers.Sigmoid}, layers.Dense{Units: 3, Activation: layers.Softmax}}},
	"ones":       {1, []graph.Layer{layers.Dense{Units: 1, Activation: layers.Tanh}, layers.Dense{Units: 1}}},
	"residual":   {5, []graph.Layer{layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Residual{layers.Dense{Units: 6, Activation: layers.Softplus}, layers.Dense{Units: 4}}, layers.Sigmoid, layers.Dense{Units: 3, Activation: layers.Softmax}}},
	"concat":     {3, []graph.Layer{layers.Concat{layers.Dense{Units: 2, Activation: layers.Tanh}, layers.Sequence{layers.Dense{Units: 1}, layers.Softplus}, layers.Linear}, layers.Dense{Units: 2, Activation: layers.Softmax}}},
	"dropout":    {4, []graph.Layer{layers.Dense{Units: 8, Activation: layers.Tanh}, layers.Dropout{Rate: .5}, layers.Dense{Units: 3, Activation: layers.Softmax}}},
	"layer func": {4, []graph.Layer{layers.Dense{Units: 5}, swish, layers.Residual{swish}, layers.Dense{Units: 3, Activation: layers.Softmax}}},
}

var swish = graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	s := b.Node(gorgonia.Sigmoid(x))
	b.Watch("gate", s)
	return b.Node(gorgonia.HadamardProd(x, s))
})

func TestGradientsAreNumeric(t *testing.T) {
	for name, c := range models {
		for _, batch := range []int{1, 2, 7} {
			for _, loss := range []graph.Loss{losses.CrossEntropy{}, distributions, losses.MSE{}} {
				model, err := graph.NewModel(graph.Config{Input: graph.Floats(c.inputs), Seed: 3, Float64: true}, c.layers...)
				if err != nil {
					t.Fatal(err)
				}
				if name == "ones" && loss.Name() != "mse" { // one output is no class
					continue
				}
				for _, inspect := range []bool{false, true} {
					p := compile(t, model, graph.Spec{Mode: graph.Train, Batch: batch, Loss: loss, Inspect: inspect})
					fill(p, 5)
					run(t, p)
					for i, g := range p.Grads() {
						grad, err := g.Grad()
						if err != nil {
							t.Fatal(err)
						}
						got := append([]float64(nil), grad.Data().([]float64)...)
						want, err := numeric.Gradient(model.Params()[i].Value.Float64s(), 1e-5, func() (float64, error) {
							err := p.Run()
							return p.Loss(), err
						})
						if err != nil {
							t.Fatal(err)
						}
						for j := range want {
							if math.Abs(got[j]-want[j]) > 1e-9+1e-7*math.Abs(want[j]) {
								t.Fatalf("%s, %s, batch %d, inspect %v: d/d%s[%d] = %v, numerically %v", name, loss.Name(), batch, inspect, model.Params()[i].Name, j, got[j], want[j])
							}
						}
						run(t, p)
					}
				}
			}
		}
	}
}

func compile(t *testing.T, m *graph.Model, s graph.Spec) *graph.Program {
	t.Helper()
	p, err := m.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t *testing.T, p *graph.Program) {
	t.Helper()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
}

// distributions is cross-entropy with targets of a distribution a row, as one-hot rows are.
var distributions = losses.CrossEntropy{Distributions: true}

// fill puts random numbers into the inputs, ids of 0 to 4 into those of int32, and classes, or one-hot rows, into the targets.
func fill(p *graph.Program, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	for _, in := range p.Inputs() {
		switch x := in.Data().(type) {
		case []float64:
			for i := range x {
				x[i] = r.NormFloat64()
			}
		case []float32:
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
		case []int32:
			for i := range x {
				x[i] = r.Int32N(5)
			}
		}
	}
	for k, t := range p.Targets() {
		output := p.Nodes().Outputs[k].Shape()
		classes := output[len(output)-1]
		if ids, ok := t.Data().([]int32); ok {
			for i := range ids {
				ids[i] = r.Int32N(int32(classes))
			}
			continue
		}
		t.Zero()
		for at := 0; at < t.Shape().TotalSize(); at += classes {
			hot := at + r.IntN(classes)
			switch y := t.Data().(type) {
			case []float64:
				y[hot] = 1
			case []float32:
				y[hot] = 1
			}
		}
	}
}
