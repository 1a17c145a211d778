package lab

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// hold locks a file for this process until it is closed, or the process ends, however that comes about.
func hold(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}

// mine is true: each user has a folder of his own for what is temporary.
func mine(fs.FileInfo) bool { return true }
