package graph_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// everything is a model with every layer, some within others, and one of a long name.
func everything(t *testing.T) *graph.Model {
	t.Helper()
	return model(t, graph.Config{Input: graph.Floats(12), Seed: 1},
		layers.Dense{Units: 8, Activation: layers.LeakyReLU},
		layers.LeakyReLU,
		layers.Dropout{Rate: .1},
		layers.Residual{
			layers.Dense{Units: 3},
			layers.Concat{layers.Dense{Units: 5, Activation: layers.Tanh}, layers.Sequence{layers.Dense{Units: 3}, layers.Softplus}},
		},
		swish,
		graph.LayerFunc("a_layer_with_a_very_long_name", func(_ builder, x node) node { return x }),
		layers.Dense{Units: 1},
		layers.Dense{Units: 1234567, Activation: layers.Softmax},
	)
}

func TestSummary(t *testing.T) {
	const golden = "testdata/summary.txt"
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := everything(t).Summary(); got != string(want) {
		t.Errorf("the summary is not that of %s:\n%s", golden, got)
	}
}

func TestModelTellsWhatItIs(t *testing.T) {
	m := everything(t)
	if c := m.Config(); !reflect.DeepEqual(c, graph.Config{Input: graph.Floats(12), Seed: 1}) {
		t.Errorf("got config %+v", c)
	}
	if got, want := m.Outputs(), []graph.OutputInfo{{Name: "output", Shape: []int{1234567}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got outputs %+v, want %+v", got, want)
	}
	if got, want := m.Inputs(), []graph.InputInfo{{Name: "x", Input: graph.Floats(12)}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got inputs %+v, want %+v", got, want)
	}
	total := 0
	var names []string
	for _, p := range m.Params() {
		names = append(names, p.Name)
		total += p.Value.Shape().TotalSize()
	}
	want := []string{"dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias", "dense_3.weight", "dense_3.bias",
		"dense_4.weight", "dense_4.bias", "dense_5.weight", "dense_5.bias", "dense_6.weight", "dense_6.bias"}
	if !slices.Equal(names, want) || total != m.ParamCount() {
		t.Errorf("got parameters %v of %d elements, want %v of %d", names, total, want, m.ParamCount())
	}
	inner := m.Layers()[4]
	if fmt.Sprint(inner) != "{dense_2 dense {3 linear { <nil>} { <nil>}} 1 (3) 27 false dense_2}" {
		t.Errorf("got layer %v", inner)
	}
	sum := 0
	for _, l := range m.Layers() {
		if l.Nested == 0 {
			sum += l.Params
		}
	}
	if sum != total {
		t.Errorf("the layers at the top have %d elements, the model %d", sum, total)
	}
	// What is handed out is a copy, but for the tensors.
	m.Params()[0], m.Layers()[0] = graph.Param{}, graph.LayerInfo{}
	if m.Params()[0].Name != "dense_1.weight" || m.Layers()[0].Name != "dense_1" {
		t.Error("a caller can change the model's lists")
	}
}

// TestLayersAreCopied: a model does not follow what its maker does to the list later.
func TestLayersAreCopied(t *testing.T) {
	list := []graph.Layer{layers.Dense{Units: 4}, layers.Dense{Units: 2}}
	m := model(t, graph.Config{Input: graph.Floats(3)}, list...)
	list[0] = layers.Dense{Units: 9}
	compile(t, m, graph.Spec{Batch: 1})
}

// TestProgramsShareParameters: what one program's training changes, the others see, whatever their batch and mode.
func TestProgramsShareParameters(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(3), Seed: 2}, layers.Dense{Units: 2})
	small, large := compile(t, m, graph.Spec{Batch: 1}), compile(t, m, graph.Spec{Mode: graph.Evaluate, Batch: 4, Loss: losses.MSE{}})
	for _, w := range []float32{1, 2} {
		for _, p := range m.Params() {
			for i := range p.Value.Float32s() {
				p.Value.Float32s()[i] = w
			}
		}
		for _, p := range []*graph.Program{small, large} {
			for i := range p.X().Float32s() {
				p.X().Float32s()[i] = 1
			}
			run(t, p)
			for _, y := range p.Output().Float32s() {
				if y != 4*w {
					t.Errorf("batch %d: got %v with weights %v, want %v", p.Spec().Batch, y, w, 4*w)
				}
			}
		}
	}
}

// TestTiedParameter: asked for twice by one name, a parameter is one, and its gradient is the sum.
func TestTiedParameter(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(2)}, custom(func(b builder, x node) node {
		for range 2 {
			x = b.Node(matmul(x, b.Param("w", graph.Constant(.5), 2, 2)))
		}
		return x
	}))
	if len(m.Params()) != 1 || m.ParamCount() != 4 || m.Layers()[0].Params != 4 {
		t.Fatalf("got %d parameters of %d elements", len(m.Params()), m.ParamCount())
	}
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 1, Loss: losses.MSE{}})
	copy(p.X().Float32s(), []float32{1, 3})
	for range 2 {
		run(t, p)
		// h = xW = [2 2], y = hW = [2 2], dy = 2y/2 = [2 2]; dW = hᵀdy + xᵀ(dyWᵀ) = [4 4; 4 4] + [2 2; 6 6].
		if got := gradients(t, m, p)["custom_1.w"]; !slices.Equal(got, []float32{6, 6, 10, 10}) {
			t.Errorf("got gradient %v, want [6 6 10 10]", got)
		}
	}
}

// TestRecordings: which nodes are recorded, under which names, and which have a gradient.
func TestRecordings(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(4), Seed: 1}, layers.Tanh, layers.Residual{swish}, layers.Dense{Units: 3}, swish, layers.Dense{Units: 2, Activation: layers.Softmax})
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.CrossEntropy{}, Inspect: true})
	fill(p, 1)
	x := slices.Clone(p.X().Float32s())
	run(t, p)
	var got []string
	values := map[string]*tensor.Dense{}
	for _, r := range p.Recordings() {
		got = append(got, fmt.Sprintf("%s layer=%v %v gradient=%v", r.Name, r.Layer, r.Value.Shape(), r.Grad != nil))
		values[r.Name] = r.Value
		if r.Grad != nil && !slices.Equal(r.Grad.Shape(), r.Value.Shape()) {
			t.Errorf("%s: gradient of shape %v for a value of %v", r.Name, r.Grad.Shape(), r.Value.Shape())
		}
	}
	want := []string{
		"tanh_1 layer=true (2, 4) gradient=false", // nothing before it is learnt
		"residual_1 layer=true (2, 4) gradient=false",
		"swish_1 layer=true (2, 4) gradient=false",
		"dense_1 layer=true (2, 3) gradient=true",
		"swish_2 layer=true (2, 3) gradient=true",
		"dense_2 layer=true (2, 2) gradient=true",
		"swish_1.gate layer=false (2, 4) gradient=false",
		"swish_2.gate layer=false (2, 3) gradient=true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got recordings\n%q\nwant\n%q", got, want)
	}
	for i, z := range values["dense_1"].Float32s() {
		closeTo(t, "swish_2", values["swish_2"].Float32s()[i:i+1], []float32{z * values["swish_2.gate"].Float32s()[i]})
	}
	if !slices.Equal(p.Output().Float32s(), values["dense_2"].Float32s()) || !slices.Equal(p.X().Float32s(), x) {
		t.Error("the output is not the last layer's, or the input was written over")
	}
	if p.Nodes().Inputs[0] != p.Graph().ByName("x")[0] || len(p.Nodes().Layers) != 6 || p.Nodes().Loss == nil {
		t.Error("the program's nodes are not those of its graph")
	}
}

func TestParse(t *testing.T) {
	if got, want := layers.ActivationNames(), []string{"linear", "sigmoid", "tanh", "relu", "leaky-relu", "softplus", "softmax", "log-softmax", "elu", "selu", "gelu", "gelu-tanh", "silu", "mish"}; !slices.Equal(got, want) {
		t.Errorf("got activations %v, want %v", got, want)
	}
	layers.ActivationNames()[0] = "spoilt"
	for i, name := range layers.ActivationNames() {
		if a, err := layers.ParseActivation(name); err != nil || a != layers.Activation(i) || a.String() != name {
			t.Errorf("activation %q: got %v, %v", name, a, err)
		}
	}
	if layers.LeakyReLU.Name() != "leaky_relu" || layers.Activation(99).String() != "activation(99)" {
		t.Errorf("got names %q, %q", layers.LeakyReLU.Name(), layers.Activation(99))
	}
	for name, hint := range map[string]string{"": "", "ReLU": `; did you mean "relu"?`, "leaky_relu": `; did you mean "leaky-relu"?`, "gelu_tanh": `; did you mean "gelu-tanh"?`} {
		want := fmt.Sprintf("activation: got %q, want one of linear, sigmoid, tanh, relu, leaky-relu, softplus, softmax, log-softmax, elu, selu, gelu, gelu-tanh, silu, mish%s", name, hint)
		if a, err := layers.ParseActivation(name); a != layers.Linear || err == nil || err.Error() != want {
			t.Errorf("activation %q: got %v, %v, want %s", name, a, err, want)
		}
	}
	if got, want := losses.Names()[:2], []string{"cross-entropy", "clipped-cross-entropy"}; !slices.Equal(got, want) {
		t.Errorf("got losses %v, want %v", got, want)
	}
	for _, name := range losses.Names() {
		if l, err := losses.Parse(name); err != nil || l.Name() != name {
			t.Errorf("loss %q: got %v, %v", name, l, err)
		}
	}
	want := `loss: line 1, column 1: got "hing", want a loss: one of cross-entropy, clipped-cross-entropy, `
	if l, err := losses.Parse("hing"); l != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, %v, want %s…", l, err, want)
	}
}
