package run

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// unprivileged runs f with the file rights of nobody, where the test runs as root: root may read and write anything.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // the thread ends with the goroutine, and its rights with it
		if err := syscall.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

func TestNoPermission(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "run")
	trained(t, dir, tiny("adam", 0), Options{}, stopAt(7))
	f, _ := Open(dir)
	c, _ := f.Checkpoint("latest")
	config := filepath.Join(dir, configFile)
	for _, path := range []string{root, filepath.Dir(root)} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	forbid := func(path string, mode os.FileMode, f func()) {
		was, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		unprivileged(t, f)
		if err := os.Chmod(path, was.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	forbid(config, 0, func() {
		_, err := Open(dir)
		mustFail(t, err, config, "permission denied")
	})
	forbid(c.Path, 0, func() {
		_, _, err := f.Model(c, nil)
		mustFail(t, err, c.Path, "permission denied")
	})
	forbid(dir, 0o555, func() {
		if os.Geteuid() == 0 { // the lock file is root's
			_, err := Resume(dir, "", 0, Options{})
			mustFail(t, err, lockFile, "permission denied")
		}
		_, err := Create(filepath.Join(dir, "new"), f.Config, Options{})
		mustFail(t, err, "permission denied", "--out")
	})
}
