package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is freed goes as far as the lab has put it there, and is as it was: a file that somebody put beside it, or changed, stays, and so does a folder that only looks like an upload's.
func TestFree(t *testing.T) {
	fresh := func() (*uploads, stored, string) {
		u := &uploads{in: filepath.Join(t.TempDir(), "data")}
		is, number, err := u.keep("fruit.zip", strings.NewReader(string(zipped(t, "apple/1.png", "A", "apple/2.png", "B", "pear/1.png", "P"))))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = u.remove() })
		return u, is, filepath.Join(u.in, number)
	}
	there := func(path string) bool {
		_, err := os.Lstat(path)
		return err == nil
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u, is, dir := fresh()
	if _, err := u.open("1"); err != nil {
		t.Fatal(err)
	}
	if u.free(is.path); !there(is.path) {
		t.Error("an upload that is being opened is gone")
	}
	u.close("1")
	if u.free(is.path); there(dir) || u.bytes != 0 || len(u.kept) != 0 {
		t.Errorf("%s is still there, or counted: %d bytes, %v", dir, u.bytes, u.kept)
	}
	if _, err := u.open("1"); err == nil {
		t.Error("what is gone is opened")
	}

	u, is, dir = fresh()
	write(filepath.Join(is.path, "apple", "mine.txt"), "mine")
	write(filepath.Join(is.path, "pear", "1.png"), "Q") // as long as it was
	if err := os.Chtimes(filepath.Join(is.path, "pear", "1.png"), time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	u.free(is.path)
	if there(filepath.Join(is.path, "apple", "1.png")) || !there(filepath.Join(is.path, "apple", "mine.txt")) || !there(filepath.Join(is.path, "pear", "1.png")) || !there(filepath.Join(dir, manifestName)) {
		t.Errorf("of an upload with files of the user's: %v", tree(dir))
	}

	u, is, dir = fresh() // on another evening, without its manifest
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil {
		t.Fatal(err)
	}
	again := &uploads{in: u.in}
	if again.free(is.path); !there(filepath.Join(is.path, "pear", "1.png")) {
		t.Error("a folder without a manifest lost its files")
	}

	u, is, dir = fresh() // and with it, but by a link, or from without
	elsewhere := &uploads{in: filepath.Join(t.TempDir(), "data")}
	if elsewhere.free(is.path); !there(is.path) {
		t.Error("a file of another folder is gone")
	}
	if err := os.Symlink(dir, filepath.Join(u.in, "7")); err == nil {
		again = &uploads{in: u.in}
		if again.free(filepath.Join(u.in, "7", "fruit")); !there(filepath.Join(is.path, "pear", "1.png")) {
			t.Error("what a link leads to is gone")
		}
	}
	again = &uploads{in: u.in}
	if again.free(is.path); there(dir) {
		t.Errorf("of another evening: %v", tree(dir))
	}
}

func tree(dir string) (all []string) {
	_ = filepath.WalkDir(dir, func(at string, _ os.DirEntry, _ error) error {
		all = append(all, at)
		return nil
	})
	return all
}
