package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Weights in another file are read from the model's folder, and from nowhere else.
func TestExternalData(t *testing.T) {
	model, err := os.ReadFile("testdata/external/model.onnx")
	if err != nil {
		t.Fatal(err)
	}
	weights, err := os.ReadFile("testdata/external/in/external.bin")
	if err != nil {
		t.Fatal(err)
	}
	whole, about := imported1(t, "testdata/import/norms.onnx")
	parted, _ := imported1(t, "testdata/external/model.onnx")
	in, _ := of(whole, asked(t, whole, 3, 3))
	if a, b := only(run(t, whole, about, in)), only(run(t, parted, about, in)); apart(b.Floats, a.Floats) != 0 {
		t.Errorf("got %v, want %v", b.Floats, a.Floats)
	}
	if _, _, err := Read(bytes.NewReader(model), ReadConfig{}); err == nil || !strings.Contains(err.Error(), "read it with onnx.ReadFile") {
		t.Errorf("without a folder: got %v", err)
	}
	for name, c := range map[string]struct {
		location string // of the length of in/external.bin
		make     func(folder, outside string) error
		want     string
	}{
		"above":   {"../external.bin", func(folder, outside string) error { return nil }, "must be in the folder of the model"},
		"far off": {"/t/external.bin", func(folder, outside string) error { return nil }, "must be in the folder of the model"},
		"no file": {"in/external.bin", func(folder, outside string) error { return nil }, "must be in the folder of the model"},
		"a link": {"in/external.bin", func(folder, outside string) error {
			return os.Symlink(outside, filepath.Join(folder, "in", "external.bin"))
		}, "must be in the folder of the model"},
		"a folder": {"in/external.bin", func(folder, outside string) error {
			return os.Mkdir(filepath.Join(folder, "in", "external.bin"), 0o777)
		}, "no ordinary file"},
		"short": {"in/external.bin", func(folder, outside string) error {
			return os.WriteFile(filepath.Join(folder, "in", "external.bin"), weights[:len(weights)/2], 0o666)
		}, "and that has"},
	} {
		above := t.TempDir()
		folder, outside := filepath.Join(above, "model"), filepath.Join(above, "external.bin")
		if err := os.MkdirAll(filepath.Join(folder, "in"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(outside, weights, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := c.make(folder, outside); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "model.onnx")
		if err := os.WriteFile(path, bytes.ReplaceAll(model, []byte("in/external.bin"), []byte(c.location)), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadFile(path, ReadConfig{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
