package inspect

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew after a change that is meant). Got:\n%s", path, got)
	}
}

// drawn are the networks of the golden files: a branch in each way, an identity, a raw op.
var drawn = map[string][]graph.Layer{
	"dense":   networks["sigmoid"],
	"dropout": networks["dropout"],
	"swish":   networks["swish"],
	"branches": {
		layers.Dense{Units: 6, Activation: layers.Tanh},
		layers.Residual{layers.Dense{Units: 6, Activation: layers.ReLU}, layers.Residual{layers.Dense{Units: 6}}},
		layers.Concat{layers.Sequence{layers.Dense{Units: 2}, layers.Softplus}, layers.Linear},
		layers.Dense{Units: 3, Activation: layers.Softmax},
	},
}

func TestDrawings(t *testing.T) {
	for name, layers := range drawn {
		for _, gradients := range []bool{false, true} {
			suffix := ""
			if gradients {
				suffix = "-gradients"
			}
			for range 5 { // map iteration must not show
				m := network(t, 1, layers...)
				d, err := DrawLayers(m, losses.CrossEntropy{}, gradients)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, name+"-layers"+suffix+".dot", d.DOT())
				golden(t, name+"-layers"+suffix+".txt", d.Text())
				if d, err = DrawOps(m, losses.MSE{}, 7, gradients); err != nil {
					t.Fatal(err)
				}
				golden(t, name+"-ops"+suffix+".dot", d.DOT())
				golden(t, name+"-ops"+suffix+".txt", d.Text())
			}
		}
	}
}

func TestDrawingErrors(t *testing.T) {
	m := network(t, 1, networks["sigmoid"]...)
	if _, err := DrawLayers(m, nil, false); err == nil {
		t.Error("no loss: got no error")
	}
	if _, err := DrawOps(m, losses.CrossEntropy{}, 0, false); err == nil || !strings.Contains(err.Error(), "batch of 0") {
		t.Errorf("a batch of 0: got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := (&Drawing{}).SVG(context.Background()); !errors.Is(err, ErrNoGraphviz) {
		t.Errorf("without Graphviz: got %v", err)
	}
}

// Where Graphviz is installed, it takes every drawing; a stand-in shows what happens when it does not.
func TestDrawingSVG(t *testing.T) {
	if _, err := exec.LookPath("dot"); err == nil {
		for name, layers := range drawn {
			d, err := DrawOps(network(t, 1, layers...), losses.CrossEntropy{}, 2, true)
			if err != nil {
				t.Fatal(err)
			}
			svg, err := d.SVG(context.Background())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			decoder := xml.NewDecoder(bytes.NewReader(svg))
			for {
				if _, err := decoder.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: the SVG is no XML: %v", name, err)
				}
			}
			if !bytes.HasPrefix(svg, []byte("<svg width=\"")) || bytes.Contains(svg, []byte(`pt"`)) {
				t.Errorf("%s: got %.100s, want an svg element with its size in pixels", name, svg)
			}
			if !bytes.Contains(svg, []byte("gradient of dense_1.weight")) {
				t.Errorf("%s: the SVG does not name dense_1.weight's gradient", name)
			}
		}
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	for script, want := range map[string]string{
		"echo syntax error >&2\nexit 3\n": "syntax error",
		"echo hello":                      "wrote no svg element, but \"hello",
		`echo '<?xml version="1.0"?><svg width="8pt" height="9pt">pt"</svg>'`: "",
	} {
		if err := os.WriteFile(filepath.Join(dir, "dot"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
		svg, err := (&Drawing{}).SVG(context.Background())
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", script, err, want)
		}
		if err == nil && string(svg) != "<svg width=\"8\" height=\"9\">pt\"</svg>\n" {
			t.Errorf("got %s, want the element alone, in pixels", svg)
		}
	}
}
