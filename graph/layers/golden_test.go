package layers_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
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

// A golden is what another framework made of a layer, or a few; see testdata/layers.py and testdata/layers_keras.py.
type golden struct {
	Text                    string
	Shape                   []int
	Batch                   int
	IDs, Single             bool // of ids; it was computed in float32
	X, Y, Target, Evaluated []float64
	DX                      []float64 // nil: not looked at
	Params, States          []struct {
		Name              string
		Value, Grad, Next []float64
	}
}

// before adds zeros that are learnt, so that the gradient goes through to the input, and watches it.
var before = graph.LayerFunc("before", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	y := b.Node(ops.AddRow(x, b.Param("zeros", graph.Zeros, graph.Features(x))))
	b.Watch("x", y)
	return y
})

// TestGoldens holds every layer against PyTorch and Keras, in both element types: what comes out, in training and outside, the gradients of input and parameters, and the states.
func TestGoldens(t *testing.T) {
	for _, file := range []string{"testdata/layers_torch.json", "testdata/layers_keras.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all struct {
			By    string
			Cases []golden
		}
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		if len(all.Cases) < 10 {
			t.Errorf("%s: got %d cases, want more", file, len(all.Cases))
		}
		for i, c := range all.Cases {
			for _, double := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, case %d: %s of %d×%v, float64 %v", all.By, i, c.Text, c.Batch, c.Shape, double), func(t *testing.T) { c.check(t, double) })
			}
		}
	}
}

func (c golden) check(t *testing.T, double bool) {
	tolerance := 1e-5
	switch {
	case double && c.Single:
		tolerance = 2e-6
	case double:
		tolerance = 1e-9
	}
	net, err := layers.Parse(c.Text)
	if err != nil {
		t.Fatal(err)
	}
	input := graph.Floats(c.Shape...)
	if c.IDs {
		input = graph.Ints(c.Shape...)
	} else if len(c.Shape) > 0 {
		net = append([]graph.Layer{before}, net...)
	}
	m, err := graph.NewModel(graph.Config{Input: input, Seed: 1, Float64: double}, net...)
	if err != nil {
		t.Fatal(err)
	}
	params := slices.DeleteFunc(m.Params(), func(p graph.Param) bool { return strings.HasPrefix(p.Name, "before") })
	if len(params) != len(c.Params) || len(m.States()) != len(c.States) {
		t.Fatalf("got %d parameters and %d states, want %d and %d", len(params), len(m.States()), len(c.Params), len(c.States))
	}
	named := func(full, want string) {
		if _, name, _ := strings.Cut(full, "."); name != want {
			t.Fatalf("got the tensor %s, want %s", full, want)
		}
	}
	for i, p := range params {
		named(p.Name, c.Params[i].Name)
		fillWith(p.Value, c.Params[i].Value)
	}
	for i, s := range m.States() {
		named(s.Name, c.States[i].Name)
		fillWith(s.Value, c.States[i].Value)
	}
	run := func(mode graph.Mode) *graph.Program {
		p, err := m.Compile(graph.Spec{Mode: mode, Batch: c.Batch, Loss: losses.MSE{}, Inspect: mode == graph.Train})
		if err != nil {
			t.Fatal(err)
		}
		fillWith(p.X(), c.X)
		fillWith(p.Y(), c.Target)
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if c.Evaluated != nil {
		agrees(t, "evaluated", numbers(run(graph.Evaluate).Output()), c.Evaluated, tolerance)
	}
	if len(m.Params()) == 0 {
		agrees(t, "output", numbers(run(graph.Evaluate).Output()), c.Y, tolerance)
		return
	}
	p := run(graph.Train)
	agrees(t, "output", numbers(p.Output()), c.Y, tolerance)
	grads := p.Grads()[len(m.Params())-len(params):]
	for i, g := range grads {
		v, err := g.Grad()
		if err != nil {
			t.Fatal(err)
		}
		if c.Params[i].Grad != nil {
			agrees(t, "gradient of "+c.Params[i].Name, numbers(v.(*tensor.Dense)), c.Params[i].Grad, tolerance)
		}
	}
	if c.DX != nil {
		at := slices.IndexFunc(p.Recordings(), func(r graph.Recording) bool { return r.Name == "before_1.x" })
		agrees(t, "gradient of the input", numbers(p.Recordings()[at].Grad), c.DX, tolerance)
	}
	for i, s := range m.States() {
		agrees(t, s.Name+" before Commit", numbers(s.Value), c.States[i].Value, 1e-7)
	}
	if err := p.Commit(); err != nil {
		t.Fatal(err)
	}
	for i, s := range m.States() {
		agrees(t, s.Name, numbers(s.Value), c.States[i].Next, tolerance)
	}
}

// fillWith fills a tensor of any element type.
func fillWith(to *tensor.Dense, x []float64) {
	for i, v := range x {
		switch to := to.Data().(type) {
		case []float32:
			to[i] = float32(v)
		case []float64:
			to[i] = v
		case []int32:
			to[i] = int32(v)
		}
	}
}

// agrees fails where got is further from want than tolerance·max(1, |want|).
func agrees(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*max(1, math.Abs(w))) {
			t.Errorf("%s[%d] = %v, want %v", what, i, got[i], w)
			return
		}
	}
}
