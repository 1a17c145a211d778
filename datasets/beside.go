package datasets

import (
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// isEMNIST says whether images are EMNIST's, by the file's name. They lie on their side (Cohen, Afshar, Tapson, van Schaik: EMNIST, 2017: rows and columns are swapped), and are
// set upright when they are read.
func isEMNIST(file string) bool {
	return strings.Contains(strings.ToLower(filepath.Base(file)), "emnist")
}

// upright swaps rows and columns of images.
func (x *IDX) upright() {
	if len(x.Dims) != 3 {
		return
	}
	n, h, w := x.Dims[0], x.Dims[1], x.Dims[2]
	x.Dims = []int{n, w, h}
	if x.Bytes != nil {
		x.Bytes = turnedRows(x.Bytes, h, w)
	} else {
		x.Floats = turnedRows(x.Floats, h, w)
	}
}

func turnedRows[T any](from []T, h, w int) []T {
	to := make([]T, len(from))
	for at := 0; at < len(from); at += h * w {
		for y := range h {
			for x := range w {
				to[at+x*h+y] = from[at+y*w+x]
			}
		}
	}
	return to
}

// firstColumn makes labels of QMNIST's, [n, 8] of int32, whose first number is the class (Yadav, Bottou: Cold Case: The Lost MNIST Digits, 2019).
func (x *IDX) firstColumn() {
	if len(x.Dims) != 2 || x.Type != typeInt32 || x.Dims[1] != 8 {
		return
	}
	labels := make([]int32, x.Dims[0])
	for i := range labels {
		labels[i] = int32(x.Floats[8*i])
	}
	x.Dims, x.ints, x.Floats = []int{len(labels)}, labels, nil
}

// maxNames is the size of the largest file of class names that is read.
const maxNames = 1 << 20

// classNames are those in a text beside the images: EMNIST's mapping, whose lines are a label and the code of its character, or a name a line in classes.txt or labels.txt. Of
// labels that are counted from 1 the first is 1. Without such a file they are nil.
func classNames(fsys fs.FS, images string) (names []string, first int, err error) {
	base := strings.ToLower(filepath.Base(images))
	own := "mapping.txt"
	if prefix, _, ok := strings.Cut(base, "train"); ok {
		own = prefix + "mapping.txt"
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, 0, bare(err)
	}
	for _, want := range []string{own, "mapping.txt", "classes.txt", "labels.txt"} {
		at := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return strings.ToLower(e.Name()) == want && e.Type().IsRegular() })
		if at < 0 {
			continue
		}
		file := entries[at].Name()
		f, err := fsys.Open(file)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", file, bare(err))
		}
		text, err := io.ReadAll(io.LimitReader(f, maxNames))
		f.Close()
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", file, bare(err))
		}
		lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "\r", "")), "\n")
		if strings.HasSuffix(want, "mapping.txt") {
			return mappedNames(file, lines)
		}
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		return lines, 0, nil
	}
	return nil, 0, nil
}

// mappedNames reads lines of a label and one or two codes of characters.
func mappedNames(file string, lines []string) (names []string, first int, err error) {
	for i, line := range lines {
		fields := strings.Fields(line)
		var numbers []int
		for _, field := range fields {
			n, err := strconv.Atoi(field)
			if err != nil || n < 0 || n > 0x10ffff {
				return nil, 0, fmt.Errorf("%s: line %d: got %q, want a label and the codes of its characters", file, i+1, line)
			}
			numbers = append(numbers, n)
		}
		if len(numbers) < 2 {
			return nil, 0, fmt.Errorf("%s: line %d: got %q, want a label and the codes of its characters", file, i+1, line)
		}
		if i == 0 {
			first = numbers[0]
		}
		if first > 1 || numbers[0] != first+i {
			return nil, 0, fmt.Errorf("%s: line %d: got label %d, want labels from 0 or 1 on, each one more", file, i+1, numbers[0])
		}
		var name strings.Builder
		for _, code := range numbers[1:] {
			name.WriteRune(rune(code))
		}
		names = append(names, name.String())
	}
	return names, first, nil
}

// from counts labels from 0 that are counted from first.
func (x *IDX) from(first int) {
	if first == 0 || len(x.Dims) != 1 || slices.Contains(x.Bytes, 0) {
		return
	}
	for i := range x.Bytes {
		x.Bytes[i] -= uint8(first)
	}
	for i := range x.ints {
		x.ints[i] -= int32(first)
	}
}
