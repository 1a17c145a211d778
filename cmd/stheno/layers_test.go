package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/text"
)

// TestLayers: the list has every word, and each word its settings and its example.
func TestLayers(t *testing.T) {
	list := ok(t, "layers")
	for _, e := range text.Entries[graph.Layer]() {
		if !strings.Contains("\n"+list, "\n"+e.Word+" ") {
			t.Errorf("layers: got no %s in\n%s", e.Word, list)
		}
		out := ok(t, "layers", e.Word)
		if !strings.HasPrefix(out, e.Word+": ") || !strings.Contains(out, "\nExample:\n  "+e.Example+"\n") {
			t.Errorf("layers %s: got\n%s", e.Word, out)
		}
		for _, f := range e.Fields() {
			if !strings.Contains(out, "\n  "+f.Key+"  ") {
				t.Errorf("layers %s: got no %s in\n%s", e.Word, f.Key, out)
			}
		}
	}
}

// TestOtherNetwork gives commands another network.
func TestOtherNetwork(t *testing.T) {
	file := filepath.Join(t.TempDir(), "net.txt")
	if err := os.WriteFile(file, []byte("h = dense 16 relu # hidden\nx2 = dense 16 < x\nsum < h + x2\ndense 10 softmax\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.txt")
	if err := os.WriteFile(broken, []byte("dense 16\n\n  dens 10"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"summary", "--layers", "dense 32 relu, dense 1", "--input", "13"}, "Total params: 481\n"},
		{[]string{"summary", "--layers", "input 28x28, flatten, dense 1"}, "Total params: 785\n"},
		{[]string{"summary", "relu", "--layers", "flatten, dense 10", "--input", "28x28"}, "flatten_1 (flatten)          (None, 784)"},
		{[]string{"summary", "relu", "--layers", "@" + file}, "Total params: 25290\n"},
		{[]string{"graph", "relu", "--layers", "@" + file}, "sum_1"},
		{[]string{"gradcheck", "relu", "--layers", "dense 5 tanh, dense 10 softmax"}, "every gradient agrees"},
		{[]string{"gradients", "relu", "--layers", "dense 5 tanh, dense 5 tanh, dense 10 softmax"}, "dense_3"},
		{[]string{"diagnose", "relu", "--layers", "dense 8 relu, dense 10 softmax", "--epochs", "1", "--train-samples", "300"}, "relu, seed 1\n"},
	} {
		if out := ok(t, c.args...); !strings.Contains(out, c.want) {
			t.Errorf("%q: got\n%s\nwant %q in it", c.args, out, c.want)
		}
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"summary", "relu", "--layers", "dense 3, dens 4"}, 2, `--layers: line 1, column 10: got "dens", want a layer: one of `},
		{[]string{"summary", "relu", "--layers", "@" + broken}, 2, "--layers @" + broken + `: line 3, column 3: got "dens"`},
		{[]string{"summary", "relu", "--layers", "@" + broken + "no"}, 1, "--layers: open " + broken + "no: "},
		{[]string{"summary", "relu", "--layers", ""}, 2, "--layers: line 1, column 1: got no layers"},
		{[]string{"summary", "relu", "--layers", "dense 3", "--hidden", "4"}, 2, "--layers: got --hidden too, want one of them"},
		{[]string{"gradcheck", "relu", "--layers", "dense 3", "--dropout", "0.5"}, 2, "--layers: got --dropout too"},
		{[]string{"graph", "relu", "--layers", "dense 3", "--activation", "relu"}, 2, "--layers: got --activation too"},
		{[]string{"summary", "relu", "--input", "4"}, 2, "--input: got 4 without --layers"},
		{[]string{"summary", "--layers", "dense 3", "--input", "4y"}, 2, `--input: got "4y", want sizes`},
		{[]string{"summary", "--layers", "dense 3", "--input", ""}, 2, `--input: got "", want sizes`},
		{[]string{"summary", "--layers", "dense 3"}, 2, "summary: got --layers without an experiment and without --input"},
		{[]string{"summary", "--layers", "dense 0", "--input", "3"}, 1, "graph: layer dense_1, input of shape (2, 3): got Units 0, want at least 1"},
		{[]string{"summary", "--layers", "sequence(dense 3 * 999) * 999", "--input", "3"}, 2, "--layers: line 1, column 10: got more than 16384 items"},
		{[]string{"layers", "dens"}, 2, `layers: got "dens", want one of absdiff, `},
	} {
		status, out, errOut := stheno(c.args...)
		if status != c.status || out != "" || !strings.HasPrefix(errOut, "stheno: "+c.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%q: got status %d, %q, %q, want %d, %q", c.args, status, out, errOut, c.status, c.want)
		}
	}
}
