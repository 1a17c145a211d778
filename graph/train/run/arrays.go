package run

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"

	"github.com/stheno-ml/stheno/datasets"
)

// A Tensor is one of a file of any program.
type Tensor struct {
	Name   string
	Shape  []int
	Type   string    // of its elements in the file, as safetensors calls it: "F32", "BF16"
	Values []float32 // nil where the file has whole numbers
}

// ReadTensors reads all tensors of a safetensors file or, where its name ends so, of an NPZ archive, in its order: of safetensors, which keep none, by their names, a number by its value. A checksum is
// compared where there is one. What memory it takes follows the file's size.
func ReadTensors(path string) ([]Tensor, error) {
	switch filepath.Ext(path) {
	case ".npz":
		arrays, err := datasets.ReadArchive(path)
		if err != nil {
			return nil, err
		}
		var all []Tensor
		for _, a := range arrays {
			all = append(all, Tensor{a.Name, a.Shape, npyTypes.ReplaceAllStringFunc(a.Type, func(s string) string { return fmt.Sprintf("F%d", 8*int(s[len(s)-1]-'0')) }), a.Floats})
		}
		return all, nil
	case ".safetensors":
		r, size, err := openPath(path)
		if err != nil {
			return nil, err
		}
		var all []Tensor
		err = withTensors(path, r, size, func(f *tensorFile) (err error) {
			all, err = f.all()
			return err
		})
		return all, err
	}
	return nil, fmt.Errorf("run: %s: it ends in %q, want one of .%s", path, filepath.Ext(path), strings.Join(Formats(), ", ."))
}

// npyTypes are NumPy's floats.
var npyTypes = regexp.MustCompile(`^[<>|=]f[248]$`)

// all are the file's tensors, by their names.
func (f *tensorFile) all() ([]Tensor, error) {
	data, err := f.data()
	if err != nil {
		return nil, err
	}
	var all []Tensor
	for name, info := range f.infos {
		t := Tensor{Name: name, Shape: make([]int, len(info.Shape)), Type: info.DType.String()}
		for i, n := range info.Shape {
			t.Shape[i] = int(n)
		}
		t.Values = floats(info.DType, data[info.DataOffsets[0]:info.DataOffsets[1]])
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Tensor) int { return byNumber(a.Name, b.Name) })
	return all, nil
}

// floats are a tensor's elements; nil of whole numbers.
func floats(kind safetensors.DType, raw []byte) []float32 {
	var size int
	var of func([]byte) float32
	switch kind {
	case safetensors.F16:
		size, of = 2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }
	case safetensors.BF16:
		size, of = 2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }
	case safetensors.F32:
		size, of = 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
	case safetensors.F64:
		size, of = 8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	default:
		return nil
	}
	all := make([]float32, len(raw)/size)
	for i := range all {
		all[i] = of(raw[i*size:])
	}
	return all
}

// half is a number of IEEE 754's binary16.
func half(b uint16) float32 {
	sign, exponent, fraction := float32(1-2*int(b>>15)), int(b>>10&31), float64(b&1023)
	switch exponent {
	case 0:
		return sign * float32(math.Ldexp(fraction, -24))
	case 31:
		if fraction > 0 {
			return float32(math.NaN())
		}
		return sign * float32(math.Inf(1))
	}
	return sign * float32(math.Ldexp(1024+fraction, exponent-25))
}

// byNumber compares names as people do: "2.weight" comes before "10.weight".
func byNumber(a, b string) int {
	x, y := numberOrNot.FindAllString(a, -1), numberOrNot.FindAllString(b, -1)
	for i := range min(len(x), len(y)) {
		n, err := strconv.ParseUint(x[i], 10, 64)
		m, other := strconv.ParseUint(y[i], 10, 64)
		c := strings.Compare(x[i], y[i])
		if err == nil && other == nil && n != m {
			c = 1
			if n < m {
				c = -1
			}
		}
		if c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

var numberOrNot = regexp.MustCompile(`\d+|\D+`)

// WriteTensors writes a new file of tensors of float32, in their order, as safetensors or as NumPy's npz, by its ending. What is there already is left as it is, and an error.
func WriteTensors(path string, tensors []Tensor) error {
	if exists(path) {
		return fmt.Errorf("run: %s: it is there already: remove it, or give another name", path)
	}
	raw := func(t Tensor) []byte {
		b, _ := binary.Append(nil, binary.LittleEndian, t.Values) // floats alone
		return b
	}
	switch filepath.Ext(path) {
	case ".safetensors":
		views := make(map[string]safetensors.TensorView, len(tensors))
		for _, t := range tensors {
			shape := make([]uint64, len(t.Shape))
			for i, n := range t.Shape {
				shape[i] = uint64(n)
			}
			var err error
			if views[t.Name], err = safetensors.NewTensorView(safetensors.F32, shape, raw(t)); err != nil {
				return fmt.Errorf("run: tensor %q: %w", t.Name, err)
			}
		}
		var file parts
		if err := safetensors.SerializeToWriter(views, map[string]string{"format": "pt"}, &file); err != nil {
			return fmt.Errorf("run: %w", err)
		}
		return writePath(path, file...)
	case ".npz":
		var out bytes.Buffer
		archive := zip.NewWriter(&out)
		for _, t := range tensors {
			if err := addArray(archive, t.Name, t.Shape, 4, raw(t)); err != nil {
				return fmt.Errorf("run: %s: %w", path, err)
			}
		}
		if err := archive.Close(); err != nil {
			return fmt.Errorf("run: %s: %w", path, err)
		}
		return writePath(path, out.Bytes())
	}
	return fmt.Errorf("run: got a file that ends in %q, want one of .%s", filepath.Ext(path), strings.Join(Formats(), ", ."))
}
