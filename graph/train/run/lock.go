package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

const lockFile = "lock"

// maxHolder is the most bytes that are read of a lock file.
const maxHolder = 256

var errLocked = errors.New("locked")

// A lock keeps two processes from writing to one run. The system drops it when its holder ends, however that comes about;
// the file stays, and says who holds it.
type lock struct {
	f    *os.File
	root *os.Root
	was  []byte // what the file held before, to be put back where the run is not gone on with after all
	made bool   // there was no such file
}

// lockFolder locks a run's folder for this process. It asks a few times, since whoever looks whether a run is in use
// holds the lock for a moment.
func lockFolder(root *os.Root) (*lock, error) {
	for range 100 {
		l, err := openLock(root)
		if err != nil {
			return nil, err
		}
		if l.named() {
			l.sign()
			return l, nil
		}
		l.f.Close() // who had it has taken the file away: lock the new one
	}
	return nil, fmt.Errorf("run: %s: it is taken away as often as it is made: see what else works in that folder", at(root, lockFile))
}

func openLock(root *os.Root) (*lock, error) {
	info, err := regular(root, lockFile)
	l := &lock{root: root, made: errors.Is(err, fs.ErrNotExist)}
	if err == nil && info.Size() > maxHolder {
		err = fmt.Errorf("it has %d bytes, want at most %d: it is not a file that stheno wrote", info.Size(), maxHolder)
	}
	if err != nil && !l.made {
		return nil, fmt.Errorf("run: %s: %w", at(root, lockFile), bare(err))
	}
	if l.f, err = root.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("run: %s: %w", at(root, lockFile), bare(err))
	}
	for range 10 {
		if err = tryLock(l.f); !errors.Is(err, errLocked) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		l.f.Close()
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("run: %s is in use by %s: wait for it, stop it, or take another folder", root.Name(), holder(root))
		}
		return nil, fmt.Errorf("run: %s: locking it: %w", at(root, lockFile), bare(err))
	}
	return l, nil
}

// named says whether the file that is locked is still the one of that name.
func (l *lock) named() bool {
	mine, err := l.f.Stat()
	if err != nil {
		return true // what is wrong is found out by writing to it
	}
	now, err := l.root.Lstat(lockFile)
	return err == nil && os.SameFile(mine, now)
}

// sign writes who holds the lock, as well as that goes: on a disk that is full it is held all the same.
func (l *lock) sign() {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	if l.was, err = io.ReadAll(io.LimitReader(l.f, maxHolder)); err == nil {
		l.write(fmt.Appendf(nil, "process %d on %s", os.Getpid(), host))
	}
}

func (l *lock) write(text []byte) {
	if _, err := l.f.WriteAt(text, 0); err == nil { // first, so that what was there is there if it fails
		_ = l.f.Truncate(int64(len(text)))
	}
}

func (l *lock) release() {
	_ = l.f.Truncate(0)
	l.f.Close() // which drops the lock
}

// undo releases the lock of a folder that is to stay as it was.
func (l *lock) undo() {
	if l.made {
		_ = l.root.Remove(lockFile)
	} else {
		l.write(l.was)
	}
	l.f.Close()
}

// holder is what the lock file says of who holds it.
func holder(root *os.Root) string {
	text, err := readSmall(root, lockFile, maxHolder)
	if err != nil || len(text) == 0 {
		return "another process"
	}
	return strings.ToValidUTF8(string(text), "?")
}

// Lock keeps a folder of runs, which is there, for this process until unlock is called or the process ends, however that comes about: a second Lock of it, by this process or another one, is an error that says who has it, as InUse
// does. It is for who writes to a whole folder of them; a single run is locked by its Recorder, and a sweep as long as it is open.
func Lock(dir string) (unlock func(), err error) {
	if dir == "" {
		return nil, errNoFolder
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("run: %s: %w", dir, bare(err))
	}
	l, err := lockFolder(root)
	if err != nil {
		root.Close()
		return nil, err
	}
	return sync.OnceFunc(func() {
		l.made = true // it is nothing but a lock, be it one that a process which was killed has left
		l.undo()
		root.Close()
	}), nil
}

// InUse says who is writing to the run, sweep or folder of runs in dir, such as "process 4711 on turing"; "" if nobody is.
func InUse(dir string) (who string) {
	_ = within(dir, func(root *os.Root) error { // what cannot be opened is in nobody's use
		if _, err := regular(root, lockFile); err != nil {
			return err
		}
		f, err := root.OpenFile(lockFile, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		if errors.Is(tryLock(f), errLocked) {
			who = holder(root)
		}
		return nil
	})
	return who
}
