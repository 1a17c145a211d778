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

// disk is what saving asks of the file system. It is an interface so that tests can have each call fail. Names are those of files within a folder
// that is open: what lies outside it is out of reach, whatever symbolic links somebody has put into it.
type disk interface {
	create(root *os.Root, name string) (file, error)
	append(root *os.Root, name string) (file, error)
	rename(root *os.Root, from, to string) error
	remove(root *os.Root, name string) error
	truncate(root *os.Root, name string, size int64) error
	mkdir(root *os.Root, name string) error
	syncDir(root *os.Root, name string) error
}

type file interface {
	io.Writer
	Sync() error
	Close() error
}

type osDisk struct{}

func (osDisk) create(root *os.Root, name string) (file, error) {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process of the same number that was killed
		return nil, err
	}
	return root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

func (osDisk) append(root *os.Root, name string) (file, error) {
	if _, err := regular(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}

func (osDisk) rename(root *os.Root, from, to string) error { return root.Rename(from, to) }
func (osDisk) remove(root *os.Root, name string) error     { return root.Remove(name) }
func (osDisk) mkdir(root *os.Root, name string) error      { return root.Mkdir(name, 0o755) }

func (osDisk) truncate(root *os.Root, name string, size int64) error {
	if _, err := regular(root, name); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Close())
}

func (osDisk) syncDir(root *os.Root, name string) error {
	if runtime.GOOS == "windows" { // has no way to sync a folder, and needs none
		return nil
	}
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// within opens a run's folder to read in it.
func within(dir string, use func(root *os.Root) error) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("run: %s: %w", dir, bare(err))
	}
	defer root.Close()
	return use(root)
}

// at is the path of a file in an open folder, for messages.
func at(root *os.Root, name string) string {
	return filepath.Join(root.Name(), filepath.FromSlash(name))
}

// temporary ends the name of a file that is being written.
const temporary = ".tmp"

// temporaryName is what a file is called while this process writes it.
func temporaryName(name string) string { return fmt.Sprintf("%s.%d%s", name, os.Getpid(), temporary) }

// writeFile puts data into a file of an open folder so that a reader, and whatever comes after a crash, finds the old file or the new one whole:
// written under another name, synced, renamed, the folder synced.
func writeFile(d disk, root *os.Root, name string, data ...[]byte) (err error) {
	temp := temporaryName(name)
	defer func() {
		if err != nil {
			_ = d.remove(root, temp) // as well as it goes; a folder's next run clears away what is left
			err = fmt.Errorf("run: writing %s: %w", at(root, name), bare(err))
		}
	}()
	f, err := d.create(root, temp)
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
	if err := d.rename(root, temp, name); err != nil {
		return err
	}
	return d.syncDir(root, filepath.Dir(name))
}

// writePath is writeFile at a path that the user gave.
func writePath(path string, data ...[]byte) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("run: writing %s: %w", path, bare(err))
	}
	defer root.Close()
	return writeFile(osDisk{}, root, filepath.Base(path), data...)
}

// readSmall reads a file that may have at most limit bytes.
func readSmall(root *os.Root, name string, limit int64) ([]byte, error) {
	f, size, err := openRegular(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > limit {
		return nil, fmt.Errorf("run: %s: has %d bytes, want at most %d: it is not a file that stheno wrote", at(root, name), size, limit)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", at(root, name), bare(err))
	}
	return data, nil
}

// openRegular opens a regular file of an open folder: a pipe would block, a device may never end, a symbolic link may lead to another's file.
func openRegular(root *os.Root, name string) (*os.File, int64, error) {
	info, err := regular(root, name)
	if err != nil {
		return nil, 0, fmt.Errorf("run: %s: %w", at(root, name), bare(err))
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("run: %s: %w", at(root, name), bare(err))
	}
	return f, info.Size(), nil
}

// openPath opens a regular file that the user named, by a symbolic link if need be.
func openPath(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is %s, want a regular file", kind(info))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	return f, info.Size(), nil
}

// regular is an error where what is there is no regular file.
func regular(root *os.Root, name string) (fs.FileInfo, error) {
	info, err := root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is %s, want a regular file", kind(info))
	}
	return info, err
}

// isThere says whether there is anything of that name in an open folder.
func isThere(root *os.Root, name string) bool {
	_, err := root.Lstat(name)
	return err == nil
}

func kind(info fs.FileInfo) string {
	switch {
	case info.IsDir():
		return "a folder"
	case info.Mode()&fs.ModeSymlink != 0:
		return "a symbolic link, which is not followed"
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
