package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNPY: what NumPy wrote, of every type.
func TestNPY(t *testing.T) {
	for _, kind := range []string{"u1", "i1", "i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "b1"} {
		for y, want := range map[string]string{"y_classes.npy": "class", "y_numbers.npy": "y", "": ""} {
			if y != "" {
				y = filepath.Join("testdata", y)
			}
			f, err := OpenFiles(filepath.Join("testdata", "x_"+kind+".npy"), y)
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			b := readAll(t, f)
			values := []float32{0, 1, 2, 100, 5, 7}
			if kind == "b1" {
				values = []float32{0, 1, 1, 1, 1, 1}
			}
			if !slices.Equal(b.Inputs[0].Floats, values) || f.Len() != 2 || !slices.Equal(f.Info().Shape(), []int{3}) {
				t.Errorf("%s: got %v", kind, b.Inputs[0].Floats)
			}
			switch want {
			case "class":
				if !slices.Equal(b.Targets[0].IDs, []int32{2, 0}) || !slices.Equal(f.Info().Classes, []string{"0", "1", "2"}) {
					t.Errorf("%s: targets %v", kind, b.Targets[0].IDs)
				}
			case "y":
				if !slices.Equal(b.Targets[0].Floats, []float32{1.5, -2}) {
					t.Errorf("%s: targets %v", kind, b.Targets[0].Floats)
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			if err := f.Read(roomFor(f.Info().Inputs, 1), []int{0}, Draw{}); err == nil {
				t.Error("read after Close: no error")
			}
		}
	}
}

// TestIDXInPlace: the same rows as the reader that holds them all.
func TestIDXInPlace(t *testing.T) {
	train, _, err := MNIST()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	images := []byte{0, 0, 8, 3, 0, 0, 0, 50, 0, 0, 0, 28, 0, 0, 0, 28}
	images = append(images, train.bytes[:50*784]...)
	labels := []byte{0, 0, 8, 1, 0, 0, 0, 50}
	for i := range 50 {
		labels = append(labels, byte(train.Label(i)))
	}
	f, err := OpenFiles(put(t, images, dir, "images"), put(t, labels, dir, "labels"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := []int{49, 3, 3, 17}
	a, b := roomFor(f.Info().Inputs, 4), roomFor(f.Info().Inputs, 4)
	a.Targets, b.Targets = []Values{{IDs: make([]int32, 4)}}, []Values{{IDs: make([]int32, 4)}}
	if err := f.Read(a, rows, Draw{}); err != nil {
		t.Fatal(err)
	}
	if err := train.Read(b, rows, Draw{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Inputs[0].Floats, b.Inputs[0].Floats) || !slices.Equal(a.Targets[0].IDs, b.Targets[0].IDs) {
		t.Error("read in place it is something else")
	}
}

func TestNPZ(t *testing.T) {
	a, err := NPZ("testdata/stored.npz", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if b := readAll(t, a); !slices.Equal(b.Inputs[0].Floats, []float32{0, 1, 2, 100, 5, 7}) || !slices.Equal(b.Targets[0].IDs, []int32{2, 0}) || len(a.Info().Classes) != 3 {
		t.Errorf("got %v", b)
	}
	a, err = NPZ("testdata/packed.npz", "x", "y")
	if err != nil {
		t.Fatal(err)
	}
	if b := readAll(t, a); !slices.Equal(a.Info().Shape(), []int{3, 1}) || !slices.Equal(b.Targets[0].Floats, []float32{1.5, 2, 3, 4}) {
		t.Errorf("got %v", b)
	}
	a, err = NPZ("testdata/packed.npz", "x", "")
	if err != nil || a.Info().Targets != nil {
		t.Errorf("%v", err)
	}
}

// npy is an NPY file of a header and bytes.
func npy(head string, values ...byte) []byte {
	return slices.Concat([]byte(npyMagic), []byte{1, 0}, binary.LittleEndian.AppendUint16(nil, uint16(len(head))), []byte(head), values)
}

func headOf(descr, shape string) string {
	return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }\n"
}

func TestFilesRefuse(t *testing.T) {
	dir := t.TempDir()
	x := "testdata/x_f4.npy"
	inf := put(t, npy(headOf("<f4", "1, 1"), 0, 0, 0x80, 0x7f), dir, "inf.npy")
	for want, files := range map[string][2]string{
		"no such file":                               {"nothing.npy", ""},
		"it is no regular file":                      {dir, ""},
		`its elements are "<U1"`:                     {"testdata/text.npy", ""},
		"its elements are records of several fields": {"testdata/record.npy", ""},
		"it is a zip file":                           {"testdata/stored.npz", ""},
		"it is gzipped":                              {"mnist/t10k-labels-idx1-ubyte.gz", ""},
		"wrong magic number: got 73 65 70":           {"testdata/iris.csv", ""},
		"got 3 targets, testdata/x_f4.npy has 2 samples; the two files do not belong together": {x, put(t, npy(headOf("|u1", "3,"), 0, 1, 2), dir, "three.npy")},
		"class -1 of sample 1, want 0 to 65535":                                                {x, put(t, npy(headOf("|i1", "2,"), 0, 255), dir, "minus.npy")},
		"the header promises 2×2 of <f4, the file has 3 bytes of values":                       {put(t, npy(headOf("<f4", "2, 2"), 1, 2, 3), dir, "cut.npy"), ""},
		"the header promises 2 bytes of values, and there are 3":                               {put(t, npy(headOf("|u1", "2,"), 1, 2, 3), dir, "long.npy"), ""},
		"the header promises 9000000000000000000×9":                                            {put(t, npy(headOf("|u1", "9000000000000000000, 9"), 1), dir, "huge.npy"), ""},
		"its shape is (0, 2), want dimensions of at least 1":                                   {put(t, npy(headOf("|u1", "0, 2")), dir, "none.npy"), ""},
		"it is a single number":                                                                {put(t, npy(headOf("|u1", ""), 1), dir, "one.npy"), ""},
		"the header lacks descr, fortran_order or shape":                                       {put(t, npy("{}"), dir, "empty.npy"), ""},
		"the file ends in its header":                                                          {put(t, npy("{}")[:11], dir, "short.npy"), ""},
		"version 9 of the format":                                                              {put(t, []byte(npyMagic+"\x09\x00\x00\x00"), dir, "nine.npy"), ""},
	} {
		f, err := OpenFiles(files[0], files[1])
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v\nwant %s", files, err, want)
		}
		f.Close()
	}
	f, err := OpenFiles(inf, "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Read(roomFor(f.Info().Inputs, 1), []int{0}, Draw{}); err == nil || !strings.Contains(err.Error(), "sample 0: value 0 is +Inf, want numbers within float32") {
		t.Errorf("got %v", err)
	}
	// A file that is cut while it is read is an error, not a crash.
	if err := os.Truncate(inf, 20); err != nil {
		t.Fatal(err)
	}
	if err := f.Read(roomFor(f.Info().Inputs, 1), []int{0}, Draw{}); err == nil || !strings.Contains(err.Error(), "cut short while it was read") {
		t.Errorf("got %v", err)
	}

	for want, c := range map[string][3]string{
		"it is no NPZ file": {"testdata/iris.csv", "", ""},
		`got array "z", want one of "x_train", "y_train", "x_test", "y_test"`: {"testdata/stored.npz", "z", ""},
		`it has the arrays "a", "b"; call the input x and the target y`:       {archive(t, dir, map[string][]byte{"a": npy(headOf("|u1", "2,"), 1, 2), "b": npy(headOf("|u1", "2,"), 1, 2)}), "", ""},
		`array "x": its header promises 4000000000 of |u1`:                    {archive(t, dir, map[string][]byte{"x": npy(headOf("|u1", "4000000000,"), 1, 2)}), "x", ""},
		`array "x": it ends after 1 of 2 bytes`:                               {archive(t, dir, map[string][]byte{"x": npy(headOf("|u1", "2,"), 1)}), "x", ""},
		`array "x": damaged after the last value`:                             {archive(t, dir, map[string][]byte{"x": npy(headOf("|u1", "2,"), 1, 2, 3)}), "x", ""},
	} {
		if _, err := NPZ(c[0], c[1], c[2]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v\nwant %s", c, err, want)
		}
	}
}

func archive(t testing.TB, dir string, arrays map[string][]byte) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range arrays {
			if !yield(name) {
				return
			}
		}
	}) {
		m, err := w.Create(name + ".npy")
		if err == nil {
			_, err = m.Write(arrays[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp(dir, "*.npz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzNPY$' -fuzzminimizetime 1x
func FuzzNPY(f *testing.F) {
	for _, file := range []string{"x_f2.npy", "x_i4.npy", "y_classes.npy", "text.npy", "record.npy"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 3, 4})
	path := filepath.Join(f.TempDir(), "a.npy")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		d, err := OpenFiles(path, path)
		if err != nil {
			return
		}
		defer d.Close()
		b := roomFor(d.Info().Inputs, 1)
		b.Targets = roomFor(d.Info().Targets, 1).Inputs
		_ = d.Read(b, []int{d.Len() - 1}, Draw{})
	})
}

// Without the last flag Go's minimisation starves it: go test ./datasets -run - -fuzz '^FuzzNPZ$' -fuzzminimizetime 1x
func FuzzNPZ(f *testing.F) {
	for _, file := range []string{"stored.npz", "packed.npz"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	path := filepath.Join(f.TempDir(), "a.npz")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if a, err := NPZ(path, "", ""); err == nil && a.Len() < 1 {
			t.Fatal("no samples and no error")
		}
	})
}
