package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Whatever is in a file, Read gives a model or an error: 134,408 inputs in 200 s of one worker with 16 GB of address space, nothing found.
// Without the last flag Go's minimisation starves it: go test ./graph/onnx -run - -fuzz '^FuzzRead$' -fuzzminimizetime 1x
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/import/*.onnx")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 20000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, about, err := Read(bytes.NewReader(data), ReadConfig{})
		if (m == nil || about == nil) != (err != nil) {
			t.Errorf("got %v, %v and %v", m, about, err)
		}
	})
}
