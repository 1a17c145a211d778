package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// TestModelFile: what is saved of a run stands in its place, wherever one is taken, and says the same.
func TestModelFile(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	home := t.TempDir()
	dir, file, picture := filepath.Join(home, "r"), filepath.Join(home, "m.safetensors"), filepath.Join(home, "p.png")
	ok(t, smallRun("relu", "--out", dir)...)
	if out := ok(t, "save", dir, "-o", file); !strings.Contains(out, file) {
		t.Errorf("got %q", out)
	}
	if status, _, errOut := stheno("save", dir, "-o", file); status != 1 || !strings.Contains(errOut, "there already") {
		t.Errorf("status %d, %q", status, errOut)
	}
	if status, _, errOut := stheno("save", dir, "-o", filepath.Join(home, "m.npz")); status != 2 || !strings.Contains(errOut, ".safetensors") {
		t.Errorf("status %d, %q", status, errOut)
	}
	digit := image.NewGray(image.Rect(0, 0, 40, 40))
	for y := 8; y < 32; y++ {
		digit.Pix[digit.PixOffset(20, y)] = 255
	}
	f, err := os.Create(picture)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, digit); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if a, b := ok(t, "predict", dir, picture, "--json"), ok(t, "predict", file, picture, "--json"); a != b {
		t.Errorf("of the run\n%s, of the file\n%s", a, b)
	}
	var a, b evalReport
	if err := json.Unmarshal([]byte(ok(t, "eval", dir, "--noise", "0", "--json")), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(ok(t, "eval", file, "--json")), &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a.Test, b.Test) || a.Seed != b.Seed || b.Run != file { // of the training set a run has its share alone
		t.Errorf("of the run %+v, of the file %+v", a, b)
	}
	if out := ok(t, "summary", file); !strings.Contains(out, "dense_1 (dense, relu)") {
		t.Errorf("got %s", out)
	}
	if out := ok(t, "diagnose", file); strings.Contains(out, "NaN") || strings.Contains(out, "learning-rate-low") { // of which no step was seen
		t.Errorf("got %s", out)
	}
	if out := ok(t, "graph", file, "--gradients"); !strings.Contains(out, "loss (cross-entropy)") {
		t.Errorf("got %s", out)
	}
	if out := ok(t, "graph", file, "--level", "op", "--gradients"); !strings.Contains(out, "gradient of dense_1.weight") {
		t.Errorf("got %s", out)
	}
	if out := ok(t, "gradcheck", file); !strings.Contains(out, "m: every gradient agrees") {
		t.Errorf("got %s", out)
	}
	if out := ok(t, "gradients", "--checkpoint", file); !strings.Contains(out, "dense_1") {
		t.Errorf("got %s", out)
	}
	if out := ok(t, "diagnose", file); !strings.Contains(out, "m, seed 1") || strings.Contains(out, "too-few-updates") {
		t.Errorf("got %s", out)
	}
	weights := filepath.Join(home, "w.npz")
	ok(t, "export", file, "-o", weights)
	if status, _, errOut := stheno("__complete", "eval", filepath.Join(home, "m")); status != 0 || strings.Contains(errOut, "Error") {
		t.Errorf("status %d, %q", status, errOut)
	}
	for _, c := range []struct {
		args []string
		says string
		want int
	}{
		{[]string{"eval", file, "--checkpoint", "best"}, "has none", 2},
		{[]string{"summary", file, "--seed", "3"}, "leave out --seed", 2},
		{[]string{"gradcheck", file, "--loss", "mse"}, "leave out --loss", 2},
		{[]string{"diagnose", file, "--epochs", "3"}, "leave out --epochs", 2},
		{[]string{"summary", filepath.Join(home, "none.safetensors")}, "no such file", 1},
		{[]string{"eval", "none.safetensors"}, "no such file", 1},
		{[]string{"eval", weights}, "neither a run nor a model file", 1},
		{[]string{"predict", picture, picture}, "neither a run nor a model file", 1},
	} {
		if status, _, errOut := stheno(c.args...); status != c.want || !strings.Contains(errOut, c.says) {
			t.Errorf("%v: status %d, %q", c.args, status, errOut)
		}
	}
	// A frozen one: what looks at gradients says so.
	m, prepare, err := run.LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Freeze("dense_1"); err != nil {
		t.Fatal(err)
	}
	frozen := filepath.Join(home, "frozen.safetensors")
	if err := run.SaveModel(frozen, m, prepare); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"summary", frozen}, {"graph", frozen}, {"gradients", "--checkpoint", frozen}, {"gradients", "--checkpoint", frozen, "--json"}} {
		if out := ok(t, args...); !strings.Contains(out, "frozen") {
			t.Errorf("%v: got %s", args, out)
		}
	}
	if out := ok(t, "gradcheck", frozen); strings.Contains(out, "dense_1.weight") {
		t.Errorf("got %s", out)
	}
	ok(t, "diagnose", frozen)
	ok(t, "gradients", "--checkpoint", frozen, "--plot", filepath.Join(home, "g.svg"))
}

// A network in ONNX, of another program's making with the channels first, or of our own, is a model file that the other commands take.
func TestImport(t *testing.T) {
	lenet, err := filepath.Abs("../../graph/onnx/testdata/import/lenet.onnx")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	out := ok(t, "import", lenet)
	if !strings.Contains(out, "here\n") || !strings.Contains(out, "in lenet.safetensors\n") {
		t.Errorf("got %q", out)
	}
	if out := ok(t, "summary", "lenet.safetensors"); !strings.Contains(out, "conv_1") {
		t.Errorf("got %q", out)
	}
	for status, args := range map[string][]string{
		"there already": {"import", lenet}, "no such file": {"import", "none.onnx"}, "want an input's name": {"import", lenet, "--shape", "input"}, "ends in .safetensors": {"import", lenet, "-o", "x.npz"},
	} {
		if code, out, errOut := stheno(args...); code == 0 || out != "" || !strings.Contains(errOut, status) {
			t.Errorf("%v: got %d, %q, %q, want %q", args, code, out, errOut, status)
		}
	}
}

// A run leaves as an ONNX file, once, with its preparation or without.
func TestExportONNX(t *testing.T) {
	t.Chdir(t.TempDir())
	ok(t, smallRun("relu", "--out", "r")...)
	ok(t, "export", "r", "-o", "d.onnx")
	ok(t, "export", "r", "-o", "bare.onnx", "--bare")
	with, err := os.ReadFile("d.onnx")
	if err != nil {
		t.Fatal(err)
	}
	bare, err := os.ReadFile("bare.onnx")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(with, []byte("preparation/Mul")) || bytes.Contains(bare, []byte("preparation/Mul")) {
		t.Error("the preparation stands in the file without it, or not in the other")
	}
	for _, c := range [][]string{{"export", "r", "-o", "d.onnx"}, {"export", "r", "-o", "x.npz", "--bare"}, {"export", "r", "-o", "x.pb"}} {
		if code, out, errOut := stheno(c...); code == 0 || out != "" || errOut == "" {
			t.Errorf("%v: got %d, %q, %q", c, code, out, errOut)
		}
	}
}
