// Package files writes files, all of them or not at all.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// CanWrite says, before the work, what would keep a file from being written after it.
func CanWrite(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder, want the name of a file", path)
	}
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s to write %s in: make it, or choose a folder that is there", dir, filepath.Base(path))
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is not a folder: choose another to write %s in", dir, filepath.Base(path))
	}
	return nil
}

// WriteWhole writes a file, all of it or not at all.
func WriteWhole(path string, from io.WriterTo) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".stheno-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w: choose a folder that is there and can be written", path, Reason(err))
	}
	defer os.Remove(f.Name())
	_, err = from.WriteTo(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w: make room, or choose another place", path, Reason(err))
	}
	return nil
}

// Reason is an error without the name of the temporary file, which says nothing to who reads it.
func Reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
