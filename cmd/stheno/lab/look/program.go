package look

import (
	"fmt"
	"go/format"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A GoProgram is a run as a program, or why there is none.
type GoProgram struct {
	Go  *string `json:"go"`
	Why Phrase  `json:"why"`
}

// Program is a whole program in Go that trains as a run does, and evaluates what comes of it: the same network, data and seed, and so the same bits.
func Program(s *Subject, from Origin) GoProgram {
	if why := from.changed(); why != "" {
		return GoProgram{nil, Phrase(why)}
	}
	w := &program{s: s}
	var err error
	if from.Own != nil {
		err = w.ownData(from)
	} else {
		w.data(from)
	}
	if err == nil {
		err = w.model()
	}
	if err == nil {
		err = w.training()
	}
	if err != nil {
		return GoProgram{nil, Phrase(err.Error())}
	}
	text, err := w.whole()
	if err != nil {
		return GoProgram{nil, Phrase(err.Error())}
	}
	return GoProgram{&text, ""}
}

// A program is one in the making.
type program struct {
	s    *Subject
	body strings.Builder
	held bool // there is a variable held
	fit  string
}

func (w *program) line(format string, args ...any) { fmt.Fprintf(&w.body, "\t"+format+"\n", args...) }

// try is a line that ends in an error.
func (w *program) try(format string, args ...any) {
	w.line(format, args...)
	w.line("check(err)")
}

// data opens data that have a name, and does with them what the experiment does.
func (w *program) data(from Origin) {
	e := w.s.Experiment
	w.fit = "fit"
	switch {
	case from.Dir != "":
		w.try("fit, test, err := datasets.Load(%q)", from.Dir)
	case from.Dataset == "mnist":
		w.try("fit, test, err := datasets.MNIST()")
	case from.Dataset == "alice":
		w.try("fit, test, err := datasets.Alice()")
		return
	default:
		w.try("fitData, testData, err := datasets.Open(%q, \"\") // once: stheno data fetch %s", from.Dataset, strings.TrimSuffix(from.Dataset, "-full"))
		w.line("fit, test := fitData.(*datasets.Dataset), testData.(*datasets.Dataset)")
	}
	if e.TrainSamples > 0 {
		w.try("fit, err = fit.Slice(0, %d)", e.TrainSamples)
	}
	if e.Scale != 1 && e.Scale != 0 {
		by := strconv.FormatFloat(float64(e.Scale), 'g', -1, 32)
		if e.Scale == models.MNISTScale {
			by = "1.0 / 255"
		}
		w.line("fit, test = fit.Scaled(%s), test.Scaled(%s)", by, by)
	}
	if e.Noise != 0 {
		w.line("noisy := test.WithNoise(%v, seed)", e.Noise)
	}
	if e.Mislabelled != 0 {
		w.line("fit = fit.Mislabelled(%v, seed)", e.Mislabelled)
	}
	if e.Validation != 0 {
		w.held = true
		w.try("fit, held, err := fit.Split(%v, seed)", 1-e.Validation)
	}
	if e.Reconstruct {
		w.fit = "digits"
		w.try("digits, err := datasets.Reconstruct(fit, nil) // its target is the sample itself")
		w.try("tests, err := datasets.Reconstruct(test, nil)")
		if w.held {
			w.try("heldOut, err := datasets.Reconstruct(held, nil)")
		}
	}
}

// ownData reads a file of the user's, divides and prepares it.
func (w *program) ownData(from Origin) error {
	e := w.s.Experiment
	if e.Scale != 1 && e.Scale != 0 {
		return fmt.Errorf("its values are scaled beside their preparation: put a layer in front of the network that does it")
	}
	c := run.Config{File: from.Own.File, Targets: from.Own.Targets, Preparation: w.s.Prepare}
	var columns, texts []string
	for _, a := range own.Arguments(c) {
		field := map[string]string{"target": "Target", "text": "Texts", "ignore": "Ignore", "numbers": "Numbers", "categories": "Categories"}[a.Flag]
		switch {
		case a.Flag == "": // the files
		case field != "":
			columns = append(columns, fmt.Sprintf("%s: %s", field, literal(strings.Split(a.Value, ","))))
		case a.Flag == "words":
			texts = append(texts, "Words: true")
		case a.Flag == "length":
			texts = append(texts, "Length: "+a.Value)
		case a.Flag == "groups", a.Flag == "by-time", a.Flag == "skip-damaged": // below
		default:
			return fmt.Errorf("a series is cut into windows, which takes more than a few lines: copy the command")
		}
	}
	file, targets := from.file(), from.Own.Targets
	pictures := (*datasets.Pictures)(nil)
	if source := w.s.Prepare.Source(); source != nil {
		pictures = source.Pictures
	}
	switch {
	case targets != "":
		w.try("data, err := datasets.OpenPair(%q, %q, datasets.Columns{%s})", file, targets, strings.Join(columns, ", "))
	case texts != nil:
		w.try("data, err := datasets.Text(%q, datasets.Texts{%s})", file, strings.Join(texts, ", "))
	case pictures != nil:
		how := fmt.Sprintf("Height: %d, Width: %d", pictures.Height, pictures.Width)
		if pictures.Grey {
			how += ", Grey: true"
		}
		if pictures.SkipDamaged {
			how += ", SkipDamaged: true"
		}
		w.try("data, err := datasets.Images(%q, datasets.Pictures{%s})", file, how)
	default:
		w.try("data, err := datasets.OpenFile(%q, datasets.Columns{%s})", file, strings.Join(columns, ", "))
	}
	w.fit = "fit"
	w.line("var fit datasets.Data = data")
	if e.Validation > 0 {
		w.held = true
		switch of := from.Own.Experiment; {
		case of.Groups != "":
			w.try("fit, held, err := datasets.SplitBy(data, %q, %v, seed)", of.Groups, 1-e.Validation)
		case of.ByTime != "":
			w.try("fit, held, err := datasets.SplitAt(data, %q, %v)", of.ByTime, 1-e.Validation)
		default:
			w.try("fit, held, err := datasets.Split(data, %v, seed)", 1-e.Validation)
		}
	}
	steps := w.s.Prepare.String()
	w.try("steps, err := datasets.ParseSteps(%q)", steps)
	w.try("prepare, err := datasets.Prepare(fit, steps...)")
	if w.held {
		w.line("fit, held = prepare.On(fit), prepare.On(held)")
	} else {
		w.line("fit = prepare.On(fit)")
	}
	return nil
}

// model makes the network.
func (w *program) model() error {
	m := w.s.Model
	e := w.s.Experiment
	network := e.Layers
	if network == nil {
		network = models.MLP{Hidden: e.Hidden, Activation: e.Activation, Dropout: e.Dropout, Classes: len(w.s.Fit.Info().Classes)}.Layers()
	}
	config := "Seed: seed"
	if e.Open() {
		config = fmt.Sprintf("Input: %s, Seed: seed", m.Inputs()[0].Input)
	}
	var lines []string
	for _, l := range network {
		text, ok := goValue(reflect.ValueOf(l))
		if !ok {
			lines = nil
			break
		}
		lines = append(lines, "\t\t"+text)
	}
	if lines != nil {
		w.try("model, err := graph.NewModel(graph.Config{%s},\n%s,\n\t)", config, strings.Join(lines, ",\n"))
	} else {
		words, err := layers.Format(network...)
		if err != nil {
			return err
		}
		if strings.Contains(words, "`") {
			w.try("network, err := layers.Parse(%q)", words)
		} else {
			w.try("network, err := layers.Parse(`%s`)", words)
		}
		w.try("model, err := graph.NewModel(graph.Config{%s}, network...)", config)
	}
	if len(e.Frozen) > 0 {
		w.line("check(model.Freeze(%s))", strings.TrimSuffix(strings.TrimPrefix(literal(e.Frozen), "[]string{"), "}"))
	}
	w.line("fmt.Print(model.Summary())")
	return nil
}

// training trains the model and evaluates it.
func (w *program) training() error {
	e := w.s.Experiment
	loss, ok := goValue(reflect.ValueOf(e.Loss))
	if !ok {
		words, err := losses.Format(e.Loss)
		if err != nil {
			return err
		}
		w.try("loss, err := losses.Parse(%q)", words)
		loss = "loss"
	}
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	optimizer, ok := goValue(reflect.ValueOf(o))
	if !ok {
		words, err := optim.Format(o)
		if err != nil {
			return err
		}
		w.try("optimizer, err := optim.New(%q, 0)", words)
		optimizer = "optimizer"
	}
	var metrics []string
	for _, m := range e.Metrics {
		text, ok := goValue(reflect.ValueOf(m))
		if !ok {
			return fmt.Errorf("its metric %s is none that a program can name", m.Name())
		}
		metrics = append(metrics, text)
	}
	w.line("config := train.Config{")
	w.line("Loss: %s, Optimizer: %s, BatchSize: %d, Epochs: %d, Seed: seed,", loss, optimizer, e.BatchSize, e.Epochs)
	if metrics != nil {
		w.line("Metrics: []train.Metric{%s},", strings.Join(metrics, ", "))
	}
	if e.Shards > 1 {
		w.line("Shards: %d,", e.Shards)
	}
	held := "held"
	if e.Reconstruct {
		held = "heldOut"
	}
	if w.held {
		w.line("Validation: %s,", held)
	}
	stopping := ""
	if e.Patience > 0 {
		stopping = fmt.Sprintf("&train.EarlyStopping{Patience: %d, Restore: true}, ", e.Patience)
	}
	w.line("Observers: []train.Observer{%strain.Print(os.Stdout)},", stopping)
	w.line("}")
	w.try("_, err = train.Fit(ctx, model, %s, config)", w.fit)
	w.line("for _, set := range []struct {")
	w.line("name string")
	w.line("data datasets.Data")
	w.line("}{")
	w.line("{%q, %s},", "training", w.fit)
	switch {
	case w.s.Prepare != nil && w.held:
		w.line("{%q, held},", "validation")
	case w.s.Prepare != nil && e.On() != "alice":
	case e.Reconstruct:
		w.line("{%q, tests},", "test")
	default:
		w.line("{%q, test},", "test")
	}
	if e.Noise != 0 {
		w.line("{%q, noisy},", "noisy test")
	}
	w.line("} {")
	w.try("result, err := train.Evaluate(ctx, model, set.data, train.Config{Loss: config.Loss, Metrics: config.Metrics})")
	w.line("fmt.Printf(\"%%s: loss %%v\", set.name, result.Loss)")
	w.line("for _, score := range result.Scores {")
	w.line("fmt.Printf(\", %%s %%v\", score.Name, score.Value)")
	w.line("}")
	w.line("fmt.Println()")
	w.line("}")
	return nil
}

// whole is the program, formatted.
func (w *program) whole() (string, error) {
	body := w.body.String()
	var b strings.Builder
	b.WriteString("// It trains as the run of stheno lab did that it was copied from, to the same bits: save it as main.go in a folder of the\n// project, or where go.mod names it, and go run main.go\npackage main\n\nimport (\n")
	for _, path := range []string{"context", "fmt", "log", "os"} {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	b.WriteString("\n")
	for _, path := range []string{"datasets", "graph", "graph/layers", "graph/losses", "graph/optim", "graph/train"} {
		if strings.Contains(body, filepath.Base(path)+".") {
			fmt.Fprintf(&b, "\t%q\n", "github.com/stheno-ml/stheno/"+path)
		}
	}
	fmt.Fprintf(&b, ")\n\n// seed is of every random number: weights, order, dropout, noise.\nconst seed = %d\n\nfunc main() {\n\tctx := context.Background()\n%s}\n\nfunc check(err error) {\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n", w.s.Seed, body)
	text, err := format.Source([]byte(b.String()))
	return string(text), err
}

// literal is a list of texts in Go.
func literal(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = strconv.Quote(s)
	}
	return "[]string{" + strings.Join(quoted, ", ") + "}"
}

// activations are the constants of package layers, in their order.
var activations = []string{"Linear", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Softplus", "Softmax", "LogSoftmax", "ELU", "SELU", "GELU", "GELUTanh", "SiLU", "Mish"}

// initializers are the variables of package graph, by the names of what they draw.
var initializers = map[string]string{"glorot-uniform": "graph.GlorotUniform", "glorot-normal": "graph.GlorotNormal", "he-uniform": "graph.HeUniform", "he-normal": "graph.HeNormal", "zeros": "graph.Zeros", "ones": "graph.Ones"}

// goValue is a layer, a loss, an optimizer or one of their settings as it is written in Go; not ok where it has fields that are no plain settings.
func goValue(v reflect.Value) (string, bool) {
	if !v.IsValid() {
		return "", false
	}
	switch x := v.Interface().(type) {
	case layers.Activation:
		if int(x) < len(activations) {
			return "layers." + activations[x], true
		}
		return "", false
	case layers.Padding:
		return "layers.Same", x == layers.Same
	case graph.Initializer:
		name, ok := initializers[x.Name]
		return name, ok
	}
	switch v.Kind() {
	case reflect.Interface:
		return goValue(v.Elem())
	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() != reflect.Struct {
			return "", false
		}
		text, ok := goValue(v.Elem())
		return "&" + text, ok
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), v.Type().PkgPath() == ""
	case reflect.Float64:
		if v.Float() == graph.Zero {
			return "graph.Zero", true
		}
		return strconv.FormatFloat(v.Float(), 'g', -1, 64), v.Float()-v.Float() == 0
	case reflect.String:
		return strconv.Quote(v.String()), v.Type().PkgPath() == ""
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			text, ok := goValue(v.Index(i))
			if !ok {
				return "", false
			}
			parts = append(parts, text)
		}
		return v.Type().String() + "{" + strings.Join(parts, ", ") + "}", true
	case reflect.Struct:
		return goStruct(v)
	}
	return "", false
}

func goStruct(v reflect.Value) (string, bool) {
	t := v.Type()
	if !slices.Contains([]string{"layers", "losses", "optim", "train"}, t.String()[:max(0, strings.Index(t.String(), "."))]) {
		return "", false
	}
	var parts []string
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || v.Field(i).IsZero() {
			continue
		}
		text, ok := goValue(v.Field(i))
		if !ok {
			return "", false
		}
		parts = append(parts, f.Name+": "+text)
	}
	return t.String() + "{" + strings.Join(parts, ", ") + "}", true
}
