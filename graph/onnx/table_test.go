package onnx

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models"
)

var table = flag.Bool("table", false, "write README's table anew")

// The lines of README between which its table stands.
const tableBegin, tableEnd = "<!-- go test ./graph/onnx -run TestTable -onnx PYTHON -table -->\n", "<!-- end -->\n"

// README's table is this test's: of a network the largest differences, relative to max(1, |output|), of what ONNX Runtime makes of our file from what we say, of what we make of that file, or of PyTorch's or Keras',
// from what its writer says, and of what ONNX Runtime makes of the file that we write of it again. What is measured may be of the figure's size, not of its digits: processors round differently.
func TestTable(t *testing.T) {
	if *python == "" {
		t.Skip("go test ./graph/onnx -onnx PYTHON, which .ci/run does")
	}
	type row struct {
		name, file          string
		export, read, again float64
	}
	var rows []*row
	exported, again := t.TempDir(), t.TempDir()
	reread := func(r *row, file string, content []byte, a answer) {
		rows = append(rows, r)
		m, about, err := Read(bytes.NewReader(content), ReadConfig{})
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		in, want := of(m, a)
		out := run(t, m, about, in)
		for i, o := range m.Outputs() {
			r.read = max(r.read, apart(out[o.Name].Floats, want[i].Floats))
		}
		written(t, again, file, m)
	}
	info := datasets.Info{Inputs: []datasets.Field{{Name: "pixels", Shape: []int{28, 28}}}, Classes: make([]string, 10)}
	relu, err := models.Find("relu")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append([]models.Experiment{relu}, models.Networks()...) {
		m, err := e.Model(info, 1)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		settled(m)
		written(t, exported, e.Name, m)
		var file bytes.Buffer
		if err := Write(&file, m, Options{Name: e.Name}); err != nil {
			t.Fatal(err)
		}
		reread(&row{name: "`" + e.Name + "`", file: e.Name}, e.Name, file.Bytes(), asked(t, m, 7, 3))
	}
	files, err := filepath.Glob("testdata/import/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if _, err := os.Stat(filepath.Join("testdata/import", name+".onnx")); err != nil {
			continue // losses
		}
		said, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var cases map[string]values
		if err := json.Unmarshal(said, &cases); err != nil {
			t.Fatal(err)
		}
		m, about := imported1(t, filepath.Join("testdata/import", name+".onnx"))
		r := &row{name: name + " of PyTorch", file: "import " + name, export: math.NaN()}
		if keras, ok := strings.CutPrefix(name, "keras_"); ok {
			r.name = keras + " of Keras"
		}
		r.read = apart(only(run(t, m, about, map[string]values{m.Inputs()[0].Name: cases["x"]})).Floats, cases["y"].Floats)
		written(t, again, r.file, m)
		rows = append(rows, r)
	}
	first, second := ran(t, exported), ran(t, again)
	lines := "| network | export → ONNX Runtime | import → Stheno | written again → ONNX Runtime |\n|---|---|---|---|\n"
	shown := func(f float64) string {
		if f != f {
			return "–"
		}
		return fmt.Sprintf("%.0e", f)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), tableBegin)
	there, _, end := strings.Cut(rest, tableEnd)
	if !ok || !end {
		t.Fatalf("README has no table between %q and %q", tableBegin, tableEnd)
	}
	for _, r := range rows {
		if e, ok := first[r.file]; ok {
			r.export = e
		}
		if d, ok := second[r.file]; ok {
			r.again = d
		}
		for what, d := range map[string]float64{"export": r.export, "import": r.read, "written again": r.again} {
			if d > 1e-5 {
				t.Errorf("%s: %s is %.2g off", r.name, what, d)
			}
		}
		lines += fmt.Sprintf("| %s | %s | %s | %s |\n", r.name, shown(r.export), shown(r.read), shown(r.again))
		if !*table && !strings.Contains(there, "| "+r.name+" |") {
			t.Errorf("README's table has no %s: write it anew, by -table", r.name)
		}
	}
	t.Log("\n" + lines)
	if *table {
		whole := strings.Replace(string(readme), tableBegin+there+tableEnd, tableBegin+"\n"+lines+"\n"+tableEnd, 1)
		if err := os.WriteFile("../../README.md", []byte(whole), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, figure := range regexp.MustCompile(`\d(\.\d)?e-\d\d`).FindAllString(there, -1) {
		if f, err := strconv.ParseFloat(figure, 64); err != nil || f > 1e-5 {
			t.Errorf("README's table has %s, want at most 1e-5", figure)
		}
	}
}

// settled has a model's moments at other values than its first, as training leaves them.
func settled(m *graph.Model) {
	for k, p := range m.States() {
		for i := range p.Value.Float32s() {
			p.Value.Float32s()[i] += float32((i*7+k)%5) * .1
		}
	}
}

// only is the one output.
func only(out map[string]values) values {
	for _, v := range out {
		return v
	}
	return values{}
}
