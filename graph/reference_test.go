package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/scalar"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
)

func allActivations(t *testing.T) []layers.Activation {
	t.Helper()
	var all []layers.Activation
	for _, name := range layers.ActivationNames() {
		a, err := layers.ParseActivation(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// reference computes a model a number at a time.
type reference struct {
	params  map[string]scalar.Rows
	mask    map[string]scalar.Rows // of dropout layers
	count   map[string]int
	outputs map[string]scalar.Rows // by layer
}

func (r *reference) apply(t *testing.T, l graph.Layer, x scalar.Rows) (y scalar.Rows) {
	t.Helper()
	kind := graph.KindOf(l)
	r.count[kind]++
	name := fmt.Sprintf("%s_%d", kind, r.count[kind])
	chain := func(all []graph.Layer) scalar.Rows {
		y := x
		for _, l := range all {
			y = r.apply(t, l, y)
		}
		return y
	}
	switch l := l.(type) {
	case layers.Dense:
		y = activated(t, l.Activation, scalar.Dense(x, r.params[name+".weight"], r.params[name+".bias"]))
	case layers.Activation:
		y = activated(t, l, x)
	case layers.Dropout:
		y = make(scalar.Rows, len(x))
		for i := range x {
			for j := range x[i] {
				y[i] = append(y[i], scalar.Mul(x[i][j], r.mask[name][i][j]))
			}
		}
	case layers.Sequence:
		y = chain(l)
	case layers.Residual:
		y = scalar.Sum(x, chain(l))
	case layers.Concat:
		var parts []scalar.Rows
		for _, l := range l {
			parts = append(parts, r.apply(t, l, x))
		}
		y = scalar.Beside(parts...)
	default:
		t.Fatalf("the reference has no %T", l)
	}
	r.outputs[name] = y
	return y
}

func activated(t *testing.T, a layers.Activation, x scalar.Rows) scalar.Rows {
	t.Helper()
	switch a {
	case layers.Linear:
		return x
	case layers.Sigmoid:
		return scalar.Each(x, scalar.Sigmoid)
	case layers.Tanh:
		return scalar.Each(x, scalar.Tanh)
	case layers.ReLU:
		return scalar.Each(x, scalar.ReLU)
	case layers.LeakyReLU:
		return scalar.Each(x, scalar.LeakyReLU(ops.LeakySlope))
	case layers.Softplus:
		return scalar.Each(x, scalar.Softplus)
	case layers.Softmax:
		return scalar.Softmax(x)
	case layers.LogSoftmax:
		return scalar.LogSoftmax(x)
	case layers.ELU:
		return scalar.Each(x, scalar.ELU(1, 1))
	case layers.SELU:
		return scalar.Each(x, scalar.ELU(ops.SELUScale, ops.SELUAlpha))
	case layers.GELU:
		return scalar.Each(x, scalar.GELU)
	case layers.GELUTanh:
		return scalar.Each(x, scalar.GELUTanh)
	case layers.SiLU:
		return scalar.Each(x, scalar.SiLU)
	case layers.Mish:
		return scalar.Each(x, scalar.Mish)
	}
	t.Fatalf("the reference has no %v", a)
	return nil
}

// TestAgreesWithReference compares a model with the reference: output, loss, every layer's activation and gradient, and the
// parameters' gradients.
func TestAgreesWithReference(t *testing.T) {
	for _, a := range allActivations(t) {
		for _, sizes := range [][3]int{{1, 1, 2}, {1, 4, 3}, {3, 1, 3}, {5, 6, 4}} {
			asField := []graph.Layer{layers.Dense{Units: sizes[1], Activation: a}, layers.Dense{Units: sizes[2], Activation: layers.Softmax}}
			asLayer := []graph.Layer{layers.Dense{Units: sizes[1]}, a, layers.Residual{layers.Dense{Units: sizes[1], Activation: a}}, layers.Dense{Units: sizes[2]}, layers.Softmax}
			for i, layers := range [][]graph.Layer{asField, asLayer} {
				for _, batch := range []int{1, 7} {
					compareWithReference(t, fmt.Sprintf("%v, sizes %v, form %d, batch %d", a, sizes, i, batch), sizes[0], batch, layers)
				}
			}
		}
	}
	for name, net := range goldenNets {
		if name != "dropout" { // whose mask PyTorch was given
			compareWithReference(t, name, net.inputs, 5, net.layers)
		}
	}
}

func compareWithReference(t *testing.T, what string, inputs, batch int, net []graph.Layer) {
	t.Helper()
	m := model(t, graph.Config{Input: graph.Floats(inputs), Seed: 3}, net...)
	for i, p := range m.Params() { // biases other than zero
		if w := p.Value.Float32s(); p.Value.Dims() == 1 {
			for j := range w {
				w[j] = float32((i+j)%5)/4 - .45
			}
		}
	}
	before := bits(m)
	for _, loss := range []graph.Loss{losses.CrossEntropy{}, distributions, losses.ClippedCrossEntropy{}, losses.MSE{}} {
		what := what + ", " + loss.Name()
		p := compile(t, m, graph.Spec{Mode: graph.Train, Batch: batch, Loss: loss, Inspect: true})
		fill(p, 9)
		x := slices.Clone(p.X().Float32s())
		classes := m.Outputs()[0].Shape[0]
		y := oneHot(p.Y(), classes)

		r := &reference{params: map[string]scalar.Rows{}, count: map[string]int{}, outputs: map[string]scalar.Rows{}}
		for _, param := range m.Params() {
			r.params[param.Name] = scalar.Matrix(param.Value.Float32s(), param.Value.Shape()[param.Value.Dims()-1])
		}
		output := scalar.Matrix(x, inputs)
		for _, l := range net {
			output = r.apply(t, l, output)
		}
		target := scalar.Matrix(y, classes)
		var want *scalar.Value
		switch loss.(type) {
		case losses.CrossEntropy:
			want = scalar.CrossEntropy(output, target)
		case losses.ClippedCrossEntropy:
			want = scalar.CrossEntropy(scalar.Each(output, scalar.Clip(1e-7, 1-1e-7)), target)
		default:
			want = scalar.MeanSquared(output, target)
		}
		scalar.Backward(want)

		for range 2 { // the second run finds what the first left
			run(t, p)
			closeTo(t, what+": loss", []float32{float32(p.Loss())}, []float32{float32(want.X)})
			closeTo(t, what+": output", p.Output().Float32s(), numbers(output))
			for name, g := range gradients(t, m, p) {
				closeTo(t, what+": gradient of "+name, g, slopes(r.params[name]))
			}
			for i, rec := range p.Recordings() {
				closeTo(t, what+": activation of "+rec.Name, rec.Value.Float32s(), numbers(r.outputs[rec.Name]))
				info := m.Layers()[i]
				through := layers.ActivationOf(info.Layer) == layers.Softmax && loss.Name() == "cross-entropy" // the recorded one is that of its logits
				if rec.Grad != nil && !through {
					closeTo(t, what+": gradient of "+rec.Name, rec.Grad.Float32s(), slopes(r.outputs[rec.Name]))
				}
			}
		}
		if !slices.Equal(p.X().Float32s(), x) || !slices.Equal(oneHot(p.Y(), classes), y) {
			t.Errorf("%s: a run wrote over the input or the target", what)
		}
	}
	if !slices.Equal(bits(m), before) {
		t.Errorf("%s: a run wrote over the parameters", what)
	}
}

// oneHot is a target as rows of so many classes, whichever form it has.
func oneHot(target *tensor.Dense, classes int) []float32 {
	if target.Dtype() != tensor.Int32 {
		return slices.Clone(target.Float32s())
	}
	rows := make([]float32, len(target.Int32s())*classes)
	for i, class := range target.Int32s() {
		rows[i*classes+int(class)] = 1
	}
	return rows
}

func numbers(r scalar.Rows) []float32 {
	var all []float32
	for _, v := range r.Flat() {
		all = append(all, float32(v.X))
	}
	return all
}

func slopes(r scalar.Rows) []float32 {
	var all []float32
	for _, v := range r.Flat() {
		all = append(all, float32(v.Grad))
	}
	return all
}
