package main

import (
	"bytes"
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
		{[]string{"summary", "relu", "--layers", "conv 32 3 relu, maxpool 2, flatten, dropout 0.5, dense 10 softmax"}, "Total params: 54410\n"}, // an image
		{[]string{"summary", "relu", "--layers", "lstm 8, dense 10 softmax"}, "(None, 8)"},                                                      // its rows
		{[]string{"summary", "lenet", "--layers", "\ufeffconv 4 3, flatten, dense 10\r\n"}, "(None, 26, 26, 4)"},                                // what lenet sees
		{[]string{"summary", "lenet", "--layers", "input 784, dense 1"}, "Total params: 785\n"},
		{[]string{"gradcheck", "relu", "--layers", "dense 5 tanh, dense 10 softmax"}, "every gradient agrees"},
		{[]string{"gradients", "relu", "--layers", "dense 5 tanh, dense 5 tanh, dense 10 softmax"}, "dense_3"},
		{[]string{"diagnose", "relu", "--layers", "dense 8 relu, dense 10 softmax", "--epochs", "1", "--train-samples", "300"}, "relu, seed 1\n"},
	} {
		if out := ok(t, c.args...); !strings.Contains(out, c.want) {
			t.Errorf("%q: got\n%s\nwant %q in it", c.args, out, c.want)
		}
	}
	endless := filepath.Join(t.TempDir(), "endless")
	if err := os.WriteFile(endless, bytes.Repeat([]byte("relu,"), 1<<18), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"summary", "relu", "--layers", "dense 3, dens 4"}, 2, `--layers: line 1, column 10: got "dens", want a layer; did you mean "dense"?`},
		{[]string{"summary", "relu", "--layers", "@" + broken}, 2, "--layers @" + broken + `: line 3, column 3: got "dens"`},
		{[]string{"summary", "relu", "--layers", "@" + broken + "no"}, 1, "--layers: " + broken + "no: "},
		{[]string{"summary", "relu", "--layers", "@"}, 2, "--layers: got @ alone, want @FILE"},
		{[]string{"summary", "relu", "--layers", "@" + endless}, 1, "it has more than 524288 bytes, want a network in words"},
		{[]string{"summary", "--layers", "input 4, dense 3", "--input", "4"}, 2, "--input: got 4, and --layers names its inputs itself"},
		{[]string{"summary", "relu", "--layers", "conv 4 3, flatten, dense 0"}, 2, "--layers: of a sample as a row, and of shape [28 28], neither suits the layers"},
		{[]string{"run", "relu", "--layers", "conv 4 30, flatten, dense 10"}, 2, "--layers: of a sample as a row, and of shape [28 28], neither suits the layers"},
		{[]string{"summary", "relu", "--layers", ""}, 2, "--layers: line 1, column 1: got no layers"},
		{[]string{"summary", "relu", "--layers", "dense 3", "--hidden", "4"}, 2, "--layers: got --hidden too, want one of them"},
		{[]string{"gradcheck", "relu", "--layers", "dense 3", "--dropout", "0.5"}, 2, "--layers: got --dropout too"},
		{[]string{"graph", "relu", "--layers", "dense 3", "--activation", "relu"}, 2, "--layers: got --activation too"},
		{[]string{"summary", "relu", "--input", "4"}, 2, "--input: got 4 without --layers"},
		{[]string{"summary", "--layers", "dense 3", "--input", "4y"}, 2, `--input: got "4y", want sizes`},
		{[]string{"summary", "--layers", "dense 3", "--input", ""}, 2, `--input: got "", want sizes`},
		{[]string{"summary", "--layers", "dense 3"}, 2, "summary: got --layers without an experiment and without --input"},
		{[]string{"summary", "--layers", "dense 0", "--input", "3"}, 2, "--layers: layer dense_1, input of shape (3): got Units 0, want at least 1"},
		{[]string{"summary", "--layers", "sequence(dense 3 * 999) * 999", "--input", "3"}, 2, "--layers: line 1, column 10: got more than 16384 items"},
		{[]string{"layers", "dens"}, 2, `layers: got "dens"; did you mean "dense"?`},
	} {
		status, out, errOut := stheno(c.args...)
		if status != c.status || out != "" || !strings.HasPrefix(errOut, "stheno: ") || !strings.Contains(errOut, c.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%q: got status %d, %q, %q, want %d, %q", c.args, status, out, errOut, c.status, c.want)
		}
	}
}

// TestShapesOfSamples: whatever command says what is wrong with a network, it says it in the shapes of a sample, as the lab does: nobody has said a batch.
func TestShapesOfSamples(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Chdir(t.TempDir())
	write(t, "plants.csv", "a,b,kind\n1,2,x\n2,3,y\n3,4,x\n4,4,y\n5,5,x\n6,7,y\n")
	for _, c := range []struct{ args, layers, want string }{
		{"run relu", "residual(dense 3)", "stheno: --layers: of a sample as a row, and of shape [28 28], neither suits the layers: layer residual_1, input of shape (784): its layers end in shape (3), want that of the input, (784): change the last layer's width; layer residual_1, input of shape (28, 28): its layers end in shape (28, 3), want that of the input, (28, 28): change the last layer's width\n"},
		{"run lenet", "lstm 3, lstm 3", "stheno: --layers: layer lstm_2, input of shape (3): want [time,features]: a sample is a sequence of rows, such as graph.Floats(28, 28)\n"},
		{"graph lenet", "conv 3 30", "stheno: --layers: layer conv_1, input of shape (28, 28): conv: axis 1 of (28, 28, 1): got a window of 30 places on 28, "},
		{"summary relu", "dropout 2", "stheno: --layers: layer dropout_1, input of shape (784): got Rate 2, want at least 0 and below 1\n"},
		{"lab --no-open relu", "dropout 2", "stheno: layer dropout_1, input of shape (784): got Rate 2, want at least 0 and below 1\n"},
		{"gradients lenet", "timedistributed(dense 0)", "layer dense_1, input of shape (28): got Units 0, want at least 1"},
		{"gradcheck relu", "dense 10 relu", "stheno: loss cross-entropy on an output of shape (10): got an output that is neither a softmax nor a layer without activation"},
		{"run relu --out a", "dense 10 relu", "loss cross-entropy on an output of shape (10): got an output that is neither a softmax nor a layer without activation"},
		{"train plants.csv --target kind", "concat(dense 3 | dense 4, residual(dense 3))", "stheno: train: plants.csv: layer residual_1, input of shape (4): its layers end in shape (3), want that of the input, (4)"},
		{"sweep plants.csv --target kind --learning-rate 0.1,0.2", "residual(dense 3)", "layer residual_1, input of shape (2): its layers end in shape (3), want that of the input, (2)"},
	} {
		status, out, errOut := stheno(append(strings.Fields(c.args), "--layers", c.layers)...)
		if status == 0 || out != "" || !strings.Contains(errOut, c.want) {
			t.Errorf("%s --layers %q: got status %d, %q,\n\t%swant\n\t%s", c.args, c.layers, status, out, errOut, c.want)
		}
	}
}

// TestRunOfAnotherNetwork: a run of --layers, with a loss and an optimizer in words, goes on without flags and leaves what the same run leaves that was never stopped; all that looks at runs
// looks at it.
func TestRunOfAnotherNetwork(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	file := filepath.Join(t.TempDir(), "net.txt")
	if err := os.WriteFile(file, []byte("h = dense 10 tanh # hidden\ng = dense 10 < h\nsum < h + g\ndropout 0.2\ndense 10 softmax\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for network, repeats := range map[string]string{
		"dense 12 tanh, dropout 0.2, dense 10 softmax": "--activation tanh", // an experiment's kind
		"@" + file: "--layers &#39;x = input 784, dense1 = dense 10 tanh, ",
	} {
		whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
		args := []string{
			"run", "relu", "--layers", network, "--optimizer", "adam 0.5 beta1=0.8", "--learning-rate", "0.002", "--loss", "cross-entropy smoothing=0.1", "--train-samples", "300", "--quiet",
		}
		ok(t, append(args, "--epochs", "3", "--out", whole)...)
		ok(t, append(args, "--epochs", "1", "--out", parts)...)
		ok(t, "run", "--resume", parts, "--epochs", "3", "--quiet")
		sameRun(t, kept(t, whole), kept(t, parts))
		config := kept(t, parts)["run.json"]
		for _, want := range []string{`"optimizer": "adam 0.002 beta1=0.8"`, `"loss": "cross-entropy 0.1"`, `dropout 0.2\ndense 10 softmax"`} {
			if !strings.Contains(config, want) {
				t.Errorf("run.json has no %s in\n%s", want, config)
			}
		}
		ok(t, "eval", parts, "--json")
		ok(t, "gradients", "--checkpoint", parts)
		ok(t, "diagnose", parts)
		if page := ok(t, "report", parts, "-o", "-"); !strings.Contains(page, repeats) {
			t.Errorf("the report has no %s in the command that repeats the run", repeats)
		}
		if status, _, errOut := stheno("gradients", "--checkpoint", parts, "--layers", "dense 10 softmax"); status != 2 || !strings.Contains(errOut, "leave out --layers") {
			t.Errorf("gradients of a run with --layers: status %d, %q", status, errOut)
		}
		if status, _, errOut := stheno("run", "--resume", parts, "--epochs", "4", "--layers", "dense 10 softmax"); status != 2 || !strings.Contains(errOut, "leave out --layers") {
			t.Errorf("--resume with --layers: status %d, %q", status, errOut)
		}
	}
}

// TestRunInWords: what is wrong with a network, a loss or an optimizer in words is a wrong command line, with its place.
func TestRunInWords(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--layers", "dense 300 tanh,\ndropuot 0.2"}, 2, `--layers: line 2, column 1: got "dropuot", want a layer; did you mean "dropout"?`},
		{[]string{"--layers", "dense 10 softmax", "--hidden", "3"}, 2, "--layers: got --hidden too"},
		{[]string{"--layers", "dense 10 softmax", "--check"}, 2, "--check: the bands are for the lecture's own settings and data: leave out --check, or --layers"},
		{[]string{"--layers", "dense 3 softmax"}, 1, `models: experiment relu: train: data set "mnist/train" has 10 classes, the model 3 outputs`},
		{[]string{"--layers", "flatten, dense 10 softmax", "--input", "28x27"}, 1, "models: experiment relu: train: "},
		{[]string{"--optimizer", "adam 0.001 bta1=0.8"}, 2, `--optimizer: got "adam 0.001 bta1=0.8": line 1, column 17: adam: got bta1=0.8, want `},
		{[]string{"--optimizer", "adm 0.001"}, 2, `--optimizer: got "adm 0.001": line 1, column 1: got "adm", want an optimizer: one of `},
		{[]string{"--optimizer", "adm"}, 2, `--optimizer: got "adm", want one of sgd, `},
		{[]string{"--optimizer", ""}, 2, `--optimizer: got "", want one of sgd, `},
		{[]string{"--optimizer", "adam, sgd"}, 2, `--optimizer: got "adam, sgd": line 1, column 1: got 2 items, want one optimizer`},
		{[]string{"--optimizer", "sgd -1"}, 2, "--optimizer: got \"sgd -1\": "},
		{[]string{"--loss", "huber x"}, 2, `--loss: got "huber x": line 1, column 7: huber: got `},
		{[]string{"--loss", "hubr 0.5"}, 2, `--loss: got "hubr 0.5": line 1, column 1: got "hubr", want a loss: one of `},
		{[]string{"--loss", "mes"}, 2, `--loss: got "mes", want one of cross-entropy, `},
	} {
		status, out, errOut := stheno(append([]string{"run", "relu"}, c.args...)...)
		if status != c.status || out != "" || !strings.HasPrefix(errOut, "stheno: ") || !strings.Contains(errOut, c.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%q: got status %d, %q, %q, want %d, %q", c.args, status, out, errOut, c.status, c.want)
		}
	}
}
