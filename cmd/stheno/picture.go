package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writePicture writes a file whole or not at all.
func writePicture(path string, from io.WriterTo) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".stheno-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w: choose a folder that is there and can be written", path, err)
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
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
