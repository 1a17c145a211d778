package weights

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

var (
	torch = flag.String("torch", "", "the Python `interpreter` of an environment with torch and safetensors, to load what is written")
	keras = flag.String("keras", "", "the Python `interpreter` of an environment with keras and jax, to load what is written")
)

// networks are those of testdata/torch_weights.py and keras_weights.py, in our words. What stands between < and > is of one of them.
var networks = []struct {
	name   string
	input  graph.Input
	layers map[Framework]string
}{
	{"mlp", graph.Floats(6), both("dense 6 tanh, dense 6 relu, dense 3")},
	{"lenet", graph.Floats(20, 20), both("conv 3 5 same tanh, avgpool 2, conv 4 5 tanh, avgpool 2, flatten, dense 12 tanh, dense 5")},
	{"convnet", graph.Floats(12, 12, 3), map[Framework]string{
		PyTorch: "conv 4 3, batchnorm epsilon=1e-05, relu, maxpool 2, conv 6 3 stride=2 padding=1 groups=2, prelu, convtranspose 5 3, flatten, batchnorm epsilon=1e-05, dense 4",
		Keras:   "conv 4 3, batchnorm epsilon=1e-05, relu, maxpool 2, depthwise 3 same multiplier=2, prelu, convtranspose 5 3, flatten, dense 4"}},
	{"conv1d", graph.Floats(8, 3), both("conv1d 4 3 relu, conv1d 4 3, flatten, dense 3")},
	{"batchnorm", graph.Floats(6), both("dense 8, batchnorm epsilon=1e-05, relu, dense 8, batchnorm epsilon=1e-05, relu, dense 3")},
	{"rnn", graph.Floats(7, 6), both("rnn 5, dense 3")},
	{"lstm", graph.Floats(7, 6), both("lstm 5 sequence, lstm 5, dense 3")},
	{"gru", graph.Floats(7, 6), both("gru 5, dense 3")},
	{"both", graph.Floats(7, 6), both("bidirectional(gru 5), dense 3")},
	{"encoder", graph.Ints(7), map[Framework]string{
		PyTorch: "embedding 20 units=8, positions" + strings.Repeat(", residual(attention 2), layernorm 1e-05, residual(dense 16 gelu, dense 8), layernorm 1e-05", 2) + ", globalavgpool, dense 4",
		Keras:   "embedding 20 units=8, residual(attention 2), layernorm 0.001, residual(dense 16 relu, dense 8), layernorm 0.001, globalavgpool, dense 4"}},
	{"inorder", graph.Ints(7), map[Framework]string{
		PyTorch: "embedding 20 units=8, positions, residual(attention 2), layernorm 1e-05, residual(dense 16 gelu, dense 8), layernorm 1e-05, globalavgpool, dense 4"}},
}

func both(words string) map[Framework]string {
	return map[Framework]string{PyTorch: words, Keras: words}
}

var prefix = map[Framework]string{PyTorch: "torch", Keras: "keras"}

type values struct {
	Shape  []int
	Floats []float64
	IDs    []int32
}

func model(t *testing.T, in graph.Input, words string) *graph.Model {
	t.Helper()
	net, err := layers.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: in, Seed: 1}, net...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// says is what a model makes of an input that lies as in the framework.
func says(t *testing.T, m *graph.Model, f Framework, x values) []float64 {
	t.Helper()
	p, err := train.NewPredictor(m)
	if err != nil {
		t.Fatal(err)
	}
	var in *tensor.Dense
	if x.IDs != nil {
		in = tensor.New(tensor.WithShape(x.Shape...), tensor.WithBacking(x.IDs))
	} else {
		v := make([]float32, len(x.Floats))
		shape := x.Shape
		at := span(0, len(v))
		switch n := len(shape); {
		case f == PyTorch && n == 4:
			shape, at = turn(shape, []int{0, 2, 3, 1})
		case f == PyTorch && n == 3 && m.Inputs()[0].Shape[0] != shape[1]: // channels first
			shape, at = turn(shape, []int{0, 2, 1})
		}
		for i, from := range at {
			v[i] = float32(x.Floats[from])
		}
		if shape[len(shape)-1] == 1 && len(shape) == 4 {
			shape = shape[:3]
		}
		in = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
	}
	out, err := p.Predict(in)
	if err != nil {
		t.Fatal(err)
	}
	var all []float64
	for _, v := range out[0].Float32s() {
		all = append(all, float64(v))
	}
	return all
}

func read(t *testing.T, f Framework, name string) (x, y values) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", prefix[f]+"_"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ X, Y values }
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all.X, all.Y
}

func close(t *testing.T, what string, got, want []float64, most float64) {
	t.Helper()
	worst := 0.
	for i := range want {
		if len(got) != len(want) {
			t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
		}
		worst = max(worst, math.Abs(got[i]-want[i])/max(1, math.Abs(want[i])))
	}
	if !(worst <= most) {
		t.Errorf("%s: %.2g off: got %.4v, want %.4v", what, worst, got[:3], want[:3])
	}
}

// With the frameworks' weights a model says what they say, from either format; and what is written of it and read again is it.
func TestLoad(t *testing.T) {
	for _, n := range networks {
		for f, words := range n.layers {
			x, y := read(t, f, n.name)
			files, err := filepath.Glob(filepath.Join("testdata", prefix[f]+"_"+n.name+".*[zs]"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			for _, file := range files {
				m := model(t, n.input, words)
				pairs, err := Load(file, m, f)
				if err != nil {
					t.Errorf("%s: %v", file, err)
					continue
				}
				close(t, file, says(t, m, f, x), y.Floats, 2e-6)
				if len(pairs) < len(m.Params())-1 { // a convolution lacks its bias
					t.Errorf("%s: got %d pairs, want one for each of %d tensors", file, len(pairs), len(m.Params()))
				}
				for _, ending := range []string{".npz", ".safetensors"} {
					path := filepath.Join(t.TempDir(), "again"+ending)
					err := Save(path, m, f)
					if f == Keras && ending == ".safetensors" {
						if err == nil {
							t.Error("safetensors for Keras: got no error")
						}
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					again := model(t, n.input, words)
					if _, err := Load(path, again, f); err != nil {
						t.Errorf("%s%s: %v", n.name, ending, err)
						continue
					}
					close(t, path, says(t, again, f, x), y.Floats, 2e-6)
				}
			}
		}
	}
}

// The frameworks take what is written, by the two lines of the package comment, and say what the model says. Run it with the real ones: -torch PYTHON -keras PYTHON; .ci/run, which has neither, reads
// their files alone. It ran with torch 2.15.0, keras 3.15.1 and jax 0.10.2.
func TestFrameworksTakeWhatIsWritten(t *testing.T) {
	pythons := map[Framework]string{PyTorch: *torch, Keras: *keras}
	for _, n := range networks {
		for f, words := range n.layers {
			if pythons[f] == "" || n.name == "encoder" && f == PyTorch { // whose modules are not made in the order of their use
				continue
			}
			m := model(t, n.input, words)
			x, _ := read(t, f, n.name)
			want := says(t, m, f, x)
			for _, ending := range []string{".npz", ".safetensors"} {
				if f == Keras && ending != ".npz" {
					continue
				}
				path := filepath.Join(t.TempDir(), n.name+ending)
				if err := Save(path, m, f); err != nil {
					t.Errorf("%s for %s: %v", n.name, f, err)
					continue
				}
				cmd := exec.Command(pythons[f], "testdata/"+prefix[f]+"_weights.py", "check", n.name, path)
				cmd.Env = append(os.Environ(), "KERAS_BACKEND=jax")
				cmd.Stderr = os.Stderr
				out, err := cmd.Output()
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				var got values
				if err := json.Unmarshal(out[strings.LastIndexByte(strings.TrimSpace(string(out)), '\n')+1:], &got); err != nil {
					t.Errorf("%s: %v in %s", path, err, out)
					continue
				}
				close(t, fmt.Sprintf("%s in %s", filepath.Base(path), f), got.Floats, want, 2e-6)
			}
		}
	}
}

// Half precision, bfloat16 and float64 become float32, and the pairs say so.
func TestLoadCasts(t *testing.T) {
	x, y := read(t, PyTorch, "mlp")
	for file, c := range map[string]struct {
		kind string
		most float64
	}{"mlp_half": {"F16", 2e-3}, "mlp_bfloat16": {"BF16", 2e-2}, "mlp_double": {"F64", 2e-6}} {
		m := model(t, graph.Floats(6), networks[0].layers[PyTorch])
		pairs, err := Load("testdata/torch_"+file+".safetensors", m, PyTorch)
		if err != nil {
			t.Fatal(err)
		}
		close(t, file, says(t, m, PyTorch, x), y.Floats, c.most)
		for _, p := range pairs {
			if p.Type != c.kind {
				t.Errorf("%s: %s is said to be %q, want %s", file, p.From, p.Type, c.kind)
			}
		}
	}
}

// What does not fit says why, and leaves the model as it was.
func TestLoadErrors(t *testing.T) {
	file := func(tensors ...run.Tensor) string {
		path := filepath.Join(t.TempDir(), "file.safetensors")
		if err := run.WriteTensors(path, tensors); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tensorOf := func(name string, shape ...int) run.Tensor {
		return run.Tensor{Name: name, Shape: shape, Values: make([]float32, size(shape))}
	}
	nan := tensorOf("b.bias", 2)
	nan.Values[1] = float32(math.NaN())
	square := func(a, b string) []run.Tensor {
		return []run.Tensor{tensorOf(a+".weight", 2, 2), tensorOf(a+".bias", 2), tensorOf(b+".weight", 2, 2), tensorOf(b+".bias", 2)}
	}
	for _, c := range []struct {
		words string
		path  string
		from  Framework
		want  string
	}{
		{"dense 2, dense 2", file(square("encoder", "decoder")...), PyTorch, "decoder and encoder have the same shapes, and their names do not say which comes first"},
		{"dense 2, dense 2", file(square("layers.1.fc", "layers.2.fc")...), PyTorch, ""},
		{"dense 2, dense 2", file(square("layers.10", "layers.9")...), PyTorch, ""},
		{"dense 2, dense 3", file(square("a1", "a2")...), PyTorch, "nothing suits dense_2, which takes weight [3,2], bias [3] of what is left: a2.bias [2], a2.weight [2,2]"},
		{"dense 2", file(square("a1", "a2")...), PyTorch, "the model has no layer for a2.bias [2], a2.weight [2,2]"},
		{"dense 2", file(tensorOf("b.weight", 2, 2), nan), PyTorch, "b.bias: element 1 is NaN"},
		{"dense 2", "testdata/torch_mlp.npz", "", "got the framework \"\""},
		{"dense 2", file(square("a1", "a2")...), Keras, "a safetensors file does not keep the order of Keras' weights"},
		{"relu", "testdata/torch_mlp.npz", PyTorch, "the model keeps nothing"},
		{"affine", "testdata/torch_mlp.npz", PyTorch, "layer affine_1, as pytorch has it: PyTorch has no layer like it"},
		{"dense 2", "testdata/none.npz", PyTorch, "none.npz"},
		{"dense 2", "weights_test.go", PyTorch, "want one of"},
	} {
		m := model(t, graph.Floats(2), c.words)
		before := m.Clone()
		_, err := Load(c.path, m, c.from)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s from %q: got %v, want %q", c.words, c.from, err, c.want)
		}
		if err == nil {
			continue
		}
		for i, p := range m.Tensors() {
			if !slices.Equal(p.Value.Float32s(), before.Tensors()[i].Value.Float32s()) {
				t.Errorf("%s: %s was changed", c.words, p.Name)
			}
		}
	}
	if _, err := Load("testdata/torch_mlp.npz", nil, PyTorch); err == nil {
		t.Error("a nil model: got no error")
	}
	if err := Save(filepath.Join(t.TempDir(), "w.npz"), nil, PyTorch); err == nil {
		t.Error("a nil model: got no error")
	}
}

// An image that is flattened behind what shuffles it, or a layer over its channels, is refused for PyTorch, not guessed.
func TestChannelsThatAreLost(t *testing.T) {
	for words, want := range map[string]string{
		"conv 2 3, permute 2x1x3, flatten, dense 2":             "dense_1",
		"conv 2 3, dense 2":                                     "a layer over",
		"conv 2 3, concat(flatten | flatten, dense 4), dense 2": "",
	} {
		m := model(t, graph.Floats(5, 5), words)
		err := Save(filepath.Join(t.TempDir(), "w.npz"), m, PyTorch)
		if want == "" && err != nil || want != "" && err == nil {
			t.Errorf("%s: got %v", words, err)
		}
		if err := Save(filepath.Join(t.TempDir(), "w.npz"), m, Keras); err != nil {
			t.Errorf("%s for Keras: %v", words, err)
		}
	}
}
