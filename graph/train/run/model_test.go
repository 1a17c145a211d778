package run

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/graph/train"
)

// means is a layer with a state, which it moves in training; it has a word, and one setting that it does not say.
type means struct {
	Momentum float64 `default:"0.5"`
	hidden   int
}

func init() {
	text.Register[graph.Layer]("test-means", "subtracts the mean", "test-means 0.5", means{})
}

func (c means) Build(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
	mean := b.State("mean", graph.Zeros, graph.Features(x)+c.hidden)
	if b.Training() && c.hidden == 0 {
		now := b.Node(ops.MeanRows(x))
		b.Update(mean, b.Node(ops.Lerp(mean, now, .5)))
		mean = now
	}
	if c.hidden > 0 {
		return x
	}
	return b.Node(ops.SubRow(x, mean))
}

func parsed(t testing.TB, c graph.Config, words string) *graph.Model {
	t.Helper()
	all, err := layers.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(c, all...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// answers are a model's outputs for samples drawn by its inputs.
func answers(t testing.TB, m *graph.Model) (all []uint64) {
	t.Helper()
	p, err := m.Compile(graph.Spec{Batch: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range p.Inputs() {
		for i := range x.Size() {
			switch v := x.Data().(type) {
			case []float32:
				v[i] = float32(math.Sin(float64(7*i + 1)))
			case []float64:
				v[i] = math.Sin(float64(7*i + 1))
			}
		}
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for _, o := range p.Outputs() {
		switch v := o.Data().(type) {
		case []float32:
			for _, x := range v {
				all = append(all, uint64(math.Float32bits(x)))
			}
		case []float64:
			for _, x := range v {
				all = append(all, math.Float64bits(x))
			}
		}
	}
	return all
}

// TestModelFile: what is saved comes back, to the last bit and word, of networks of each kind.
func TestModelFile(t *testing.T) {
	for _, c := range []struct {
		config graph.Config
		words  string
		frozen []string
	}{
		{graph.Config{Input: graph.Floats(3)}, "dense 4 tanh, dropout 0.2, dense 2 softmax", []string{"dense_1"}},
		{graph.Config{Input: graph.Floats(2, 3), Float64: true}, "flatten, residual(dense 6 relu, dense 6) * 2, test-means 0.25, dense 1", nil},
		{graph.Config{}, "left = input 2x2\nright = input 4\nf = flatten < left\na = dense 3\nb = a < right\nabsdiff < a + b\nsame = output\ntest-means\nmore = output", []string{"means_1"}},
	} {
		c.config.Seed = 1 << 63
		m := parsed(t, c.config, c.words)
		for _, s := range m.States() {
			s.Value.Memset(map[bool]any{false: float32(.75), true: .75}[c.config.Float64])
		}
		if c.frozen != nil {
			if err := m.Freeze(c.frozen...); err != nil {
				t.Fatal(err)
			}
		}
		about := graph.About{Loss: "huber 0.5", Classes: []string{"a \"b\"", "c\n"}, Run: "0123456789abcdef"}
		m.SetAbout(about)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := SaveModel(path, m, nil); err != nil {
			t.Fatal(err)
		}
		again, _, err := LoadModel(path)
		if err != nil {
			t.Fatal(err)
		}
		words, _ := layers.Format(m.Net())
		if got, err := layers.Format(again.Net()); err != nil || got != words {
			t.Errorf("got the network\n%s, want\n%s, %v", got, words, err)
		}
		if !slices.Equal(answers(t, m), answers(t, again)) {
			t.Errorf("%s: the model of the file answers otherwise", c.words)
		}
		if !reflect.DeepEqual(again.About(), about) || !reflect.DeepEqual(again.Frozen(), m.Frozen()) || again.Config().Seed != 1<<63 || again.Config().Float64 != c.config.Float64 {
			t.Errorf("got %+v, frozen %v, %+v", again.About(), again.Frozen(), again.Config())
		}
		if fmt.Sprint(again.Tensors()) != fmt.Sprint(m.Tensors()) {
			t.Errorf("got %v, want %v", again.Tensors(), m.Tensors())
		}
		if err := SaveModel(path+"2", again, nil); err != nil {
			t.Fatal(err)
		}
		a, _ := os.ReadFile(path)
		b, _ := os.ReadFile(path + "2")
		if !bytes.Equal(a, b) {
			t.Errorf("%s: saved again the file is another", c.words)
		}
		// Its weights alone come out of it too.
		if weights := parsed(t, c.config, c.words); LoadWeights(path, weights) != nil || fmt.Sprint(weights.Tensors()) != fmt.Sprint(m.Tensors()) {
			t.Errorf("the weights of the model file: %v", LoadWeights(path, weights))
		}
	}
}

// TestFitTellsTheModel: the loss and the classes come to the file by training alone.
func TestFitTellsTheModel(t *testing.T) {
	set := samples(t, 1)
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(set.Features()), Seed: 1}, layers.Dense{Units: len(set.Classes), Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	m.SetAbout(graph.About{Preparation: "{}", Run: "ab"})
	refuse := train.ObserverFunc("refuses", func(*train.Event) error { return fmt.Errorf("no") })
	if _, err := train.Fit(context.Background(), m, set, train.Config{Observers: []train.Observer{refuse}}); err == nil || m.About().Run != "ab" || m.About().Loss != "" {
		t.Errorf("a training that was refused left %+v, %v", m.About(), err)
	}
	if _, err := train.Fit(context.Background(), m, set, train.Config{Loss: losses.CrossEntropy{Smoothing: .1}, Optimizer: &optim.Adam{}}); err != nil {
		t.Fatal(err)
	}
	if want := (graph.About{Loss: "cross-entropy 0.1", Classes: set.Classes, Preparation: "{}"}); !reflect.DeepEqual(m.About(), want) {
		t.Errorf("got %+v, want %+v", m.About(), want)
	}
	own := graph.LossFunc("own", func(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
		return b.Node(gorgonia.Mean(b.Node(gorgonia.Square(b.Node(gorgonia.Sub(output, target)))), 1))
	})
	if _, err := train.Fit(context.Background(), m, set, train.Config{Loss: own}); err != nil || m.About().Loss != "" {
		t.Errorf("got %+v, %v", m.About(), err)
	}
}

// TestPreparationInTheFile: what was done to the samples comes back with the model, and is checked against it.
func TestPreparationInTheFile(t *testing.T) {
	raw := samples(t, 1)
	prepare, err := datasets.Prepare(raw, datasets.Standardize{}, datasets.Scale{Factor: .5})
	if err != nil {
		t.Fatal(err)
	}
	m := parsed(t, graph.Config{Input: graph.Floats(raw.Features()), Seed: 1}, fmt.Sprintf("dense %d softmax", len(raw.Classes)))
	ctx := context.Background()
	if _, err := train.Fit(ctx, m, prepare.On(raw), train.Config{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := SaveModel(path, m, prepare); err != nil {
		t.Fatal(err)
	}
	again, restored, err := LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := train.Predict(ctx, m, prepare.On(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := train.Predict(ctx, again, restored.On(raw)); err != nil || !slices.Equal(got.Float32s(), want.Float32s()) || restored.String() != prepare.String() {
		t.Errorf("got %v, %v of the file, want %v", got, err, want)
	}
	// Saved again, or cut, the model still has it.
	if err := SaveModel(path, again, nil); err != nil {
		t.Fatal(err)
	}
	if _, restored, err := LoadModel(path); err != nil || restored.String() != prepare.String() {
		t.Errorf("got %v, %v", restored, err)
	}
	mustFail(t, SaveModel(path, smallModel(t), prepare), fmt.Sprintf("gives %d values, the model takes 2", raw.Features()))
}

func TestModelsThatCannotBeSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	swish := graph.LayerFunc("swish", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node { return x })
	own, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, layers.Residual{swish}, layers.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, SaveModel(path, own, nil), path, `"swish"`, "run.SaveWeights")
	hidden, err := graph.NewModel(graph.Config{Input: graph.Floats(2), Seed: 1}, means{hidden: 1}, layers.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, SaveModel(path, hidden, nil), path, "settings that its text does not say", "means_1.mean", "(3)", "[2]")
	diverged := smallModel(t)
	diverged.Params()[0].Value.Float32s()[1] = float32(math.Inf(1))
	mustFail(t, SaveModel(path, diverged, nil), path, "dense_1.weight", "not finite")
	odd := smallModel(t)
	odd.SetAbout(graph.About{Preparation: "scale"})
	mustFail(t, SaveModel(path, odd, nil), "the preparation of its samples")
	odd.SetAbout(graph.About{Classes: []string{"a", "b", "c", "d"}})
	mustFail(t, SaveModel(path, odd, nil), path, "got 4 names of classes", "tells 1 apart")
	mustFail(t, SaveModel(path, nil, nil), path, "no model")
	mustFail(t, SaveModel(path, &graph.Model{}, nil), path, "no model")
	if exists(path) {
		t.Error("a save that failed left a file")
	}
	if err := SaveWeights(path, own); err != nil {
		t.Error(err)
	}
}

// changed is a model file with another header, sealed anew.
func changed(t testing.TB, file []byte, old, new string) []byte {
	t.Helper()
	n := binary.LittleEndian.Uint64(file)
	head := string(file[8 : 8+n])
	if !strings.Contains(head, old) {
		t.Fatalf("the header has no %s: %s", old, head)
	}
	head = strings.TrimRight(strings.Replace(head, old, new, 1), " ")
	for len(head)%8 != 0 {
		head += " "
	}
	return resealed(slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), []byte(head), file[8+n:]))
}

func TestHostileModels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	m := parsed(t, graph.Config{Input: graph.Floats(2), Seed: 1}, "dense 3, dropout 0.5, dense 1")
	m.SetAbout(graph.About{Classes: []string{"no", "yes"}})
	if err := m.Freeze("dense_1"); err != nil {
		t.Fatal(err)
	}
	if err := SaveModel(path, m, nil); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(good)
	damaged[len(damaged)-1] ^= 1
	weights := filepath.Join(t.TempDir(), "w.safetensors")
	if err := SaveWeights(weights, m); err != nil {
		t.Fatal(err)
	}
	bare, _ := os.ReadFile(weights)
	nan := bytes.Clone(good)
	binary.LittleEndian.PutUint32(nan[len(nan)-4:], math.Float32bits(float32(math.NaN())))
	network := `"network":"x = input 2\ndense 3\ndropout 0.5\ndense 1"`
	// A layer that holds a shared one twice, and is shared: 2⁶⁰ layers in sixty words.
	bomb := `x = input 2\na0 = dropout 0.5`
	for i := range 60 {
		bomb += fmt.Sprintf(`\na%d = sequence(a%d, a%d)`, i+1, i, i)
	}
	for name, c := range map[string]struct {
		file []byte
		says []string
	}{
		"half of it":             {good[:len(good)/2], []string{"cut short"}},
		"a bit":                  {damaged, []string{"checksum"}},
		"weights alone":          {bare, []string{"says nothing of their network", "run.LoadWeights"}},
		"another program's":      {rawTensors("{"+weightEntry+","+biasEntry+"}", 12), []string{"says nothing of their network"}},
		"a newer one":            {changed(t, good, "stheno model 1", "stheno model 2"), []string{`"stheno model 2"`, "newer", "update"}},
		"a checkpoint":           {changed(t, good, "stheno model 1", "stheno checkpoint 1"), []string{"checkpoint", "stheno save"}},
		"no checksum":            {changed(t, good, `"sha256"`, `"sha255"`), []string{"no checksum"}},
		"NaN":                    {resealed(nan), []string{"not finite"}},
		"no network":             {changed(t, good, network, `"network":""`), []string{"its network", "no layers"}},
		"an unknown word":        {changed(t, good, "dropout 0.5", "dropuot 0.5"), []string{"line 3, column 1", `"dropuot"`, "dropout"}},
		"another width":          {changed(t, good, "dense 3", "dense 4"), []string{"dense_1.weight is F32 of shape [2 3], want F32 of [2 4]", "F32 of shape [2 3]"}},
		"a huge one":             {changed(t, good, "dense 3", "dense 9000000000000"), []string{"dense_1.weight", "is F32 of shape [2 3]"}},
		"a layer more":           {changed(t, good, `dense 1"`, `dense 1\ndense 1"`), []string{"dense_3.weight", "it lacks the tensor dense_3.weight"}},
		"a layer less":           {changed(t, good, `\ndense 1"`, `"`), []string{"dense_2.bias"}},
		"float64":                {changed(t, good, `"network"`, `"float64":"true","network"`), []string{"F32", "F64"}},
		"a bomb":                 {changed(t, good, network, `"network":"`+bomb+`"`), []string{"its network", "more than"}},
		"deep":                   {changed(t, good, network, `"network":"`+strings.Repeat("sequence(", 5000)+`"`), []string{"deep"}},
		"many":                   {changed(t, good, "dropout 0.5", "dropout 0.5 * 16000 \\ndropout * 9000"), []string{"more than"}},
		"no seed":                {changed(t, good, `"seed":"1"`, `"seed":"-1"`), []string{"seed", `"-1"`}},
		"no classes":             {changed(t, good, `\"yes\"]`, `7]`), []string{"classes"}},
		"another input":          {changed(t, good, `\"shape\":[2]`, `\"shape\":[3]`), []string{"inputs and outputs", "changed"}},
		"what is no layer":       {changed(t, good, `[\"dense_1\"]`, `[\"dense_9\"]`), []string{"frozen", "dense_9"}},
		"preparation of no JSON": {changed(t, good, `"network"`, `"preparation":"{","network"`), []string{"the preparation of its samples"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, c.file, 0o644); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, _, err := LoadModel(path)
			runtime.ReadMemStats(&after)
			mustFail(t, err, append(c.says, path)...)
			if got != nil {
				t.Error("got a model beside the error")
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 256<<20 {
				t.Errorf("it took %d MB to say so", taken>>20)
			}
		})
	}
	_, _, err = LoadModel(filepath.Dir(path))
	mustFail(t, err, "a folder", "regular file")
	_, _, err = LoadModel(path + "x")
	mustFail(t, err, "no such file")
	if !IsModel(path) || IsModel(weights) || IsModel(path+"x") {
		_ = os.WriteFile(path, good, 0o644)
		if !IsModel(path) || IsModel(weights) {
			t.Error("a model file is told wrong")
		}
	}
}

// FuzzModel reads anything as a model file, with the checksum that fits too: what is taken is finite, answers, and is written again as it was read. Run for four
// minutes on two cores (-fuzzminimizetime 5x), 436,330 inputs, 452 of them new: nothing found.
// Without the last flag Go's minimisation starves it: go test ./graph/train/run -run - -fuzz '^FuzzModel$' -fuzzminimizetime 1x
func FuzzModel(f *testing.F) {
	m := parsed(f, graph.Config{Input: graph.Floats(2), Seed: 1}, "dense 3 relu, test-means, dropout 0.5, dense 2 softmax")
	m.SetAbout(graph.About{Loss: "mse", Classes: []string{"no", "yes"}, Run: "ab"})
	if err := m.Freeze("dense_1"); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "m.safetensors")
	if err := SaveModel(path, m, nil); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-4])
	for _, c := range [][2]string{
		{"dense 3 relu", "residual(dense 2)"}, {"dropout 0.5", "dropout 0.5 * 100"}, {"input 2", "input 2x1x1"}, {"input 2", "input 2 ids"}, {`"seed":"1"`, `"seed":"18446744073709551615"`},
		{"x = input 2", "x = input 2\\nother = input 3"}, {"dense 3 relu", "a = dense 3\\nb = net(a, a)"},
	} {
		f.Add(changed(f, good, c[0], c[1]))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, file := range [][]byte{file, resealed(file)} {
			read, err := readHeader("file", bytes.NewReader(file), int64(len(file)))
			var m *graph.Model
			if err == nil {
				m, _, err = read.model()
			}
			oneLine(t, err)
			if err != nil {
				continue
			}
			if bad := notFinite(m.Tensors()); bad != "" {
				t.Errorf("%s was taken with numbers that are not finite", bad)
			}
			if p, err := m.Compile(graph.Spec{Batch: 2}); err == nil {
				_ = p.Run() // an op may refuse what it is given, ids of no word
			}
			again, err := encodeModel(m, m.About())
			if err != nil {
				t.Fatalf("it cannot be written again: %v", err)
			}
			whole := bytes.Join(again, nil)
			read, err = readHeader("file", bytes.NewReader(whole), int64(len(whole)))
			if err != nil {
				t.Fatal(err)
			}
			same, _, err := read.model()
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(same.Tensors(), m.Tensors(), func(a, b graph.Param) bool { return a.Name == b.Name && equalTensors(a.Value, b.Value) }) {
				t.Error("written and read again it has other weights")
			}
		}
	})
}

func equalTensors(a, b *tensor.Dense) bool {
	return a.Dtype() == b.Dtype() && reflect.DeepEqual(a.Data(), b.Data())
}
