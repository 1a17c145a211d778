package run

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDamageIsNoticed flips each bit of each file of a run, and cuts it at each byte: reading it must be an error of one
// line, and never other numbers.
func TestDamageIsNoticed(t *testing.T) {
	e := tiny("momentum", 0)
	e.Hidden, e.Epochs = []int{1}, 1
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, e, Options{})
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Checkpoint("latest")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(text []byte) error{
		c.Path: func(text []byte) error {
			file, err := readHeader("checkpoint", bytes.NewReader(text), int64(len(text)))
			if err == nil {
				_, _, err = f.model(file, nil)
			}
			return err
		},
		configFile: func(text []byte) error { _, err := parseConfig(text); return err },
		resultFile: func(text []byte) error { _, err := parseResult(text); return err },
	} {
		good, err := os.ReadFile(filepath.Join(dir, strings.TrimPrefix(name, dir)))
		if err != nil {
			t.Fatal(err)
		}
		if err := read(good); err != nil {
			t.Fatal(err)
		}
		check := func(text []byte, what string, at int) {
			switch err := read(text); {
			case err == nil:
				t.Fatalf("%s: %s %d was not noticed", filepath.Base(name), what, at)
			case strings.Contains(err.Error(), "\n"):
				t.Fatalf("%s: %s %d: the error is %q", filepath.Base(name), what, at, err)
			}
		}
		for i := range good {
			check(good[:i], "cut at byte", i)
		}
		bad := bytes.Clone(good)
		for i := range bad {
			for bit := range 8 {
				bad[i] ^= 1 << bit
				check(bad, "a flip in byte", i)
				bad[i] ^= 1 << bit
			}
		}
		check(append(bad, 0), "a byte more than", len(good))
	}
}

// TestDamagedLog flips a bit in each byte of the metrics, which a checkpoint is bound to, and cuts them.
func TestDamagedLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("sgd", 0), Options{}, stopAt(12))
	path := filepath.Join(dir, "metrics.jsonl")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		for _, text := range [][]byte{bad, good[:i]} {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Resume(dir, "", 0, Options{})
			mustFail(t, err, path, "--resume-from")
			if after, _ := os.ReadFile(path); !bytes.Equal(after, text) {
				t.Fatal("a resume that failed changed the metrics")
			}
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = Resume(dir, "", 0, Options{})
	mustFail(t, err, path, "--resume-from")
	if _, err := Load(dir, nil); err != nil { // the weights are there all the same
		t.Error(err)
	}
	if err := os.WriteFile(path, append(good, `{"epoch":3,"st`...), 0o644); err != nil {
		t.Fatal(err)
	}
	f, _ := Open(dir)
	if epochs, err := f.Epochs(); err != nil || len(epochs) != 2 {
		t.Errorf("with a torn last line there are %d epochs, %v, want 2", len(epochs), err)
	}
	resumed(t, dir, "", 0, Options{})
	if epochs, err := f.Epochs(); err != nil || len(epochs) != 3 {
		t.Errorf("after going on there are %d epochs, %v, want 3", len(epochs), err)
	}
}
