package datasets

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// OpenPair reads samples from one file or folder, and their targets from another:
//
//   - arrays from NPY or IDX files, as [OpenFiles] does; gzipped IDX files are read whole;
//   - pictures from a folder, and a table of numbers or classes beside them, one of whose columns has the names of the files, with their endings or without. The columns say which is the target; where
//     there is but one other column, it is that.
func OpenPair(x, y string, c Columns) (Data, error) {
	info, err := os.Stat(x)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", x, bare(err))
	}
	if info.IsDir() {
		return opened(ImagesWith(x, y, Pictures{}, c))
	}
	var heads [2]string
	for i, path := range []string{x, y} {
		f, err := openFile(path, "an array, NPY or IDX")
		if err != nil {
			return nil, err
		}
		var magic [6]byte
		n, err := f.ReadAt(magic[:], 0)
		f.Close()
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("datasets: %s: %w", path, bare(err))
		}
		switch head := string(magic[:n]); {
		case head == npyMagic, strings.HasPrefix(head, "\x00\x00"):
			heads[i] = "array"
		case strings.HasPrefix(head, "\x1f\x8b"):
			heads[i] = "gzip"
		default:
			return nil, fmt.Errorf("datasets: %s and %s: the %s is no array in NPY or IDX, want two of them, or a folder of pictures and a table; a table has its target in a column of its own", x, y, []string{"first", "second"}[i])
		}
	}
	if heads == [2]string{"array", "array"} {
		return opened(OpenFiles(x, y))
	}
	return opened(unpackPair(x, y))
}

// unpackPair reads two IDX files into memory, gzipped or not.
func unpackPair(x, y string) (*Arrays, error) {
	input, _, err := arrayOfIDX("x", x)
	if err != nil {
		return nil, err
	}
	target, classes, err := arrayOfIDX("y", y)
	if err != nil {
		return nil, err
	}
	a, err := NewArrays(filepath.Base(x), []Array{input}, []Array{target})
	if err != nil {
		return nil, err
	}
	if a.info.Source = (&Source{Arrays: true}); classes == nil {
		return a, nil
	}
	return a.WithClasses(classes)
}

// arrayOfIDX is the array in an IDX file; as y integers with one for each sample are classes.
func arrayOfIDX(name, path string) (Array, []string, error) {
	f, err := openFile(path, "an IDX file")
	if err != nil {
		return Array{}, nil, err
	}
	defer f.Close()
	idx, err := ReadIDX(f, path, 0)
	if err != nil {
		return Array{}, nil, fmt.Errorf("datasets: %w", err)
	}
	values := idx.Floats
	if idx.Bytes != nil {
		values = make([]float32, len(idx.Bytes))
		scaleBytes(values, idx.Bytes, 1)
	}
	if name == "y" && len(idx.Dims) == 1 && !idx.fractional() {
		ids, most := make([]int32, len(values)), int32(0)
		for i, v := range values {
			if idx.ints != nil {
				ids[i] = idx.ints[i]
			} else {
				ids[i] = int32(v)
			}
			if ids[i] < 0 || ids[i] >= maxClasses {
				return Array{}, nil, fmt.Errorf("datasets: %s: class %d of sample %d, want 0 to %d; number the classes from 0, or save numbers to be predicted as floats", path, ids[i], i, maxClasses-1)
			}
			most = max(most, ids[i])
		}
		return Array{Name: "class", IDs: ids}, numberNames(int(most) + 1), nil
	}
	shape := slices.Clone(idx.Dims[1:])
	if len(shape) == 0 {
		shape = []int{1}
	}
	return Array{Name: name, Shape: shape, Floats: values}, nil, nil
}

// ReadNPY reads samples to be asked about from an NPY file as a reader gives it, to its end: the first dimension is the samples, input "x". name stands in the errors.
func ReadNPY(r io.Reader, name string) (*Arrays, error) {
	fail := func(err error) (*Arrays, error) { return nil, fmt.Errorf("datasets: %s: %w", name, err) }
	if r == nil {
		return fail(fmt.Errorf("got nothing to read from, want an NPY file"))
	}
	head, err := npyHead(r)
	if err != nil {
		return fail(err)
	}
	want, ok := head.bytes()
	if !ok || want > DefaultLimit || want/int64(head.kind.size)*4 > DefaultLimit {
		return fail(fmt.Errorf("the header promises %s of %s, more than is read at once (%d bytes): name the file, which is read from disk", times(head.dims), head.kind.name, DefaultLimit))
	}
	var raw bytes.Buffer // grows with what is there
	switch n, err := io.Copy(&raw, io.LimitReader(r, want+1)); {
	case err != nil:
		return fail(bare(err))
	case n != want:
		return fail(fmt.Errorf("the header promises %s of %s, %d bytes, and there are %d: it was cut short, or is not what it says", times(head.dims), head.kind.name, want, n))
	}
	x, err := arrayOf("x", head, head.inOrder(raw.Bytes()))
	if err != nil {
		return fail(err)
	}
	return NewArrays(name, []Array{x}, nil)
}
