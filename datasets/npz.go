package datasets

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// NPZ reads samples from an archive of arrays, as numpy.savez writes it, packed or not: the array called x is the input, the one called y the target, "" for none. With
// both empty they are found by their usual names: x and y, x_train and y_train, or X and y, images and labels, features and labels, data and target, and the like. The target is taken as by [OpenFiles], and
// NaN in the input counts as missing.
// An archive larger than [DefaultLimit] is refused: unpack it, and open its files.
func NPZ(path, x, y string) (*Arrays, error) {
	fail := func(err error) (*Arrays, error) { return nil, fmt.Errorf("datasets: %s: %w", path, err) }
	f, archive, size, err := openArchive(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	for _, member := range archive.File {
		names = append(names, strings.TrimSuffix(member.Name, ".npy"))
	}
	if x == "" && y == "" {
		if x, y = usualNames(names); x == "" {
			return fail(fmt.Errorf("it has the arrays %s; call the input x and the target y, or take each out into a file of its own", short(quoted(names))))
		}
	}
	read := func(name string, headOf func(io.Reader) (*arrayHead, error)) (*arrayHead, []byte, error) {
		at := slices.Index(names, name)
		if at < 0 {
			return nil, nil, fmt.Errorf("got array %q, want one of %s", name, short(quoted(names)))
		}
		head, raw, err := readMember(archive.File[at], size, headOf)
		if err != nil {
			return nil, nil, fmt.Errorf("array %q: %w", name, err)
		}
		return head, raw, nil
	}
	head, raw, err := read(x, npyHead)
	if err != nil {
		return fail(err)
	}
	input, err := arrayOf("x", head, raw)
	if err != nil {
		return fail(fmt.Errorf("array %q: %w", x, err))
	}
	var targets []Array
	var classes []string
	if y != "" {
		if head, raw, err = read(y, labelHead); err != nil {
			return fail(err)
		}
		target, names, err := targetOf(head, raw)
		if err != nil {
			return fail(fmt.Errorf("array %q: %w", y, err))
		}
		targets, classes = []Array{target}, names
	}
	a, err := newArrays(filepath.Base(path), []Array{input}, targets, true)
	if err != nil {
		return nil, err
	}
	if a.info.Source = (&Source{Arrays: true}); classes == nil {
		return a, nil
	}
	if head.kind.text != nil {
		a.info.Source.Classes = slices.Clone(classes)
	}
	return a.WithClasses(classes)
}

// openArchive opens an NPZ file, whose size it tells; archive is good until f is closed.
func openArchive(path string) (f *os.File, archive *zip.Reader, size int64, err error) {
	if f, err = openFile(path, "an NPZ file"); err != nil {
		return nil, nil, 0, err
	}
	info, err := f.Stat()
	if err == nil {
		size = info.Size()
		if archive, err = zip.NewReader(f, size); err != nil {
			err = fmt.Errorf("it is no NPZ file, as numpy.savez writes: %w", err)
		}
	}
	if err != nil {
		f.Close()
		return nil, nil, 0, fmt.Errorf("datasets: %s: %w", path, bare(err))
	}
	return f, archive, size, nil
}

// An ArchiveArray is an array of an NPZ archive, of whatever it is.
type ArchiveArray struct {
	Name   string
	Type   string    // of its elements, as NumPy calls it: "<f4"
	Shape  []int     // all of it; empty for a single number
	Floats []float32 // nil where the elements are whole numbers
}

// ReadArchive reads every array of an NPZ archive, in the archive's order. An archive larger than [DefaultLimit] is refused.
func ReadArchive(path string) ([]ArchiveArray, error) {
	f, archive, size, err := openArchive(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []ArchiveArray
	left := int64(DefaultLimit)
	for _, member := range archive.File {
		name := strings.TrimSuffix(member.Name, ".npy")
		head, raw, err := readMember(member, size, anyHead)
		if err == nil {
			if left -= int64(len(raw) / head.kind.size * 4); left < 0 {
				err = fmt.Errorf("the arrays up to it take more than is read at once, %d bytes", DefaultLimit)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("datasets: %s: array %q: %w", path, name, err)
		}
		a := ArchiveArray{Name: name, Type: head.kind.name, Shape: head.dims}
		if !head.kind.whole {
			a.Floats = make([]float32, len(raw)/head.kind.size)
			for i := range a.Floats {
				a.Floats[i] = float32(head.kind.decode(raw[i*head.kind.size:]))
			}
		}
		all = append(all, a)
	}
	return all, nil
}

// usualNames are those of an input and a target.
func usualNames(names []string) (x, y string) {
	for _, pair := range [][2]string{{"x", "y"}, {"x_train", "y_train"}, {"X", "y"}, {"X_train", "y_train"}, {"images", "labels"}, {"train_images", "train_labels"}, {"data", "target"},
		{"data", "label"}, {"data", "labels"}, {"features", "labels"}, {"features", "label"}, {"features", "target"}, {"features", "targets"}, {"images", "label"}, {"inputs", "targets"}, {"input", "target"}, {"inputs", "labels"}, {"X", "Y"},
	} {
		if slices.Contains(names, pair[0]) && slices.Contains(names, pair[1]) {
			return pair[0], pair[1]
		}
	}
	if len(names) == 1 {
		return names[0], ""
	}
	return "", ""
}

// readMember reads an array, whose header must promise what there is, and no more than memory should hold.
func readMember(member *zip.File, archive int64, headOf func(io.Reader) (*arrayHead, error)) (*arrayHead, []byte, error) {
	r, err := member.Open()
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	head, err := headOf(r)
	if err != nil {
		return nil, nil, err
	}
	want, ok := head.bytes()
	values := want / int64(head.kind.size) * 4
	if !ok || want > DefaultLimit || values > DefaultLimit || want > max(maxUnpacked, maxRatio*archive) {
		return nil, nil, fmt.Errorf("its header promises %s of %s, more than is read at once (%d bytes, or a hundred times the archive): unpack it and open its files with OpenFiles", times(head.dims), head.kind.name, DefaultLimit)
	}
	var raw bytes.Buffer // grows with what is there
	if _, err := io.Copy(&raw, io.LimitReader(r, want)); err != nil {
		return nil, nil, fmt.Errorf("damaged: %w", err)
	}
	if int64(raw.Len()) < want {
		return nil, nil, fmt.Errorf("it ends after %d of %d bytes of values: it was cut short", raw.Len(), want)
	}
	var rest [1]byte
	if n, err := r.Read(rest[:]); n > 0 || err != io.EOF {
		return nil, nil, fmt.Errorf("damaged after the last value: %v", errors.Join(err, errors.New("bytes follow")))
	}
	return head, head.inOrder(raw.Bytes()), nil
}

// arrayOf is an array of floats.
func arrayOf(name string, head *arrayHead, raw []byte) (Array, error) {
	values := make([]float32, len(raw)/head.kind.size)
	if err := head.kind.into(values, raw); err != nil {
		return Array{}, err
	}
	shape := slices.Clone(head.dims[1:])
	if len(shape) == 0 {
		shape = []int{1}
	}
	return Array{Name: name, Shape: shape, Floats: values}, nil
}

// targetOf is a target: integers with one for each sample are classes, and so are texts, which are numbered in their order.
func targetOf(head *arrayHead, raw []byte) (Array, []string, error) {
	if len(head.dims) == 0 {
		return Array{}, nil, errors.New("it is a single one, want one for each sample")
	}
	if head.kind.text != nil {
		return labelsOf(head, raw)
	}
	if n := len(raw) / head.kind.size; head.kind.whole && n == head.dims[0] {
		ids, most := make([]int32, n), 0
		for i := range ids {
			v := head.kind.decode(raw[i*head.kind.size:])
			if v < 0 || v >= maxClasses {
				return Array{}, nil, fmt.Errorf("class %v of sample %d, want 0 to %d; number the classes from 0, or save numbers to be predicted as floats", v, i, maxClasses-1)
			}
			ids[i], most = int32(v), max(most, int(v))
		}
		return Array{Name: "class", IDs: ids}, numberNames(most + 1), nil
	}
	a, err := arrayOf("y", head, raw)
	return a, nil, err
}
