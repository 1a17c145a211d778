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

// halved puts two features of every sample into a row of their own, so that the batch is no longer the first axis.
var halved = graph.LayerFunc("halved", func(b builder, x node) node {
	return b.Node(ops.Reshape(x, x.Shape().TotalSize()))
})

// asks is a layer that asks for one parameter and does nothing with it.
func asks(name string, init graph.Initializer, shape ...int) graph.Layer {
	return graph.LayerFunc("gate", func(b builder, x node) node {
		b.Param(name, init, shape...)
		return x
	})
}

func custom(build func(b builder, x node) node) graph.Layer {
	return graph.LayerFunc("custom", build)
}

// makes multiplies by a 3×3 variable of its own, which no model would know.
func makes(opts ...gorgonia.NodeConsOpt) func(builder, node) node {
	return func(b builder, x node) node {
		opts := append([]gorgonia.NodeConsOpt{gorgonia.WithShape(3, 3), gorgonia.WithInit(gorgonia.GlorotN(1))}, opts...)
		return b.Node(gorgonia.Mul(x, gorgonia.NewMatrix(x.Graph(), x.Dtype(), opts...)))
	}
}

var errPlain = errors.New("no good")

func TestNewModelErrors(t *testing.T) {
	const names = "linear, sigmoid, tanh, relu, leaky-relu, softplus, softmax, log-softmax, elu, selu, gelu, gelu-tanh, silu, mish"
	const unknown = " that the model does not know: ask for it with b.Param, so that it is drawn from the seed, learnt and saved, or with b.State; a fixed number is b.Constant"
	three := graph.Floats(3)
	for _, c := range []struct {
		want   string
		input  graph.Input
		layers []graph.Layer
	}{
		{"graph: got no Input, want what a sample is: set Config.Input, such as graph.Floats(784)", graph.Input{}, []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: net: input \"x\": got shape (0), want sizes of at least 1, and no more elements than can be counted", graph.Floats(0), []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: net: input \"x\": got shape (4, -3), want sizes of at least 1, and no more elements than can be counted", graph.Floats(4, -3), []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: net: input \"x\": got shape (4294967296, 4294967296), want sizes of at least 1, and no more elements than can be counted", graph.Floats(1<<32, 1<<32), []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: net: input \"x\": got 8 axes, (1, 2, 1, 2, 1, 2, 1, 2), want at most 7", graph.Ints(1, 2, 1, 2, 1, 2, 1, 2), []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: got no layers, want at least one, such as layers.Dense{Units: 10}", three, nil},
		{"graph: got nil as layer 2 of 2, want a layer", three, []graph.Layer{layers.Dense{Units: 1}, nil}},

		{"graph: layer dense_2, input of shape (2, 4): got Units 0, want at least 1: where the number of units was left out, say it, as in dense 64", three, []graph.Layer{layers.Dense{Units: 4}, layers.Dense{}}},
		{"graph: layer dense_1, input of shape (2): want [batch,…,features]: give a sample at least one feature, graph.Floats(1)", graph.Floats(), []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: layer dense_1, input of shape (2, 3): dense+identity: got elements of type int32 as input 0, want float32 or float64", graph.Ints(3), []graph.Layer{layers.Dense{Units: 1}}},
		{"graph: layer dense_1, input of shape (2, 3): got activation(99), want one of " + names, three, []graph.Layer{layers.Dense{Units: 1, Activation: 99}}},
		{"graph: layer activation(99)_1, input of shape (2, 3): got activation(99), want one of " + names, three, []graph.Layer{layers.Activation(99)}},
		{"graph: layer softmax_1, input of shape (2): softmax: got shape (2), want [batch,…,classes]", graph.Floats(), []graph.Layer{layers.Softmax}},
		{"graph: layer dropout_1, input of shape (2, 3): got Rate 1, want at least 0 and below 1", three, []graph.Layer{layers.Dropout{Rate: 1}}},
		{"graph: layer dropout_1, input of shape (2, 3): got Rate -0.5, want at least 0 and below 1", three, []graph.Layer{layers.Dropout{Rate: -.5}}},
		{"graph: layer dropout_1, input of shape (2, 3): got Rate NaN, want at least 0 and below 1", three, []graph.Layer{layers.Dropout{Rate: math.NaN()}}},

		{"graph: layer residual_1, input of shape (2, 3): its layers end in shape (2, 4), want that of the input, (2, 3): change the last layer's width", three,
			[]graph.Layer{layers.Residual{layers.Dense{Units: 4}}}},
		{"graph: layer residual_1, input of shape (2): its layers end in shape (2, 1), want that of the input, (2): change the last layer's width", graph.Floats(),
			[]graph.Layer{layers.Residual{layers.Flatten{}}}},
		{"graph: layer residual_1, input of shape (2, 3): got no layers, want at least one", three, []graph.Layer{layers.Residual{}}},
		{"graph: layer residual_1, input of shape (2, 3): got a nil layer, or a nil node to apply one to, want both", three, []graph.Layer{layers.Residual{nil}}},
		{"graph: layer concat_1, input of shape (2, 3): got no layers, want at least one", three, []graph.Layer{layers.Concat{}}},
		{"graph: layer concat_1, input of shape (2, 3, 4): concat: got shape (2, 12) as part 1, want that of part 0, (2, 3, 4), in all axes but the last", graph.Floats(3, 4),
			[]graph.Layer{layers.Concat{layers.Linear, layers.Flatten{}}}},
		{"graph: layer absdiff_1, input of shape (2, 3): got one input, want two: add it to a graph.Net", three, []graph.Layer{layers.AbsDiff{}}},
		// Of layers within layers it is the innermost that is named, by its place in the model.
		{"graph: layer dense_3, input of shape (2, 1): got Units -1, want at least 1", three,
			[]graph.Layer{layers.Dense{Units: 3}, layers.Residual{layers.Concat{layers.Sequence{layers.Dense{Units: 1}, layers.Dense{Units: -1}}, layers.Dense{Units: 2}}}}},

		{"graph: layer halved_1, input of shape (2, 3): it turns a batch of 2 samples into shape (6), want [batch,…]", three, []graph.Layer{halved}},
		{"graph: layer halved_1, input of shape (2, 3): it turns a batch of 2 samples into shape (6), want [batch,…]", three,
			[]graph.Layer{layers.Linear, layers.Sequence{halved, layers.Sigmoid}}},
		{"graph: layer custom_1, input of shape (2, 3): it turns a batch of 2 samples into shape (3, 2), want [batch,…]", three,
			[]graph.Layer{custom(func(b builder, x node) node { return b.Node(gorgonia.Transpose(x)) })}},
		{"graph: layer custom_1, input of shape (2, 3): it turns a batch of 2 samples into shape (), want [batch,…]", three,
			[]graph.Layer{custom(func(b builder, x node) node { return b.Node(ops.Total(x)) })}},

		{"graph: layer custom_1, input of shape (2, 3): no good", three, []graph.Layer{custom(func(b builder, _ node) node { return b.Node(nil, errPlain) })}},
		{"graph: layer custom_1, input of shape (2, 3): got 7, want 8", three, []graph.Layer{custom(func(b builder, x node) node { b.Errorf("got %d, want 8", 7); return x })}},
		{"graph: layer custom_1, input of shape (2, 3): its Build panicked: oh", three, []graph.Layer{custom(func(builder, node) node { panic("oh") })}},
		{"graph: layer custom_1, input of shape (2, 3): its Build panicked: runtime error: index out of range [7] with length 2", three,
			[]graph.Layer{custom(func(_ builder, x node) node { _ = x.Shape()[7]; return x })}},
		{"graph: layer custom_1, input of shape (2, 3): softmax: got nil as input 0, want a node: look at the error of the function that made it", three,
			[]graph.Layer{layers.Residual{custom(func(b builder, _ node) node { return b.Node(ops.Softmax(nil)) })}}},
		{"graph: layer custom_1, input of shape (2, 3): its Build returned no node and kept no error, want one of them", three,
			[]graph.Layer{custom(func(builder, node) node { return nil })}},
		{"graph: layer custom_1, input of shape (2, 3): got neither a node nor an error, want one of them", three,
			[]graph.Layer{custom(func(b builder, _ node) node { return b.Node(nil, nil) })}},
		{"graph: layer custom_1, input of shape (2, 3): got no function: give LayerFunc one", three, []graph.Layer{custom(nil)}},
		{"graph: layer custom_1, input of shape (2, 3): got a nil layer, or a nil node to apply one to, want both", three,
			[]graph.Layer{custom(func(b builder, _ node) node { return b.Apply(layers.Dense{Units: 1}, nil) })}},
		{"graph: layer custom_1, input of shape (2, 3): Failed to infer shape. Op: A × B: Inner dimensions do not match up", three,
			[]graph.Layer{custom(func(b builder, x node) node { return b.Node(gorgonia.Mul(x, b.Param("w", graph.Zeros, 4, 2))) })}},
		// The first error is the one that is told, whatever is built on after it.
		{"graph: layer custom_1, input of shape (2, 3): no good", three,
			[]graph.Layer{custom(func(b builder, x node) node {
				y := b.Node(nil, errPlain)
				y = b.Chain([]graph.Layer{layers.Dense{}, nil}, b.Node(ops.Add(y, b.Param("w", graph.Initializer{}))))
				b.Watch("y", y)
				b.Update(y, y)
				b.Penalty(y)
				b.Errorf("second: %v %v %v", b.State("s", graph.Zeros), b.Constant(1), b.Normal(y))
				return b.Apply(nil, y)
			}), layers.Dense{}}},

		{`graph: layer custom_1, input of shape (2, 3): it makes a variable "w" of shape (3, 3)` + unknown, three,
			[]graph.Layer{custom(makes(gorgonia.WithName("w")))}},
		{"graph: layer custom_1, input of shape (2, 3): it makes a variable of shape (3, 3)" + unknown, three,
			[]graph.Layer{layers.Dense{Units: 3}, layers.Residual{layers.Dense{Units: 3}, custom(makes())}}},

		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got shape [3 0], want at least one size, each at least 1", three, []graph.Layer{asks("w", graph.Zeros, 3, 0)}},
		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got shape [], want at least one size, each at least 1", three, []graph.Layer{asks("w", graph.Zeros)}},
		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got shape [4294967296 4294967296], want sizes of at least 1, and no more elements than can be counted", three,
			[]graph.Layer{asks("w", graph.Zeros, 1<<32, 1<<32)}},
		{"graph: layer gate_1, input of shape (2, 3): parameter gate_1.w: got no initializer, want one, such as graph.GlorotUniform", three, []graph.Layer{asks("w", graph.Initializer{}, 3)}},
		{"graph: layer custom_1, input of shape (2, 3): parameter custom_1.w: got shape [3 1], want [3] as it was asked for before: give the second one another name", three,
			[]graph.Layer{custom(func(b builder, x node) node {
				b.Param("w", graph.Zeros, 3)
				b.Param("w", graph.Zeros, 3, 1)
				return x
			})}},
		{"graph: layer custom_1, input of shape (2, 3): state custom_1.w: got the name of another tensor of the layer, want one of its own", three,
			[]graph.Layer{custom(func(b builder, x node) node {
				b.Param("w", graph.Zeros, 3)
				b.State("w", graph.Zeros, 3)
				return x
			})}},

		{"graph: layer custom_1, input of shape (2, 3): update: got nil as a state's next value, want a node", three, []graph.Layer{updates(func(b builder, x, s node) { b.Update(s, nil) })}},
		{"graph: layer custom_1, input of shape (2, 3): update: got a node that is no state, want one that b.State returned", three, []graph.Layer{updates(func(b builder, x, s node) { b.Update(x, x) })}},
		{"graph: layer custom_1, input of shape (2, 3): update: got a node that is no state, want one that b.State returned", three, []graph.Layer{updates(func(b builder, x, s node) { b.Update(nil, s) })}},
		{"graph: layer custom_1, input of shape (2, 3): update: got shape (2, 3) for custom_1.s, want (3) as it is", three, []graph.Layer{updates(func(b builder, x, s node) { b.Update(s, x) })}},
		{"graph: layer custom_1, input of shape (2, 3): penalty: got no scalar node, want one: add up or take the mean of what is to be small", three, []graph.Layer{updates(func(b builder, x, s node) { b.Penalty(s) })}},
		{"graph: layer custom_1, input of shape (2, 3): penalty: got no scalar node, want one: add up or take the mean of what is to be small", three, []graph.Layer{updates(func(b builder, x, s node) { b.Penalty(nil) })}},
		{`graph: layer custom_1, input of shape (2, 3): watched node "gate" is nil, want one`, three, []graph.Layer{updates(func(b builder, x, s node) { b.Watch("gate", nil) })}},
	} {
		m, err := graph.NewModel(graph.Config{Input: c.input}, c.layers...)
		if err == nil || err.Error() != c.want || m != nil {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := graph.NewModel(graph.Config{Input: three}, layers.Residual{custom(func(b builder, _ node) node { return b.Node(nil, errPlain) })}); !errors.Is(err, errPlain) {
		t.Errorf("%v does not wrap the layer's error", err)
	}
}

// updates is a layer with a state of 3, which misuses the Builder.
func updates(misuse func(b builder, x, state node)) graph.Layer {
	return custom(func(b builder, x node) node {
		misuse(b, x, b.State("s", graph.Zeros, 3))
		return x
	})
}

func TestCompileErrors(t *testing.T) {
	dense := layers.Dense{Units: 2}
	mine := func(build func(b builder, output, target node) node) graph.Spec {
		return graph.Spec{Mode: graph.Train, Batch: 2, Loss: graph.LossFunc("mine", build)}
	}
	const order = " was not asked for in this order when the model was made: a layer's tensors must depend neither on the mode nor on the batch size"
	const noLoss = "graph: got no loss, want one to train or evaluate with: set Spec.Loss, such as losses.CrossEntropy{}"
	for _, c := range []struct {
		want   string
		layers []graph.Layer
		spec   graph.Spec
	}{
		{"graph: got a batch of 0, want at least 1: set Spec.Batch", []graph.Layer{dense}, graph.Spec{}},
		{"graph: got a batch of -1, want at least 1: set Spec.Batch", []graph.Layer{dense}, graph.Spec{Mode: graph.Train, Batch: -1, Loss: losses.CrossEntropy{}}},
		{"graph: got mode 77, want graph.Predict, graph.Evaluate or graph.Train: set Spec.Mode", []graph.Layer{dense}, graph.Spec{Mode: 77, Batch: 1, Loss: losses.CrossEntropy{}}},
		{noLoss, []graph.Layer{dense}, graph.Spec{Mode: graph.Train, Batch: 2}},
		{noLoss, []graph.Layer{dense}, graph.Spec{Mode: graph.Evaluate, Batch: 2}},
		{"graph: loss clipped-cross-entropy on an output of shape (2, 2): clipped cross-entropy: got a model that does not end in softmax, want probabilities: add layers.Softmax as the last layer, or use losses.CrossEntropy{}",
			[]graph.Layer{dense}, graph.Spec{Mode: graph.Evaluate, Batch: 2, Loss: losses.ClippedCrossEntropy{}}},
		{"graph: got a model without parameters, want at least one to train: add a layer that has some, such as layers.Dense",
			[]graph.Layer{layers.Sigmoid}, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}}},
		{"graph: the loss does not depend on parameter gate_1.w, so it has no gradient: use it in what its layer returns, or do not ask for it",
			[]graph.Layer{dense, asks("w", graph.Zeros, 2)}, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}}},

		{"graph: layer dense_1, input of shape (2, 3): parameter dense_1.weight of shape [3 2]" + order,
			[]graph.Layer{custom(func(b builder, x node) node {
				if !b.Training() {
					return x
				}
				return b.Node(ops.AddRow(x, b.Param("w", graph.Zeros, 3)))
			}), dense}, graph.Spec{Batch: 2}},
		{"graph: layer custom_1, input of shape (4, 3): parameter custom_1.w of shape [4 3]" + order,
			[]graph.Layer{custom(func(b builder, x node) node {
				return b.Node(ops.Add(x, b.Param("w", graph.Zeros, b.Batch(), 3)))
			})}, graph.Spec{Batch: 4}},
		{"graph: the layers ask for 0 parameters and 0 states in mode predict, want 1 and 1 as when the model was made: they must depend neither on the mode nor on the batch size",
			[]graph.Layer{custom(func(b builder, x node) node {
				if b.Training() {
					b.Param("w", graph.Zeros, 3)
					b.State("s", graph.Zeros, 3)
				}
				return x
			})}, graph.Spec{Batch: 4}},
		{"graph: layer custom_1, input of shape (2, 3): update: got an update of custom_1.s outside training, want none: ask b.Training first",
			[]graph.Layer{updates(func(b builder, _, s node) { b.Update(s, s) })}, graph.Spec{Batch: 2}},
		{"graph: layer custom_1, input of shape (1, 3): no good",
			[]graph.Layer{custom(func(b builder, x node) node {
				if b.Batch() == 1 {
					return b.Node(nil, errPlain)
				}
				return x
			})}, graph.Spec{Batch: 1}},

		{"graph: loss mine on an output of shape (2, 2): got shape (), want one value a sample, [batch], or a position, [batch,time]: the mean over them is the graph's to take",
			[]graph.Layer{dense}, mine(func(b builder, output, target node) node { return b.Node(gorgonia.Mean(output)) })},
		{"graph: loss mine on an output of shape (2, 2): got shape (4), want one value a sample, [batch], or a position, [batch,time]: the mean over them is the graph's to take",
			[]graph.Layer{dense}, mine(func(b builder, output, target node) node { return b.Node(ops.Reshape(output, 4)) })},
		{"graph: loss mine on an output of shape (2, 2): no good",
			[]graph.Layer{dense}, mine(func(b builder, _, _ node) node { return b.Node(nil, errPlain) })},
		{"graph: loss mine on an output of shape (2, 2): got no function: give LossFunc one", []graph.Layer{dense}, mine(nil)},
		{"graph: loss mine on an output of shape (2, 2): its Build returned no node and kept no error, want one of them",
			[]graph.Layer{dense}, mine(func(builder, node, node) node { return nil })},
		{"graph: loss mine on an output of shape (2, 2): its Build panicked: oh",
			[]graph.Layer{dense}, mine(func(builder, node, node) node { panic("oh") })},
		{`graph: loss mine on an output of shape (2, 2): parameter "w": got asked for outside a layer, want it in a Layer's Build: a loss has none of its own`,
			[]graph.Layer{dense}, mine(func(b builder, _, _ node) node { return b.Param("w", graph.Zeros, 2) })},
		{`graph: loss mine on an output of shape (2, 2): it makes a variable "scale" of shape () that the model does not know: a loss has none of its own: what is learnt belongs in a layer, by b.Param; a fixed number is b.Constant`,
			[]graph.Layer{dense}, mine(func(b builder, output, target node) node {
				scale := gorgonia.NewScalar(output.Graph(), output.Dtype(), gorgonia.WithName("scale"), gorgonia.WithValue(float32(2)))
				return b.Node(gorgonia.Mul(losses.MSE{}.Build(b, output, target), scale))
			})},
		{"graph: the loss does not depend on parameter dense_1.weight, dense_1.bias, so it has no gradient: use it in what its layer returns, or do not ask for it",
			[]graph.Layer{dense}, mine(func(b builder, _, target node) node { return b.Node(gorgonia.Mean(target, 1)) })},
	} {
		m := model(t, graph.Config{Input: graph.Floats(3)}, c.layers...)
		p, err := m.Compile(c.spec)
		if err == nil || err.Error() != c.want || p != nil {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}

	// What Gorgonia finds wrong keeps its words, after ours.
	blind := custom(func(b builder, x node) node {
		w := b.Param("w", graph.Zeros, 2)
		if b.Batch() == 2 { // the batch that a model is made with
			return b.Node(ops.AddRow(b.Node(ops.Columns(x, 0, 2)), w))
		}
		return b.Node(ops.Reshape(w, 1, 2))
	})
	_, err := model(t, graph.Config{Input: graph.Floats(3)}, blind).Compile(graph.Spec{Batch: 1})
	if want := "graph: compiling for a batch of 1 (does the output depend on every input?): Not all the inputs are used"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s…", err, want)
	}
}

func must(n node, err error) node { return gorgonia.Must(n, err) }

// TestConstantsAreFine: numbers and tensors that are fixed may stand in a layer and in a loss.
func TestConstantsAreFine(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2, Weights: graph.Constant(1)}, custom(func(b builder, x node) node {
		shift := gorgonia.NewConstant(tensor.New(tensor.WithShape(x.Shape()...), tensor.WithBacking(slices.Repeat([]float32{5}, x.Shape().TotalSize()))))
		return b.Node(ops.Add(b.Node(gorgonia.Mul(x, b.Constant(2))), shift))
	}))
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 1, Loss: graph.LossFunc("mine", func(b builder, output, target node) node {
		return b.Node(gorgonia.Mul(b.Node(gorgonia.Mean(output, 1)), b.Constant(3)))
	})})
	copy(p.X().Float32s(), []float32{1, 2, 3})
	run(t, p)
	if p.Loss() != 51 {
		t.Errorf("loss %v, want 3·(2·6 + 5) = 51", p.Loss())
	}
}

// TestUnreadIsFine: a parameter that a mode leaves out, and a target that a loss leaves out, are no errors.
func TestUnreadIsFine(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(3)}, custom(func(b builder, x node) node {
		w := b.Param("w", graph.Zeros, 3)
		if !b.Training() {
			return x
		}
		return b.Node(gorgonia.BroadcastAdd(x, w, nil, []byte{0}))
	}), layers.Dense{Units: 2})
	norm := graph.LossFunc("norm", func(b builder, output, _ node) node {
		return b.Node(gorgonia.Mean(b.Node(gorgonia.Square(output)), 1))
	})
	for _, mode := range []graph.Mode{graph.Predict, graph.Evaluate, graph.Train} {
		p := compile(t, m, graph.Spec{Mode: mode, Batch: 2, Loss: lossIn(mode, norm), Inspect: true})
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
	m := model(t, graph.Config{Input: graph.Floats(3), Seed: 1}, layers.Dense{Units: 2, Activation: layers.ReLU})
	p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}})
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
	m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2})
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
