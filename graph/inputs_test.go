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

// TestSpecInputs: what goes into each layer is kept, and its gradient, the model's own among them, which differences of the loss agree with; the parameters' gradients are the same bits as without.
func TestSpecInputs(t *testing.T) {
	network, err := layers.Parse("a = input 5x3\nids = input ids\nh = lstm 4 < a\ne = embedding 6 4 < ids\nsum < h + e\ndense 3 softmax")
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Seed: 3, Float64: true}, network...)
	if err != nil {
		t.Fatal(err)
	}
	run := func(spec graph.Spec, x []float64) *graph.Program {
		t.Helper()
		spec.Batch = 2
		p, err := m.Compile(spec)
		if err != nil {
			t.Fatal(err)
		}
		copy(p.Inputs()[0].Float64s(), x)
		copy(p.Inputs()[1].Int32s(), []int32{5, 1})
		if spec.Mode != graph.Predict {
			copy(p.Y().Int32s(), []int32{2, 0})
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	x := make([]float64, 30)
	for i := range x {
		x[i] = math.Sin(float64(3 * i))
	}
	train := graph.Spec{Mode: graph.Train, Loss: losses.CrossEntropy{}, Inspect: true}
	without := run(train, x)
	train.Inputs = true
	with := run(train, x)
	for i, g := range with.Grads() {
		a, err := g.Grad()
		if err != nil {
			t.Fatal(err)
		}
		b, err := without.Grads()[i].Grad()
		if err != nil || !slices.Equal(a.(*tensor.Dense).Float64s(), b.(*tensor.Dense).Float64s()) {
			t.Errorf("gradient %d is another one, %v", i, err)
		}
	}
	if r := without.Recordings()[0]; r.Inputs != nil || r.InputGrads != nil {
		t.Errorf("inputs that nobody asked for: %v", r)
	}
	all := with.Recordings()
	named := func(name string) graph.Recording {
		return all[slices.IndexFunc(all, func(r graph.Recording) bool { return r.Name == name })]
	}
	lstm, embedding, sum := named("lstm_1"), named("embedding_1"), named("sum_1")
	if !slices.Equal(lstm.Inputs[0].Float64s(), x) || !slices.Equal(embedding.Inputs[0].Int32s(), []int32{5, 1}) || embedding.InputGrads[0] != nil {
		t.Errorf("what goes in is %v and %v, with gradient %v of ids", lstm.Inputs, embedding.Inputs, embedding.InputGrads)
	}
	if len(sum.Inputs) != 2 || !slices.Equal(sum.Inputs[0].Float64s(), lstm.Value.Float64s()) || !slices.Equal(sum.InputGrads[1].Float64s(), embedding.Grad.Float64s()) {
		t.Errorf("a join's inputs are %v, with gradients %v", sum.Inputs, sum.InputGrads)
	}
	grad := lstm.InputGrads[0].Float64s()
	evaluate := graph.Spec{Mode: graph.Evaluate, Loss: losses.CrossEntropy{}}
	for i := range x {
		const h = 1e-5
		up, down := slices.Clone(x), slices.Clone(x)
		up[i] += h
		down[i] -= h
		if numeric := (run(evaluate, up).Loss() - run(evaluate, down).Loss()) / (2 * h); math.Abs(numeric-grad[i]) > 1e-9 {
			t.Errorf("element %d: got %v, differences say %v", i, grad[i], numeric)
		}
	}
	rest := run(graph.Spec{Mode: graph.Predict, Inspect: true, Inputs: true}, x).Recordings()
	if !slices.Equal(rest[0].Inputs[0].Float64s(), x) || rest[0].InputGrads[0] != nil {
		t.Errorf("at rest: %+v", rest[0])
	}
}
