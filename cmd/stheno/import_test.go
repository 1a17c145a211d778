package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/weights"
)

// A network of PyTorch in ONNX is looked at like a run, and trained on: a run that begins with it goes on after a stop to the same bits, also one that was stopped before its first epoch was over.
func TestImportedNetworks(t *testing.T) {
	lenet, err := filepath.Abs("../../graph/onnx/testdata/import/lenet.onnx")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "lenet.safetensors")
	ok(t, "import", lenet, "-o", file, "--loss", "cross-entropy")
	for args, want := range map[string]string{
		"eval " + file:      "2.37",
		"gradients " + file: "conv_2",
		"diagnose " + file:  "lenet",
		"summary " + file:   "6438",
	} {
		status, out, errOut := stheno(strings.Fields(args)...)
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("stheno %s: status %d, %q, %q, want %q", args, status, out, errOut, want)
		}
	}
	begin := []string{"run", "adam", "--start", file, "--train-samples", "300", "--batch-size", "10", "--quiet"}
	whole, stopped := filepath.Join(dir, "whole"), filepath.Join(dir, "stopped")
	want := ok(t, append(begin, "--epochs", "2", "--out", whole)...)
	ok(t, append(begin, "--epochs", "1", "--out", stopped)...)
	for _, name := range []string{"checkpoints", "metrics.jsonl", "timings.jsonl", "result.json", "gradients.jsonl"} { // all but the beginning is lost
		if name != "checkpoints" {
			_ = os.Remove(filepath.Join(stopped, name))
			continue
		}
		files, _ := filepath.Glob(filepath.Join(stopped, name, "*"))
		if len(files) != 2 || !strings.Contains(files[0], "-000000000.") {
			t.Fatalf("got checkpoints %q, want one of before the first step, and one of the epoch's end", files)
		}
		if err := os.Remove(files[1]); err != nil {
			t.Fatal(err)
		}
	}
	got := ok(t, "run", "--resume", stopped, "--epochs", "2", "--quiet")
	figures := func(table string) string { // without the seconds
		fields := strings.Fields(table)
		return strings.Join(fields[:len(fields)-1], " ")
	}
	if figures(got) != figures(want) {
		t.Errorf("a run that began anew with the weights that it had begun with came to\n%s\nwant\n%s", got, want)
	}
	for want, args := range map[string][]string{
		"--start: got --hidden too": {"run", "relu", "--start", file, "--hidden", "3"},
		"there is no run":           {"run", "relu", "--start", "nosuch"},
	} {
		if status, _, errOut := stheno(args...); status != 2 || !strings.Contains(errOut, want) {
			t.Errorf("%v: got status %d and %q, want 2 and %q", args, status, errOut, want)
		}
	}
}

// A network that is of no digits is asked about arrays and tables, as it takes them.
func TestPredictOfImported(t *testing.T) {
	net, err := filepath.Abs("../../graph/onnx/testdata/import/mlp.onnx")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, rows, short := filepath.Join(dir, "mlp.safetensors"), filepath.Join(dir, "rows.csv"), filepath.Join(dir, "short.csv")
	ok(t, "import", net, "-o", file, "--loss", "cross-entropy", "--classes", "ash,elm,fir,oak")
	for path, content := range map[string]string{rows: "a,b,c,d,e,f,g,h,i,j,k,l\n1,2,3,4,5,6,7,8,9,10,11,12\n0,0,0,0,0,0,0,0,0,0,0,0\n", short: "a,b\n1,2\n3,4\n"} {
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out := ok(t, "predict", file, rows); strings.Count(out, "\n") != 3 || !strings.Contains(out, "fir") {
		t.Errorf("got %q, want two rows, the first a fir", out)
	}
	if status, _, errOut := stheno("predict", file, short); status == 0 || !strings.Contains(errOut, "the model takes 12") {
		t.Errorf("got status %d and %q of a table of two columns", status, errOut)
	}
}

// Weights of PyTorch and Keras become a model file, and go back: what is written is what came.
func TestWeightsOfOthers(t *testing.T) {
	data := "../../graph/weights/testdata/"
	dir := t.TempDir()
	file := filepath.Join(dir, "net.safetensors")
	words := "conv 3 5 same tanh, avgpool 2, conv 4 5 tanh, avgpool 2, flatten, dense 12 tanh, dense 5"
	out := ok(t, "import", data+"torch_lenet.safetensors", "--from", "pytorch", "--input", "20x20", "--layers", words, "-o", file, "--loss", "cross-entropy")
	for _, want := range []string{"3.weight [4,3,5,5] → conv_2.weight [5,5,3,4]\n", "7.weight [12,36] → dense_1.weight [36,12]\n", "a network of pytorch, with 891 weights"} {
		if !strings.Contains(out, want) {
			t.Errorf("got %q, want %q in it", out, want)
		}
	}
	if half := ok(t, "import", data+"torch_mlp_half.safetensors", "--from", "pytorch", "--input", "6", "--layers", "dense 6 tanh, dense 6 relu, dense 3", "-o", filepath.Join(dir, "half.safetensors")); !strings.Contains(half, "cast from F16") {
		t.Errorf("got %q, want what was cast", half)
	}
	for _, framework := range []string{"pytorch", "keras"} {
		there := filepath.Join(dir, framework+".npz")
		ok(t, "export", file, "--for", framework, "-o", there)
		again := filepath.Join(dir, framework+".safetensors")
		ok(t, "import", there, "--from", framework, "--input", "20x20", "--layers", words, "-o", again, "--loss", "cross-entropy")
		a, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(again)
		if err != nil || string(a) != string(b) {
			t.Errorf("%s: what was written and read again is another model file: %v", framework, err)
		}
	}
	for want, args := range map[string][]string{
		"--from: ":                      {"import", data + "torch_mlp.npz"},
		"did you mean \"pytorch\"":      {"import", data + "torch_mlp.npz", "--from", "pytorh", "--layers", "relu"},
		"--layers: ":                    {"import", data + "torch_mlp.npz", "--from", "keras"},
		"--from: it is of weights":      {"import", "net.onnx", "--from", "keras"},
		"--shape: ":                     {"import", data + "torch_mlp.npz", "--from", "keras", "--layers", "relu", "--shape", "x=1"},
		"--for: it is of weights":       {"export", file, "--for", "keras", "-o", "net.onnx"},
		"--for: Keras takes weights by": {"export", file, "--for", "keras", "-o", "net.safetensors"},
		"--classes: got 2 names":        {"import", data + "torch_mlp.npz", "--from", "pytorch", "--input", "6", "--layers", "dense 6 tanh, dense 6 relu, dense 3", "--classes", "a,b", "-o", filepath.Join(dir, "x.safetensors")},
	} {
		if status, _, errOut := stheno(args...); status != 2 || !strings.Contains(errOut, want) {
			t.Errorf("%v: got status %d and %q, want 2 and %q", args, status, errOut, want)
		}
	}
	if _, err := weights.Load(data+"torch_mlp.npz", nil, weights.PyTorch); err == nil {
		t.Error("no model: got no error")
	}
}
