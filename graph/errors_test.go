package graph_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

type (
	builder = *graph.Builder
	node    = *gorgonia.Node
)

// flatten turns a batch into one vector, which no layer after it takes.
var flatten = graph.LayerFunc("flatten", func(_ builder, x node) (node, error) {
	return ops.Reshape(x, x.Shape().TotalSize())
})

// asks is a layer that asks for one parameter and does nothing with it.
func asks(name string, init graph.Initializer, shape ...int) graph.Layer {
	return graph.LayerFunc("gate", func(b builder, x node) (node, error) {
		_, err := b.Param(name, init, shape...)
		return x, err
	})
}

func custom(build func(b builder, x node) (node, error)) graph.Layer {
	return graph.LayerFunc("custom", build)
}

// makes multiplies by a 3×3 variable of its own, which no model would know.
func makes(opts ...gorgonia.NodeConsOpt) func(builder, node) (node, error) {
	return func(_ builder, x node) (node, error) {
		opts := append([]gorgonia.NodeConsOpt{gorgonia.WithShape(3, 3), gorgonia.WithInit(gorgonia.GlorotN(1))}, opts...)
		return gorgonia.Mul(x, gorgonia.NewMatrix(x.Graph(), x.Dtype(), opts...))
	}
}

var errPlain = errors.New("no good")

func TestNewModelErrors(t *testing.T) {
	const names = "linear, sigmoid, tanh, relu, leaky-relu, softplus, softmax"
	const panicked = " (does it look at the error of each function that it calls?)"
	const unknown = " that the model does not know: ask for it with b.Param, so that it is drawn from the seed, learnt and saved; a fixed number is gorgonia.NewConstant"
	for _, c := range []struct {
		want   string
		inputs int
		layers []graph.Layer
	}{
		{"graph: got Inputs 0, want the number of features of a sample: set Config.Inputs", 0, []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: got Inputs -3, want the number of features of a sample: set Config.Inputs", -3, []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: got no layers, want at least one, such as layers.Dense{Units: 10}", 3, nil},
		{"graph: got nil as layer 2 of 2, want a layer", 3, []graph.Layer{layers.Dense{Units: 1}, nil}},

		{"graph: layer dense_2, input of shape (2, 4): got Units 0, want at least 1", 3, []graph.Layer{layers.Dense{Units: 4}, layers.Dense{}}},
		{"graph: layer dense_1, input of shape (6): want [batch,features]: put a layer before it that reshapes, such as a graph.LayerFunc of ops.Reshape", 3,
			[]graph.Layer{flatten, layers.Dense{Units: 1}}},
		{"graph: layer dense_1, input of shape (2, 3): got activation(99), want one of " + names, 3, []graph.Layer{layers.Dense{Units: 1, Activation: 99}}},
		{"graph: layer activation(99)_1, input of shape (2, 3): got activation(99), want one of " + names, 3, []graph.Layer{layers.Activation(99)}},
		{"graph: layer softmax_1, input of shape (6): softmax: got shape (6), want [batch,classes]", 3, []graph.Layer{flatten, layers.Softmax}},
		{"graph: layer dropout_1, input of shape (2, 3): got Rate 1, want at least 0 and below 1", 3, []graph.Layer{layers.Dropout{Rate: 1}}},
		{"graph: layer dropout_1, input of shape (2, 3): got Rate -0.5, want at least 0 and below 1", 3, []graph.Layer{layers.Dropout{Rate: -.5}}},
		{"graph: layer dropout_1, input of shape (2, 3): got Rate NaN, want at least 0 and below 1", 3, []graph.Layer{layers.Dropout{Rate: math.NaN()}}},

		{"graph: layer residual_1, input of shape (2, 3): its layers end in shape (2, 4), want that of the input, (2, 3): change the last layer's width", 3,
			[]graph.Layer{layers.Residual{layers.Dense{Units: 4}}}},
		{"graph: layer residual_1, input of shape (2, 1): its layers end in shape (2), want that of the input, (2, 1): change the last layer's width", 1,
			[]graph.Layer{layers.Residual{flatten}}},
		{"graph: layer residual_1, input of shape (2, 3): got no layers, want at least one", 3, []graph.Layer{layers.Residual{}}},
		{"graph: layer residual_1, input of shape (2, 3): got a nil layer, or a nil node to apply one to: look at the error of the function that made it", 3,
			[]graph.Layer{layers.Residual{nil}}},
		{"graph: layer concat_1, input of shape (2, 3): got no layers, want at least one", 3, []graph.Layer{layers.Concat{}}},
		{"graph: layer concat_1, input of shape (2, 3): concat: got shape (6) as part 1, want a matrix of as many rows as part 0, (2, 3)", 3,
			[]graph.Layer{layers.Concat{layers.Linear, flatten}}},
		// Of layers within layers it is the innermost that is named, by its place in the model.
		{"graph: layer dense_3, input of shape (2, 1): got Units -1, want at least 1", 3,
			[]graph.Layer{layers.Dense{Units: 3}, layers.Residual{layers.Concat{layers.Sequence{layers.Dense{Units: 1}, layers.Dense{Units: -1}}, layers.Dense{Units: 2}}}}},

		{"graph: the last layer, flatten_1, turns a batch of 2 samples into shape (6), want [batch,outputs]: end in a Dense layer or reshape", 3, []graph.Layer{flatten}},
		{"graph: the last layer, sequence_1, turns a batch of 2 samples into shape (6), want [batch,outputs]: end in a Dense layer or reshape", 3,
			[]graph.Layer{layers.Linear, layers.Sequence{flatten, layers.Sigmoid}}},
		{"graph: the last layer, custom_1, turns a batch of 2 samples into shape (3, 2), want [batch,outputs]: end in a Dense layer or reshape", 3,
			[]graph.Layer{custom(func(_ builder, x node) (node, error) { return gorgonia.Transpose(x) })}},

		{"graph: layer custom_1, input of shape (2, 3): no good", 3, []graph.Layer{custom(func(builder, node) (node, error) { return nil, errPlain })}},
		{"graph: layer custom_1, input of shape (2, 3): its Build panicked: oh" + panicked, 3, []graph.Layer{custom(func(builder, node) (node, error) { panic("oh") })}},
		{"graph: layer custom_1, input of shape (2, 3): its Build panicked: runtime error: index out of range [7] with length 2" + panicked, 3,
			[]graph.Layer{custom(func(_ builder, x node) (node, error) { _ = x.Shape()[7]; return x, nil })}},
		{"graph: layer custom_1, input of shape (2, 3): its Build panicked: runtime error: invalid memory address or nil pointer dereference" + panicked, 3,
			[]graph.Layer{layers.Residual{custom(func(builder, node) (node, error) { return ops.Softmax(nil) })}}},
		{"graph: layer custom_1, input of shape (2, 3): its Build returned no node and no error, want one of them", 3,
			[]graph.Layer{custom(func(builder, node) (node, error) { return nil, nil })}},
		{"graph: layer custom_1, input of shape (2, 3): got no function: give LayerFunc one", 3, []graph.Layer{custom(nil)}},
		{"graph: layer custom_1, input of shape (2, 3): got a nil layer, or a nil node to apply one to: look at the error of the function that made it", 3,
			[]graph.Layer{custom(func(b builder, _ node) (node, error) { return b.Apply(layers.Dense{Units: 1}, nil) })}},
		{"graph: layer custom_1, input of shape (2, 3): Failed to infer shape. Op: A × B: Inner dimensions do not match up", 3,
			[]graph.Layer{custom(func(b builder, x node) (node, error) {
				w, err := b.Param("w", graph.Zeros, 4, 2)
				if err != nil {
					return nil, err
				}
				return gorgonia.Mul(x, w)
			})}},

		{`graph: layer custom_1, input of shape (2, 3): it makes a variable "w" of shape (3, 3)` + unknown, 3,
			[]graph.Layer{custom(makes(gorgonia.WithName("w")))}},
		{"graph: layer custom_1, input of shape (2, 3): it makes a variable of shape (3, 3)" + unknown, 3,
			[]graph.Layer{layers.Dense{Units: 3}, layers.Residual{layers.Dense{Units: 3}, custom(makes())}}},

		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got shape [3 0], want at least one size, each at least 1", 3, []graph.Layer{asks("w", graph.Zeros, 3, 0)}},
		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got shape [], want at least one size, each at least 1", 3, []graph.Layer{asks("w", graph.Zeros)}},
		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got no initializer, want one, such as graph.GlorotUniform", 3, []graph.Layer{asks("w", nil, 3)}},
		{"graph: layer custom_1, input of shape (2, 3): parameter custom_1.w: got shape [3 1], want [3] as it was asked for before: give the second one another name", 3,
			[]graph.Layer{custom(func(b builder, x node) (node, error) {
				if _, err := b.Param("w", graph.Zeros, 3); err != nil {
					return nil, err
				}
				_, err := b.Param("w", graph.Zeros, 3, 1)
				return x, err
			})}},
	} {
		m, err := graph.NewModel(graph.Config{Inputs: c.inputs}, c.layers...)
		if err == nil || err.Error() != c.want || m != nil {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := graph.NewModel(graph.Config{Inputs: 3}, layers.Residual{custom(func(builder, node) (node, error) { return nil, errPlain })}); !errors.Is(err, errPlain) {
		t.Errorf("%v does not wrap the layer's error", err)
	}
}

func TestCompileErrors(t *testing.T) {
	dense := layers.Dense{Units: 2}
	mine := func(build func(b builder, output, target node) (node, error)) graph.Spec {
		return graph.Spec{Mode: graph.Train, Batch: 2, Loss: graph.LossFunc("mine", build)}
	}
	const order = " was not asked for in this order when the model was made: a layer's parameters must depend neither on the mode nor on the batch size"
	for _, c := range []struct {
		want   string
		layers []graph.Layer
		spec   graph.Spec
	}{
		{"graph: got a batch of 0, want at least 1: set Spec.Batch", []graph.Layer{dense}, graph.Spec{}},
		{"graph: got a batch of -1, want at least 1: set Spec.Batch", []graph.Layer{dense}, graph.Spec{Mode: graph.Train, Batch: -1, Loss: losses.CrossEntropy{}}},
		{"graph: got no loss, want one to train or evaluate with: set Spec.Loss, such as losses.CrossEntropy{}", []graph.Layer{dense}, graph.Spec{Mode: graph.Train, Batch: 2}},
		{"graph: got no loss, want one to train or evaluate with: set Spec.Loss, such as losses.CrossEntropy{}", []graph.Layer{dense}, graph.Spec{Mode: graph.Evaluate, Batch: 2}},
		{"graph: loss clipped-cross-entropy on an output of shape (2, 2): clipped cross-entropy: got a model that does not end in softmax, want probabilities: add layers.Softmax as the last layer, or use losses.CrossEntropy{}",
			[]graph.Layer{dense}, graph.Spec{Mode: graph.Evaluate, Batch: 2, Loss: losses.ClippedCrossEntropy{}}},
		{"graph: got a model without parameters, want at least one to train: add a layer that has some, such as layers.Dense",
			[]graph.Layer{layers.Sigmoid}, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}}},
		{"graph: the loss does not depend on parameter gate_1.w, so it has no gradient: use it in what its layer returns, or do not ask for it",
			[]graph.Layer{dense, asks("w", graph.Zeros, 2)}, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.CrossEntropy{}}},

		{"graph: layer dense_1, input of shape (2, 3): parameter dense_1.weight of shape [3 2]" + order,
			[]graph.Layer{custom(func(b builder, x node) (node, error) {
				if !b.Training() {
					return x, nil
				}
				w, err := b.Param("w", graph.Zeros, 3)
				if err != nil {
					return nil, err
				}
				return gorgonia.BroadcastAdd(x, w, nil, []byte{0})
			}), dense}, graph.Spec{Batch: 2}},
		{"graph: layer custom_1, input of shape (4, 3): parameter custom_1.w of shape [4 3]" + order,
			[]graph.Layer{custom(func(b builder, x node) (node, error) {
				w, err := b.Param("w", graph.Zeros, b.Batch(), 3)
				if err != nil {
					return nil, err
				}
				return ops.Add(x, w)
			})}, graph.Spec{Batch: 4}},
		{"graph: layer custom_1, input of shape (1, 3): no good",
			[]graph.Layer{custom(func(b builder, x node) (node, error) {
				if b.Batch() == 1 {
					return nil, errPlain
				}
				return x, nil
			})}, graph.Spec{Batch: 1}},

		{"graph: loss mine on an output of shape (2, 2): got shape (2, 2), want a scalar: take the mean",
			[]graph.Layer{dense}, mine(func(_ builder, output, target node) (node, error) { return ops.Add(output, target) })},
		{"graph: loss mine on an output of shape (2, 2): no good",
			[]graph.Layer{dense}, mine(func(builder, node, node) (node, error) { return nil, errPlain })},
		{"graph: loss mine on an output of shape (2, 2): its Build returned no node and no error, want one of them",
			[]graph.Layer{dense}, mine(func(builder, node, node) (node, error) { return nil, nil })},
		{"graph: loss mine on an output of shape (2, 2): its Build panicked: oh (does it look at the error of each function that it calls?)",
			[]graph.Layer{dense}, mine(func(builder, node, node) (node, error) { panic("oh") })},
		{`graph: loss mine on an output of shape (2, 2): parameter "w": got asked for outside a layer, want it in a Layer's Build: a loss has none of its own`,
			[]graph.Layer{dense}, mine(func(b builder, _, _ node) (node, error) { return b.Param("w", graph.Zeros, 2) })},
		{`graph: loss mine on an output of shape (2, 2): it makes a variable "scale" of shape () that the model does not know: a loss has none of its own: what is learnt belongs in a layer, by b.Param; a fixed number is gorgonia.NewConstant`,
			[]graph.Layer{dense}, mine(func(b builder, output, target node) (node, error) {
				scale := gorgonia.NewScalar(output.Graph(), output.Dtype(), gorgonia.WithName("scale"), gorgonia.WithValue(float32(2)))
				return gorgonia.Mul(must(losses.MSE{}.Build(b, output, target)), scale)
			})},
		{"graph: the loss does not depend on parameter dense_1.weight, dense_1.bias, so it has no gradient: use it in what its layer returns, or do not ask for it",
			[]graph.Layer{dense}, mine(func(_ builder, _, target node) (node, error) { return gorgonia.Mean(target) })},
		{"graph: watched node custom_1.gate is nil: look at the error of the function that made it",
			[]graph.Layer{custom(func(b builder, x node) (node, error) { b.Watch("gate", nil); return x, nil })}, graph.Spec{Batch: 2, Inspect: true}},
	} {
		m := model(t, graph.Config{Inputs: 3}, c.layers...)
		p, err := m.Compile(c.spec)
		if err == nil || err.Error() != c.want || p != nil {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}

	// What Gorgonia finds wrong keeps its words, after ours.
	blind := custom(func(b builder, x node) (node, error) {
		w, err := b.Param("w", graph.Zeros, 2)
		if err != nil || b.Batch() == 2 { // the batch that a model is made with
			return must(gorgonia.BroadcastAdd(must(ops.Columns(x, 0, 2)), w, nil, []byte{0})), err
		}
		return ops.Reshape(w, 1, 2)
	})
	_, err := model(t, graph.Config{Inputs: 3}, blind).Compile(graph.Spec{Batch: 1})
	if want := "graph: compiling for a batch of 1 (does the output depend on the input, x?): Not all the inputs are used"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s…", err, want)
	}
}

func must(n node, err error) node { return gorgonia.Must(n, err) }

// TestConstantsAreFine: numbers and tensors that are fixed may stand in a layer and in a loss.
func TestConstantsAreFine(t *testing.T) {
	m := model(t, graph.Config{Inputs: 3}, layers.Dense{Units: 2, Weights: graph.Constant(1)}, custom(func(_ builder, x node) (node, error) {
		shift := gorgonia.NewConstant(tensor.New(tensor.WithShape(x.Shape()...), tensor.WithBacking(slices.Repeat([]float32{5}, x.Shape().TotalSize()))))
		return gorgonia.Add(must(gorgonia.Mul(x, gorgonia.NewConstant(float32(2)))), shift)
	}))
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 1, Loss: graph.LossFunc("mine", func(_ builder, output, target node) (node, error) {
		return gorgonia.Mul(must(gorgonia.Mean(output)), gorgonia.NewConstant(float32(3)))
	})})
	copy(p.X().Float32s(), []float32{1, 2, 3})
	run(t, p)
	if p.Loss() != 51 {
		t.Errorf("loss %v, want 3·(2·6 + 5) = 51", p.Loss())
	}
}

// TestUnreadIsFine: a parameter that a mode leaves out, and a target that a loss leaves out, are no errors.
func TestUnreadIsFine(t *testing.T) {
	m := model(t, graph.Config{Inputs: 3}, custom(func(b builder, x node) (node, error) {
		w, err := b.Param("w", graph.Zeros, 3)
		if err != nil || !b.Training() {
			return x, err
		}
		return gorgonia.BroadcastAdd(x, w, nil, []byte{0})
	}), layers.Dense{Units: 2})
	norm := graph.LossFunc("norm", func(_ builder, output, _ node) (node, error) {
		square, err := gorgonia.Square(output)
		if err != nil {
			return nil, err
		}
		return gorgonia.Mean(square)
	})
	for _, mode := range []graph.Mode{graph.Predict, graph.Evaluate, graph.Train} {
		p := compile(t, m, graph.Spec{Mode: mode, Batch: 2, Loss: norm, Inspect: true})
		fill(p, 1)
		run(t, p)
		sum := 0.0
		for _, v := range p.Output().Float32s() {
			sum += float64(v) * float64(v) / 4
		}
		if mode != graph.Predict && math.Abs(p.Loss()-sum) > 1e-6 {
			t.Errorf("mode %d: loss %v, want %v", mode, p.Loss(), sum)
		}
	}
}

// TestRunErrors makes an op fail while the machine runs: Run returns it, and the program is fit to run again.
func TestRunErrors(t *testing.T) {
	m := model(t, graph.Config{Inputs: 3, Seed: 1}, layers.Dense{Units: 2, Activation: layers.ReLU})
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.CrossEntropy{}})
	fill(p, 1)
	run(t, p)
	before := p.Loss()
	x := p.Graph().ByName("x")[0]
	if err := gorgonia.Let(x, tensor.New(tensor.WithShape(2, 3), tensor.AsFortran(make([]float32, 6)))); err != nil {
		t.Fatal(err)
	}
	err := p.Run()
	if err == nil || !strings.HasPrefix(err.Error(), "graph: running a batch of 2: ") || !strings.Contains(err.Error(), "dense+relu: input 0: got a *tensor.Dense of float32, want a row-major dense tensor of float32") {
		t.Errorf("got %v", err)
	}
	if err := gorgonia.Let(x, p.X()); err != nil {
		t.Fatal(err)
	}
	run(t, p)
	if p.Loss() != before {
		t.Errorf("loss %v after an error, want %v", p.Loss(), before)
	}
}

// TestBeforeRun: what a program gives before its first run, and what a mode does not have.
func TestBeforeRun(t *testing.T) {
	m := model(t, graph.Config{Inputs: 3}, layers.Dense{Units: 2})
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.CrossEntropy{}, Inspect: true})
	if !math.IsNaN(p.Loss()) || p.Output() != nil {
		t.Errorf("before a run: loss %v, output %v, want NaN and nil", p.Loss(), p.Output())
	}
	for i, want := range []string{
		"graph: got no gradient of a parameter of shape (3, 2): run the program first",
		"graph: got no gradient of a parameter of shape (2): run the program first",
	} {
		if v, err := p.Grads()[i].Grad(); v != nil || err == nil || err.Error() != want {
			t.Errorf("got %v, %v, want %s", v, err, want)
		}
		if p.Grads()[i].Value() != gorgonia.Value(m.Params()[i].Value) {
			t.Errorf("gradient %d is not paired with the model's parameter", i)
		}
	}
	for _, r := range p.Recordings() {
		if r.Value != nil || r.Grad != nil {
			t.Errorf("before a run: recording %+v", r)
		}
	}
	p = compile(t, m, graph.Spec{Mode: graph.Evaluate, Batch: 2, Loss: losses.CrossEntropy{}, Inspect: true})
	run(t, p)
	if p.Grads() != nil || p.Y() == nil || math.IsNaN(p.Loss()) || p.Recordings()[0].Grad != nil || p.Recordings()[0].Value == nil {
		t.Error("evaluate: want a target, a loss and activations, but no gradients")
	}
	p = compile(t, m, graph.Spec{Batch: 2})
	run(t, p)
	if p.Grads() != nil || p.Y() != nil || !math.IsNaN(p.Loss()) || len(p.Recordings()) != 0 || p.Output() == nil {
		t.Error("predict: want an output alone")
	}
}
