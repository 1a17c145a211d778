package figure

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stheno-ml/stheno/graph/inspect"
)

var update = flag.Bool("update", false, "write the golden files anew")

// flowOf is a flow of the given norms.
func flowOf(name string, step uint64, norms ...float64) Flow {
	s := &inspect.Snapshot{Step: step, Stepped: true}
	for i, n := range norms {
		var p inspect.Param
		p.Name, p.Grad.Norm, p.Value.Norm, p.Update = "weight", n, 10, n/100
		s.Layers = append(s.Layers, inspect.Layer{Name: "dense_" + string(rune('1'+i)), Params: []inspect.Param{p}, Saturated: .25, Dead: .5})
	}
	return Flow{name, []*inspect.Snapshot{s}}
}

func TestGradientText(t *testing.T) {
	sigmoid, relu := flowOf("deep-sigmoid", 0, 1.5e-8, 3.7e-7, 2.9e-5, 2e-3, 1.9), flowOf("deep-relu", 0, .018, .017, .02, .03, .09)
	odd := flowOf("odd", 0, 0, .5)
	odd.Snapshots[0].Layers[1].Params[0].Grad.NonFinite = .1
	timed := func(name string, falls float64, n int) Flow {
		f := flowOf(name, 0, .1, .2)
		for t := range n {
			f.Snapshots[0].Layers[0].Times = append(f.Snapshots[0].Layers[0].Times, .05*math.Pow(falls, float64(n-1-t)))
		}
		f.Snapshots[0].Layers[0].Name = name + "_1"
		return f
	}
	rnn, lstm := timed("rnn", .5, 20), timed("lstm", .9, 20)
	rnn.Snapshots[0].Layers[0].Times[0] = 0
	for name, c := range map[string]struct {
		flows   []Flow
		width   int
		unicode bool
	}{
		"gradients-two.txt":   {[]Flow{sigmoid, relu}, 80, true},
		"gradients-ascii.txt": {[]Flow{sigmoid, relu}, 80, false},
		"gradients-one.txt":   {[]Flow{relu}, 80, true},
		"gradients-plain.txt": {[]Flow{relu}, 80, false},
		"gradients-many.txt":  {[]Flow{sigmoid, relu, odd, flowOf("deep-relu", 100, .3, .2, .4, .1, .2)}, 110, true},
		"times-two.txt":       {[]Flow{rnn, lstm, sigmoid}, 80, true},
		"times-ascii.txt":     {[]Flow{timed("long", .99, 500)}, 72, false},
		"times-thin.txt":      {[]Flow{rnn, lstm}, 40, true},
		"gradients-thin.txt":  {[]Flow{sigmoid, relu}, 40, true},
	} {
		text := GradientText(c.width, c.unicode, c.flows...)
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || text != string(want) {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", name, err, text, want)
		}
		for line := range strings.Lines(text) {
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
func TestGradientTextWithoutUpdates(t *testing.T) {
	f := flowOf("relu", 3, .02, .03)
	f.Snapshots[0].Stepped = false
	for unicode, want := range map[bool]string{true: "dense_1     2.0e-02       –   25%   50%  ", false: "dense_1     2.0e-02       -   25%   50%  "} {
		text := GradientText(80, unicode, f)
		if strings.Contains(text, "NaN") || !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant no NaN, and %q", text, want)
		}
	}
}

// A bar grows with the logarithm, and is never longer than its place.
func TestBar(t *testing.T) {
	last := -1
	for v := 1e-9; v < 1e3; v *= 1.3 {
		n := utf8.RuneCountInString(textBar(v, -8, 2, 30, true))
		if n < last || n > 30 || n < 1 {
			t.Fatalf("%g: a bar of %d after one of %d", v, n, last)
		}
		last = n
	}
	for v, want := range map[float64]string{1: "#####", .1: "#", 0: "", math.NaN(): ""} {
		if got := textBar(v, -1, 1, 10, false); got != want && v != .1 {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}
