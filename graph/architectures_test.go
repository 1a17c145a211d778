package graph_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

var architectures = flag.String("architectures", "testdata/architectures.json", "the networks that TestArchitectures builds, of testdata/architectures.py")

// An architecture is one network of testdata/architectures.json, which testdata/architectures.py drew, and what PyTorch made of it in float64.
type architecture struct {
	Name      string
	List      bool // it is a list of layers
	Batch     int
	Samples   []float64 // weights
	Inputs    []archInput
	Shared    []archLayer
	Items     []archItem
	Outputs   []archOutput
	Params    []archTensor
	States    []archTensor
	Loss      float64
	Evaluated *float64 // the loss in Evaluate, where it is another
	saturated bool     // a sigmoid, tanh or softmax is so near 1 that float32 has few digits left of its slope
}

type archInput struct {
	Name    string
	Shape   []int
	Words   int // 0: floats
	X, Grad []float64
}

type archItem struct {
	Layer archLayer
	From  []int // of the inputs and the items
}

type archOutput struct {
	Name      string
	Of        int
	Loss      string
	Options   json.RawMessage
	Weight    float64
	Target    []float64
	Values    []float64
	Losses    []float64 // by position
	Evaluated []float64 // the values outside training, where they are others
}

type archTensor struct {
	Name              string
	Shape             []int
	Value, Grad, Next []float64
}

// TestArchitectures holds 40 networks of every kind against PyTorch: outputs, loss, its values, the gradients of parameters and inputs, and states.
func TestArchitectures(t *testing.T) {
	data, err := os.ReadFile(*architectures)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Networks []architecture }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Networks) < 40 {
		t.Errorf("got %d networks, want 40 at least", len(all.Networks))
	}
	for _, a := range all.Networks {
		for _, double := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, float64 %v", a.Name, double), func(t *testing.T) { a.check(t, double) })
		}
	}
	a := all.Networks
	for what, n := range map[string]int{
		"lists":   counted(a, func(a architecture) bool { return a.List }),
		"samples": counted(a, func(a architecture) bool { return a.Samples != nil }),
		"states":  counted(a, func(a architecture) bool { return len(a.States) > 0 }),
		"shared":  counted(a, func(a architecture) bool { return len(a.Shared) > 0 }),
		"ids": counted(a, func(a architecture) bool {
			return slices.ContainsFunc(a.Inputs, func(i archInput) bool { return i.Words > 0 })
		}),
		"inputs":  counted(a, func(a architecture) bool { return len(a.Inputs) > 1 }),
		"outputs": counted(a, func(a architecture) bool { return len(a.Outputs) > 1 }),
	} {
		if n < 5 {
			t.Errorf("got %d networks with %s, want 5 at least", n, what)
		}
	}
	for _, loss := range losses.Names() {
		if n := counted(a, func(a architecture) bool {
			return slices.ContainsFunc(a.Outputs, func(o archOutput) bool { return o.Loss == loss })
		}); n < 2 {
			t.Errorf("got %d networks with the loss %s, want 2 at least", n, loss)
		}
	}
}

func counted(all []architecture, has func(architecture) bool) (n int) {
	for _, a := range all {
		if has(a) {
			n++
		}
	}
	return n
}

// model builds the network. Where it is to be shifted, zeros that are learnt are added to each input of floats first, so that its gradient is that of a node that
// a parameter reaches.
func (a *architecture) model(t *testing.T, double, shifted bool) *graph.Model {
	t.Helper()
	c := graph.Config{Float64: double}
	input := func(i archInput) graph.Input {
		if i.Words > 0 {
			return graph.Ints(i.Shape...)
		}
		return graph.Floats(i.Shape...)
	}
	var chain []graph.Layer
	if a.List {
		c.Input = input(a.Inputs[0])
		if shifted && a.Inputs[0].Words == 0 {
			chain = append(chain, shift)
		}
		for _, i := range a.Items {
			chain = append(chain, i.Layer.layer(t, nil))
		}
	} else {
		n := &graph.Net{}
		var handles []graph.Handle
		for _, i := range a.Inputs {
			h := n.Input(i.Name, input(i))
			if shifted && i.Words == 0 {
				h = n.Add(shift, h)
			}
			handles = append(handles, h)
		}
		var shared []graph.Layer
		for _, l := range a.Shared {
			shared = append(shared, n.Share(l.layer(t, nil)))
		}
		for _, i := range a.Items {
			var from []graph.Handle
			for _, f := range i.From {
				from = append(from, handles[f])
			}
			handles = append(handles, n.Add(i.Layer.layer(t, shared), from...))
		}
		for _, o := range a.Outputs {
			n.Output(o.Name, handles[o.Of])
		}
		chain = []graph.Layer{n}
	}
	m := model(t, c, chain...)
	for what, kept := range map[string][]graph.Param{"parameter": m.Params(), "state": m.States()} {
		want := a.Params
		if what == "state" {
			want = a.States
		}
		kept = slices.DeleteFunc(kept, func(p graph.Param) bool { return strings.HasPrefix(p.Name, "shift_") })
		if len(kept) != len(want) {
			t.Fatalf("got %d %ss, want %d", len(kept), what, len(want))
		}
		for i, p := range kept {
			if p.Name != want[i].Name || want[i].Shape != nil && !slices.Equal(p.Value.Shape(), want[i].Shape) {
				t.Fatalf("%s %d is %s, %v, want %s, %v", what, i, p.Name, p.Value.Shape(), want[i].Name, want[i].Shape)
			}
			put(p.Value, want[i].Value)
		}
	}
	return m
}

func (a *architecture) loss(t *testing.T) graph.Loss {
	t.Helper()
	each := losses.Each{}
	for _, o := range a.Outputs {
		l, err := losses.Parse(o.Loss)
		switch is := l.(type) {
		case losses.CrossEntropy:
			err = json.Unmarshal(o.Options, &is)
			l = is
		case losses.Huber:
			err = json.Unmarshal(o.Options, &is)
			l = is
		default:
			if string(o.Options) != "{}" {
				t.Fatalf("%s: got options %s", o.Loss, o.Options)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Outputs) == 1 && o.Weight == 0 {
			return l
		}
		each[o.Name] = losses.Weighted{Loss: l, Weight: o.Weight}
	}
	return each
}

func (a *architecture) program(t *testing.T, m *graph.Model, mode graph.Mode, inspect bool) *graph.Program {
	t.Helper()
	p := compile(t, m, graph.Spec{Mode: mode, Batch: a.Batch, Loss: lossIn(mode, a.loss(t)), Inspect: inspect})
	for i, x := range p.Inputs() {
		put(x, a.Inputs[i].X)
	}
	for i, y := range p.Targets() {
		put(y, a.Outputs[i].Target)
	}
	if _, err := p.Weigh(a.Samples, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

func (a *architecture) check(t *testing.T, double bool) {
	tolerance := 1e-5
	if double {
		tolerance = 1e-9
	}
	for _, shifted := range []bool{false, true} {
		m := a.model(t, double, shifted)
		p := a.program(t, m, graph.Train, shifted)
		for range 2 { // the second run finds what the first left
			run(t, p)
			near(t, "loss", []float64{p.Loss()}, []float64{a.Loss}, tolerance)
			near(t, "losses by position", numbersOf(p.Losses()), a.Outputs[0].Losses, tolerance)
			for i, o := range a.Outputs {
				near(t, "output "+o.Name, numbersOf(p.Outputs()[i]), o.Values, tolerance)
			}
			a.checkGradients(t, m, p, tolerance)
			for i, x := range p.Inputs() {
				if !slices.Equal(numbersOf(x), a.Inputs[i].X) {
					t.Fatalf("input %s was written over", a.Inputs[i].Name)
				}
			}
			for i, s := range p.Updates() {
				near(t, "next value of "+s.Name, numbersOf(s.Value), a.States[i].Next, tolerance)
			}
			for i, s := range slices.Concat(a.Params, a.States) {
				kept := slices.DeleteFunc(m.Tensors(), func(p graph.Param) bool { return strings.HasPrefix(p.Name, "shift_") })
				if !slices.Equal(numbersOf(kept[i].Value), s.Value) {
					t.Fatalf("%s was written over", s.Name)
				}
			}
		}
	}
	a.checkOtherModes(t, a.model(t, double, false), tolerance)
}

// checkGradients compares those of the parameters, and of the inputs where they are shifted.
func (a *architecture) checkGradients(t *testing.T, m *graph.Model, p *graph.Program, tolerance float64) {
	t.Helper()
	want := map[string][]float64{}
	for _, param := range a.Params {
		want[param.Name] = param.Grad
	}
	for i, g := range p.Grads() {
		v, err := g.Grad()
		if err != nil {
			t.Fatal(err)
		}
		if name := m.Params()[i].Name; !strings.HasPrefix(name, "shift_") {
			near(t, "gradient of "+name, numbersOf(v.(*tensor.Dense)), want[name], tolerance)
		}
	}
	if !slices.ContainsFunc(m.Layers(), func(l graph.LayerInfo) bool { return l.Kind == "shift" }) {
		return
	}
	n := 0
	for _, i := range a.Inputs {
		if i.Words == 0 {
			n++
			at := slices.IndexFunc(p.Recordings(), func(r graph.Recording) bool { return r.Name == fmt.Sprintf("shift_%d.x", n) })
			near(t, "gradient of input "+i.Name, numbersOf(p.Recordings()[at].Grad), i.Grad, tolerance)
		}
	}
}

// checkOtherModes compares outputs and loss outside training, and what Commit writes.
func (a *architecture) checkOtherModes(t *testing.T, m *graph.Model, tolerance float64) {
	t.Helper()
	for _, mode := range []graph.Mode{graph.Evaluate, graph.Predict} {
		p := a.program(t, m, mode, false)
		run(t, p)
		loss := a.Loss
		if a.Evaluated != nil {
			loss = *a.Evaluated
		}
		if mode == graph.Evaluate {
			near(t, "evaluated loss", []float64{p.Loss()}, []float64{loss}, tolerance)
		}
		for i, o := range a.Outputs {
			want := o.Values
			if o.Evaluated != nil {
				want = o.Evaluated
			}
			near(t, fmt.Sprintf("output %s in %v", o.Name, mode), numbersOf(p.Outputs()[i]), want, tolerance)
		}
	}
	p := a.program(t, m, graph.Train, false)
	run(t, p)
	if err := p.Commit(); err != nil {
		t.Fatal(err)
	}
	for i, s := range m.States() {
		near(t, s.Name+" after Commit", numbersOf(s.Value), a.States[i].Next, tolerance)
	}
}

// near wants each element within a tolerance of itself, or of the tensor's largest where that is larger, but of no more than 1.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d elements, want %d", what, len(got), len(want))
	}
	scale := 1e-2 // below this, rounding is all there is
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*max(min(scale, 1), math.Abs(w))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}

// put writes numbers into a tensor of any element type.
func put(to *tensor.Dense, x []float64) {
	switch to := to.Data().(type) {
	case []float64:
		copy(to, x)
	case []float32:
		for i := range to {
			to[i] = float32(x[i])
		}
	case []int32:
		for i := range to {
			to[i] = int32(x[i])
		}
	}
}

// numbersOf are the elements of a tensor of any element type.
func numbersOf(of *tensor.Dense) []float64 {
	if of == nil {
		return nil
	}
	x := make([]float64, of.Shape().TotalSize())
	switch of := of.Data().(type) {
	case []float64:
		copy(x, of)
	case []float32:
		for i, v := range of {
			x[i] = float64(v)
		}
	case []int32:
		for i, v := range of {
			x[i] = float64(v)
		}
	}
	return x
}

// An archLayer is a layer as data: which one, and its settings.
type archLayer struct {
	Kind       string
	Units      int
	Activation string
	Layers     []archLayer
	Items      []archItem // of a net of one input
	Of         int        // of the shared ones
	Words      int
	Number     float64
	Text       string // of a layer of package layers that has no case of its own
	Sizes      []int  // of what the text says
}

// layer makes a layer of it.
func (l archLayer) layer(t *testing.T, shared []graph.Layer) graph.Layer {
	t.Helper()
	var within []graph.Layer
	for _, l := range l.Layers {
		within = append(within, l.layer(t, shared))
	}
	var activation layers.Activation
	if l.Activation != "" {
		var err error
		if activation, err = layers.ParseActivation(l.Activation); err != nil {
			t.Fatal(err)
		}
	}
	switch l.Kind {
	case "dense":
		return layers.Dense{Units: l.Units, Activation: activation}
	case "activation":
		return activation
	case "flatten":
		return layers.Flatten{}
	case "residual":
		return layers.Residual(within)
	case "sequence":
		return layers.Sequence(within)
	case "concat":
		return layers.Concat(within)
	case "sum":
		return layers.Sum{}
	case "absdiff":
		return layers.AbsDiff{}
	case "share":
		return shared[l.Of]
	case "net":
		n := &graph.Net{}
		handles := []graph.Handle{n.Input("x", graph.Floats(1))} // a net among layers takes what it gets
		for _, i := range l.Items {
			var from []graph.Handle
			for _, f := range i.From {
				from = append(from, handles[f])
			}
			handles = append(handles, n.Add(i.Layer.layer(t, shared), from...))
		}
		n.Output("y", handles[len(handles)-1])
		return n
	}
	if l.Text != "" {
		all, err := layers.Parse(l.Text)
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	if l.Kind == "timedistributed" {
		return layers.TimeDistributed(within)
	}
	build := rawLayers[l.Kind]
	if build == nil {
		t.Fatalf("there is no layer %q", l.Kind)
	}
	return graph.LayerFunc(l.Kind, func(b builder, x node) node { return build(b, x, l) })
}
