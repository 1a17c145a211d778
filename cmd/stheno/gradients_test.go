package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// flowOf is a flow of the given norms.
func flowOf(name string, step uint64, norms ...float64) flow {
	s := &inspect.Snapshot{Step: step, Stepped: true}
	for i, n := range norms {
		var p inspect.Param
		p.Name, p.Grad.Norm, p.Value.Norm, p.Update = "weight", n, 10, n/100
		s.Layers = append(s.Layers, inspect.Layer{Name: "dense_" + string(rune('1'+i)), Params: []inspect.Param{p}, Saturated: .25, Dead: .5})
	}
	return flow{name, []*inspect.Snapshot{s}}
}

func TestGradientsTable(t *testing.T) {
	sigmoid, relu := flowOf("deep-sigmoid", 0, 1.5e-8, 3.7e-7, 2.9e-5, 2e-3, 1.9), flowOf("deep-relu", 0, .018, .017, .02, .03, .09)
	odd := flowOf("odd", 0, 0, .5)
	odd.snapshots[0].Layers[1].Params[0].Grad.NonFinite = .1
	for name, c := range map[string]struct {
		flows   []flow
		width   int
		unicode bool
	}{
		"gradients-two.txt":   {[]flow{sigmoid, relu}, 80, true},
		"gradients-ascii.txt": {[]flow{sigmoid, relu}, 80, false},
		"gradients-one.txt":   {[]flow{relu}, 80, true},
		"gradients-plain.txt": {[]flow{relu}, 80, false},
		"gradients-many.txt":  {[]flow{sigmoid, relu, odd, flowOf("deep-relu", 100, .3, .2, .4, .1, .2)}, 110, true},
		"gradients-thin.txt":  {[]flow{sigmoid, relu}, 40, true},
	} {
		var b bytes.Buffer
		printFlows(&b, c.flows, c.width, c.unicode)
		golden(t, name, b.String())
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > c.width && !strings.HasPrefix(line, "step ") {
				t.Errorf("%s: a line of %d letters, want at most %d: %s", name, n, c.width, line)
			}
			if !c.unicode && len(line) != utf8.RuneCountInString(line) {
				t.Errorf("%s: not ASCII: %s", name, line)
			}
		}
	}
}

// Of a checkpoint no update is seen, so there is no ratio to print.
func TestGradientsTableWithoutUpdates(t *testing.T) {
	f := flowOf("relu", 3, .02, .03)
	f.snapshots[0].Stepped = false
	for unicode, want := range map[bool]string{true: "dense_1     2.0e-02       –   25%   50%  ", false: "dense_1     2.0e-02       -   25%   50%  "} {
		var b bytes.Buffer
		printFlows(&b, []flow{f}, 80, unicode)
		if strings.Contains(b.String(), "NaN") || !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwant no NaN, and %q", b.String(), want)
		}
	}
}

// A bar grows with the logarithm, and is never longer than its place.
func TestBar(t *testing.T) {
	last := -1
	for v := 1e-9; v < 1e3; v *= 1.3 {
		n := utf8.RuneCountInString(bar(v, -8, 2, 30, true))
		if n < last || n > 30 || n < 1 {
			t.Fatalf("%g: a bar of %d after one of %d", v, n, last)
		}
		last = n
	}
	for v, want := range map[float64]string{1: "#####", .1: "#", 0: "", math.NaN(): ""} {
		if got := bar(v, -1, 1, 10, false); got != want && v != .1 {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

const tiny = "--hidden=12,12"

func TestGradientsJSON(t *testing.T) {
	status, out, errOut := stheno("gradients", "relu", "cross-entropy", tiny, "--train-samples", "300", "--epochs", "2", "--at", "0,4,99", "--json")
	if status != 0 || strings.Count(errOut, "there is no step 99: its 2 epochs of 300 samples are 6 steps of 100") != 2 {
		t.Fatalf("status %d, standard error %q", status, errOut)
	}
	var steps []string
	decoder := json.NewDecoder(strings.NewReader(out))
	for {
		var g struct {
			Experiment string
			Step       int
			Layers     []map[string]any
		}
		if err := decoder.Decode(&g); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, g.Experiment+" "+string(rune('0'+g.Step)))
		if len(g.Layers) != 6 || g.Layers[0]["layer"] != "dense_1" || g.Layers[0]["param"] != "weight" || g.Layers[5]["param"] != "bias" {
			t.Errorf("layers: got %v", g.Layers)
		}
		for _, l := range g.Layers {
			for _, key := range []string{"layer", "param", "shape", "grad_norm", "grad_mean", "grad_std", "weight_norm", "update_ratio", "zeros", "saturated", "dead"} {
				if _, ok := l[key]; !ok {
					t.Errorf("%v lacks %s", l, key)
				}
			}
			if len(l) != 11 || l["grad_norm"].(float64) <= 0 {
				t.Errorf("got %v", l)
			}
		}
		// SGD at 0.1 moves the weights by a tenth of the gradient.
		w := g.Layers[0]
		if got, want := w["update_ratio"].(float64), .1*w["grad_norm"].(float64)/w["weight_norm"].(float64); math.Abs(got-want) > 1e-4*want {
			t.Errorf("update ratio: got %v, want %v", got, want)
		}
		if first, last := g.Layers[0]["dead"], g.Layers[4]["dead"]; first != g.Layers[1]["dead"] || last != 0. {
			t.Errorf("dead units: got %v for dense_1's weight, %v for its bias, %v for the softmax", first, g.Layers[1]["dead"], last)
		}
		if g.Step == 0 && g.Layers[1]["update_ratio"] != nil {
			t.Errorf("the update ratio of a bias of zeros: got %v, want null", g.Layers[1]["update_ratio"])
		}
	}
	if got, want := strings.Join(steps, ", "), "relu 0, relu 4, cross-entropy 0, cross-entropy 4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGradientsPlot(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.svg", "a.png"} {
		path := filepath.Join(dir, name)
		ok(t, "gradients", "relu", "mse", tiny, "--train-samples", "200", "--epochs", "1", "--at", "0,1", "--plot", path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".png") {
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil || img.Bounds().Dx() < 400 {
				t.Errorf("%s: %v, %v", name, img.Bounds(), err)
			}
			continue
		}
		if err := xml.Unmarshal(data, new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range []string{"step 0", "step 1", "gradient norm", "relu", "mse", "Liberation"} {
			if !bytes.Contains(data, []byte(want)) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("files left over: %v, %v", entries, err)
	}
}

// The title stands close over the axes, which take the most of a panel.
func TestGradientsPanelHasNoGap(t *testing.T) {
	p := panel(0)
	line, dots, err := lines(0, flowOf("deep-sigmoid", 0, 1e-8, 1e-5, 1e-2, 2), 0)
	if err != nil {
		t.Fatal(err)
	}
	p.Add(line, dots)
	p.Y.Min, p.Y.Max, p.X.Min, p.X.Max = -8, 1, .5, 4.5
	whole := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 300, Y: 300}}}
	axes := p.DataCanvas(whole)
	title := p.Title.TextStyle.Rectangle(p.Title.Text).Size().Y + p.Title.Padding
	if gap := whole.Max.Y - title - axes.Max.Y; gap < 0 || gap > 8 {
		t.Errorf("between title and axes: got %v points, want at most 8", gap)
	}
	if size := axes.Size(); size.X < 230 || size.Y < 220 {
		t.Errorf("the axes take %v of 300×300, want the most of it", size)
	}
}

// Many steps take rows, and the names a place of their own.
func TestGradientsPlotWraps(t *testing.T) {
	dir := t.TempDir()
	size := func(steps, names int) (width, height int) {
		t.Helper()
		var flows []flow
		for n := range names {
			f := flow{name: "experiment " + string(rune('a'+n))}
			for step := range steps {
				f.snapshots = append(f.snapshots, flowOf("", uint64(step), .1, .2, 0).snapshots...)
			}
			flows = append(flows, f)
		}
		path := filepath.Join(dir, "a.png")
		if err := plotFlows(path, flows); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return c.Width, c.Height
	}
	w1, h1 := size(1, 1)
	w3, h3 := size(3, 4)
	w7, h7 := size(7, 4)
	if h3 != h1 || h7 != 3*h1 || w7 != w3 || w3 <= 2*w1 {
		t.Errorf("sizes of 1, 3 and 7 steps: got %d×%d, %d×%d, %d×%d, want rows of three", w1, h1, w3, h3, w7, h7)
	}
	if err := plotFlows(filepath.Join(dir, "b.png"), []flow{flowOf("zero", 0, 0, 0)}); err == nil || !strings.Contains(err.Error(), "every gradient is 0") {
		t.Errorf("nothing but zeros: got %v", err)
	}
}

func TestGradientsOfACheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	ok(t, "run", "relu", tiny, "--train-samples", "300", "--epochs", "2", "--out", dir, "--quiet")
	out := ok(t, "gradients", "--checkpoint", dir, "--checkpoint", filepath.Join(dir, "checkpoints", "step-000000003.safetensors"), "--json")
	if !strings.Contains(out, `"experiment":"r","step":6,`) || !strings.Contains(out, `"experiment":"r","step":3,`) || !strings.Contains(out, `"update_ratio":null`) {
		t.Errorf("got %s", out)
	}
	// The recorder sees the same gradients at that step of the run.
	run := ok(t, "gradients", "relu", tiny, "--train-samples", "300", "--epochs", "2", "--at", "3", "--json")
	norm := func(s string) string {
		_, after, _ := strings.Cut(s, `"grad_norm":`)
		number, _, _ := strings.Cut(after, ",")
		return number
	}
	_, second, _ := strings.Cut(out, "\n")
	if norm(second) != norm(run) || norm(run) == "" {
		t.Errorf("step 3: from the checkpoint %s, from the run %s", norm(second), norm(run))
	}
}

func TestLookingInsideErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{2, "gradients: got nothing, want one or more experiments", []string{"gradients"}},
		{1, "--at: got -1", []string{"gradients", "relu", "--at", "-1"}},
		{2, "ends in .svg or .png", []string{"gradients", "relu", "--plot", "a.gif"}},
		{2, `did you mean "relu"`, []string{"gradients", "rely"}},
		{1, "choose a folder that is there", []string{"gradients", "relu", tiny, "--plot", filepath.Join(dir, "no", "a.svg")}},
		{1, "nothing to draw", []string{"gradients", "relu", tiny, "--train-samples", "100", "--epochs", "1", "--at", "5", "--plot", filepath.Join(dir, "a.svg")}},
		{1, "want the folder of a run", []string{"gradients", "--checkpoint", filepath.Join(dir, "none")}},
		{2, "gradcheck: got relu mse, want one experiment", []string{"gradcheck", "relu", "mse"}},
		{2, "no experiment is called", []string{"gradcheck", "x"}},
		{2, "--level: got", []string{"graph", "relu", "--level", "deep"}},
		{2, "--format: got", []string{"graph", "relu", "--format", "gif"}},
		{2, "no experiment is called", []string{"graph", "x"}},
		{2, "there is no experiment and no run x: see `stheno list` and `stheno runs`", []string{"diagnose", "x"}},
		{1, "has no run.json", []string{"diagnose", dir}},
		{2, "report: got nothing, want one or more runs", []string{"report"}},
		{1, "want the folder of a run", []string{"report", filepath.Join(dir, "none")}},
	} {
		status, _, errOut := stheno(c.args...)
		if status != c.status || !strings.Contains(errOut, c.want) || !strings.HasPrefix(errOut[max(0, strings.LastIndex(strings.TrimSpace(errOut), "\n")+1):], "stheno: ") {
			t.Errorf("stheno %s: status %d, %q; want %d, %q", strings.Join(c.args, " "), status, errOut, c.status, c.want)
		}
	}
}
