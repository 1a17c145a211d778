package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

func allActivations(t *testing.T) []graph.Activation {
	t.Helper()
	var all []graph.Activation
	for _, name := range graph.ActivationNames() {
		a, err := graph.ParseActivation(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// TestFusedIsPlain compares a model with the same model built of Gorgonia's own ops: output, loss, every layer's activation and
// gradient, and the parameters' gradients.
func TestFusedIsPlain(t *testing.T) {
	losses := []graph.Loss{graph.CrossEntropy, graph.ClippedCrossEntropy, graph.MeanSquaredError}
	for _, a := range allActivations(t) {
		for _, sizes := range [][3]int{{1, 1, 1}, {1, 4, 3}, {3, 1, 3}, {5, 6, 4}} {
			asField := []graph.Layer{graph.Dense{Units: sizes[1], Activation: a}, graph.Dense{Units: sizes[2], Activation: graph.Softmax}}
			asLayer := []graph.Layer{graph.Dense{Units: sizes[1]}, a, graph.Residual{graph.Dense{Units: sizes[1], Activation: a}}, graph.Dense{Units: sizes[2]}, graph.Softmax}
			for i, layers := range [][]graph.Layer{asField, asLayer} {
				for _, batch := range []int{1, 7} {
					for _, loss := range losses {
						compareWithPlain(t, fmt.Sprintf("%v, sizes %v, form %d, batch %d, %s", a, sizes, i, batch, loss.Name()), sizes[0], batch, loss, layers)
					}
				}
			}
		}
	}
}

// TestFusedIsPlainElsewhere has the layers that the test above has not.
func TestFusedIsPlainElsewhere(t *testing.T) {
	for name, c := range models {
		for _, loss := range []graph.Loss{graph.CrossEntropy, graph.MeanSquaredError} {
			compareWithPlain(t, name+", "+loss.Name(), c.inputs, 5, loss, c.layers)
		}
	}
}

func compareWithPlain(t *testing.T, what string, inputs, batch int, loss graph.Loss, layers []graph.Layer) {
	t.Helper()
	m := model(t, graph.Config{Inputs: inputs, Seed: 3}, layers...)
	for i, p := range m.Params() { // biases other than zero
		if w := p.Value.Float32s(); p.Value.Dims() == 1 {
			for j := range w {
				w[j] = float32((i+j)%5)/4 - .45
			}
		}
	}
	before := bits(m)
	var programs [2]*graph.Program
	for i := range programs {
		programs[i] = compile(t, m, graph.Spec{Mode: graph.Train, Batch: batch, Loss: loss, Inspect: true, Plain: i == 1})
		fill(programs[i], 9)
		programs[i].SetStep(3)
	}
	fused, plain := programs[0], programs[1]
	x, y := slices.Clone(fused.X().Float32s()), slices.Clone(fused.Y().Float32s())
	for range 2 { // Gorgonia's ops may spoil what a second run reads
		run(t, fused)
		run(t, plain)
		closeTo(t, what+": plain loss", []float32{float32(plain.Loss())}, []float32{float32(fused.Loss())})
		closeTo(t, what+": plain output", plain.Output().Float32s(), fused.Output().Float32s())
		want := gradients(t, m, fused)
		for name, g := range gradients(t, m, plain) {
			closeTo(t, what+": plain gradient of "+name, g, want[name])
		}
		for i, r := range plain.Recordings() {
			w := fused.Recordings()[i]
			closeTo(t, what+": plain activation of "+r.Name, r.Value.Float32s(), w.Value.Float32s())
			if (r.Grad == nil) != (w.Grad == nil) {
				t.Errorf("%s: %s has a gradient on one path alone", what, r.Name)
			} else if r.Grad != nil {
				closeTo(t, what+": plain gradient of "+r.Name, r.Grad.Float32s(), w.Grad.Float32s())
			}
		}
	}
	if !slices.Equal(bits(m), before) {
		t.Errorf("%s: a run wrote over the parameters", what)
	}
	for _, p := range programs {
		if !slices.Equal(p.X().Float32s(), x) || !slices.Equal(p.Y().Float32s(), y) {
			t.Errorf("%s: a run wrote over the input or the target", what)
		}
	}
}

// TestPlainIsPlain sees that the plain form of a model holds none of our ops where Gorgonia has its own, so that the
// comparisons above compare something.
func TestPlainIsPlain(t *testing.T) {
	for _, a := range allActivations(t) {
		if a == graph.Softmax {
			continue // there is one form: Gorgonia's spoils what stands beside it
		}
		for _, loss := range []graph.Loss{graph.CrossEntropy, graph.MeanSquaredError} {
			m := model(t, graph.Config{Inputs: 3}, graph.Dense{Units: 4, Activation: a}, a, graph.Dense{Units: 2})
			count := map[bool]int{}
			for _, plain := range []bool{false, true} {
				p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 2, Loss: loss, Plain: plain})
				for _, n := range p.Graph().AllNodes() {
					if ops.Ours(n) && !strings.HasPrefix(n.Op().String(), "reshape") { // a result that is kept
						count[plain]++
					}
				}
			}
			if count[true] != 0 || count[false] < 3 {
				t.Errorf("%v, %s: %d of our ops in the fused form and %d in the plain one, want some and none", a, loss.Name(), count[false], count[true])
			}
		}
	}
}

// TestGradOfLeftFactor trains weights that are themselves the left side of a product, W₁·W₂: a solver that multiplies a
// gradient out late must not see W₁ after its own step.
func TestGradOfLeftFactor(t *testing.T) {
	layer := func(multiply func(a, b *gorgonia.Node) (*gorgonia.Node, error)) graph.Layer {
		return graph.LayerFunc("factored", func(b *graph.Builder, x *gorgonia.Node) (*gorgonia.Node, error) {
			v, err := b.Param("v", graph.GlorotNormal, x.Shape()[1], 3)
			if err != nil {
				return nil, err
			}
			u, err := b.Param("u", graph.GlorotNormal, 3, 4)
			if err != nil {
				return nil, err
			}
			vu, err := multiply(v, u)
			if err != nil {
				return nil, err
			}
			return multiply(x, vu)
		})
	}
	for name, optimizer := range optimizers {
		var want []uint32
		for i, l := range []graph.Layer{layer(gorgonia.Mul), layer(matmul)} {
			m := model(t, graph.Config{Inputs: 5, Seed: 2}, l, graph.Softmax)
			p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: 6, Loss: graph.CrossEntropy})
			fill(p, 4)
			o := optimizer()
			for range 4 {
				run(t, p)
				if err := o.Step(p.Grads()); err != nil {
					t.Fatal(err)
				}
			}
			if i == 0 {
				want = bits(m)
				continue
			}
			for j, b := range bits(m) {
				closeTo(t, fmt.Sprintf("%s: weight %d of two factors", name, j), floats32(b), floats32(want[j]))
			}
		}
	}
}
