package graph_test

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
)

// Centre subtracts a moving mean: a layer with a state that is not learnt.
type Centre struct{ Momentum float64 }

func (c Centre) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	mean := b.State("mean", graph.Zeros, graph.Features(x))
	if b.Training() {
		now := b.Node(ops.MeanRows(x))
		b.Update(mean, b.Node(ops.Lerp(mean, now, c.Momentum)))
		mean = now
	}
	return b.Node(ops.SubRow(x, mean))
}

func TestSmoke(t *testing.T) {
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(3), Seed: 1}, Centre{.5}, layers.Dense{Units: 4, Activation: layers.Tanh}, layers.Residual{layers.Dense{Units: 4}}, layers.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 5, Loss: losses.CrossEntropy{}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.X().Float32s() {
		p.X().Float32s()[i] = float32(i%7) - 2
	}
	copy(p.Y().Int32s(), []int32{0, 1, 1, 0, 1})
	o := &optim.SGD{LearningRate: .5}
	for i := range 20 {
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if i%5 == 0 {
			fmt.Println(p.Loss())
		}
		if err := o.Step(p.Grads()); err != nil {
			t.Fatal(err)
		}
		if err := p.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println(m.States()[0].Value, p.Losses())
}

func TestTowers(t *testing.T) {
	var n graph.Net
	tower := n.Share(layers.Sequence{layers.Flatten{}, layers.Dense{Units: 64, Activation: layers.Tanh}})
	l, r := n.Add(tower, n.Input("left", graph.Floats(28, 28))), n.Add(tower, n.Input("right", graph.Floats(28, 28)))
	n.Output("same", n.Add(layers.Dense{Units: 1}, n.Add(layers.AbsDiff{}, l, r)))
	m, err := graph.NewModel(graph.Config{Seed: 1}, &n)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(m.Summary())
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 5, Loss: losses.MSE{}, Inspect: true})
	if err != nil {
		t.Fatal(err)
	}
	for k, x := range p.Inputs() {
		for i := range x.Float32s() {
			x.Float32s()[i] = float32((i*(k+3))%7) - 2
		}
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Recordings() {
		fmt.Println(r.Name, r.Value.Shape(), r.Grad != nil)
	}
}
