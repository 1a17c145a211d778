package layers_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/ops"
)

// A sequenceCase is one of testdata/recurrent.json, which testdata/recurrent.py made with PyTorch, or of recurrent_keras.json.
type sequenceCase struct {
	Name, Net     string
	Batch         int
	Inputs        map[string][]float64
	Params, Grads map[string][]float64
	C, Output     []float64
}

// against is Σ c∘y of each sample, c being the target.
var against = graph.LossFunc("against", func(b *graph.Builder, y, c *gorgonia.Node) *gorgonia.Node {
	n := y.Shape().TotalSize() / b.Batch()
	return b.Node(gorgonia.Sum(b.Node(ops.Reshape(b.Node(ops.Mul(y, c)), b.Batch(), n)), 1))
})

// TestSequenceGoldens: values, and gradients of parameters, sequences and first states, are PyTorch's and Keras'.
func TestSequenceGoldens(t *testing.T) {
	for _, file := range []string{"recurrent.json", "recurrent_keras.json"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var all struct {
			Tolerance float64 // 1e-9 if not given
			Cases     []sequenceCase
		}
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		for _, c := range all.Cases {
			for _, wide := range []bool{true, false} {
				tolerance := 1e-5
				if wide && all.Tolerance == 0 {
					tolerance = 1e-9
				}
				t.Run(fmt.Sprintf("%s/float64=%v", c.Name, wide), func(t *testing.T) { c.check(t, wide, tolerance) })
			}
		}
	}
}

func (c sequenceCase) check(t *testing.T, wide bool, tolerance float64) {
	net, err := layers.Parse(c.Net)
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Seed: 1, Float64: wide}, net...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		if values, ok := c.Params[p.Name]; ok {
			set(t, p.Name, p.Value, values)
		} else if !strings.HasPrefix(p.Name, "dense") {
			t.Errorf("the golden has no %s", p.Name)
		}
	}
	near := func(what string, got *tensor.Dense, want []float64) {
		t.Helper()
		all := wideOf(got)
		if len(all) != len(want) {
			t.Fatalf("%s: got %d elements, want %d", what, len(all), len(want))
		}
		for i, w := range want {
			if !(math.Abs(all[i]-w) <= tolerance*max(1, math.Abs(w))) {
				t.Errorf("%s[%d] = %v, want %v", what, i, all[i], w)
				return
			}
		}
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Train, Batch: c.Batch, Loss: against, Inspect: true})
	if err != nil {
		t.Fatal(err)
	}
	var floats []string // inputs with a gradient, in order
	for i, in := range m.Inputs() {
		set(t, in.Name, p.Inputs()[i], c.Inputs[in.Name])
		if !in.IDs {
			floats = append(floats, in.Name)
		}
	}
	set(t, "c", p.Y(), c.C)
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	near("output", p.Output(), c.Output)
	for i, g := range p.Grads() {
		if want, ok := c.Grads[m.Params()[i].Name]; ok {
			v, err := g.Grad()
			if err != nil {
				t.Fatal(err)
			}
			near("gradient of "+m.Params()[i].Name, v.(*tensor.Dense), want)
		}
	}
	for _, r := range p.Recordings() {
		if strings.HasPrefix(r.Name, "residual") {
			near("gradient of "+floats[0], r.Grad, c.Grads[floats[0]])
			floats = floats[1:]
		}
	}
	if len(floats) > 0 {
		t.Errorf("got no gradient of %v", floats)
	}
}

func set(t *testing.T, name string, to *tensor.Dense, values []float64) {
	t.Helper()
	if len(values) != to.Shape().TotalSize() {
		t.Fatalf("%s: got %d elements, want %d", name, len(values), to.Shape().TotalSize())
	}
	for i, v := range values {
		switch to.Dtype() {
		case tensor.Float64:
			to.Float64s()[i] = v
		case tensor.Float32:
			to.Float32s()[i] = float32(v)
		default:
			to.Int32s()[i] = int32(v)
		}
	}
}

func wideOf(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return t.Float64s()
	}
	var all []float64
	for _, v := range t.Float32s() {
		all = append(all, float64(v))
	}
	return all
}
