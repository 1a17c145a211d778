package show

import (
	"context"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

type shown struct{ mime, content, id string }

// collect is what a function displays.
func collect(t *testing.T, f func()) []shown {
	t.Helper()
	var all []shown
	old := display
	Connect(func(mime, content, id string) { all = append(all, shown{mime, content, id}) })
	defer func() { display = old }()
	f()
	for _, s := range all {
		if s.mime == picture {
			wellFormed(t, s.content)
		}
	}
	return all
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("got an error, want XML: %v in %.200s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok {
			seen := map[xml.Name]bool{}
			for _, a := range start.Attr {
				if seen[a.Name] {
					t.Fatalf("%s has %s twice in %.200s", start.Name.Local, a.Name.Local, svg)
				}
				seen[a.Name] = true
			}
		}
	}
}

func only(t *testing.T, all []shown, mime string) string {
	t.Helper()
	if len(all) != 1 || all[0].mime != mime || all[0].id != "" {
		t.Fatalf("got %d displays, want one of %s: %.300v", len(all), mime, all)
	}
	return all[0].content
}

// blobs are images of 2×3 in two classes: the left column bright, or the right one.
func blobs(t *testing.T) *datasets.Dataset {
	t.Helper()
	rows, labels := make([]float32, 20*6), make([]int, 20)
	for i := range labels {
		labels[i] = i % 2
		rows[6*i+2*labels[i]], rows[6*i+3+2*labels[i]] = 1, .5
	}
	d, err := datasets.New("blobs", []int{2, 3}, rows, labels, []string{"left", "<right>"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func model(t *testing.T) *graph.Model {
	t.Helper()
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(6), Seed: 1}, layers.Dense{Units: 4, Activation: layers.ReLU}, layers.Dropout{Rate: .1}, layers.Dense{Units: 2, Activation: layers.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTable(t *testing.T) {
	got := only(t, collect(t, func() { Table([]any{"a", "b"}, []any{1.0 / 3, "x|y\nz"}, []any{3, nil}) }), markdown)
	if want := "| a | b |\n|---|---|\n| 0.3333 | x\\|y z |\n| 3 | <nil> |\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDigits(t *testing.T) {
	d := blobs(t)
	got := only(t, collect(t, func() { Digits("three", d, []int{0, 1, 4}, nil) }), picture)
	if n := strings.Count(got, "<image"); n != 3 || !strings.Contains(got, "is &lt;right&gt;") {
		t.Errorf("got %d images, want 3 with their classes: %s", n, got)
	}
	output, err := train.Predict(context.Background(), model(t), d)
	if err != nil {
		t.Fatal(err)
	}
	got = only(t, collect(t, func() { Digits("one", d, []int{1}, train.Classes(output)) }), picture)
	if !strings.Contains(got, "says ") {
		t.Errorf("got %s, want what the model says", got)
	}
}

// TestPage: drawings stand side by side, each as large as it says, and the page is as large as all of them.
func TestPage(t *testing.T) {
	a := `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 10 5"><g/></svg>`
	b := "<svg width=\"30\" height=\"70\"\n xmlns=\"http://www.w3.org/2000/svg\"><title>&gt;</title></svg>"
	got := only(t, collect(t, func() { SVG(a, b) }), picture)
	for _, want := range []string{`width="150" height="70" viewBox="0 0 150 70"`, `<g transform="translate(0.0 0) scale(1.0000)">` + a, `<g transform="translate(120.0 0) scale(1.0000)">` + b} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
	if long := page([]string{strings.Repeat("m", 200)}, a); !strings.Contains(long, ">"+strings.Repeat("m", 11)+"…<") {
		t.Errorf("got %s, want the line cut to the page's width", long)
	}
	wide := only(t, collect(t, func() { SVG(`<svg width="1880" height="100"></svg>`, a) }), picture)
	if !strings.Contains(wide, `width="1060" height="50"`) || !strings.Contains(wide, `<g transform="translate(0.0 0) scale(0.5000)">`) || !strings.Contains(wide, `translate(960.0 0) scale(1.0000)`) {
		t.Errorf("got %s, want it at half its size", wide)
	}
}

func TestPlotGrows(t *testing.T) {
	d := blobs(t)
	plot := NewPlot("Two <runs>")
	plot.Every = 2
	all := collect(t, func() {
		for _, name := range []string{"first", "second"} {
			if _, err := train.Fit(context.Background(), model(t), d, train.Config{Optimizer: &optim.Adam{}, BatchSize: 4, Epochs: 3, Validation: d, Observers: []train.Observer{plot.Run(name)}}); err != nil {
				t.Fatal(err)
			}
		}
		plot.Along = Updates
		plot.Show()
	})
	if len(all) < 5 {
		t.Fatalf("got %d displays, want one at each run's beginning and end at least, and one more", len(all))
	}
	again := all[len(all)-1]
	for _, s := range all[:len(all)-1] {
		if s.id == "" || s.id != all[0].id {
			t.Fatalf("got id %q after %q, want one and the same picture", s.id, all[0].id)
		}
	}
	if again.id != "" {
		t.Errorf("got id %q of Show, want a picture of its own", again.id)
	}
	for _, want := range []string{"first: 15 updates in ", "second: 15 updates in ", "first, test set", "test: loss", ">updates<", ">15<", "Two &lt;runs&gt;: accuracy"} {
		if !strings.Contains(again.content, want) {
			t.Errorf("the last picture lacks %q", want)
		}
	}
	if n := len(plot.runs[0].points); n != 9 { // steps 2 and 4 of 5, and the end, of three epochs
		t.Errorf("got %d points, want 9", n)
	}
	for i, p := range plot.runs[1].points {
		if i > 0 && (p.updates <= plot.runs[1].points[i-1].updates || p.seconds < plot.runs[1].points[i-1].seconds) {
			t.Errorf("point %d: got %+v after %+v", i, p, plot.runs[1].points[i-1])
		}
	}
	if other := collect(t, func() {
		if _, err := train.Fit(context.Background(), model(t), d, train.Config{Observers: []train.Observer{NewPlot("").Run("x")}, BatchSize: 4}); err != nil {
			t.Fatal(err)
		}
	}); other[0].id == all[0].id {
		t.Error("two plots have one id")
	}
}

// A regression has no accuracy: the plot shows the metric that it has, or the loss alone.
func TestPlotOfNumbers(t *testing.T) {
	data, err := datasets.NewArrays("line", []datasets.Array{{Name: "x", Shape: []int{1}, Floats: []float32{0, 1, 2, 3}}}, []datasets.Array{{Name: "y", Shape: []int{1}, Floats: []float32{1, 3, 5, 7}}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Input: graph.Floats(1), Seed: 1}, layers.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	all := collect(t, func() {
		if _, err := train.Fit(context.Background(), m, data, train.Config{Loss: losses.MSE{}, Epochs: 3, BatchSize: 4, Validation: data, Observers: []train.Observer{NewPlot("A line").Run("sgd")}}); err != nil {
			t.Fatal(err)
		}
	})
	last := all[len(all)-1].content
	if strings.Contains(last, "NaN") || strings.Contains(last, "accuracy") || !strings.Contains(last, "A line: mae") || !regexp.MustCompile(`; loss \d+\.\d{4}, mae \d+\.\d{4}; test: loss \d+\.\d{4}, mae \d+\.\d{4}<`).MatchString(last) {
		t.Errorf("got %s", last)
	}
}

func TestPlotSaysWhyARunStopped(t *testing.T) {
	all := collect(t, func() {
		plot := NewPlot("")
		if _, err := train.Fit(context.Background(), model(t), blobs(t), train.Config{BatchSize: 4, Epochs: 3, Observers: []train.Observer{plot.Run("short"),
			train.ObserverFunc("stopper", func(e *train.Event) error {
				if e.Moment == train.Step {
					return train.Stop("enough & more")
				}
				return nil
			})}}); err != nil {
			t.Fatal(err)
		}
	})
	if last := all[len(all)-1].content; !strings.Contains(last, "short: 1 updates") || !strings.Contains(last, "stopped: enough &amp; more") {
		t.Errorf("got %s, want why it stopped", last)
	}
}

func TestGradientsAndFindings(t *testing.T) {
	s, err := inspect.TakeNext(model(t), losses.CrossEntropy{}, blobs(t), 10, 1, train.Position{})
	if err != nil {
		t.Fatal(err)
	}
	got := only(t, collect(t, func() { SVG(figure.Gradients("by layer", []string{"one", "two"}, s, s)) }), picture)
	if !strings.Contains(got, "two, dense_2") {
		t.Errorf("got %s, want the gradients of both", got)
	}
	got = only(t, collect(t, func() {
		Findings([]inspect.Finding{{Code: inspect.Vanishing, Severity: inspect.Error, Evidence: "1e-9", Advice: "relu"}})
	}), markdown)
	if !strings.Contains(got, "| error | **vanishing-gradient** | 1e-9 | relu |") {
		t.Errorf("got %s", got)
	}
}

func TestDrawing(t *testing.T) {
	d, err := inspect.DrawLayers(model(t), losses.CrossEntropy{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("dot"); err == nil {
		if got := only(t, collect(t, func() { Drawing(d) }), picture); !strings.Contains(got, "dense_1") {
			t.Errorf("got %s, want the layers", got)
		}
	}
	t.Setenv("PATH", t.TempDir()) // no Graphviz
	if got := only(t, collect(t, func() { Drawing(d) }), markdown); !strings.Contains(got, "dense_1") || !strings.HasPrefix(got, "```\n") {
		t.Errorf("got %s, want the layers as text", got)
	}
}

// TestErrorsEndTheCell: in a process of its own, for each way to go wrong.
func TestErrorsEndTheCell(t *testing.T) {
	flat, err := datasets.New("flat", []int{6}, make([]float32, 6), []int{0}, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		do   func()
		want string
	}{
		"error":      {func() { Check(os.ErrPermission) }, "permission denied"},
		"no images":  {func() { Digits("x", flat, []int{0}, nil) }, `data set "flat" has samples of shape [6]`},
		"no class":   {func() { Digits("x", blobs(t), []int{3}, []int{0, 1}) }, "got nothing said of sample 3"},
		"no svg":     {func() { SVG(`<p width="1" height="1">`) }, "no svg element"},
		"no drawing": {func() { SVG("") }, "no svg element"},
		"no size":    {func() { SVG(`<svg width="100%" height="50">`) }, "no svg element with a width and height in pixels"},
		"nothing":    {func() { Check(nil); SVG(figure.Bars("x", nil)); Markdown("hello") }, ""},
	}
	const child = "STHENO_SHOW_TEST_CASE"
	if name := os.Getenv(child); name != "" {
		cases[name].do()
		os.Exit(0)
	}
	for name, c := range cases {
		cmd := exec.Command(os.Args[0], "-test.run=^TestErrorsEndTheCell$")
		cmd.Env = append(os.Environ(), child+"="+name)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if (err != nil) != (c.want != "") || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%s: got %v and %q, want %q", name, err, stderr.String(), c.want)
		}
		if name == "nothing" && (!strings.Contains(string(out), "(image/svg+xml, ") || !strings.Contains(string(out), "hello\n")) {
			t.Errorf("not connected: got %q", out)
		}
	}
}
