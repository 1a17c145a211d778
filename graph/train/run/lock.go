package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const lockFile = "lock"

// maxHolder is the most bytes that are read of a lock file.
const maxHolder = 256

var errLocked = errors.New("locked")

// A lock keeps two processes from writing to one run. The system drops it when its holder ends, however that comes about;
// the file stays, and says who holds it.
type lock struct{ f *os.File }

// lockFolder locks a run's folder for this process. It asks a few times, since whoever looks whether a run is in use
// holds the lock for a moment.
func lockFolder(dir string) (*lock, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	for range 10 {
		if err = tryLock(f); !errors.Is(err, errLocked) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		f.Close()
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("run: %s is in use by %s: wait for it, stop it, or take another folder", dir, holder(path))
		}
		return nil, fmt.Errorf("run: %s: locking it: %w", path, bare(err))
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	if err = f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "process %d on %s", os.Getpid(), host)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("run: %s: %w", path, bare(err))
	}
	return &lock{f}, nil
}

func (l *lock) release() {
	_ = l.f.Truncate(0)
	l.f.Close() // which drops the lock
}

// holder is what the lock file says of who holds it.
func holder(path string) string {
	text, err := readSmall(path, maxHolder)
	if err != nil || len(text) == 0 {
		return "another process"
	}
	return strings.ToValidUTF8(string(text), "?")
}

// InUse says who is writing to the run in dir, such as "process 4711 on turing"; "" if nobody is.
func InUse(dir string) string {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return ""
	}
	defer f.Close()
	if errors.Is(tryLock(f), errLocked) {
		return holder(path)
	}
	return ""
}
