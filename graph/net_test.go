package graph_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/scalar"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// towers is a Net of two inputs of 2×3, a tower that both go through, and one number that says whether they are the same.
func towers() *graph.Net {
	var n graph.Net
	tower := n.Share(layers.Sequence{layers.Flatten{}, layers.Dense{Units: 4, Activation: layers.Tanh}})
	l, r := n.Add(tower, n.Input("left", graph.Floats(2, 3))), n.Add(tower, n.Input("right", graph.Floats(2, 3)))
	n.Output("same", n.Add(layers.Dense{Units: 1}, n.Add(layers.AbsDiff{}, l, r)))
	return &n
}

// TestTowers: a shared layer has one set of parameters, whose gradient is the sum over its uses.
func TestTowers(t *testing.T) {
	m := model(t, graph.Config{Seed: 1}, towers())
	var got []string
	for _, l := range m.Layers() {
		got = append(got, fmt.Sprint(l.Name, " ", l.Output, " ", l.Nested, " ", l.Params))
	}
	want := []string{"sequence_1 (4) 0 28", "flatten_1 (6) 1 0", "dense_1 (4) 1 28", "sequence_1/2 (4) 0 0", "flatten_1/2 (6) 1 0", "dense_1/2 (4) 1 0", "absdiff_1 (4) 0 0", "dense_2 (1) 0 5"}
	if !slices.Equal(got, want) {
		t.Errorf("got layers\n%q, want\n%q", got, want)
	}
	in := m.Inputs()
	if got := fmt.Sprint(in[0].Name, " ", in[0], " ", in[1].Name, " ", in[1], " ", m.Outputs()); got != "left graph.Floats(2, 3) right graph.Floats(2, 3) [{same [1] true}]" {
		t.Errorf("got inputs and outputs %s", got)
	}
	const batch = 3
	for _, inspect := range []bool{false, true} {
		p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: batch, Loss: losses.MSE{}, Inspect: inspect})
		fill(p, 2)
		run(t, p)
		params := map[string]scalar.Rows{}
		for _, param := range m.Params() {
			params[param.Name] = scalar.Matrix(param.Value.Float32s(), lastOf(param.Value.Shape()))
		}
		tower := func(x *tensor.Dense) scalar.Rows {
			return scalar.Each(scalar.Dense(scalar.Matrix(x.Float32s(), 6), params["dense_1.weight"], params["dense_1.bias"]), scalar.Tanh)
		}
		apart := scalar.Sum(tower(p.Inputs()[0]), scalar.Each(tower(p.Inputs()[1]), func(x number) number { return scalar.Scale(-1, x) }))
		apart = scalar.Each(apart, func(x number) number { return scalar.Max(x, scalar.Scale(-1, x)) })
		y := scalar.Dense(apart, params["dense_2.weight"], params["dense_2.bias"])
		loss := scalar.MeanSquared(y, scalar.Matrix(p.Y().Float32s(), 1))
		scalar.Backward(loss)
		closeTo(t, "loss", []float32{float32(p.Loss())}, []float32{float32(loss.X)})
		closeTo(t, "output", p.Output().Float32s(), numbers(y))
		grads := gradients(t, m, p)
		if len(grads) != 4 {
			t.Errorf("got %d gradients, want 4", len(grads))
		}
		for name, g := range grads {
			closeTo(t, "gradient of "+name, g, slopes(params[name]))
		}
	}
}

func lastOf(s tensor.Shape) int { return s[len(s)-1] }

// TestNetIsData: a net may be changed after a model was made of it, and be the layer of another.
func TestNetIsData(t *testing.T) {
	var inner graph.Net
	x := inner.Input("x", graph.Floats(3))
	inner.Output("y", inner.Add(layers.Sum{}, x, inner.Add(layers.Dense{Units: 3}, x)))
	m := model(t, graph.Config{Input: graph.Floats(3), Seed: 1}, layers.Tanh, &inner, layers.Dense{Units: 2})
	inner.Output("z", x)
	if got := len(m.Params()); got != 4 {
		t.Errorf("got %d parameters, want 4", got)
	}
	var outer graph.Net
	h := outer.Input("x", graph.Floats(3))
	outer.Output("y", outer.Add(layers.Dense{Units: 2}, h))
	made := model(t, graph.Config{Seed: 1}, &outer)
	outer.Output("z", h)
	outer.Input("unread", graph.Floats(3))
	compile(t, made, graph.Spec{Batch: 4})
	if _, err := graph.NewModel(graph.Config{Seed: 1}, &outer); err == nil {
		t.Error("want an error of an input that feeds nothing")
	}
}

// embed is a layer of int32 ids, [batch,time], that gives each id's place in a line, its own number of times a weight.
var embed = graph.LayerFunc("embed", func(b builder, x node) node {
	if x.Dtype() != tensor.Int32 {
		return b.Errorf("got elements of %v, want int32", x.Dtype())
	}
	w := b.Param("w", graph.Ones, 5)
	zeros := b.Node(ops.Reshape(w, 1, 5))
	rows := make([]node, b.Batch())
	for i := range rows {
		rows[i] = zeros
	}
	logits := b.Node(ops.Concat(rows...))
	return b.Node(ops.Reshape(b.Node(ops.CrossEntropy(b.Node(ops.Reshape(logits, b.Batch(), 5)), x, 0)), b.Batch(), 1))
})

// TestSeveralOutputs has an input of ids, two outputs, and losses with weights: the loss and the gradients are those of the losses by themselves.
func TestSeveralOutputs(t *testing.T) {
	build := func() *graph.Net {
		var n graph.Net
		x, id := n.Input("x", graph.Floats(3)), n.Input("id", graph.Ints())
		h := n.Add(layers.Dense{Units: 4, Activation: layers.Tanh}, n.Add(layers.Concat{}, x, n.Add(embed, id)))
		n.Output("class", n.Add(layers.Dense{Units: 5}, h))
		n.Output("age", n.Add(layers.Dense{Units: 1}, h))
		n.Output("unused", h)
		return &n
	}
	m := model(t, graph.Config{Seed: 3}, build())
	if in := m.Inputs(); len(in) != 2 || in[0].Name != "x" || in[1].Name != "id" || !in[1].IDs || in[0].IDs {
		t.Errorf("got inputs %v", in)
	}
	both := losses.Each{"class": {Loss: losses.CrossEntropy{}}, "age": {Loss: losses.MSE{}, Weight: .25}}
	targets, err := m.Targets(both)
	if err != nil || len(targets) != 2 || fmt.Sprint(targets[0].Output, " ", targets[0], " ", targets[1].Output, " ", targets[1]) != "class graph.Ints() age graph.Floats(1)" {
		t.Errorf("got targets %v, %v", targets, err)
	}
	for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
		p := compile(t, m, graph.Spec{Mode: mode, Batch: 6, Loss: both})
		fill(p, 4)
		run(t, p)
		if len(p.Targets()) != 2 || len(p.Outputs()) != 3 || p.Inputs()[1].Dtype() != tensor.Int32 {
			t.Fatalf("got %d targets and %d outputs", len(p.Targets()), len(p.Outputs()))
		}
		class, age := p.Outputs()[0].Float32s(), p.Outputs()[1].Float32s()
		ce := scalar.CrossEntropy(scalar.Softmax(scalar.Matrix(class, 5)), scalar.Matrix(oneHot(p.Targets()[0], 5), 5))
		mse := scalar.MeanSquared(scalar.Matrix(age, 1), scalar.Matrix(p.Targets()[1].Float32s(), 1))
		closeTo(t, "loss", []float32{float32(p.Loss())}, []float32{float32(ce.X + .25*mse.X)})
		if mode == graph.Evaluate {
			continue
		}
		sum := map[string][]float32{}
		for output, weight := range map[string]float32{"class": 1, "age": .25} {
			// By itself: the other output's last layer is learnt from nothing, so it counts 0 there.
			alone := losses.Each{"class": {Loss: losses.CrossEntropy{}, Weight: 1e-30}, "age": {Loss: losses.MSE{}, Weight: 1e-30}}
			w := alone[output]
			w.Weight = 1
			alone[output] = w
			q := compile(t, m, graph.Spec{Mode: mode, Batch: 6, Loss: alone})
			fill(q, 4)
			run(t, q)
			for name, g := range gradients(t, m, q) {
				if sum[name] == nil {
					sum[name] = make([]float32, len(g))
				}
				for i, v := range g {
					sum[name][i] += weight * v
				}
			}
		}
		for name, g := range gradients(t, m, p) {
			closeTo(t, "gradient of "+name, g, sum[name])
		}
	}
}

// TestNetErrors has every misuse of a Net.
func TestNetErrors(t *testing.T) {
	dense := layers.Dense{Units: 2}
	three := graph.Floats(3)
	for want, build := range map[string]func(n *graph.Net){
		"graph: net: layer dense: got a handle of another net, want one that this net's Input or Add returned": func(n *graph.Net) {
			var other graph.Net
			n.Input("x", three)
			n.Output("y", n.Add(dense, other.Input("x", three)))
		},
		"graph: net: layer dense: got a handle of another net, want one that this net's Input or Add returned ": func(n *graph.Net) {
			n.Input("x", three)
			n.Output("y", n.Add(dense, graph.Handle{}))
		},
		`graph: net: output "y": got a handle of another net, want one that this net's Input or Add returned`: func(n *graph.Net) {
			n.Add(dense, n.Input("x", three))
			n.Output("y", graph.Handle{})
		},
		"graph: net: got nil as layer 2, want a layer": func(n *graph.Net) { n.Output("y", n.Add(nil, n.Input("x", three))) },
		"graph: net: got nil to share, want a layer":   func(n *graph.Net) { n.Output("y", n.Add(n.Share(nil), n.Input("x", three))) },
		`graph: net: input "z" feeds no layer: add one, or leave the input out`: func(n *graph.Net) {
			n.Output("y", n.Add(dense, n.Input("x", three)))
			n.Input("z", three)
		},
		`graph: net: got an input called "x", want a name that no other input has`: func(n *graph.Net) {
			n.Output("y", n.Add(layers.Sum{}, n.Input("x", three), n.Input("x", three)))
		},
		`graph: net: got an input called "", want a name that no other input has`: func(n *graph.Net) { n.Output("y", n.Add(dense, n.Input("", three))) },
		`graph: net: got an output called "y", want a name that no other output has`: func(n *graph.Net) {
			h := n.Add(dense, n.Input("x", three))
			n.Output("y", h)
			n.Output("y", h)
		},
		`graph: net: got an output called "", want a name that no other output has`: func(n *graph.Net) { n.Output("", n.Add(dense, n.Input("x", three))) },
		"graph: net: got no output, want at least one: Net.Output":                  func(n *graph.Net) { n.Add(dense, n.Input("x", three)) },
		"graph: net: got no input, want at least one: Net.Input":                    func(n *graph.Net) {},
		"graph: net: layer dense: got 0 inputs, want one: only a graph.Join, such as layers.Concat, takes several": func(n *graph.Net) {
			n.Input("x", three)
			n.Output("y", n.Add(dense))
		},
		"graph: net: layer dense: got 2 inputs, want one: only a graph.Join, such as layers.Concat, takes several": func(n *graph.Net) {
			n.Output("y", n.Add(dense, n.Input("x", three), n.Input("z", three)))
		},
		"graph: layer dense_1, input of shape (2, 3) and (2, 3): got 2 inputs, want one: only a graph.Join, such as layers.Concat, takes several": func(n *graph.Net) {
			n.Output("y", n.Add(n.Share(dense), n.Input("x", three), n.Input("z", three)))
		},
		"graph: layer absdiff_1, input of shape (2, 3): got one input, want two: add it to a graph.Net": func(n *graph.Net) {
			n.Output("y", n.Add(layers.AbsDiff{}, n.Input("x", three)))
		},
		"graph: layer absdiff_1, input of shape (2, 3) and (2, 3) and (2, 3): got 3 inputs, want two": func(n *graph.Net) {
			x := n.Input("x", three)
			n.Output("y", n.Add(layers.AbsDiff{}, x, x, x))
		},
		"graph: layer sum_1, input of shape (2, 3) and (2, 4): add: got shapes (2, 3) and (2, 4), want them equal": func(n *graph.Net) {
			n.Output("y", n.Add(layers.Sum{}, n.Input("x", three), n.Input("z", graph.Floats(4))))
		},
		"graph: layer concat_1, input of shape (2, 3) and (2, 3): got 2 inputs for layers that take one: leave the layers out, and the inputs stand side by side": func(n *graph.Net) {
			x := n.Input("x", three)
			n.Output("y", n.Add(layers.Concat{dense}, x, x))
		},
		"graph: layer dense_1, input of shape (2, 3): dense+identity: got elements of type int32 as input 0, want float32 or float64": func(n *graph.Net) {
			n.Output("y", n.Add(dense, n.Input("x", graph.Ints(3))))
		},
		"graph: layer net_1, input of shape (2, 3): got a net of 2 inputs and 1 outputs, want one of each where it stands among layers": func(n *graph.Net) {
			var inner graph.Net
			inner.Output("y", inner.Add(layers.Sum{}, inner.Input("x", three), inner.Input("z", three)))
			n.Output("y", n.Add(&inner, n.Input("x", three)))
		},
		"graph: layer net_1, input of shape (2, 3): graph: net: got no input, want at least one: Net.Input": func(n *graph.Net) {
			n.Output("y", n.Add(&graph.Net{}, n.Input("x", three)))
		},
		"deep: does one hold itself?": func(n *graph.Net) { n.Output("y", n.Add(n, n.Input("x", three))) },
		"graph: net: got nil to share, want a layer ": func(n *graph.Net) { // the first is told
			n.Share(nil)
			n.Output("", n.Add(nil))
		},
	} {
		var n graph.Net
		build(&n)
		m, err := graph.NewModel(graph.Config{}, &n)
		ok := err != nil && err.Error() == strings.TrimSuffix(want, " ")
		if strings.HasPrefix(want, "deep") {
			ok = err != nil && strings.HasSuffix(err.Error(), want)
		}
		if !ok || m != nil {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if _, err := graph.NewModel(graph.Config{Input: three}, towers()); err == nil || err.Error() != "graph: got Config.Input and a Net, want no Input: a Net names its inputs itself, by Net.Input" {
		t.Errorf("got %v", err)
	}
	m := model(t, graph.Config{}, towers())
	for want, loss := range map[string]graph.Loss{
		"graph: got the loss mse for a model with 2 outputs, want one for each: losses.Each":                                                                       losses.MSE{},
		`graph: the loss each names none of the model's outputs, which are "a", "b"`:                                                                               losses.Each{},
		"graph: loss each on an output of shape [3]: got no loss, or a weight that is no finite number of at least 0, want both":                                   losses.Each{"a": {}},
		"graph: loss each on an output of shape [3]: got no loss, or a weight that is no finite number of at least 0, want both ":                                  losses.Each{"a": {Loss: losses.MSE{}, Weight: math.NaN()}},
		"graph: the loss does not depend on parameter dense_1.weight, dense_1.bias, so it has no gradient: use it in what its layer returns, or do not ask for it": losses.Each{"a": {Loss: losses.MSE{}}},
	} {
		var n graph.Net
		x := n.Input("x", three)
		n.Output("a", x)
		n.Output("b", n.Add(dense, x))
		if m, err := graph.NewModel(graph.Config{}, &n); err != nil {
			t.Error(err)
		} else if _, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 2, Loss: loss}); err == nil || err.Error() != strings.TrimSuffix(want, " ") {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if _, err := m.Targets(nil); err == nil {
		t.Error("want an error of no loss")
	}
}
