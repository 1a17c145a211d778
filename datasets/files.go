package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Files are samples in files that stay there: a batch is read when it is asked for, so that data may be much larger than memory. A Files is a [Data] with the input "x", and
// the target where there is one. It is read by any number of goroutines at once, until Close.
type Files struct {
	info   Info
	x      *fileArray
	y      *fileArray // floats
	labels []int32    // or classes
}

// OpenFiles takes samples from an array in a file, NPY as numpy.save writes it or IDX, neither gzipped: the first dimension is the samples. The targets are in another, or
// there are none: of integers with one for each sample they are classes, numbered from 0, and so are texts, which are numbered in their order; both are kept in memory. Of floats they are numbers
// to be predicted.
// NaN counts as missing: [FillMissing] fills it.
//
//	data, err := datasets.OpenFiles("x_train.npy", "y_train.npy")
//	defer data.Close()
//
// Headers are compared with the sizes of the files before anything is made.
func OpenFiles(x, y string) (*Files, error) {
	f := &Files{info: Info{Name: filepath.Base(x), Source: &Source{Arrays: true}}}
	fail := func(path string, err error) (*Files, error) {
		f.Close()
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	var err error
	if f.x, err = openArray(x, npyHead); err != nil {
		return fail(x, err)
	}
	shape := f.x.head.dims[1:]
	if len(shape) == 0 {
		shape = []int{1}
	}
	f.info.Inputs = []Field{{Name: "x", Shape: slices.Clone(shape)}}
	if y == "" {
		return f, nil
	}
	if f.y, err = openArray(y, labelHead); err != nil {
		return fail(y, err)
	}
	if len(f.y.head.dims) == 0 {
		return fail(y, errors.New("it is a single one, want one for each sample"))
	}
	if n := f.y.head.dims[0]; n != f.x.head.dims[0] {
		return fail(y, fmt.Errorf("got %d targets, %s has %d samples; the two files do not belong together", n, x, f.x.head.dims[0]))
	}
	if f.y.head.kind.text != nil {
		if err := f.named(); err != nil {
			return fail(y, err)
		}
		return f, nil
	}
	if !f.y.head.kind.whole || f.y.size != 1 {
		shape := f.y.head.dims[1:]
		if len(shape) == 0 {
			shape = []int{1}
		}
		f.info.Targets = []Field{{Name: "y", Shape: slices.Clone(shape)}}
		return f, nil
	}
	if err := f.classes(); err != nil {
		return fail(y, err)
	}
	return f, nil
}

// named reads labels that are texts.
func (f *Files) named() error {
	size, ok := f.y.head.bytes()
	if !ok || size > DefaultLimit {
		return fmt.Errorf("got %s of %s to keep in memory, want at most %d bytes: number the classes from 0", times(f.y.head.dims), f.y.head.kind.name, DefaultLimit)
	}
	raw := make([]byte, size)
	if _, err := f.y.file.ReadAt(raw, f.y.head.start); err != nil {
		return bare(err)
	}
	labels, names, err := labelsOf(f.y.head, raw)
	if err != nil {
		return err
	}
	f.labels, f.info.Classes, f.info.Source.Classes = labels.IDs, names, slices.Clone(names)
	f.info.Targets = []Field{{Name: "class", IDs: true, Values: names}}
	return nil
}

// classes reads the labels.
func (f *Files) classes() error {
	n, most := f.y.head.dims[0], int32(0)
	if int64(n)*4 > DefaultLimit {
		return fmt.Errorf("got %d classes to keep in memory, want at most %d", n, DefaultLimit/4)
	}
	f.labels = make([]int32, n)
	values := make([]float64, min(n, 1<<14))
	for lo := 0; lo < n; lo += len(values) {
		part := values[:min(len(values), n-lo)]
		if err := f.y.span(part, lo); err != nil {
			return err
		}
		for i, v := range part {
			if v < 0 || v >= maxClasses {
				return fmt.Errorf("class %v of sample %d, want 0 to %d; number the classes from 0, or save numbers to be predicted as floats", v, lo+i, maxClasses-1)
			}
			f.labels[lo+i] = int32(v)
			most = max(most, int32(v))
		}
	}
	f.info.Classes = numberNames(int(most) + 1)
	f.info.Targets = []Field{{Name: "class", IDs: true, Values: f.info.Classes}}
	return nil
}

// Close closes the files. Nothing is read afterwards.
func (f *Files) Close() error {
	if f == nil {
		return nil
	}
	return errors.Join(f.x.close(), f.y.close())
}

// Len is the number of samples.
func (f *Files) Len() int { return f.x.head.dims[0] }

// Info describes a sample.
func (f *Files) Info() Info { return f.info }

// Slow says whether reading takes long enough to be done ahead: package train then does.
func (f *Files) Slow() bool { return true }

// Read reads samples from their places in the files.
func (f *Files) Read(b Batch, rows []int, _ Draw) error {
	if err := f.info.check(b, rows, f.Len()); err != nil {
		return err
	}
	if len(b.Inputs) > 0 && b.Inputs[0].Floats != nil {
		if err := f.x.rows(b.Inputs[0].Floats, rows); err != nil {
			return err
		}
	}
	switch {
	case len(b.Targets) == 0:
	case b.Targets[0].IDs != nil:
		for i, row := range rows {
			b.Targets[0].IDs[i] = f.labels[row]
		}
	case b.Targets[0].Floats != nil:
		return f.y.rows(b.Targets[0].Floats, rows)
	}
	return nil
}

// A fileArray is an array in a file.
type fileArray struct {
	file interface {
		io.ReaderAt
		io.Closer
	}
	name string
	head *arrayHead
	size int       // values of a sample
	idle sync.Pool // of *[]byte
}

func openArray(path string, npy func(io.Reader) (*arrayHead, error)) (*fileArray, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file, want an NPY or IDX file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	a := &fileArray{file: file, name: path}
	if a.head, err = arrayHeadOf(file, npy); err == nil {
		err = a.check(info.Size())
	}
	if err == nil && a.head.turned {
		err = a.turn()
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	a.size = 1
	for _, d := range a.head.dims[1:] {
		a.size *= d
	}
	return a, nil
}

// turn keeps an array in memory whose samples lie scattered over the file.
func (a *fileArray) turn() error {
	size, _ := a.head.bytes() // which were compared with the file's
	if size > DefaultLimit {
		return fmt.Errorf("it is in Fortran's order, as pandas gives arrays, and of more than is read at once (%d bytes): save numpy.ascontiguousarray(a)", DefaultLimit)
	}
	raw := make([]byte, size)
	if _, err := a.file.ReadAt(raw, a.head.start); err != nil {
		return bare(err)
	}
	if err := a.file.Close(); err != nil {
		return bare(err)
	}
	a.file, a.head.start = inMemory{bytes.NewReader(a.head.inOrder(raw))}, 0
	return nil
}

// inMemory is a file that was read whole.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// check compares what the header promises with what there is.
func (a *fileArray) check(size int64) error {
	want, ok := a.head.bytes()
	switch have := size - a.head.start; {
	case !ok || want > have:
		return fmt.Errorf("the header promises %s of %s, the file has %d bytes of values: it was cut short; copy it again", times(a.head.dims), a.head.kind.name, have)
	case want < have:
		return fmt.Errorf("the header promises %d bytes of values, and there are %d: the file is damaged, or not what it says", want, have)
	}
	return nil
}

// arrayHeadOf reads the header of an NPY or IDX file, of NPY as npy does.
func arrayHeadOf(file *os.File, npy func(io.Reader) (*arrayHead, error)) (*arrayHead, error) {
	var magic [6]byte
	n, err := file.ReadAt(magic[:], 0)
	switch {
	case err != nil && err != io.EOF:
		return nil, bare(err)
	case n == 6 && string(magic[:]) == npyMagic:
		return npy(file)
	case n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		return nil, errors.New("it is gzipped, and its samples cannot be read from their places: unpack it with gunzip")
	case n >= 4 && string(magic[:4]) == "PK\x03\x04":
		return nil, errors.New("it is a zip file: read NPZ with NPZ, or unpack it, and name the folder")
	}
	_, x, err := openIDX(io.NewSectionReader(file, 0, math.MaxInt64), file.Name(), 512, 1<<55)
	if err != nil {
		if n >= 2 && (magic[0] != 0 || magic[1] != 0) {
			return nil, fmt.Errorf("wrong magic number: got % x, want an NPY file, as numpy.save writes, or an IDX file", magic[:n])
		}
		return nil, err
	}
	e := elements[x.Type]
	k := elementKind{name: e.name, size: e.size, whole: !x.fractional(), decode: e.decode}
	if k.decode == nil {
		k.decode = func(b []byte) float64 { return float64(b[0]) }
	}
	return &arrayHead{dims: x.Dims, kind: k, start: int64(4 + 4*len(x.Dims))}, nil
}

func (a *fileArray) close() error {
	if a == nil {
		return nil
	}
	return a.file.Close()
}

// span decodes values of samples one after the other.
func (a *fileArray) span(values []float64, row int) error {
	raw := make([]byte, len(values)*a.head.kind.size)
	if _, err := a.file.ReadAt(raw, a.head.start+int64(row)*int64(a.size)*int64(a.head.kind.size)); err != nil {
		return a.failed(row, err)
	}
	for i := range values {
		values[i] = a.head.kind.decode(raw[i*a.head.kind.size:])
	}
	return nil
}

func (a *fileArray) failed(row int, err error) error {
	if err == io.EOF {
		return fmt.Errorf("datasets: %s: sample %d: the file ends before it: it was cut short while it was read", a.name, row)
	}
	return fmt.Errorf("datasets: %s: sample %d: %w", a.name, row, bare(err))
}

// rows reads samples from wherever they lie.
func (a *fileArray) rows(to []float32, rows []int) error {
	width := a.size * a.head.kind.size
	room, _ := a.idle.Get().(*[]byte)
	if room == nil {
		raw := make([]byte, width)
		room = &raw
	}
	defer a.idle.Put(room)
	for i, row := range rows {
		if _, err := a.file.ReadAt(*room, a.head.start+int64(row)*int64(width)); err != nil {
			return a.failed(row, err)
		}
		if err := a.head.kind.into(to[i*a.size:(i+1)*a.size], *room); err != nil {
			return fmt.Errorf("datasets: %s: sample %d: %w", a.name, row, err)
		}
	}
	return nil
}

// into decodes values.
func (k *elementKind) into(to []float32, raw []byte) error {
	if k.size == 1 && k.name != "int8" && k.name[1:] != "i1" {
		scaleBytes(to, raw, 1)
		return nil
	}
	for i := range to {
		v := k.decode(raw[i*k.size:])
		if math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32 {
			return fmt.Errorf("value %d is %v, want numbers within float32; clean the data first", i, v)
		}
		to[i] = float32(v)
	}
	return nil
}
