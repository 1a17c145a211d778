package inspect

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
)

// torchIn is what PyTorch gets of a network, torchOut what it makes of it; see testdata/pytorch.py.
type torchIn struct {
	Loss   string         `json:"loss"`
	X      any            `json:"x"`
	Y      any            `json:"y"`
	Params map[string]any `json:"params"`
	Masks  map[string]any `json:"masks"`
}

type torchOut struct {
	Loss        float64              `json:"loss"`
	Outputs     map[string][]float64 `json:"outputs"`
	OutputGrads map[string][]float64 `json:"output_grads"`
	ParamGrads  map[string][]float64 `json:"param_grads"`
}

// Activations and gradients are PyTorch's, from the same weights, to 1e-5.
func TestAgreesWithPyTorch(t *testing.T) {
	in := map[string]torchIn{}
	taken := map[string]*Snapshot{}
	for name, layers := range networks {
		m := network(t, 11, layers...)
		var loss graph.Loss = losses.CrossEntropy{}
		if name == "sigmoid" || name == "concat" {
			loss = losses.MSE{}
		}
		b := suited(loss, randomBatch(6, 4, 3, 12))
		s, err := Take(m, loss, b, 3)
		if err != nil {
			t.Fatal(err)
		}
		taken[name] = s
		c := torchIn{loss.Name(), rows(b.Inputs[0]), rows(suited(losses.MSE{}, randomBatch(6, 4, 3, 12)).Targets[0]), map[string]any{}, map[string]any{}}
		for _, p := range m.Params() {
			c.Params[p.Name] = rows(p.Value)
		}
		if name == "dropout" {
			before, after := s.Layer("dense_1").Output.Tensor.Float32s(), s.Layer("dropout_1").Output.Tensor.Clone().(*tensor.Dense)
			for i, v := range after.Float32s() {
				if before[i] == 0 { // the mask cannot be told there, and makes no difference
					after.Float32s()[i] = 0
					if g := s.Layer("dense_1").Grad.Tensor.Float32s()[i]; g != 0 {
						after.Float32s()[i] = 2
					}
				} else {
					after.Float32s()[i] = v / before[i]
				}
			}
			c.Masks["dropout_1"] = rows(after)
		}
		in[name] = c
	}
	if *update {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("testdata", "torch-in.json"), text, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Log("now run testdata/pytorch.py")
		return
	}
	text, err := os.ReadFile(filepath.Join("testdata", "torch-out.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]torchOut
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for name, s := range taken {
		w, compared := want[name], 0
		if math.Abs(s.Loss-w.Loss) > 1e-6 {
			t.Errorf("%s: loss %v, PyTorch's %v", name, s.Loss, w.Loss)
		}
		same := func(what string, got *Array, want []float64, ok bool) {
			if !ok {
				return
			}
			compared++
			if got == nil || got.Count != len(want) {
				t.Errorf("%s: %s: got %v, want %d values", name, what, got, len(want))
				return
			}
			for i, v := range got.Tensor.Float32s() {
				if math.Abs(float64(v)-want[i]) > 1e-5*max(1, math.Abs(want[i])) {
					t.Errorf("%s: %s[%d] is %v, PyTorch's %v", name, what, i, v, want[i])
					return
				}
			}
		}
		for i := range s.Layers {
			l := &s.Layers[i]
			values, ok := w.Outputs[l.Name]
			same("output of "+l.Name, &l.Output, values, ok)
			grads, ok := w.OutputGrads[l.Name]
			same("gradient of the output of "+l.Name, l.Grad, grads, ok)
			for j := range l.Params {
				grads, ok := w.ParamGrads[l.Name+"."+l.Params[j].Name]
				same("gradient of "+l.Name+"."+l.Params[j].Name, &l.Params[j].Grad, grads, ok)
			}
		}
		for i := range s.Watched {
			n := &s.Watched[i]
			values, ok := w.Outputs[n.Name]
			same(n.Name, &n.Value, values, ok)
			grads, ok := w.OutputGrads[n.Name]
			same("gradient of "+n.Name, n.Grad, grads, ok)
		}
		if all := len(w.Outputs) + len(w.OutputGrads) + len(w.ParamGrads); compared != all || all == 0 {
			t.Errorf("%s: compared %d of PyTorch's %d arrays", name, compared, all)
		}
	}
}

// rows is a tensor as nested lists.
func rows(t *tensor.Dense) any {
	if t.Dims() == 1 {
		return t.Float32s()
	}
	var all [][]float32
	width := t.Shape()[1]
	for i := range t.Shape()[0] {
		all = append(all, t.Float32s()[i*width:(i+1)*width])
	}
	return all
}
