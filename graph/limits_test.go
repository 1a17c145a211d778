package graph_test

import (
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// TestTooLarge: what is beyond the machine's memory is an error before it is made.
func TestTooLarge(t *testing.T) {
	for _, c := range []struct {
		input  graph.Input
		layers []graph.Layer
	}{
		{graph.Floats(784), []graph.Layer{layers.Dense{Units: 1 << 34}}},
		{graph.Floats(784), []graph.Layer{layers.Dense{Units: 1 << 62}}},
		{graph.Floats(1 << 40), []graph.Layer{layers.Dense{Units: 1}}},
		{graph.Floats(3), []graph.Layer{layers.Dense{Units: 1 << 10}, layers.Dense{Units: 1 << 40}}},
		{graph.Floats(1<<20, 1<<20), []graph.Layer{layers.Flatten{}, layers.Dense{Units: 1 << 10}}},
		{graph.Floats(1 << 50), []graph.Layer{layers.Concat{layers.Linear, layers.Linear}}},
	} {
		m, err := graph.NewModel(graph.Config{Input: c.input}, c.layers...)
		if err == nil {
			_, err = m.Compile(graph.Spec{Batch: 1})
		}
		if err == nil || !strings.Contains(err.Error(), "make it smaller") && !strings.Contains(err.Error(), "can be counted") {
			t.Errorf("%v: got %v, want an error of the memory", c.input, err)
		}
	}
	for _, input := range []graph.Input{graph.Floats(3), graph.Floats(5, 3)} {
		m := model(t, graph.Config{Input: input}, layers.Dense{Units: 7})
		for _, batch := range []int{1 << 40, 1 << 62, 1<<63 - 1} {
			for _, mode := range []graph.Mode{graph.Predict, graph.Evaluate, graph.Train} {
				if _, err := m.Compile(graph.Spec{Mode: mode, Batch: batch, Loss: lossIn(mode, losses.CrossEntropy{})}); err == nil || !strings.HasPrefix(err.Error(), "graph: a batch of ") || !strings.HasSuffix(err.Error(), "make it smaller") {
					t.Errorf("batch %d: got %v", batch, err)
				}
			}
		}
	}
}

// TestManyAtOnce compiles and runs programs of one model in eight goroutines: the race detector sees whatever they share.
func TestManyAtOnce(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(20), Seed: 1}, centre{.1}, layers.Dense{Units: 30, Activation: layers.Tanh}, swish,
		layers.Residual{layers.Dense{Units: 30}}, custom(func(b builder, x node) node {
			v := b.Param("v", graph.Ones, 30)
			return b.Node(gorgonia.BroadcastAdd(x, v, nil, []byte{0}))
		}), layers.Dropout{Rate: .3}, layers.Dense{Units: 4, Activation: layers.Softmax})
	reference := compile(t, m, graph.Spec{Batch: 6})
	fill(reference, 3)
	run(t, reference)
	want := reference.Output().Float32s()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for round := range 3 {
				spec := graph.Spec{Batch: 6, Mode: graph.Mode(i % 2), Loss: lossIn(graph.Mode(i%2), losses.CrossEntropy{}), Inspect: round == 1}
				p, err := m.Compile(spec)
				if err != nil {
					t.Error(err)
					return
				}
				fill(p, 3)
				for range 3 {
					if err := p.Run(); err != nil {
						t.Error(err)
						return
					}
				}
				closeTo(t, "output", p.Output().Float32s(), want)
				_, _, _ = m.Summary(), m.Params(), m.Outputs()
				if i == 7 {
					m.Float64()
				}
			}
		})
	}
	all.Wait()
}

// TestNothingPanics calls what is exported with nil, nothing, and what is out of range.
func TestNothingPanics(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2})
	var none *graph.Model
	var net *graph.Net
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("x"))
	refuses := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
	for what, call := range map[string]func(){
		"nil layers": func() {
			for _, l := range []graph.Layer{nil, net, (*graph.Net)(nil), layers.Sequence{nil}, layers.Residual(nil), layers.Concat(nil), layers.Concat{nil}, graph.LayerFunc("", nil), (*layers.Dense)(nil)} {
				_, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, l)
				refuses("a nil layer", err)
				_, err = graph.NewModel(graph.Config{}, l)
				refuses("a nil layer and no input", err)
				var n graph.Net
				n.Output("y", n.Add(l, n.Input("x", graph.Floats(3))))
				_, err = graph.NewModel(graph.Config{}, &n)
				refuses("a nil layer in a net", err)
				var s graph.Net
				s.Output("y", s.Add(s.Share(l), s.Input("x", graph.Floats(3))))
				_, err = graph.NewModel(graph.Config{}, &s)
				refuses("a nil layer that is shared", err)
			}
		},
		"nil model": func() {
			_, err := none.Compile(graph.Spec{Batch: 1})
			refuses("nil model", err)
			_, err = (&graph.Model{}).Compile(graph.Spec{Batch: 1})
			refuses("empty model", err)
			_, err = none.Targets(losses.MSE{})
			refuses("nil model", err)
			_, err = (&graph.Model{}).Targets(losses.MSE{})
			refuses("empty model", err)
			_, _, _, _, _ = none.Params(), none.States(), none.Layers(), none.Outputs(), none.Inputs()
			_, _, _, _ = none.ParamCount(), none.Summary(), none.Config(), none.Float64()
			e := &graph.Model{}
			_, _, _, _, _ = e.Params(), e.States(), e.Layers(), e.Outputs(), e.Inputs()
			_, _, _, _ = e.ParamCount(), e.Summary(), e.Config(), e.Float64()
		},
		"nil loss": func() {
			for _, l := range []graph.Loss{nil, graph.LossFunc("", nil), losses.Each(nil), losses.Each{"output": {}}, (*losses.MSE)(nil), losses.CrossEntropy{Weights: []float64{}}, losses.CrossEntropy{Weights: []float64{1, nan}}, losses.CrossEntropy{Smoothing: nan}} {
				for _, mode := range []graph.Mode{graph.Evaluate, graph.Train} {
					_, err := m.Compile(graph.Spec{Mode: mode, Batch: 2, Loss: l})
					refuses("a loss that is none", err)
				}
			}
		},
		"names": func() {
			_, _, _ = graph.KindOf(nil), graph.Features(nil), graph.Mode(77).String()
			_, _ = graph.KindOf(net), graph.KindOf(layers.Activation(99))
			_ = graph.LayerInfo{}.Label()
			_, _ = graph.Input{}.Size(), graph.Floats(-1).String()
			_, _ = layers.ActivationOf(nil), layers.Activation(99).Name()
			graph.TargetInfo{}.Weigh(nil, nil)
			graph.TargetInfo{}.Weigh(nil, []float64{1})
			(graph.Initializer{}).Or(graph.Initializer{})
			graph.InitFunc("", nil)
			losses.CrossEntropy{}.Weigh(nil, []float64{1})
			losses.ClippedCrossEntropy{}.Weigh(nil, []float64{1})
		},
		"initializer without a function": func() {
			_, err := graph.NewModel(graph.Config{Input: graph.Floats(3)}, layers.Dense{Units: 2, Weights: graph.InitFunc("none", nil)})
			refuses("an initializer of nothing", err)
		},
		"losses of nothing": func() {
			for _, l := range []graph.Loss{losses.MSE{}, losses.CrossEntropy{}, losses.ClippedCrossEntropy{}, losses.Each{}} {
				l.Target(nil)
				l.Target(tensor.Shape{})
				l.Target(tensor.Shape{-1})
			}
		},
		"ops out of range": func() {
			for _, axis := range []int{-1, 99} {
				_, err := ops.Columns(x, axis, axis)
				refuses("columns", err)
			}
			_, err := ops.Reshape(x, 1<<62, 1<<62)
			refuses("reshape", err)
			_, err = ops.Reshape(x, 0)
			refuses("reshape", err)
		},
		"program": func() {
			p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: losses.MSE{}})
			p.SetShare(nan)
			p.SetRow(-5)
			p.SetStep(1 << 63)
			_, _, _, _ = p.Output(), p.Outputs(), p.Losses(), p.Updates()
			run(t, p)
			q := compile(t, m, graph.Spec{Batch: 2})
			_, err := q.Weigh(nil, []float64{1})
			refuses("sums in predict", err)
			if _, err := q.Weigh(nil, nil); err != nil {
				t.Error(err)
			}
			_, _, _, _ = q.Y(), q.Targets(), q.Losses(), q.Loss()
		},
	} {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: panic: %v\n%s", what, r, debug.Stack())
				}
			}()
			call()
		}()
	}
}
