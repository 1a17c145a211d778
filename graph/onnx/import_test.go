package onnx

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// A sample of values, in the file's order of axes.
type values struct {
	Shape  []int     `json:"shape"`
	Floats []float64 `json:"floats"`
	IDs    []int32   `json:"ids"`
}

// moved puts the axes of a batch, of that shape, into another order: axis i of what it returns is axis axes[i]; nil axes leave it.
func moved[T any](v []T, shape, axes []int) []T {
	if axes == nil {
		return v
	}
	order := append([]int{0}, axes...)
	strides := rowMajor(shape)
	var sizes, steps []int
	for _, a := range order {
		sizes, steps = append(sizes, shape[a]), append(steps, strides[a])
	}
	return picked(v, sizes, steps)
}

// run computes the outputs of a model of one's inputs.
func run(t testing.TB, m *graph.Model, about *Imported, inputs map[string]values) map[string]values {
	t.Helper()
	batch := 1
	for _, v := range inputs {
		if len(v.Shape) > 0 {
			batch = v.Shape[0]
		}
	}
	p, err := m.Compile(graph.Spec{Mode: graph.Predict, Batch: batch})
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range m.Inputs() {
		v := inputs[in.Name]
		to := p.Inputs()[i]
		if in.IDs {
			copy(to.Int32s(), moved(v.IDs, v.Shape, about.Inputs[i].Axes))
			continue
		}
		for k, x := range moved(v.Floats, v.Shape, about.Inputs[i].Axes) {
			to.Float32s()[k] = float32(x)
		}
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	out := map[string]values{}
	for i, o := range m.Outputs() {
		v := values{Shape: append([]int{batch}, about.Outputs[i].Shape...)}
		for _, x := range p.Outputs()[i].Data().([]float32) {
			v.Floats = append(v.Floats, float64(x))
		}
		if axes := about.Outputs[i].Axes; axes != nil { // back
			lies, back := []int{batch}, make([]int, len(axes))
			for k, a := range axes {
				lies = append(lies, about.Outputs[i].Shape[a-1])
				back[a-1] = k + 1
			}
			v.Floats = moved(v.Floats, lies, back)
		}
		out[o.Name] = v
	}
	return out
}

// apart is how far numbers are apart, relative to max(1, |want|).
func apart(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst := 0.
	for i := range got {
		if d := math.Abs(got[i]-want[i]) / max(1, math.Abs(want[i])); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

func imported1(t testing.TB, path string) (*graph.Model, *Imported) {
	t.Helper()
	m, about, err := ReadFile(path, ReadConfig{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, about
}

// What PyTorch and Keras export computes what it computes there, in layers that can be written down and exported again.
func TestNetworksOfOthers(t *testing.T) {
	files, err := filepath.Glob("testdata/import/*.onnx")
	if err != nil || len(files) < 10 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, path := range files {
		if strings.HasPrefix(filepath.Base(path), "training_") { // which TestTrainsAsPyTorchDoes reads
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".onnx"), func(t *testing.T) {
			m, about := imported1(t, path)
			data, err := os.ReadFile(strings.TrimSuffix(path, ".onnx") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var cases map[string]values
			if err := json.Unmarshal(data, &cases); err != nil {
				t.Fatal(err)
			}
			text, err := layers.Format(m.Net())
			if err != nil {
				t.Fatal(err)
			}
			t.Log(text)
			want := cases["y"]
			got := only(run(t, m, about, map[string]values{m.Inputs()[0].Name: cases["x"]}))
			if !slices.Equal(got.Shape, want.Shape) {
				t.Fatalf("got shape %v, want %v", got.Shape, want.Shape)
			}
			if d := apart(got.Floats, want.Floats); !(d <= 1e-5) {
				t.Errorf("it is %.2g off PyTorch: %.4v, want %.4v", d, got.Floats[:3], want.Floats[:3])
			}
		})
	}
}

// of are a predictor's inputs and answers as the tests of import have them.
func of(m *graph.Model, a answer) (in map[string]values, out []values) {
	as := func(a array) values {
		v := values{Shape: a.Shape, IDs: a.IDs}
		for _, x := range a.Floats {
			v.Floats = append(v.Floats, float64(x))
		}
		return v
	}
	in = map[string]values{}
	for name, a := range a.Inputs {
		in[name] = as(a)
	}
	for _, o := range a.Outputs {
		out = append(out, as(o))
	}
	return in, out
}

// What is written is read as a network that says the same, and what of that is written again, too.
func TestReadsWhatIsWritten(t *testing.T) {
	refused := map[string]string{ // what no layer of the ops that it is written in does
		"over time":                                "3·batch",
		"attention, across and masked":             "op Less",
		"recurrent, with lengths and first states": "op ReverseSequence",
	}
	more := networks
	more = append(more, []struct {
		name, layers string
		input        graph.Input
	}{
		{"arithmetic", "reverse, affine, rescaling 0.5 offset=-1, lrn 3 alpha=0.5 beta=0.6 k=2, dense 4", graph.Floats(3, 5)},
		{"joins", "x = input 3x4\na = dense 4 tanh < x\nb = dense 4 < x\np = product < a + b\nd = dot transposed < p + x\ne = dot < d + x\ns = sum < e + x", graph.Input{}},
	}...)
	dir := t.TempDir()
	for _, n := range more {
		t.Run(n.name, func(t *testing.T) {
			m := model(t, n.input, n.layers)
			m.SetAbout(graph.About{Classes: []string{"a", "b"}, Loss: "mse"})
			var b bytes.Buffer
			if err := Write(&b, m, Options{}); err != nil {
				t.Fatal(err)
			}
			got, about, err := Read(&b, ReadConfig{})
			if why, ok := refused[n.name]; ok {
				if err == nil || !strings.Contains(err.Error(), why) {
					t.Errorf("got %v, want one about %s", err, why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a := got.About(); len(a.Classes) != 2 || a.Loss != "mse" {
				t.Errorf("got %+v about it", a)
			}
			in, want := of(m, asked(t, m, 3, 3))
			out := run(t, got, about, in)
			for i, o := range got.Outputs() {
				if d := apart(out[o.Name].Floats, want[i].Floats); !(d <= 1e-5) {
					t.Errorf("output %s is %.2g off", o.Name, d)
				}
			}
			text, err := layers.Format(got.Net())
			if err != nil {
				t.Error(err)
			}
			t.Log(text)
			written(t, dir, strings.NewReplacer(" ", "-", ",", "").Replace(n.name), got)
		})
	}
	files, _ := filepath.Glob("testdata/import/*.onnx")
	for _, path := range files {
		m, _ := imported1(t, path)
		written(t, dir, filepath.Base(path), m)
	}
	t.Run("in ONNX Runtime", func(t *testing.T) { judged(t, dir) })
}
