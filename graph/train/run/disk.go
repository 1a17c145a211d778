package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// disk is what saving asks of the file system. It is an interface so that tests can have each call fail.
type disk interface {
	create(path string) (file, error)
	append(path string) (file, error)
	rename(from, to string) error
	remove(path string) error
	truncate(path string, size int64) error
	syncDir(dir string) error
}

type file interface {
	io.Writer
	Sync() error
	Close() error
}

type osDisk struct{}

func (osDisk) create(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
}
func (osDisk) append(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}
func (osDisk) rename(from, to string) error           { return os.Rename(from, to) }
func (osDisk) remove(path string) error               { return os.Remove(path) }
func (osDisk) truncate(path string, size int64) error { return os.Truncate(path, size) }

func (osDisk) syncDir(dir string) error {
	if runtime.GOOS == "windows" { // has no way to sync a folder, and needs none
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// temporary ends the name of a file that is being written.
const temporary = ".tmp"

// writeFile puts data at path so that a reader, and whatever comes after a crash, finds the old file or the new one whole:
// written under another name, synced, renamed, the folder synced.
func writeFile(d disk, path string, data ...[]byte) (err error) {
	temp := fmt.Sprintf("%s.%d%s", path, os.Getpid(), temporary)
	defer func() {
		if err != nil {
			_ = d.remove(temp) // as well as it goes; a folder's next run clears away what is left
			err = fmt.Errorf("run: writing %s: %w", path, bare(err))
		}
	}()
	f, err := d.create(temp)
	if err != nil {
		return err
	}
	for _, part := range data {
		if _, err := f.Write(part); err != nil {
			f.Close()
			return err
		}
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := d.rename(temp, path); err != nil {
		return err
	}
	return d.syncDir(filepath.Dir(path))
}

// readSmall reads a file that may have at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > limit {
		return nil, fmt.Errorf("run: %s: has %d bytes, want at most %d: it is not a file that stheno wrote", path, size, limit)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	return data, nil
}

// openRegular opens a regular file: a pipe would block, a device may never end.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("run: %s: it is %s, want a regular file", path, kind(info))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	return f, info.Size(), nil
}

func kind(info fs.FileInfo) string {
	if info.IsDir() {
		return "a folder"
	}
	return "a device, pipe or socket"
}

// bare is err without the operation and path that the message around it gives already.
func bare(err error) error {
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
