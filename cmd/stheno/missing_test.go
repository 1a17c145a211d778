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
	write(t, "plants.onnx", "a")
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
		{"eval none.csv", "stheno: none.csv: no such file or folder, want a run, of those that `stheno runs` lists, or a model file\n"},
		{"graph plant.csv --hidden 3", "stheno: plant.csv: no such file or folder, want a run, of those that `stheno runs` lists, or a model file; did you mean \"plants.csv\"?\n"},
		{"diagnose none.csv", "want a run, of those that `stheno runs` lists, or a model file\n"},
		{"gradients none.csv", "want a run, of those that `stheno runs` lists, or a model file\n"},
		{"predict none.csv plants.csv", "want a run, of those that `stheno runs` lists, or a model file\n"},
		{"report none.csv", "stheno: none.csv: no such file or folder, want a run, of those that `stheno runs` lists\n"},
		{"compare none.csv", "stheno: none.csv: no such file or folder, want a run, of those that `stheno runs` lists\n"},
		{"run --resume none.csv", "none.csv: no such file or folder, want a run, of those that `stheno runs` lists\n"},
		{"eval none.safetensors", "stheno: none.safetensors: no such file or folder, want a model file\n"},
		{"eval plants.csv", "stheno: plants.csv is neither a run nor a model file: want a run, of those that `stheno runs` lists, or a file that `stheno save` wrote; data are learnt from by `stheno train`\n"},
		{"gradcheck plants.csv --hidden 3", "stheno: plants.csv is neither a run nor a model file"},
		{"gradients plants.csv", "plants.csv is neither a run nor a model file"},
		{"diagnose plants.csv", "plants.csv is neither a run nor a model file"},
		{"save plants.csv", "plants.csv is neither a run nor a model file"},
		{"predict plants.csv plants.csv", "plants.csv is neither a run nor a model file"},
		{"report plants.csv", "plants.csv is a file, want the folder of a run"},
		{"eval plants.onnx", "stheno: plants.onnx is no model file yet: `stheno import` makes one of it\n"},
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
