package run

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stheno-ml/stheno/graph"
)

// TestPythonReadsTheWeights has a Python program that knows only its standard library read a checkpoint and both exports.
func TestPythonReadsTheWeights(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	dir := filepath.Join(t.TempDir(), "run")
	m := trained(t, dir, tiny("adam", 0), Options{}).model
	f, _ := Open(dir)
	c, err := f.Checkpoint("latest")
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for _, format := range Formats() {
		paths[format] = filepath.Join(t.TempDir(), "m."+format)
		if err := Export(paths[format], m); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "testdata/read.py", c.Path, paths["safetensors"], paths["npz"])
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	var read []map[string]struct {
		Shape  []int
		Values []float32
	}
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{3, 1, 1} { // the checkpoint has Adam's two running values beside each
		if len(read[i]) != want*len(m.Params()) {
			t.Errorf("file %d has %d tensors, want %d", i, len(read[i]), want*len(m.Params()))
		}
		for _, p := range m.Params() {
			same(t, p, read[i][p.Name].Shape, read[i][p.Name].Values)
		}
	}
}

func same(t *testing.T, want graph.Param, shape []int, values []float32) {
	t.Helper()
	if !slices.Equal(shape, want.Value.Shape()) || !slices.Equal(values, want.Value.Float32s()) {
		t.Errorf("%s: Python reads shape %v, %v; want %v, %v", want.Name, shape, values, want.Value.Shape(), want.Value.Float32s())
	}
}
