//go:build unix && !aix && !solaris

package lab

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// hold locks a file for this process until it is closed, or the process ends, however that comes about.
func hold(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errHeld
		default:
			return err
		}
	}
}

// mine says whether a file is this user's.
func mine(info fs.FileInfo) bool {
	of, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(of.Uid) == os.Geteuid()
}
