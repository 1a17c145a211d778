package main

import (
	"os"
	"strings"
	"testing"
)

// TestMissingFiles: what a user named and is not there is said as everything else is: its name, what was wanted, and what is there that was meant.
func TestMissingFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "plants.csv", "a,b\n1,2\n")
	for _, c := range []struct{ args, want string }{
		{"lab --no-open plant.csv", "stheno: lab: plant.csv: no such file or folder, want a table, a folder or zip of pictures, an experiment (`stheno list`) or a run (`stheno runs`); did you mean \"plants.csv\"?\n"},
		{"lab --no-open none.zip", "stheno: lab: none.zip: no such file or folder, want a table"},
		{"train plant.csv", "stheno: train: plant.csv: no such file or folder, want a table, a folder of pictures or texts, a text, or an archive of arrays; did you mean \"plants.csv\"?\n"},
		{"train plants.csv none.npy", "none.npy: no such file or folder, want"},
		{"sweep none.csv", "none.csv: no such file or folder, want"},
		{"data info none.csv", "stheno: data info: none.csv: no such file or folder, want"},
		{"predict none.safetensors x.png", "none.safetensors: no such file or folder, want a model file"},
		{"diagnose none.safetensors", "none.safetensors: no such file or folder, want a model file"},
		{"run relu --layers @none.txt", "stheno: --layers: none.txt: no such file or folder, want a file with a network in words"},
		{"import none.onnx", "stheno: import: none.onnx: no such file or folder, want an ONNX file"},
	} {
		if status, _, errOut := stheno(strings.Fields(c.args)...); status != 1 || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: status %d, got\n\t%swant\n\t%s", c.args, status, errOut, c.want)
		}
	}
	if err := os.WriteFile("shapes.zip", []byte("PK\x03\x04 pictures"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"train shapes.zip", "data info shapes.zip"} {
		if status, _, errOut := stheno(strings.Fields(args)...); status != 1 || !strings.Contains(errOut, "it is a zip file: of pictures or texts unpack it, and name the folder") {
			t.Errorf("%s: status %d, got %s", args, status, errOut)
		}
	}
}
