package onnx

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/randomnet"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/graph/train"
)

var python = flag.String("onnx", "", "the Python `interpreter` of an environment with onnx and onnxruntime, to check and run what is written")

// networks are of every layer, with its options.
var networks = []struct {
	name, layers string
	input        graph.Input
}{
	{"dense", "dense 7 tanh, dense 3 softmax", graph.Floats(5)},
	{"dense of a sequence", "dense 7 relu, dropout 0.5, dense 3 log-softmax", graph.Floats(4, 5)},
	{"activations", "dense 8 leaky-relu, dense 8 softplus, dense 8 elu, dense 8 selu, dense 8 gelu, dense 8 gelu-tanh, dense 8 silu, dense 8 mish, dense 8 sigmoid, dense 3", graph.Floats(5)},
	{"branches", "concat(dense 3 relu | sequence(dense 4, tanh) | residual(dense 5, dense 5)), residual(concat(dense 6 | dense 6))", graph.Floats(5)},
	{"flatten", "flatten, dense 4", graph.Floats(3, 5)},
	{"flatten a number", "flatten, dense 4", graph.Floats()},
	{"conv", "conv 4 3x2 relu, conv 6 3 stride=2 padding=same groups=2 tanh, conv 3 2 dilation=2 padding=1x2, flatten, dense 2", graph.Floats(13, 11)},
	{"conv of channels", "conv 4 5 same gelu, conv 3 1 softmax", graph.Floats(7, 5, 3)},
	{"depthwise", "depthwise 3 same multiplier=2 relu, conv 4 1, depthwise 3x2 stride=2x1", graph.Floats(7, 6, 3)},
	{"conv1d", "conv1d 4 3 relu, conv1d 6 3 stride=2 padding=same, conv1d 2 2 dilation=3 padding=2 log-softmax", graph.Floats(17, 3)},
	{"transposed", "convtranspose 4 3 stride=2 same relu, convtranspose 3 2 stride=3, convtranspose 2 3x2 padding=1 dilation=2", graph.Floats(5, 4, 3)},
	{"transposed1d", "convtranspose1d 4 3 stride=2 same relu, convtranspose1d 3 5 stride=2 padding=1", graph.Floats(5, 3)},
	{"pools", "maxpool 3 stride=2 padding=same, avgpool 2 stride=1 padding=1, maxpool 2x3 stride=1, avgpool 2 same", graph.Floats(13, 11, 3)},
	{"pools of sequences", "maxpool1d 3 stride=2 padding=1, avgpool1d 3 same, maxpool1d", graph.Floats(17, 3)},
	{"global", "concat(globalmaxpool | globalavgpool), dense 3", graph.Floats(5, 4, 3)},
	{"global of sequences", "globalavgpool", graph.Floats(5, 3)},
	{"upsample", "upsample 2x3, conv 2 3, upsample", graph.Floats(5, 4, 3)},
	{"upsample1d", "upsample1d 3", graph.Floats(5, 3)},
	{"shared convolution", "c = conv 3 3 same, relu, c, flatten", graph.Floats(5, 5, 3)},
	{"recurrent", "rnn 5 sequence, rnn 4 sequence rectified, lstm 5 sequence, gru 3 sequence, lstm 4", graph.Floats(6, 3)},
	{"gru", "gru 5, dense 2", graph.Floats(6, 3)},
	{"bidirectional", "bidirectional(lstm 4 sequence), bidirectional(gru 3 sequence), bidirectional(rnn 5)", graph.Floats(6, 3)},
	{"attention", "sinusoidal, positions, attention 2, attention 3 size=2 causal, attention 2 causal rotary", graph.Floats(5, 8)},
	{"recurrent, with lengths and first states", "x = input 6x3\nn = input ids\nh = input 4\nc = input 4\na = lstm 4 sequence < x + n + h + c\nb = gru 4 < a + n + h\nd = bidirectional(rnn 4 sequence) < x + n + h + c\n" +
		"e = bidirectional(lstm 2 sequence) < d + n\nf = flatten < e\nall = concat < b + f", graph.Input{}},
	{"attention, across and masked", "x = input 5x8\nm = input 7x3\nn = input ids\na = attention 2 < x + m + n\nb = attention 2 rotary size=4 < a + m\nc = attention 4 causal < b + n", graph.Input{}},
	{"norms", "batchnorm, layernorm, groupnorm 2, rmsnorm, batchnorm plain=true, layernorm plain=true, groupnorm 3 plain=true, rmsnorm plain=true, prelu", graph.Floats(5, 4, 6)},
	{"norm of rows", "dense 6, batchnorm epsilon=0.1, relu, layernorm 1e-05, groupnorm 2, dense 2", graph.Floats(5)},
	{"norm of a sequence", "batchnorm, noise 1, groupnorm 1", graph.Floats(5, 3)},
	{"convnet with norms", "conv 4 3, batchnorm, relu, maxpool 2, conv 4 3 same, batchnorm, relu, globalavgpool, dense 3", graph.Floats(13, 11)},
	{"embedding", "embedding 4 units=5 padding=0, lstm 3", graph.Ints(6)},
	{"embeddings", "concat(embedding 4 units=5 | embedding 4 units=3 padding=1)", graph.Ints(6)},
	{"mean bag", "embedding 4 units=5 mean padding=2, dense 3", graph.Ints(6)},
	{"sum bag", "embedding 4 units=5 sum padding=1, dense 3", graph.Ints(2, 3)},
	{"shapes", "reshape 3x4x5, permute 3x1x2, crop 1 after=2x1, pad 1x2 after=0x1 value=2, step -1, flatten", graph.Floats(60)},
	{"regularized", "regularized(dense 4 relu) l2=0.1, dense 2", graph.Floats(5)},
	{"over time", "timedistributed(conv 2 2 relu, flatten, dense 4), step 1", graph.Floats(3, 4, 4)},
	{"convnet", "conv 8 3 relu, maxpool 2, conv 16 3 relu, maxpool 2, flatten, dropout 0.5, dense 10 softmax", graph.Floats(28, 28)},
}

// what a model says of a batch of random samples.
type answer struct {
	Inputs  map[string]array `json:"inputs"`
	Outputs []array          `json:"outputs"` // in the model's order
}

type array struct {
	Shape  []int     `json:"shape"`
	Floats []float32 `json:"floats"`
	IDs    []int32   `json:"ids"`
	Texts  []string  `json:"texts,omitempty"`
	// Places of floats that are not there, which JSON has no number for.
	Missing []int `json:"missing,omitempty"`
}

// asked runs the model's Predictor on random samples.
func asked(t *testing.T, m *graph.Model, batch int, most int32) answer {
	t.Helper()
	p, err := train.NewPredictor(m)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(batch), 7))
	a := answer{Inputs: map[string]array{}}
	var in []*tensor.Dense
	for _, i := range m.Inputs() {
		shape := append([]int{batch}, i.Shape...)
		n := tensor.Shape(shape).TotalSize()
		if i.IDs {
			ids := make([]int32, n)
			for k := range ids {
				ids[k] = 1 + random.Int32N(most)
			}
			in = append(in, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(ids)))
			a.Inputs[i.Name] = array{Shape: shape, IDs: ids}
			continue
		}
		v := make([]float32, n)
		for k := range v {
			v[k] = float32(random.NormFloat64())
		}
		in = append(in, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)))
		a.Inputs[i.Name] = array{Shape: shape, Floats: v}
	}
	out, err := p.Predict(in...)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		a.Outputs = append(a.Outputs, array{Shape: o.Shape(), Floats: o.Float32s()})
	}
	return a
}

// written writes a model and what it says, for ONNX Runtime to say the same.
func written(t *testing.T, dir, name string, m *graph.Model) {
	t.Helper()
	save(t, dir, name, m, Options{Name: name}, asked(t, m, 1, 3), asked(t, m, 7, 3))
}

func save(t *testing.T, dir, name string, m *graph.Model, o Options, answers ...answer) {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, m, o); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	text, err := json.Marshal(map[string]any{"cases": answers})
	if err != nil {
		t.Fatal(err)
	}
	for ending, content := range map[string][]byte{".onnx": file.Bytes(), ".json": text} {
		if err := os.WriteFile(filepath.Join(dir, name+ending), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// judged has every file of a folder checked and run.
func judged(t *testing.T, dir string) {
	t.Helper()
	worst, of := 0., ""
	said := ran(t, dir)
	for name, d := range said {
		if d > 1e-5 {
			t.Errorf("%s: %v", name, d)
		} else if d >= worst {
			worst, of = d, name
		}
	}
	t.Logf("%d networks, the largest difference %.1e, of %s", len(said), worst, of)
}

// ran are the largest differences between what ONNX Runtime makes of the files of a folder and what they are said to, by name.
func ran(t *testing.T, dir string) map[string]float64 {
	t.Helper()
	if *python == "" {
		t.Skip("go test ./graph/onnx -onnx PYTHON, which .ci/run does, has ONNX Runtime run them")
	}
	cmd := exec.Command(*python, "testdata/check.py", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	all := map[string]float64{}
	for name, s := range said {
		d, ok := s.(float64)
		if !ok {
			t.Errorf("%s: %v", name, s)
			continue
		}
		all[name] = d
	}
	return all
}

// ONNX' checker takes every file, and ONNX Runtime says of samples what our Predictor says.
func TestRuntimeSaysTheSame(t *testing.T) {
	dir := t.TempDir()
	for _, n := range networks {
		net, err := layers.Parse(n.layers)
		if err != nil {
			t.Fatalf("%s: %v", n.name, err)
		}
		m, err := graph.NewModel(graph.Config{Input: n.input, Seed: 1}, net...)
		if err != nil {
			t.Fatalf("%s: %v", n.name, err)
		}
		written(t, dir, n.name, m)
	}
	judged(t, dir)
}

// Every layer that has a word is written.
func TestEveryLayerIsWritten(t *testing.T) {
	for _, w := range text.Words[graph.Layer]() {
		l, err := text.Parse[graph.Layer](w)
		if err != nil {
			t.Errorf("%s: %v", w, err)
			continue
		}
		if _, ok := l.(Layer); !ok && exports[typeOf(l)] == nil {
			t.Errorf("%s: a layer of type %T has no form in ONNX", w, l)
		}
	}
}

// A file that prepares its samples says of raw ones what the model says of prepared ones, in the units of the targets.
func TestRuntimePrepares(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float32, 3*50), make([]float32, 50)
	for i := range x {
		x[i] = float32(100 + 20*random.NormFloat64()*float64(i%3+1))
	}
	for i := range y {
		y[i] = float32(3000 + 500*random.NormFloat64())
	}
	data, err := datasets.NewArrays("houses", []datasets.Array{{Name: "x", Shape: []int{3}, Floats: x}}, []datasets.Array{{Name: "price", Shape: []int{1}, Floats: y}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, steps := range map[string][]datasets.Step{
		"standardised":      {datasets.Standardize{}, datasets.StandardizeTarget{}},
		"between 0 and 1":   {datasets.MinMax{}},
		"scaled and turned": {datasets.Scale{Factor: .01}, datasets.Invert{}, datasets.Standardize{}},
	} {
		prepare, err := datasets.Prepare(data, steps...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m := model(t, graph.Floats(3), "dense 5 tanh, dense 1")
		text, err := json.Marshal(prepare)
		if err != nil {
			t.Fatal(err)
		}
		m.SetAbout(graph.About{Preparation: string(text)})
		prepared := prepare.On(data)
		said, err := train.Predict(t.Context(), m, prepared)
		if err != nil {
			t.Fatal(err)
		}
		prepare.Restore(said.Float32s())
		a := answer{map[string]array{"x": {Shape: []int{50, 3}, Floats: x}}, []array{{Shape: said.Shape(), Floats: said.Float32s()}}}
		save(t, dir, name, m, Options{Prepared: true}, a)
	}
	judged(t, dir)
}

// What has no form in ONNX is no part of a file.
func TestWriteRefusesToPrepare(t *testing.T) {
	table, err := datasets.ReadCSV(strings.NewReader("note,y\nso it goes on,a\nand so it ends,b\n"), "notes.csv", datasets.Columns{Target: []string{"y"}, Texts: []string{"note"}})
	if err != nil {
		t.Fatal(err)
	}
	prepare, err := datasets.Prepare(table, datasets.Words{Length: 3})
	if err != nil {
		t.Fatal(err)
	}
	m := model(t, graph.Ints(3), "embedding 8 2 mean, dense 2")
	prepares(t, m, prepare)
	if err := Write(io.Discard, m, Options{Prepared: true}); !errors.Is(err, ErrPreparation) {
		t.Errorf("got %v", err)
	}
	if err := Write(io.Discard, m, Options{}); err != nil {
		t.Error(err)
	}
	prepares(t, model(t, graph.Ints(3), "embedding 8 2 mean, dense 2"), prepare)
	for _, text := range []string{"{", `{"version":1,"inputs":[{"Name":"x","Shape":[2]}],"steps":[{"fill-missing":{"Fill":{"x":[1,2,3]}}}]}`} {
		m.SetAbout(graph.About{Preparation: text})
		if err := Write(io.Discard, m, Options{Prepared: true}); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// prepares gives a model its preparation.
func prepares(t *testing.T, m *graph.Model, p *datasets.Preparation) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	m.SetAbout(graph.About{Preparation: string(text)})
}

// rawOf are samples as they came, as a file takes them.
func rawOf(t *testing.T, data datasets.Data) map[string]array {
	t.Helper()
	n, fields := data.Len(), data.Info().Inputs
	order, b := make([]int, n), datasets.Batch{}
	for i := range order {
		order[i] = i
	}
	for _, f := range fields {
		v := datasets.Values{}
		if f.IDs {
			v.IDs = make([]int32, n*f.Size())
		} else {
			v.Floats = make([]float32, n*f.Size())
		}
		b.Inputs = append(b.Inputs, v)
	}
	if err := data.Read(b, order, datasets.Draw{}); err != nil {
		t.Fatal(err)
	}
	all := map[string]array{}
	for i, f := range fields {
		a := array{Shape: append([]int{n}, f.Shape...), Floats: b.Inputs[i].Floats}
		for k, v := range a.Floats {
			if math.IsNaN(float64(v)) {
				a.Floats[k], a.Missing = 0, append(a.Missing, k)
			}
		}
		for _, id := range b.Inputs[i].IDs {
			text := ""
			if id >= 0 {
				text = f.Values[id]
			}
			a.Texts = append(a.Texts, text)
		}
		all[f.Name] = a
	}
	return all
}

// A file takes the columns of a table as they come, with numbers missing and categories that are new, a series of them, and pictures, and says of them what the model says of prepared ones.
func TestRuntimePreparesColumns(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("year,town,size,heated,when,price\n")
	random := rand.New(rand.NewPCG(3, 4))
	towns := []string{"Ulm", "Bad Ems", "", "Graz"}
	for i := range 60 {
		size := fmt.Sprint(20 + random.IntN(90))
		if i%7 == 3 {
			size = ""
		}
		fmt.Fprintf(&rows, "%d,%s,%s,%s,%d,%d\n", 1990+random.IntN(30), towns[random.IntN(4)], size, []string{"gas", "oil"}[random.IntN(2)], 1_700_000_000+random.IntN(1e6), 1000+random.IntN(900))
	}
	columns := datasets.Columns{Target: []string{"price"}, Numbers: []string{"when"}}
	table, err := datasets.ReadCSV(strings.NewReader(rows.String()), "houses.csv", columns)
	if err != nil {
		t.Fatal(err)
	}
	columns = table.Columns()
	columns.Asked = true
	others, err := datasets.ReadCSV(strings.NewReader("year,town,size,heated,when\n2003,Ulm,50,coal,1700000100\n2021,Rome,,gas,1700500000\n1990,,31,oil,1700999000\n"), "others.csv", columns)
	if err != nil {
		t.Fatal(err)
	}
	series, err := datasets.Windows(table, datasets.Window{Length: 3, Ahead: 1})
	if err != nil {
		t.Fatal(err)
	}
	pictures := func(shape ...int) datasets.Data {
		n := 1
		for _, d := range shape {
			n *= d
		}
		values := make([]float32, 4*n)
		for i := range values {
			values[i] = float32(random.IntN(256))
		}
		a, err := datasets.NewArrays("pictures", []datasets.Array{{Name: "x", Shape: shape, Floats: values}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	colour, grey := pictures(9, 12, 3), pictures(10, 8)
	dir := t.TempDir()
	for _, c := range []struct {
		name, steps, layers string
		input               graph.Input
		data, others        datasets.Data
	}{
		{"one-hot", "fill-missing, one-hot, standardize, standardize-target", "dense 5 tanh, dense 1", graph.Floats(9), table, others},
		{"one-hot alone", "one-hot, fill-missing", "dense 5 tanh, dense 1", graph.Floats(9), table, others},
		{"min-max first", "min-max, one-hot, fill-missing", "dense 5 tanh, dense 1", graph.Floats(9), table, others},
		{"a series", "fill-missing, one-hot, standardize, standardize-target", "gru 4, dense 1", graph.Floats(3, 9), series, nil},
		{"categories", "fill-missing, categories, standardize", "x = input 3\ntown = input ids\nheated = input ids\na = embedding 4 2 < town\nb = embedding 3 2 < heated\nconcat < x + a + b\ndense 1", graph.Input{}, table, others},
		{"a series of categories", "fill-missing, categories", "x = input 3x3\ntown = input 3 ids\nheated = input 3 ids\na = embedding 4 2 < town\nb = embedding 3 2 < heated\nconcat < x + a + b\nlayernorm\ngru 3\ndense 1", graph.Input{}, series, nil},
		{"resized, grey", "resize 5x7, grey, scale 1/255", "flatten, dense 3", graph.Floats(5, 7), colour, nil},
		{"turned, larger", "transpose, resize 20x14, standardize", "conv 2 3, flatten, dense 3", graph.Floats(20, 14), grey, nil},
		{"resized to a row", "resize 5x7", "dense 3", graph.Floats(35), grey, nil},
		{"turned in colour", "transpose, resize 6x6, invert, min-max", "conv 2 3, flatten, dense 3", graph.Floats(6, 6, 3), colour, nil},
	} {
		steps, err := datasets.ParseSteps(c.steps)
		if err != nil {
			t.Fatal(err)
		}
		prepare, err := datasets.Prepare(c.data, steps...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		net, err := layers.Parse(c.layers)
		if err != nil {
			t.Fatal(err)
		}
		m, err := graph.NewModel(graph.Config{Input: c.input, Seed: 1}, net...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		prepares(t, m, prepare)
		var answers []answer
		for _, data := range []datasets.Data{c.data, c.others} {
			if data == nil {
				continue
			}
			said, err := train.Predict(t.Context(), m, prepare.On(data))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			prepare.Restore(said.Float32s())
			answers = append(answers, answer{rawOf(t, data), []array{{Shape: said.Shape(), Floats: said.Float32s()}}})
		}
		save(t, dir, c.name, m, Options{Prepared: true}, answers...)
	}
	judged(t, dir)
}

// Networks of all shapes, with shared layers, several inputs and outputs, and nets within nets.
func TestRuntimeSaysTheSameOfRandomNetworks(t *testing.T) {
	dir := t.TempDir()
	for seed := range uint64(60) {
		c, all := randomnet.New(seed)
		m, err := graph.NewModel(c, all...)
		if err != nil {
			t.Fatal(err)
		}
		written(t, dir, fmt.Sprintf("random %d", seed), m)
	}
	judged(t, dir)
}
