package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// failing is a disk whose calls fail from the one of number at on, or that one alone; it counts them. Of writes that are cut
// short, room bytes are written first, as on a disk that gets full.
type failing struct {
	unsynced
	calls, at int
	forever   bool
	room      int // bytes that may be written in all; none where it is negative
	err       error
}

func (d *failing) fail() error {
	d.calls++
	if d.calls == d.at || d.forever && d.calls > d.at {
		return d.err
	}
	return nil
}

func (d *failing) create(root *os.Root, name string) (file, error) {
	if err := d.fail(); err != nil {
		return nil, err
	}
	f, err := d.unsynced.create(root, name)
	return &failingFile{f, d}, err
}

func (d *failing) append(root *os.Root, name string) (file, error) {
	if err := d.fail(); err != nil {
		return nil, err
	}
	f, err := d.unsynced.append(root, name)
	return &failingFile{f, d}, err
}

func (d *failing) rename(root *os.Root, from, to string) error {
	if err := d.fail(); err != nil {
		return err
	}
	return d.unsynced.rename(root, from, to)
}

func (d *failing) remove(root *os.Root, name string) error {
	if err := d.fail(); err != nil {
		return err
	}
	return d.unsynced.remove(root, name)
}

func (d *failing) mkdir(root *os.Root, name string) error {
	if err := d.fail(); err != nil {
		return err
	}
	return d.unsynced.mkdir(root, name)
}

func (d *failing) truncate(root *os.Root, name string, size int64) error {
	if err := d.fail(); err != nil {
		return err
	}
	return d.unsynced.truncate(root, name, size)
}

func (d *failing) syncDir(root *os.Root, name string) error {
	if err := d.fail(); err != nil {
		return err
	}
	return d.unsynced.syncDir(root, name)
}

type failingFile struct {
	file
	disk *failing
}

func (f *failingFile) Write(b []byte) (int, error) {
	if err := f.disk.fail(); err != nil {
		n, _ := f.file.Write(b[:len(b)/2])
		return n, err
	}
	if f.disk.room >= 0 && len(b) > f.disk.room {
		n, _ := f.file.Write(b[:f.disk.room])
		f.disk.room = 0
		return n, syscall.ENOSPC
	}
	f.disk.room -= max(0, min(f.disk.room, len(b)))
	return f.file.Write(b)
}

func (f *failingFile) Sync() error {
	if err := f.disk.fail(); err != nil {
		return err
	}
	return f.file.Sync()
}

func (f *failingFile) Close() error {
	err := f.disk.fail()
	if closed := f.file.Close(); err == nil {
		err = closed
	}
	return err
}

// TestEveryCallFailsOnce lets each call that a run and its resume make of the file system fail once, alone or with all after it. The run must
// end with an error, its folder load, and a resume end in the same bits.
func TestEveryCallFailsOnce(t *testing.T) {
	e := tiny("momentum", 0)
	e.Hidden, e.Epochs = []int{2}, 2
	whole := filepath.Join(t.TempDir(), "whole")
	trained(t, whole, e, Options{})
	want := files(t, whole)
	failures := 0
	for _, forever := range []bool{false, true} {
		for at := 1; ; at++ {
			d := &failing{at: at, forever: forever, room: -1, err: syscall.EIO}
			dir := filepath.Join(t.TempDir(), "run")
			err := attempt(t, dir, e, d)
			if d.calls < at {
				break // a run has no more calls than this
			}
			failures++
			if err == nil {
				t.Errorf("call %d failed, the run did not", at)
			} else if !errors.Is(err, syscall.EIO) {
				t.Errorf("call %d: %v", at, err)
			}
			goOn(t, dir, e, want)
		}
	}
	if failures < 60 {
		t.Errorf("%d calls failed, want more: is a run still saved through the disk?", failures)
	}
}

// TestDiskFull gives the disk room for so many bytes and no more.
func TestDiskFull(t *testing.T) {
	e := tiny("momentum", 0)
	e.Hidden, e.Epochs = []int{2}, 2
	whole := filepath.Join(t.TempDir(), "whole")
	trained(t, whole, e, Options{})
	want := files(t, whole)
	none, some := 0, 0
	for room := 0; ; room += 397 {
		dir := filepath.Join(t.TempDir(), "run")
		err := attempt(t, dir, e, &failing{room: room})
		if err == nil {
			if none == 0 || some == 0 {
				t.Errorf("it said %d times that there is no checkpoint, and %d times that there are", none, some)
			}
			if room < 3000 {
				t.Errorf("the run fits into %d bytes", room)
			}
			break
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
		// What it says of the checkpoints is true.
		if f, opened := Open(dir); opened == nil {
			all, _ := f.Checkpoints()
			if strings.Contains(err.Error(), "there is no checkpoint before it") {
				if none++; len(all) != 0 {
					t.Errorf("room for %d bytes: there are %v: %v", room, all, err)
				}
			} else if strings.Contains(err.Error(), " good: make room and go on") {
				if some++; len(all) == 0 || !strings.Contains(err.Error(), fmt.Sprintf("step %d, ", all[len(all)-1].Step)) {
					t.Errorf("room for %d bytes: there are %v: %v", room, all, err)
				}
			}
		}
		goOn(t, dir, e, want)
	}
}

// attempt is a run on a disk that fails.
func attempt(t *testing.T, dir string, e small, d disk) error {
	rec, err := Create(dir, e.config(t, 7, samples(t, 1)), Options{disk: d})
	if err != nil {
		return err
	}
	result, err := follow(context.Background(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), rec)
	if err == nil {
		err = rec.Finish(result.Result)
	}
	return errors.Join(err, rec.Close())
}

// goOn does what a user would do after a failure: load the model if there is a checkpoint, and go on.
func goOn(t *testing.T, dir string, e small, want map[string]string) {
	t.Helper()
	f, err := Open(dir)
	if err != nil { // it failed before there was a run
		trained(t, dir, e, Options{})
	} else {
		all, err := f.Checkpoints()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if _, _, err := f.Model(c, nil); err != nil {
				t.Fatal(err)
			}
		}
		rec, err := Resume(dir, "", 0, Options{disk: unsynced{}})
		switch {
		case errors.Is(err, ErrFinished):
		case err != nil:
			t.Fatal(err)
		default:
			finish(t, rec)
		}
	}
	sameFiles(t, want, files(t, dir))
}

// TestResumeThatFails lets each call of a resume fail, alone or with all after it: the folder must read as it was, byte for byte but for what is left
// of a file that was being written, or as it is to be.
func TestResumeThatFails(t *testing.T) {
	e := tiny("momentum", 0)
	e.Hidden = []int{2}
	o := Options{Keep: 9, Every: Every{Steps: 2}}
	whole := filepath.Join(t.TempDir(), "whole")
	trained(t, whole, e, o)
	want := files(t, whole)
	before, after := 0, 0
	for _, forever := range []bool{false, true} {
		for at := 1; ; at++ {
			dir := filepath.Join(t.TempDir(), "run")
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			d := &failing{at: at, forever: forever, room: -1, err: syscall.EIO}
			rec, err := Resume(dir, "8", 0, Options{disk: d})
			if err == nil {
				_, err = follow(context.Background(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), stopAtBackward(), rec)
				rec.Close()
			}
			if d.calls < at {
				break
			}
			f, failed := Open(dir)
			if failed != nil {
				t.Fatal(failed)
			}
			c, failed := f.Checkpoint("latest")
			if failed != nil {
				t.Fatal(failed)
			}
			if c.Step == 8 {
				after++
				r, failed := f.Result()
				epochs, failed2 := f.Epochs()
				if all, failed3 := f.Checkpoints(); r != nil || len(epochs) != 1 || len(all) != 5 || errors.Join(failed, failed2, failed3) != nil {
					t.Errorf("call %d: the folder reads as result %v, %d epochs, checkpoints %v, %v, %v", at, r, len(epochs), all, failed, failed2)
				}
			} else {
				before++
				got := files(t, dir)
				maps.DeleteFunc(got, func(name, _ string) bool { return ownTemporary.MatchString(filepath.Base(name)) })
				sameFiles(t, want, got)
				if !errors.Is(err, syscall.EIO) {
					t.Errorf("call %d: the error is %v", at, err)
				}
			}
			resumed(t, dir, "8", 0, Options{})
			sameFiles(t, want, files(t, dir))
		}
	}
	if before < 20 || after < 30 {
		t.Errorf("%d resumes ended in the old folder and %d in the new, want more of both", before, after)
	}
}
