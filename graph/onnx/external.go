package onnx

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// outside reads a constant's data from a file beside the model's, size bytes of it.
func (d decoder) outside(place map[string]string, size int64) ([]byte, error) {
	if d.external == nil {
		return nil, fmt.Errorf("its data lie in another file, %q, and what is read has no folder: read it with onnx.ReadFile", place["location"])
	}
	number := func(key string, otherwise int64) (int64, error) {
		if place[key] == "" {
			return otherwise, nil
		}
		n, err := strconv.ParseInt(place[key], 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("got %s %q of its data in another file, want a number of at least 0", key, place[key])
		}
		return n, nil
	}
	offset, err := number("offset", 0)
	if err != nil {
		return nil, err
	}
	length, err := number("length", size)
	if err != nil {
		return nil, err
	}
	if length != size {
		return nil, fmt.Errorf("got %d bytes of data in another file, want %d", length, size)
	}
	return d.external(place["location"], offset, length)
}

// beside reads parts of files in a folder and in those under it, and nothing outside, whatever links lie there.
func beside(root *os.Root) func(location string, offset, length int64) ([]byte, error) {
	return func(location string, offset, length int64) ([]byte, error) {
		info, err := root.Stat(location) // before it is opened: a pipe would wait
		switch {
		case err != nil:
			return nil, fmt.Errorf("its data lie in another file, %q, which must be in the folder of the model: %w", location, err)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("its data lie in %q, which is no ordinary file", location)
		case length > info.Size() || offset > info.Size()-length:
			return nil, fmt.Errorf("its data lie in %q from byte %d on, %d of them, and that has %d", location, offset, length, info.Size())
		}
		f, err := root.Open(location)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		data := make([]byte, length)
		if _, err := f.ReadAt(data, offset); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return data, nil
	}
}
