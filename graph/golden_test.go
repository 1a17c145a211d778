package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
)

// golden is one network in testdata/golden.json, which testdata/golden.py made with PyTorch.
type golden struct {
	X, Y   []float32
	Batch  int
	Mask   []float32 // of the dropout layer
	Params map[string][]float32
	Losses map[string]struct {
		Loss   float64
		Output []float32
		Layers map[string]struct{ Value, Grad []float32 }
		Grads  map[string][]float32
	}
	Optimizers map[string]map[string][]float32 // the parameters after five steps on the first loss
}

// goldenNets are the networks of testdata/golden.py.
var goldenNets = map[string]struct {
	inputs int
	loss   string // the first
	layers []graph.Layer
}{
	"mlp": {7, "cross-entropy", []graph.Layer{
		layers.Dense{Units: 6, Activation: layers.Sigmoid},
		layers.Dense{Units: 5, Activation: layers.Sigmoid},
		layers.Dense{Units: 4, Activation: layers.Softmax},
	}},
	"relu": {5, "mse", []graph.Layer{
		layers.Dense{Units: 8, Activation: layers.ReLU},
		layers.Dense{Units: 3, Activation: layers.Softmax},
	}},
	"branches": {4, "cross-entropy", []graph.Layer{
		layers.Dense{Units: 6, Activation: layers.Tanh},
		layers.Residual{layers.Dense{Units: 5, Activation: layers.Softplus}, layers.Dense{Units: 6}},
		layers.Concat{
			layers.Dense{Units: 3, Activation: layers.LeakyReLU},
			layers.Sequence{layers.Dense{Units: 2}, layers.Softplus},
			layers.Linear,
		},
		layers.Dense{Units: 3, Activation: layers.Softmax},
	}},
	"dropout": {3, "cross-entropy", []graph.Layer{
		layers.Dense{Units: 4, Activation: layers.Tanh},
		layers.Dropout{Rate: 0.5},
		layers.Dense{Units: 3, Activation: layers.Softmax},
	}},
}

var optimizers = map[string]func() optim.Optimizer{
	"sgd":      func() optim.Optimizer { return &optim.SGD{LearningRate: .3} },
	"nesterov": func() optim.Optimizer { return &optim.SGD{LearningRate: .1, Momentum: .9, Nesterov: true} },
	"adam":     func() optim.Optimizer { return &optim.Adam{LearningRate: .02, Epsilon: 1e-7} },
	"adamw":    func() optim.Optimizer { return &optim.AdamW{LearningRate: .02, Epsilon: 1e-7, WeightDecay: .1} },
	"rmsprop":  func() optim.Optimizer { return &optim.RMSProp{LearningRate: .01, Rho: .9, Epsilon: 1e-7} },
	"adagrad":  func() optim.Optimizer { return &optim.AdaGrad{LearningRate: .05, Epsilon: 1e-7} },
}

func readGolden(t *testing.T) map[string]golden {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// clippedDistributions is losses.ClippedCrossEntropy with distributions for a target.
var clippedDistributions = graph.LossFunc("clipped-cross-entropy", func(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
	return b.Node(ops.ClippedCrossEntropy(output, target))
})

// forms are the losses of a name that suit the targets: with distributions, and with classes where each row is one class alone.
func (g golden) forms(t *testing.T, name string) []graph.Loss {
	t.Helper()
	loss, err := losses.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	var forms []graph.Loss
	switch name {
	case "cross-entropy":
		forms = []graph.Loss{distributions}
	case "clipped-cross-entropy":
		forms = []graph.Loss{clippedDistributions}
	default:
		return []graph.Loss{loss}
	}
	if !slices.ContainsFunc(g.Y, func(y float32) bool { return y != 0 && y != 1 }) {
		forms = append(forms, loss)
	}
	return forms
}

// program compiles the network with PyTorch's weights and data.
func (g golden) program(t *testing.T, name string, spec graph.Spec) (*graph.Model, *graph.Program) {
	t.Helper()
	net := goldenNets[name]
	m := model(t, graph.Config{Input: graph.Floats(net.inputs), Seed: 5}, net.layers...)
	if len(m.Params()) != len(g.Params) {
		t.Fatalf("%s: got %d parameters, want %d", name, len(m.Params()), len(g.Params))
	}
	for _, p := range m.Params() {
		if got, want := p.Value.Shape().TotalSize(), len(g.Params[p.Name]); got != want {
			t.Fatalf("%s: parameter %s has %d elements, want %d", name, p.Name, got, want)
		}
		copy(p.Value.Float32s(), g.Params[p.Name])
	}
	spec.Batch = g.Batch
	p := compile(t, m, spec)
	copy(p.X().Float32s(), g.X)
	switch {
	case p.Y() == nil:
	case p.Y().Dtype() == tensor.Int32:
		for i := range p.Y().Int32s() {
			classes := len(g.Y) / g.Batch
			p.Y().Int32s()[i] = int32(slices.Index(g.Y[i*classes:(i+1)*classes], 1)) // the rows are one-hot
		}
	default:
		copy(p.Y().Float32s(), g.Y)
	}
	return m, p
}

// findStep looks for a step at which the dropout layer draws PyTorch's mask, so that this test need not know how masks are
// drawn.
func (g golden) findStep(t *testing.T, name string) uint64 {
	t.Helper()
	if g.Mask == nil {
		return 0
	}
	_, p := g.program(t, name, graph.Spec{Mode: graph.Train, Loss: losses.CrossEntropy{}, Inspect: true})
	for step := range uint64(200_000) {
		p.SetStep(step)
		run(t, p)
		for _, r := range p.Recordings() {
			if r.Name == "dropout_1" && slices.EqualFunc(r.Value.Float32s(), g.Mask, func(v, m float32) bool { return (v == 0) == (m == 0) }) {
				return step
			}
		}
	}
	t.Fatal("no step has the mask of testdata/golden.json")
	return 0
}

// TestPyTorchValuesAndGradients compares the output, the loss, and each layer's and each parameter's value and gradient.
func TestPyTorchValuesAndGradients(t *testing.T) {
	for name, g := range readGolden(t) {
		step := g.findStep(t, name)
		for lossName, want := range g.Losses {
			for i, loss := range slices.Repeat(g.forms(t, lossName), 2) {
				inspect := i < len(g.forms(t, lossName))
				m, p := g.program(t, name, graph.Spec{Mode: graph.Train, Loss: loss, Inspect: inspect})
				p.SetStep(step)
				run(t, p)
				what := name + ", " + lossName
				closeTo(t, what+": loss", []float32{float32(p.Loss())}, []float32{float32(want.Loss)})
				closeTo(t, what+": output", p.Output().Float32s(), want.Output)
				gotGrads := gradients(t, m, p)
				for name, w := range want.Grads {
					closeTo(t, what+": gradient of "+name, gotGrads[name], w)
				}
				if !inspect {
					continue
				}
				if got := len(p.Recordings()); got != len(want.Layers) && !(name == "branches" && got == len(want.Layers)+2) {
					t.Errorf("%s: got %d recordings, want %d", what, got, len(want.Layers))
				}
				for _, r := range p.Recordings() {
					w, ok := want.Layers[r.Name]
					switch r.Name { // these stand for what another layer made
					case "linear_1":
						w, ok = want.Layers["residual_1"], true
					case "sequence_1":
						w, ok = want.Layers["softplus_1"], true
					}
					if !ok || !r.Layer {
						t.Errorf("%s: recording %s is not one of a layer that PyTorch has", what, r.Name)
						continue
					}
					closeTo(t, what+": activation of "+r.Name, r.Value.Float32s(), w.Value)
					closeTo(t, what+": gradient of "+r.Name, r.Grad.Float32s(), w.Grad)
				}
			}
		}
	}
}

// TestPyTorchEvaluate: the same outputs and losses come from the other modes.
func TestPyTorchEvaluate(t *testing.T) {
	for name, g := range readGolden(t) {
		if g.Mask != nil {
			continue // nothing is dropped there
		}
		for lossName, want := range g.Losses {
			for _, loss := range g.forms(t, lossName) {
				_, p := g.program(t, name, graph.Spec{Mode: graph.Evaluate, Loss: loss})
				run(t, p)
				closeTo(t, name+": evaluated loss", []float32{float32(p.Loss())}, []float32{float32(want.Loss)})
				closeTo(t, name+": evaluated output", p.Output().Float32s(), want.Output)
			}
			_, p := g.program(t, name, graph.Spec{Mode: graph.Predict})
			run(t, p)
			closeTo(t, name+": predicted output", p.Output().Float32s(), want.Output)
		}
	}
}

// TestPyTorchSteps trains five steps with each optimizer.
func TestPyTorchSteps(t *testing.T) {
	for name, g := range readGolden(t) {
		step := g.findStep(t, name)
		if want := slices.Sorted(maps.Keys(optimizers)); !slices.Equal(slices.Sorted(maps.Keys(g.Optimizers)), want) {
			t.Fatalf("%s: PyTorch's optimizers are not %v", name, want)
		}
		for optimizer, want := range g.Optimizers {
			for _, loss := range g.forms(t, goldenNets[name].loss) {
				m, p := g.program(t, name, graph.Spec{Mode: graph.Train, Loss: loss})
				o := optimizers[optimizer]()
				for range 5 {
					p.SetStep(step)
					run(t, p)
					if err := o.Step(p.Grads()); err != nil {
						t.Fatal(err)
					}
				}
				for _, p := range m.Params() {
					closeTo(t, fmt.Sprintf("%s: %s after five steps of %s", name, p.Name, optimizer), p.Value.Float32s(), want[p.Name])
				}
			}
		}
	}
}

// gradients are the gradients of a program's last run by parameter.
func gradients(t *testing.T, m *graph.Model, p *graph.Program) map[string][]float32 {
	t.Helper()
	all := map[string][]float32{}
	for i, g := range p.Grads() {
		v, err := g.Grad()
		if err != nil {
			t.Fatal(err)
		}
		all[m.Params()[i].Name] = slices.Clone(v.Data().([]float32))
	}
	return all
}

// closeTo wants each element within 1e-5: of itself where it is larger than 1, of the tensor's largest where all are smaller.
func closeTo(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d elements, want %d", what, len(got), len(want))
		return
	}
	scale := 1e-2 // below this, rounding is all there is
	for _, w := range want {
		scale = max(scale, math.Abs(float64(w)))
	}
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - float64(w)); !(d <= 1e-5*max(min(scale, 1), math.Abs(float64(w)))) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], w)
			return
		}
	}
}

func model(t *testing.T, c graph.Config, layers ...graph.Layer) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(c, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
