package graph_test

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// In Evaluate the gradient with regard to the inputs is that of the network at rest: nothing is dropped, and batch normalisation has its moving moments. Differences say so, and the parameters have none.
func TestInputGradientsAtRest(t *testing.T) {
	for _, words := range []string{
		"dense 5 tanh, dropout 0.5, dense 3 softmax",
		"dense 5, batchnorm, sigmoid, dense 3 softmax",
		"reshape 4x3, conv 2 2 tanh, batchnorm, maxpool 2, flatten, dense 3 softmax",
		"reshape 4x3, lstm 3 sequence, attention 1, layernorm, globalavgpool, dense 3 softmax",
		"noise 0.5, residual(dense 12 gelu), dense 3",
		"softplus, softmax",
	} {
		all, err := layers.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(12), Seed: 3, Float64: true}, all...)
		if err != nil {
			t.Fatalf("%s: %v", words, err)
		}
		for _, s := range m.States() { // moments as after a training
			for i := range s.Value.Float64s() {
				s.Value.Float64s()[i] = .5 + .1*float64(i)
			}
		}
		loss := losses.CrossEntropy{}
		const batch = 2
		x := make([]float64, 12*batch)
		for i := range x {
			x[i] = math.Sin(float64(3*i + 1))
		}
		run := func(s graph.Spec, x []float64) *graph.Program {
			s.Mode, s.Batch, s.Loss = graph.Evaluate, batch, loss
			p, err := m.Compile(s)
			if err != nil {
				t.Fatalf("%s: %v", words, err)
			}
			copy(p.X().Float64s(), x)
			copy(p.Y().Int32s(), []int32{2, 0})
			if err := p.Run(); err != nil {
				t.Fatalf("%s: %v", words, err)
			}
			return p
		}
		p := run(graph.Spec{Inspect: true, Inputs: true}, x)
		if len(p.Grads()) != 0 {
			t.Errorf("%s: got gradients of %d parameters at rest", words, len(p.Grads()))
		}
		first := p.Recordings()[0]
		if first.InputGrads[0] == nil {
			t.Fatalf("%s: no gradient with regard to the input", words)
		}
		grad := first.InputGrads[0].Float64s()
		if plain := run(graph.Spec{Inspect: true}, x).Recordings()[0]; plain.Grad != nil || plain.InputGrads != nil {
			t.Errorf("%s: a gradient that nobody asked for", words)
		}
		if slices.Max(grad) == 0 && slices.Min(grad) == 0 {
			t.Errorf("%s: the gradient is zero", words)
		}
		for i := range x {
			const h = 1e-5
			up, down := slices.Clone(x), slices.Clone(x)
			up[i] += h
			down[i] -= h
			if numeric := (run(graph.Spec{}, up).Loss() - run(graph.Spec{}, down).Loss()) / (2 * h); math.Abs(numeric-grad[i]) > 1e-8 {
				t.Errorf("%s, element %d: got %v, differences say %v", words, i, grad[i], numeric)
			}
		}
	}
	// Ids have no gradient, and those behind them none at rest.
	m, err := graph.NewModel(graph.Config{Input: graph.Ints(3), Seed: 1}, layers.Embedding{IDs: 5, Units: 2}, layers.Flatten{}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Evaluate, Batch: 1, Loss: losses.CrossEntropy{}, Inspect: true, Inputs: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Recordings() {
		if r.Grad != nil || slices.ContainsFunc(r.InputGrads, func(g *tensor.Dense) bool { return g != nil }) {
			t.Errorf("%s: got a gradient of what depends on ids alone", r.Name)
		}
	}
}
