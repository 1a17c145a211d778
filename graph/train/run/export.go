package run

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Formats are those that Export writes, by the endings of files: "safetensors" and "npz".
func Formats() []string { return []string{"safetensors", "npz"} }

// Export writes a model's parameters and states to a new file at path, as safetensors or as NumPy's npz, by its ending, under names such as dense_1.weight, in shapes as
// the model has them: weights [in,out], which PyTorch has the other way round. What is there already is left as it is, and an error; so is another ending.
func Export(path string, m *graph.Model) error {
	if m == nil {
		return errNoModel(path)
	}
	if exists(path) {
		return fmt.Errorf("run: %s: it is there already: remove it, or give another name", path)
	}
	switch filepath.Ext(path) {
	case ".safetensors":
		return SaveWeights(path, m)
	case ".npz":
		archive, err := npz(m)
		if err != nil {
			return fmt.Errorf("run: %s: %w", path, err)
		}
		return writePath(path, archive)
	}
	return fmt.Errorf("run: got a file that ends in %q, want one of .%s", filepath.Ext(path), strings.Join(Formats(), ", ."))
}

// npz is a zip archive, nothing compressed, of an .npy file for each parameter.
func npz(m *graph.Model) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, p := range m.Tensors() {
		raw, err := littleEndian(p.Value)
		if err == nil {
			err = addArray(archive, p.Name, p.Value.Shape(), int(p.Value.Dtype().Size()), raw)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// addArray adds an array to an archive, of elements of so many bytes.
func addArray(archive *zip.Writer, name string, shape []int, bytes int, raw []byte) error {
	w, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	for _, part := range [][]byte{npyHeader(shape, bytes), raw} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// npyHeader is what comes before the elements in an .npy file, version 1.0 (NumPy, numpy.lib.format): magic number, length, a Python
// dictionary, padded so that the elements begin at a multiple of 64.
func npyHeader(sizes []int, bytes int) []byte {
	shape := ""
	for _, n := range sizes {
		shape += fmt.Sprintf("%d, ", n)
	}
	text := fmt.Sprintf("{'descr': '<f%d', 'fortran_order': False, 'shape': (%s), }", bytes, strings.TrimSuffix(shape, " "))
	const before = 10
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"
	head := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(head[8:], uint16(len(text)))
	return append(head, text...)
}
