package graph_test

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/numeric"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

// dense is layers.Dense as a user would write it.
type dense struct {
	units   int
	f       ops.Func
	weights graph.Initializer
}

func (dense) Name() string { return "dense" }

func (d dense) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	w := b.Param("weight", d.weights.Or(graph.GlorotUniform), graph.Features(x), d.units)
	return b.Node(ops.Dense(x, w, b.Param("bias", graph.Zeros, d.units), d.f))
}

// TestOwnDense: a layer of one's own by the name of one of ours is that one, bit for bit.
func TestOwnDense(t *testing.T) {
	var want []uint32
	for i, net := range [][]graph.Layer{
		{layers.Dense{Units: 5, Activation: layers.Tanh}, layers.Dense{Units: 3, Weights: graph.HeNormal}},
		{dense{units: 5, f: ops.Tanh}, dense{units: 3, weights: graph.HeNormal}},
	} {
		m := model(t, graph.Config{Input: graph.Floats(4, 2), Seed: 5}, net...)
		p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 3, Loss: losses.CrossEntropy{}})
		fill(p, 1)
		o := optimizers["sgd"]()
		for range 3 {
			run(t, p)
			if err := o.Step(p.Grads()); err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			want = bits(m)
		} else if !slices.Equal(bits(m), want) {
			t.Error("trained otherwise than layers.Dense")
		}
	}
}

// TestAnyShape has networks on inputs of other ranks than two, and losses at every position: their gradients are numeric ones.
func TestAnyShape(t *testing.T) {
	gate := graph.LayerFunc("gate", func(b builder, x node) node { // with a term of its own, and a vector on every row
		v := b.Param("v", graph.Constant(.3), graph.Features(x))
		b.Penalty(b.Node(ops.Total(b.Node(ops.Mul(v, v)))))
		return b.Node(ops.MulRow(b.Node(ops.SubRow(x, b.Node(ops.MeanRows(x)))), v))
	})
	var ids graph.Net
	h := ids.Add(layers.Dense{Units: 3, Activation: layers.Tanh}, ids.Input("x", graph.Floats(4)))
	ids.Output("y", ids.Add(layers.Dense{Units: 2}, ids.Add(layers.Concat{}, h, ids.Add(embed, ids.Input("id", graph.Ints())))))
	for name, c := range map[string]struct {
		input  graph.Input
		layers []graph.Layer
		losses []graph.Loss
	}{
		"numbers":   {graph.Floats(), []graph.Layer{layers.Flatten{}, layers.Dense{Units: 3}}, []graph.Loss{losses.CrossEntropy{}, losses.MSE{}}},
		"sequences": {graph.Floats(4, 3), []graph.Layer{layers.Dense{Units: 5, Activation: layers.Sigmoid}, gate, layers.Dense{Units: 3}, layers.Softmax}, []graph.Loss{losses.CrossEntropy{}, distributions, losses.ClippedCrossEntropy{}, losses.MSE{}}},
		"pictures":  {graph.Floats(3, 2, 2), []graph.Layer{layers.Residual{layers.Dense{Units: 2, Activation: layers.Softplus}}, layers.Concat{layers.Linear, layers.Dense{Units: 3}}, swish, layers.Flatten{}, layers.Dense{Units: 4}}, []graph.Loss{losses.CrossEntropy{Smoothing: .1, Weights: []float64{1, 2, .5, 0}}, losses.MSE{}}},
		"positions": {graph.Floats(2, 3, 4), []graph.Layer{layers.Dense{Units: 3}}, []graph.Loss{losses.CrossEntropy{}, losses.CrossEntropy{Smoothing: .2, Distributions: true}, losses.MSE{}}},
		"ids":       {graph.Input{}, []graph.Layer{&ids}, []graph.Loss{losses.CrossEntropy{}, losses.MSE{}}},
		"towers":    {graph.Input{}, []graph.Layer{towers()}, []graph.Loss{losses.MSE{}}},
	} {
		for _, loss := range c.losses {
			m := model(t, graph.Config{Input: c.input, Seed: 2, Float64: true}, c.layers...)
			for _, batch := range []int{1, 3} {
				p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: batch, Loss: loss, Inspect: batch == 3})
				fill(p, 6)
				for i, g := range p.Grads() {
					run(t, p)
					v, err := g.Grad()
					if err != nil {
						t.Fatal(err)
					}
					got := slices.Clone(v.Data().([]float64))
					w := m.Params()[i].Value.Float64s()
					before := slices.Clone(w)
					want, err := numeric.Gradient(w, 1e-5, func() (float64, error) {
						err := p.Run()
						return p.Loss(), err
					})
					if err != nil {
						t.Fatal(err)
					}
					copy(w, before)
					for j := range want {
						if !(math.Abs(got[j]-want[j]) <= 1e-9+1e-7*math.Abs(want[j])) {
							t.Errorf("%s, %s, batch %d: d/d%s[%d] = %v, numerically %v", name, loss.Name(), batch, m.Params()[i].Name, j, got[j], want[j])
							break
						}
					}
				}
			}
		}
	}
}
