package losses_test

import (
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// raw is a layer of an op of Gorgonia's.
func raw(name string, op func(*gorgonia.Node) (*gorgonia.Node, error)) graph.Layer {
	return graph.LayerFunc(name, func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Node(op(x)) })
}

// TestRefusals has losses that an output does not suit, or whose settings are wrong: the error is one and the same in Evaluate and in Train, and says what to do.
func TestRefusals(t *testing.T) {
	dense := func(n int, a layers.Activation) layers.Dense { return layers.Dense{Units: n, Activation: a} }
	drop := layers.Dropout{Rate: .5}
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		loss graph.Loss
		net  []graph.Layer
		want string
	}{
		{losses.CrossEntropy{}, []graph.Layer{dense(3, layers.Softmax), drop}, "neither a softmax nor a layer without activation"},
		{losses.CrossEntropy{}, []graph.Layer{dense(3, layers.Linear), drop}, "neither a softmax"},
		{losses.CrossEntropy{}, []graph.Layer{dense(3, layers.Sigmoid)}, "neither a softmax"},
		{losses.CrossEntropy{}, []graph.Layer{dense(3, layers.ReLU)}, "neither a softmax"},
		{losses.CrossEntropy{}, []graph.Layer{layers.Residual{dense(5, layers.Softmax)}}, "neither a softmax"},
		{losses.CrossEntropy{Logits: true}, []graph.Layer{dense(3, layers.Softmax)}, "leave Logits out"},
		{losses.CrossEntropy{Logits: true}, []graph.Layer{dense(3, layers.Sigmoid)}, "leave Logits out"},
		{losses.CrossEntropy{}, []graph.Layer{dense(1, layers.Softmax)}, "losses.BinaryCrossEntropy"},
		{losses.CrossEntropy{}, []graph.Layer{dense(1, layers.Linear), layers.Flatten{}}, "losses.BinaryCrossEntropy"},
		{losses.CrossEntropy{Smoothing: 1}, []graph.Layer{dense(3, layers.Softmax)}, "smoothing 1, want at least 0 and below 1"},
		{losses.CrossEntropy{Smoothing: -.1}, []graph.Layer{dense(3, layers.Softmax)}, "smoothing -0.1"},
		{losses.CrossEntropy{Smoothing: nan}, []graph.Layer{dense(3, layers.Softmax)}, "smoothing NaN"},
		{losses.CrossEntropy{Weights: []float64{1, 2}}, []graph.Layer{dense(3, layers.Softmax)}, "got 2 class weights for 3 classes"},
		{losses.CrossEntropy{Weights: []float64{}}, []graph.Layer{dense(3, layers.Softmax)}, "got 0 class weights for 3 classes"},
		{losses.CrossEntropy{Weights: []float64{1, -2, 1}}, []graph.Layer{dense(3, layers.Softmax)}, "weight -2 for class 1"},
		{losses.CrossEntropy{Weights: []float64{1, nan, 1}}, []graph.Layer{dense(3, layers.Softmax)}, "weight NaN for class 1"},
		{losses.CrossEntropy{Weights: []float64{0, 0, 0}}, []graph.Layer{dense(3, layers.Softmax)}, "all 0"},
		{losses.CrossEntropy{Weights: []float64{1, 1, 1}, Distributions: true}, []graph.Layer{dense(3, layers.Softmax)}, "want one of them"},
		{losses.ClippedCrossEntropy{}, []graph.Layer{dense(3, layers.Linear)}, "does not end in softmax"},
		{losses.ClippedCrossEntropy{}, []graph.Layer{dense(3, layers.Softmax), drop}, "does not end in softmax"},
		{losses.ClippedCrossEntropy{}, []graph.Layer{dense(1, layers.Softmax)}, "losses.BinaryCrossEntropy"},
		{losses.KL{}, []graph.Layer{dense(3, layers.Tanh)}, "neither a softmax"},
		{losses.KL{}, []graph.Layer{dense(1, layers.Softmax)}, "losses.BinaryCrossEntropy"},
		{losses.BinaryCrossEntropy{}, []graph.Layer{dense(1, layers.Sigmoid), drop}, "neither a sigmoid nor a layer without activation"},
		{losses.BinaryCrossEntropy{}, []graph.Layer{dense(1, layers.Linear), drop}, "neither a sigmoid"},
		{losses.BinaryCrossEntropy{}, []graph.Layer{dense(1, layers.Tanh)}, "neither a sigmoid"},
		{losses.BinaryCrossEntropy{}, []graph.Layer{dense(1, layers.Linear), raw("raw", gorgonia.Sigmoid)}, "neither a sigmoid"},
		{losses.BinaryCrossEntropy{}, []graph.Layer{dense(3, layers.Softmax)}, "losses.CrossEntropy"},
		{losses.BinaryCrossEntropy{Logits: true}, []graph.Layer{dense(3, layers.Sigmoid)}, "leave Logits out"},
		{losses.Huber{Delta: -1}, []graph.Layer{dense(3, layers.Linear)}, "got Delta -1"},
		{losses.Huber{Delta: nan}, []graph.Layer{dense(3, layers.Linear)}, "got Delta NaN"},
		{losses.Huber{Delta: inf}, []graph.Layer{dense(3, layers.Linear)}, "got Delta +Inf"},
		{losses.Hinge{}, []graph.Layer{dense(1, layers.Sigmoid)}, "got probabilities"},
		{losses.Hinge{}, []graph.Layer{dense(1, layers.Tanh)}, "set Scores"},
		{losses.MultiMargin{}, []graph.Layer{dense(3, layers.Softmax)}, "got probabilities"},
		{losses.MultiMargin{}, []graph.Layer{dense(3, layers.Linear), drop}, "set Scores"},
		{losses.MultiMargin{}, []graph.Layer{dense(1, layers.Linear)}, "for each of two classes"},
		{losses.Cosine{}, []graph.Layer{dense(1, layers.Linear)}, "no direction"},
	}
	for name, l := range all(t) { // an output without a feature axis
		cases = append(cases, struct {
			loss graph.Loss
			net  []graph.Layer
			want string
		}{l, []graph.Layer{dense(3, layers.Linear), raw(name, func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(x, 1) })}, "end in a Dense layer"})
	}
	for _, c := range cases {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(5)}, c.net...)
		if err != nil {
			t.Fatal(err)
		}
		first := ""
		for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
			_, err := m.Compile(graph.Spec{Mode: mode, Batch: 2, Loss: c.loss})
			switch {
			case err == nil || !strings.Contains(err.Error(), c.want):
				t.Errorf("%#v on %v, %v: got error %v, want one that says %q", c.loss, m.Outputs(), mode, err, c.want)
			case first == "":
				first = err.Error()
			case err.Error() != first:
				t.Errorf("%#v on %v: got error %v in %v, want %v as in the other mode", c.loss, m.Outputs(), err, mode, first)
			}
		}
	}
}

// all are the losses by name.
func all(t *testing.T) map[string]graph.Loss {
	t.Helper()
	byName := map[string]graph.Loss{}
	for _, name := range losses.Names() {
		l, err := losses.Parse(name)
		if err != nil || l.Name() != name || byName[name] != nil {
			t.Fatalf("got %v, %v for %q, want the only loss of that name", l, err, name)
		}
		byName[name] = l
	}
	return byName
}

func TestParseUnknown(t *testing.T) {
	_, err := losses.Parse("bce")
	if err == nil || !strings.Contains(err.Error(), `got "bce", want a loss: one of cross-entropy, `) {
		t.Errorf("got error %v, want one that lists the losses", err)
	}
}

// TestWrongTargets has targets that no loss can take: they are errors of the run, which say where.
func TestWrongTargets(t *testing.T) {
	for _, c := range []struct {
		loss   graph.Loss
		end    string
		target float64
		want   string
	}{
		{losses.CrossEntropy{}, "softmax", 3, "got class 3 at position 1, want 0 to 2, or -1 to ignore the position"},
		{losses.CrossEntropy{}, "softmax", -2, "got class -2"},
		{losses.MultiMargin{}, "", 3, "got class 3"},
		{losses.BinaryCrossEntropy{}, "sigmoid", -1, "got a target of -1, want from 0 to 1"},
		{losses.BinaryCrossEntropy{}, "", 255, "got a target of 255"},
		{losses.Hinge{}, "", .5, "got a target of 0.5, want 1 where the label holds, else 0 or -1"},
		{losses.Hinge{}, "", math.NaN(), "got a target of NaN"},
		{losses.KL{}, "softmax", -.25, "got a target of -0.25, want at least 0"},
	} {
		p := compile(t, c.loss, graph.Spec{Mode: graph.Train, Batch: 2}, false, ends[c.end](3)...)
		put(p.Y(), 1, c.target)
		if err := p.Run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of target %v: got error %v, want one that says %q", c.loss.Name(), c.target, err, c.want)
		}
	}
}

// compile makes a program of a model with inputs of 3.
func compile(t *testing.T, l graph.Loss, s graph.Spec, double bool, net ...graph.Layer) *graph.Program {
	t.Helper()
	in := 3
	if d, ok := net[0].(layers.Dense); ok && d.Units == 1 {
		in = 1
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(in), Float64: double, Seed: 3}, net...)
	if err != nil {
		t.Fatal(err)
	}
	if s.Mode != graph.Predict {
		s.Loss = l
	}
	p, err := m.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestOtherNames: a loss as other frameworks call it is named as it is called here, beside the list.
func TestOtherNames(t *testing.T) {
	for name, want := range map[string]string{
		"mean squared error": "mse", "mean_squared_error": "mse", "MSE": "mse", "MSELoss": "mse", "L1Loss": "mae", "crossentropy": "cross-entropy", "cross entropy": "cross-entropy",
		"categorical_crossentropy": "cross-entropy", "sparse_categorical_crossentropy": "cross-entropy", "SparseCategoricalCrossentropy": "cross-entropy", "bce": "binary-cross-entropy",
		"binary crossentropy": "binary-cross-entropy", "KLDivLoss": "kl", "smooth l1": "huber", "hubr": "huber",
	} {
		if _, err := losses.Parse(name); err == nil || !strings.HasSuffix(err.Error(), ": one of "+strings.Join(append(losses.Names(), "each"), ", ")+`; did you mean "`+want+`"?`) {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
	for _, name := range []string{"foo", "mean 3", "0"} {
		if _, err := losses.Parse(name); err == nil || strings.Contains(err.Error(), "did you mean") || strings.Contains(err.Error(), "import") {
			t.Errorf("%q: got %v", name, err)
		}
	}
	if _, err := losses.Parse("nn.CrossEntropyLoss()"); err == nil || !strings.HasSuffix(err.Error(), "commas: cross-entropy") {
		t.Errorf("got %v", err)
	}
}
