package losses_test

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

// TestSigmoidOutput: a program whose loss has asked for the logits has the probabilities of one that has not, bit by bit.
func TestSigmoidOutput(t *testing.T) {
	for _, double := range []bool{false, true} {
		net := layers.Dense{Units: 7, Activation: layers.Sigmoid, Bias: graph.GlorotUniform}
		var outputs [][]float64
		for _, s := range []graph.Spec{{Mode: graph.Predict}, {Mode: graph.Evaluate}, {Mode: graph.Train}} {
			s.Batch = 11
			p := compile(t, losses.BinaryCrossEntropy{}, s, double, net)
			for i := range p.X().Shape().TotalSize() {
				put(p.X(), i, math.Sin(float64(i))*5)
			}
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
			outputs = append(outputs, append([]float64{}, floats64(p.Output())...))
		}
		near(t, "evaluate", outputs[1], outputs[0], 0)
		near(t, "train", outputs[2], outputs[0], 0)
	}
}

// TestSigmoidLogits: a Dense layer with a sigmoid has the loss and the gradients of one without and a sigmoid behind it, where the probabilities are read by others too.
func TestSigmoidLogits(t *testing.T) {
	for _, double := range []bool{false, true} {
		var values, grads [][]float64
		for _, apart := range []bool{false, true} {
			var n graph.Net
			x := n.Input("x", graph.Floats(5, 3))
			last := layers.Dense{Units: 7, Activation: layers.Sigmoid, Bias: graph.GlorotUniform}
			if apart {
				last.Activation = layers.Linear
			}
			p := n.Add(last, x)
			if apart {
				p = n.Add(layers.Sigmoid, p)
			}
			n.Output("labels", p)
			n.Output("number", n.Add(layers.Dense{Units: 2}, p))
			m, err := graph.NewModel(graph.Config{Seed: 4, Float64: double}, &n)
			if err != nil {
				t.Fatal(err)
			}
			loss := losses.Each{"labels": {Loss: losses.BinaryCrossEntropy{}}, "number": {Loss: losses.MSE{}, Weight: .5}}
			program, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: 11, Loss: loss})
			if err != nil {
				t.Fatal(err)
			}
			for k, in := range append(program.Inputs(), program.Targets()...) {
				for i := range in.Shape().TotalSize() {
					put(in, i, math.Abs(math.Sin(float64(i+k))))
				}
			}
			if err := program.Run(); err != nil {
				t.Fatal(err)
			}
			values = append(values, append(floats64(program.Losses()), program.Loss()))
			var all []float64
			for _, g := range program.Grads() {
				v, err := g.Grad()
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, floats64(v.(*tensor.Dense))...)
			}
			grads = append(grads, all)
		}
		tolerance := 1e-6
		if double {
			tolerance = 1e-14
		}
		near(t, "losses", values[0], values[1], tolerance)
		near(t, "gradients", grads[0], grads[1], tolerance)
	}
}
