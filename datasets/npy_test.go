package datasets

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestFortranOrder: arrays whose first axis runs fastest, as pandas gives them, are those of NumPy in C's order, from a file, a stream and an archive's array.
func TestFortranOrder(t *testing.T) {
	f, err := OpenFiles("testdata/fortran.npy", "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]float32, 6)
	if err := f.Read(Batch{Inputs: []Values{{Floats: got}}}, []int{0, 1}, Draw{}); err != nil || !slices.Equal(got, []float32{0, 1, 2, 100, 5, 7}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, dims := range [][]int{{3, 4}, {2, 3, 4}, {4, 1, 3, 2}, {1, 1}, {5, 1}} {
		n := 1
		for _, d := range dims {
			n *= d
		}
		h := &arrayHead{dims: dims, kind: elementKind{size: 2}, turned: true}
		raw, want := make([]byte, 2*n), []byte{}
		for i := range n { // element i of C's order lies at its place in Fortran's
			at, rest, stride := 0, i, 1
			place := make([]int, len(dims))
			for axis := len(dims) - 1; axis >= 0; axis-- {
				place[axis], rest = rest%dims[axis], rest/dims[axis]
			}
			for axis, d := range dims {
				at += place[axis] * stride
				stride *= d
			}
			binary.LittleEndian.PutUint16(raw[2*at:], uint16(i))
			want = binary.LittleEndian.AppendUint16(want, uint16(i))
		}
		if got := h.inOrder(raw); !slices.Equal(got, want) {
			t.Errorf("%v: got %v, want %v", dims, got, want)
		}
	}
	dir := t.TempDir()
	turned := strings.Replace(headOf("|u1", "2, 3"), "False", "True", 1)
	a, err := ReadNPY(strings.NewReader(string(npy(turned, 1, 4, 2, 5, 3, 6))), "x")
	if err != nil || !slices.Equal(a.inputs[0].Floats, []float32{1, 2, 3, 4, 5, 6}) {
		t.Errorf("a stream: %v, %v", a, err)
	}
	if f, err := OpenFiles(put(t, npy(turned, 1, 4, 2, 5, 3, 6), dir, "x.npy"), put(t, npy(turned, 1, 4, 2, 5, 3, 6), dir, "y.npy")); err != nil || f.Info().Targets[0].Size() != 3 {
		t.Errorf("two files: %v", err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestLikeClasses: numbers that are rather classes are pointed out, others are not.
func TestLikeClasses(t *testing.T) {
	of := func(size int, value func(i int) float32) string {
		x, y := make([]float32, 40), make([]float32, 40*size)
		for i := range y {
			y[i] = value(i)
		}
		for i := range x {
			x[i] = float32(i * i % 13)
		}
		a, err := NewArrays("a", []Array{{Name: "x", Shape: []int{1}, Floats: x}}, []Array{{Name: "y", Shape: []int{size}, Floats: y}})
		if err != nil {
			t.Fatal(err)
		}
		a.info.Source = &Source{Arrays: true}
		found, err := Check(a, nil)
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, f := range found {
			if f.Code != "leak" {
				codes = append(codes, f.Code)
			}
		}
		return fmt.Sprint(codes)
	}
	for want, got := range map[string]string{
		"[like-classes] 1": of(1, func(i int) float32 { return float32(i % 2) }) + " 1",
		"[like-classes] 3": of(3, func(i int) float32 { return float32((i%3 + i/3) % 3 / 2) }) + " 3",
		"[] several":       of(3, func(i int) float32 { return float32(i * i % 2) }) + " several",
		"[] numbers":       of(1, func(i int) float32 { return float32(i) / 2 }) + " numbers",
		"[] three values":  of(1, func(i int) float32 { return float32(i % 3) }) + " three values",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestMissingInArchives: NaN in the samples of an archive is missing, as it is in those of a file; in targets it is an error.
func TestMissingInArchives(t *testing.T) {
	nan := []float32{1, float32(math.NaN()), 3}
	if _, err := newArrays("a", []Array{{Name: "x", Floats: nan}}, nil, true); err != nil {
		t.Error(err)
	}
	for _, err := range []error{
		func() error { _, err := NewArrays("a", []Array{{Name: "x", Floats: nan}}, nil); return err }(),
		func() error {
			_, err := newArrays("a", []Array{{Name: "x", Floats: []float32{1, 2, 3}}}, []Array{{Name: "y", Floats: nan}}, true)
			return err
		}(),
		func() error {
			_, err := newArrays("a", []Array{{Name: "x", Floats: []float32{1, float32(math.Inf(1)), 3}}}, nil, true)
			return err
		}(),
	} {
		if err == nil || !strings.Contains(err.Error(), "want finite numbers") {
			t.Errorf("got %v", err)
		}
	}
}
