package onnx

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var light = flag.Bool("light", false, "read the nine networks inside the onnx package, too: some minutes, two gigabytes")

// ONNX's own cases are read and computed right, or refused with an error: none is computed otherwise.
func TestBackendCases(t *testing.T) {
	if *python == "" {
		t.Skip("go test ./graph/onnx -onnx PYTHON, which .ci/run does, takes the cases out of the onnx package")
	}
	for _, c := range []struct {
		kind  string
		least int // cases that are computed
	}{{"light", 9}, {"node", 194}} {
		if c.kind == "light" && !*light {
			continue
		}
		dir := t.TempDir()
		if out, err := exec.Command(*python, "testdata/backend.py", dir, c.kind).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		right, refused := 0, 0
		for _, path := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".onnx")
			data, err := os.ReadFile(strings.TrimSuffix(path, ".onnx") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var say struct{ Inputs, Outputs map[string]values }
			if err := json.Unmarshal(data, &say); err != nil {
				t.Fatal(err)
			}
			m, about, err := ReadFile(path, ReadConfig{})
			if err != nil {
				refused++
				t.Logf("%s: %v", name, err)
				continue
			}
			got := run(t, m, about, say.Inputs)
			good := true
			for out, want := range say.Outputs {
				if d := apart(got[out].Floats, want.Floats); !(d <= 1e-4) || !slices.Equal(got[out].Shape, want.Shape) {
					good = false
					t.Errorf("%s: output %s is %.2g off, of shape %v, want %v", name, out, d, got[out].Shape, want.Shape)
				}
			}
			if good {
				right++
			}
		}
		t.Logf("%s: %d cases right, %d refused", c.kind, right, refused)
		if right < c.least {
			t.Errorf("%s: got %d cases right, want %d", c.kind, right, c.least)
		}
	}
}
