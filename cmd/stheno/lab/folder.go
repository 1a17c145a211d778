package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A folder is a lab's own, among those for what is temporary. It has a file that the lab keeps locked: a lab that was killed leaves its folder behind, and of a lock that nobody holds the next one knows it.
type folder struct {
	dir  string
	lock *os.File
}

const (
	folderPrefix = "stheno-lab-"
	folderLock   = "lock"
)

// errHeld is of a lock that somebody holds.
var errHeld = errors.New("it is locked")

// newFolder makes one.
func newFolder(among string) (*folder, error) {
	for range 10 {
		dir, err := os.MkdirTemp(among, folderPrefix)
		if err != nil {
			return nil, err
		}
		f := &folder{dir: dir}
		if f.lock, err = os.OpenFile(filepath.Join(dir, folderLock), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err == nil {
			err = hold(f.lock)
		}
		if err == nil && f.there() {
			return f, nil
		}
		gone := err == nil || errors.Is(err, errHeld) || errors.Is(err, fs.ErrNotExist) // another lab took it for a dead one's, between two lines here
		_ = f.remove()
		if !gone {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: each new folder is taken away: see what else works there", among)
}

// there says whether the lock that is held is still the one in the folder.
func (f *folder) there() bool {
	held, err := f.lock.Stat()
	named, failed := os.Lstat(f.lock.Name())
	return err == nil && failed == nil && os.SameFile(held, named)
}

// remove takes the folder away, the lock last: what is left of a folder that could not be removed whole the next lab removes.
func (f *folder) remove() error {
	if f == nil {
		return nil
	}
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, e := range entries {
		if e.Name() != folderLock {
			err = errors.Join(err, os.RemoveAll(filepath.Join(f.dir, e.Name())))
		}
	}
	if f.lock != nil {
		if err == nil {
			_ = os.Remove(f.lock.Name()) // as long as it is held, so that who has opened it meanwhile does not take it; where that cannot be done to an open file it goes with the folder
		}
		f.lock.Close()
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(f.dir)
}

// removeLeftovers removes the folders of labs that are dead: of this user's, real ones, whose lock is there and nobody's. One that is being made has no lock yet, or is locked; what fails is left.
func removeLeftovers(among string) {
	entries, err := os.ReadDir(among)
	if err != nil {
		return
	}
	for _, e := range entries {
		dir := filepath.Join(among, e.Name())
		info, err := os.Lstat(dir)
		if err != nil || !strings.HasPrefix(e.Name(), folderPrefix) || !info.IsDir() || !mine(info) {
			continue
		}
		at := filepath.Join(dir, folderLock)
		if info, err := os.Lstat(at); err != nil || !info.Mode().IsRegular() {
			continue
		}
		lock, err := os.OpenFile(at, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		f := &folder{dir, lock}
		if hold(lock) != nil || !f.there() {
			lock.Close()
			continue
		}
		_ = f.remove()
	}
}
