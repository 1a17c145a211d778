package lab

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// What dead labs have left is removed, and nothing else: no live lab's folder, none that is in the making, and nothing that only looks like one, or leads elsewhere.
func TestLeftovers(t *testing.T) {
	if runtime.GOOS == "aix" || runtime.GOOS == "solaris" || runtime.GOOS == "illumos" {
		t.Skip("nothing can be locked here")
	}
	among, elsewhere := t.TempDir(), t.TempDir()
	write := func(path string) string {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	live, err := newFolder(among)
	if err != nil {
		t.Fatal(err)
	}
	dead, err := newFolder(among)
	if err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dead.dir, "uploads", "1", "a.csv"))
	dead.lock.Close() // as the system does when a process is killed
	kept := []string{
		write(filepath.Join(live.dir, "uploads", "1", "a.csv")),
		write(filepath.Join(among, folderPrefix+"made", "a")),  // no lock yet
		write(filepath.Join(among, "other-lab-1", folderLock)), // another name
		write(filepath.Join(elsewhere, folderLock)),            // behind a link
		write(filepath.Join(elsewhere, "precious")),            // likewise
		write(filepath.Join(among, folderPrefix+"file")),       // no folder
	}
	if err := os.Symlink(elsewhere, filepath.Join(among, folderPrefix+"link")); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	linked := filepath.Join(among, folderPrefix+"lock-is-a-link")
	if err := errors.Join(os.Mkdir(linked, 0o700), os.Symlink(filepath.Join(elsewhere, folderLock), filepath.Join(linked, folderLock))); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	removeLeftovers(among)
	if _, err := os.Stat(dead.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dead lab's folder: %v", err)
	}
	for _, path := range append(kept, linked) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if err := live.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(live.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of the lab that ended: %v", err)
	}
}

// Labs that begin and end while others look for leftovers have their folders until they are done with them.
func TestLeftoversRace(t *testing.T) {
	among := t.TempDir()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 100 {
				removeLeftovers(among)
			}
		})
		wait.Go(func() {
			for range 100 {
				f, err := newFolder(among)
				if err != nil {
					t.Error(err)
					return
				}
				at := filepath.Join(f.dir, "upload")
				if err := os.WriteFile(at, nil, 0o600); err != nil {
					t.Error(err)
				}
				if _, err := os.Stat(at); err != nil {
					t.Error(err)
				}
				if err := f.remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	removeLeftovers(among)
	if left, err := os.ReadDir(among); err != nil || len(left) != 0 {
		t.Errorf("there is left %v, %v", left, err)
	}
}
