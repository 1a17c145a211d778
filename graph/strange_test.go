package graph_test

import (
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// TestInputNamesAreFree gives an input each name that a program has for a node of its own, at a batch size at which their shapes agree too: it must not be taken for that
// node.
func TestInputNamesAreFree(t *testing.T) {
	var want float64
	for _, name := range []string{"x", "target", "weights", "share", "dense_1.weight", "watching_1.w"} {
		var n graph.Net
		watching := graph.LayerFunc("watching", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			w := b.Param("w", graph.Ones, 3, 3)
			if again := b.Param("w", graph.Ones, 3, 3); again != w {
				return b.Errorf("got another node for the same parameter")
			}
			b.Penalty(b.Node(ops.Total(w)))
			return b.Node(ops.MatMul(x, w, false, false))
		})
		n.Output("output", n.Add(layers.Dense{Units: 3}, n.Add(watching, n.Input(name, graph.Floats(3)))))
		m, err := graph.NewModel(graph.Config{Seed: 1}, &n)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 3, Loss: losses.MSE{}})
		if err != nil {
			t.Fatalf("input %q: %v", name, err)
		}
		for i := range p.X().Float32s() {
			p.X().Float32s()[i], p.Y().Float32s()[i] = float32(i), 100
		}
		if err := p.Run(); err != nil {
			t.Fatalf("input %q: %v", name, err)
		}
		if name == "x" {
			want = p.Loss()
		} else if p.Loss() != want {
			t.Errorf("input %q: got loss %v, want %v as under another name", name, p.Loss(), want)
		}
	}
	// [batch] of numbers is the shape of the weights.
	var n graph.Net
	n.Output("output", n.Add(layers.Dense{Units: 1, Weights: graph.Ones}, n.Add(layers.Flatten{}, n.Input("weights", graph.Floats()))))
	m, err := graph.NewModel(graph.Config{}, &n)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Evaluate, Batch: 2, Loss: losses.MSE{}})
	if err != nil {
		t.Fatal(err)
	}
	copy(p.X().Float32s(), []float32{5, 5})
	copy(p.Y().Float32s(), []float32{7, 7})
	if err := p.Run(); err != nil || p.Loss() != 4 {
		t.Errorf("input \"weights\": got loss %v and %v, want 4", p.Loss(), err)
	}
}

// TestStrangeNodes hands the builder nodes of another graph, and none, in each place that takes one.
func TestStrangeNodes(t *testing.T) {
	other := gorgonia.NewMatrix(gorgonia.NewGraph(), tensor.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("other"))
	total := gorgonia.Must(ops.Total(other))
	row := gorgonia.Must(ops.MeanRows(other))
	for name, build := range map[string]func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node{
		"returned": func(*graph.Builder, *gorgonia.Node) *gorgonia.Node { return other },
		"empty":    func(*graph.Builder, *gorgonia.Node) *gorgonia.Node { return &gorgonia.Node{} },
		"added":    func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Node(ops.Add(x, other)) },
		"raw":      func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Node(gorgonia.Add(x, other)) },
		"applied":  func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return b.Apply(layers.Dense{Units: 3}, other) },
		"watched":  func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { b.Watch("w", other); return x },
		"penalty":  func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { b.Penalty(total); return x },
		"none":     func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { b.Penalty(&gorgonia.Node{}); return x },
		"update": func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			if s := b.State("s", graph.Zeros, 3); b.Training() {
				b.Update(s, row)
			}
			return x
		},
	} {
		_, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, graph.LayerFunc("strange", build))
		if err == nil || !strings.Contains(err.Error(), "keeps no nodes") || !strings.Contains(err.Error(), "strange_1") {
			t.Errorf("%s: got %v, want an error that names the layer and says that it keeps no nodes", name, err)
		}
	}

	var kept *gorgonia.Node
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 3}, graph.LayerFunc("keeping", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		if kept == nil {
			kept = b.Node(gorgonia.Tanh(x))
		}
		return kept
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []graph.Mode{graph.Predict, graph.Evaluate, graph.Train} {
		if _, err := m.Compile(graph.Spec{Mode: mode, Batch: 2, Loss: lossIn(mode, losses.MSE{})}); err == nil || !strings.Contains(err.Error(), "keeps no nodes") {
			t.Errorf("%v: got %v, want an error that says that a layer keeps no nodes", mode, err)
		}
	}

	m, err = graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	strange := graph.LossFunc("strange", func(*graph.Builder, *gorgonia.Node, *gorgonia.Node) *gorgonia.Node { return row })
	if _, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 3, Loss: strange}); err == nil || !strings.Contains(err.Error(), "another graph") {
		t.Errorf("loss: got %v, want an error that says that the node is of another graph", err)
	}
}

// TestOutputsAreAsMade has layers whose output is another in another mode, or for another batch size, and outputs that are no numbers: who reads the outputs
// takes them to be as the model says.
func TestOutputsAreAsMade(t *testing.T) {
	modal := graph.LayerFunc("modal", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		if b.Training() {
			return x
		}
		return b.Node(ops.Concat(x, x))
	})
	sized := graph.LayerFunc("sized", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		if b.Batch() == 2 {
			return x
		}
		return b.Node(ops.Columns(x, 0, 1))
	})
	for _, l := range []graph.Layer{modal, sized} {
		m, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2}, l)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Compile(graph.Spec{Mode: graph.Predict, Batch: 4}); err == nil || !strings.Contains(err.Error(), "when the model was made") {
			t.Errorf("%s: got %v, want an error", graph.KindOf(l), err)
		}
	}
	var ids graph.Net
	in := ids.Input("x", graph.Ints(3))
	ids.Output("ids", in)
	above := graph.LayerFunc("above", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		return b.Node(gorgonia.Gt(x, b.Constant(0), false))
	})
	if _, err := graph.NewModel(graph.Config{}, &ids); err == nil || !strings.Contains(err.Error(), "int32") {
		t.Errorf("ids: got %v, want an error", err)
	}
	if _, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2}, above); err == nil || !strings.Contains(err.Error(), "bool") {
		t.Errorf("above: got %v, want an error", err)
	}
}

// TestRawOpsThatFail refuses Gorgonia's norm where it is wrong, and its outer product, its tensordot where that would fail, and lets the right norms be.
func TestRawOpsThatFail(t *testing.T) {
	norm := func(p int, abs bool) func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		return func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			if abs {
				x = b.Node(gorgonia.Abs(x))
			}
			return b.Node(ops.Reshape(b.Node(gorgonia.Norm(x, 1, p)), b.Batch(), 1))
		}
	}
	for _, c := range []struct {
		name, instead string
		build         func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node
	}{
		{"norm 1", "gorgonia.Abs", norm(1, false)},
		{"norm 3", "gorgonia.Abs", norm(3, false)},
		{"norm 1 of absolutes", "", norm(1, true)},
		{"norm 2", "", norm(2, false)},
		{"norm 4", "", norm(4, false)},
		{"outer product", "gorgonia.Mul", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			w := b.Param("w", graph.GlorotUniform, 3)
			return b.Node(gorgonia.Mul(x, b.Node(gorgonia.OuterProd(w, w))))
		}},
		{"tensordot", "ops.MatMul", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
			return b.Node(gorgonia.Tensordot([]int{1}, []int{0}, x, b.Param("w", graph.GlorotUniform, 3, 3)))
		}},
	} {
		for _, double := range []bool{false, true} {
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Float64: double}, layers.Dense{Units: 3}, graph.LayerFunc("raw", c.build))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			_, err = m.Compile(graph.Spec{Mode: graph.Train, Batch: 1, Loss: losses.MSE{}})
			if (err == nil) != (c.instead == "") || err != nil && !strings.Contains(err.Error(), c.instead) {
				t.Errorf("%s, float64 %v: got %v, want an error that names %q", c.name, double, err, c.instead)
			}
		}
	}
}
