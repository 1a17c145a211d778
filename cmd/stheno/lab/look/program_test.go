package look

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// programs is a folder of this module, which patterns of packages leave out, for programs to be compiled in.
func programs(t *testing.T) string {
	t.Helper()
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("testdata", "copied")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// put puts a program into a folder of its own, and says which.
func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	at := filepath.Join(dir, name)
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "main.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return "./" + filepath.ToSlash(at)
}

func goes(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The programs that are copied compile, and what one of them trains is what the command trains, to the bit.
func TestProgram(t *testing.T) {
	dir := programs(t)
	var all []string
	text := func(s *Subject, from Origin) string {
		t.Helper()
		p := Program(s, from)
		if p.Go == nil {
			t.Fatalf("%s: %s", s.Experiment.Name, p.Why)
		}
		return *p.Go
	}
	for name, how := range map[string]func(*models.Experiment){
		"relu":           func(e *models.Experiment) { e.Hidden = []int{5} },
		"noise":          func(e *models.Experiment) { e.Hidden, e.Dropout = []int{5, 4}, .5 },
		"early-stopping": func(e *models.Experiment) { e.Hidden, e.Frozen = []int{5, 5}, []string{"dense_1"} },
		"smoothing": func(e *models.Experiment) {
			e.Hidden, e.Optimizer, e.LearningRate = []int{5}, "clip(scheduled(adam 0.001 beta1=0) (warmup 20, cosine)) 1", 0
		},
		"convnet":     nil,
		"autoencoder": func(e *models.Experiment) { e.Validation = .1 },
		"char-lm":     nil,
		"row-transformer": func(e *models.Experiment) {
			e.Layers = parsed(t, "dense 8 weights=he-normal, positions, sequence(residual(layernorm 1e-5, attention 2)) * 2, globalavgpool, dense 10 softmax")
		},
		"resnet": func(e *models.Experiment) {
			e.Layers = parsed(t, "conv 4 3 same, net(short = conv 8 1 stride=2 < x, conv 8 3 stride=2 same < x, batchnorm, relu, h = conv 8 3 same, sum < h + short), globalavgpool, dense 10 softmax")
		},
	} {
		e := experiment(t, name)
		if how != nil {
			how(&e)
		}
		fit, test, err := datasets.Open(e.On(), "")
		if err != nil {
			t.Fatal(err)
		}
		s := &Subject{Experiment: e, Seed: 1}
		if s.Fit, s.Test, _, err = e.Data(fit, test, 1); err != nil {
			t.Fatal(err)
		}
		s.Prepare = s.Fit.Info().Preparation
		if s.Model, err = e.Model(fit.Info(), 1); err != nil {
			t.Fatal(err)
		}
		all = append(all, put(t, dir, name, text(s, Origin{Dataset: e.On(), Segments: 1})))
	}
	s, from := iris(t)
	all = append(all, put(t, dir, "own", text(s, from)))
	goes(t, append([]string{"vet"}, all...)...)

	e := experiment(t, "adam")
	e.Hidden, e.Dropout, e.TrainSamples, e.BatchSize, e.Epochs, e.Mislabelled, e.Noise = []int{30}, .2, 500, 50, 2, .1, .5
	s = untrained(t, e)
	s.Seed = 3
	out := goes(t, "run", "-ldflags=-w", put(t, dir, "runs", text(s, Origin{Dataset: "mnist", Segments: 1})))
	fit, test, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Run(t.Context(), fit, test, models.RunOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for name, loss := range map[string]float64{"training": want.Train.Loss, "test": want.Test.Loss, "noisy test": want.NoisyTest.Loss} {
		if line := fmt.Sprintf("\n%s: loss %v, accuracy ", name, loss); !strings.Contains(out, line) {
			t.Errorf("it printed\n%s\nwant %s", out, line)
		}
	}
}

// iris is a table of a user's own, with its network: three flowers, each in a place of its own.
func iris(t *testing.T) (*Subject, Origin) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "flowers.csv")
	var b strings.Builder
	b.WriteString("length,width,colour,species\n")
	for i := range 90 {
		kind := i % 3
		fmt.Fprintf(&b, "%.2f,%.2f,%s,%s\n", float64(kind)+.01*float64(i%17), 2-.5*float64(kind)+.01*float64(i%13), []string{"red", "white"}[i%2], []string{"setosa", "versicolor", "virginica"}[kind])
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return table(t, path, "species", "dense 16 tanh, dense 3 softmax", losses.CrossEntropy{})
}

// table is a table of a user's own, divided and prepared as training it does.
func table(t *testing.T, path, target, words string, loss graph.Loss) (*Subject, Origin) {
	t.Helper()
	var reading own.Reading
	if target != "" {
		reading.Columns.Target = []string{target}
	}
	data, err := own.Open(path, "", reading)
	if err != nil {
		t.Fatal(err)
	}
	suit, err := own.Suits(data.Info(), data.Len(), false)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := own.Divide(data, own.Division{Held: .2, Seed: 1}, suit.Steps...)
	if err != nil {
		t.Fatal(err)
	}
	network := parsed(t, words)
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(parts.Fit.Info().Shape()...), Seed: 1}, network...)
	if err != nil {
		t.Fatal(err)
	}
	e := models.Experiment{Name: "flowers", Layers: network, Loss: loss, Optimizer: "adam", LearningRate: .01, BatchSize: 16, Epochs: 30, Validation: .2, Scale: 1}
	if n, ok := models.AsMLP(network); ok && n.Classes == len(parts.Fit.Info().Classes) {
		e.Layers, e.Hidden, e.Activation = nil, n.Hidden, n.Activation
	}
	s := &Subject{Experiment: e, Seed: 1, Model: m, Fit: parts.Fit, Test: parts.Held, RawFit: parts.RawFit, RawTest: parts.RawHeld, Prepare: parts.Prepare}
	return s, Origin{Own: &run.Config{File: path}, Segments: 1}
}

// The names of activations and initializers are those of the constants.
func TestGoNames(t *testing.T) {
	words := layers.ActivationNames()
	if len(words) != len(activations) {
		t.Fatalf("%d activations, %d constants", len(words), len(activations))
	}
	for i, word := range words {
		if got := strings.ToLower(activations[i]); got != strings.ReplaceAll(word, "-", "") {
			t.Errorf("%s is layers.%s", word, activations[i])
		}
	}
}

// What cannot be copied says why.
func TestNoProgram(t *testing.T) {
	s, from := iris(t)
	from.Segments = 2
	if p := Program(s, from); p.Go != nil || !strings.Contains(string(p.Why), "changed once") {
		t.Errorf("got %+v", p)
	}
	e := experiment(t, "relu")
	e.Hidden = []int{4}
	e.Loss = graph.LossFunc("mine", nil)
	if p := Program(untrained(t, e), Origin{Dataset: "mnist", Segments: 1}); p.Go != nil || p.Why == "" {
		t.Errorf("a loss of one's own: got %+v", p)
	}
}

// The command of a training on a table is that of stheno train, and names the file; of data that were dropped on the page by its name alone, with what is to be done.
func TestOwnCommand(t *testing.T) {
	s, from := iris(t)
	got := Command(s, from)
	if got.Command == nil {
		t.Fatal(got.Why)
	}
	line := regexp.MustCompile(` \\\n +`).ReplaceAllString(*got.Command, " ")
	for _, want := range []string{"stheno train ", "flowers.csv --target species ", "--prepare 'fill-missing, one-hot, standardize'", "dense 16 tanh, dense 3 softmax'", "--loss cross-entropy", "--optimizer 'adam 0.01'", "--batch-size 16", "--epochs 30", "--validation 0.2", "--seed 1 "} {
		if !strings.Contains(line+" ", want) {
			t.Errorf("got %s, want %s in it", line, want)
		}
	}
	from.Brought = "flowers.csv"
	uploaded := Command(s, from)
	if uploaded.Command == nil || !strings.Contains(*uploaded.Command, "stheno train flowers.csv ") || !strings.Contains(string(uploaded.Why), "flowers.csv") {
		t.Errorf("got %+v", uploaded)
	}
	if p := Program(s, from); p.Go == nil || !strings.Contains(*p.Go, strconv.Quote("flowers.csv")) {
		t.Errorf("got %+v", p)
	}
	from.Own.File, from.Brought = "/tmp/stheno-lab-1/uploads/3/what-.csv", "what?.csv" // a name that no file of the lab has
	if c := Command(s, from); c.Command == nil || !strings.Contains(*c.Command, "stheno train 'what?.csv' ") || !strings.Contains(string(c.Why), "what?.csv") {
		t.Errorf("of a name with signs: got %+v", c)
	}
	from.Own.File, from.Brought = "/tmp/stheno-lab-1/uploads/3/nested/data/train/flowers.csv", "nested.zip"
	if c := Command(s, from); c.Command == nil || !strings.Contains(*c.Command, "stheno train nested/data/train/flowers.csv ") || !strings.HasSuffix(string(c.Why), ": unzip nested.zip -d nested") || Said(string(c.Why)).ZH == string(c.Why) {
		t.Errorf("of a zip: got %+v", c)
	}
	if p := Program(s, from); p.Go == nil || !strings.Contains(*p.Go, strconv.Quote("nested/data/train/flowers.csv")) {
		t.Errorf("of a zip: got %+v", p)
	}
	from.Own.File, from.Brought = "/tmp/stheno-lab-1/uploads/3/DATA", "DATA.ZIP"
	if c := Command(s, from); !strings.HasSuffix(string(c.Why), ": unzip DATA.ZIP -d DATA") {
		t.Errorf("of a zip with capitals: got %+v", c)
	}
	from.Own.File, from.Brought = "/tmp/stheno-lab-1/uploads/3/my.pics of 2025", "my.pics of 2025.zip"
	if c := Command(s, from); c.Command == nil || !strings.Contains(*c.Command, "stheno train 'my.pics of 2025' ") || !strings.HasSuffix(string(c.Why), ": unzip 'my.pics of 2025.zip' -d 'my.pics of 2025'") {
		t.Errorf("of a zip with blanks in its name: got %+v", c)
	}
	for at, want := range map[string]string{"/out/data/12/pics": "pics", "/home/me/flowers.csv": "flowers.csv"} {
		if got := unnumbered(at); got != want {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
}
