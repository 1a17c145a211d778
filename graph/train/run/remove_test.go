package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
)

// TestRemove: a run goes with all that a run may leave, and with nothing else; what is refused is left as it was.
func TestRemove(t *testing.T) {
	base := t.TempDir()
	e := tiny("sgd", 0)
	begun := func(name string) string {
		dir := filepath.Join(base, name)
		trained(t, dir, e, Options{})
		return dir
	}
	write := func(dir, name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("1234"), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := begun("whole")
	for _, name := range []string{"result.json", "metrics.jsonl", "timings.jsonl.damaged", "gradients.jsonl", "run.json.4711.tmp", "checkpoints/step-000000003.safetensors", "checkpoints/step-000000003.safetensors.4711.tmp"} {
		write(whole, name)
	}
	if bytes := Size(whole); bytes < 7*4 || Size(base) != 0 {
		t.Errorf("size: got %d and %d", bytes, Size(base))
	}
	if err := Remove(whole); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(whole); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	damaged := begun("damaged") // is a run all the same, which somebody may want to be rid of
	write(damaged, "run.json")
	if err := Remove(damaged); err != nil {
		t.Error(err)
	}

	refused := func(dir, want string) {
		t.Helper()
		before := everything(t, base)
		if err := Remove(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", dir, err, want)
		}
		untouched(t, before, everything(t, base))
	}
	notes := begun("notes")
	write(notes, "notes.txt")
	refused(notes, "holds notes.txt, which is no part of a run")
	deep := begun("deep")
	write(deep, "checkpoints/mine.safetensors")
	refused(deep, "holds checkpoints/mine.safetensors")
	link := begun("link")
	if err := os.Symlink(write(base, "elsewhere"), filepath.Join(link, "metrics.jsonl")); err == nil {
		refused(link, "holds metrics.jsonl")
		if err := os.Symlink(begun("aim"), filepath.Join(base, "pointer")); err != nil {
			t.Fatal(err)
		}
		refused(filepath.Join(base, "pointer"), "is a symbolic link")
	}
	folder := filepath.Join(base, "folder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	refused(folder, "has no run.json")
	refused(filepath.Join(base, "none"), "want the folder of a run")
	refused("", `got "" for the folder of a run`)
	busy := filepath.Join(base, "busy")
	trained(t, busy, e, Options{}, train.ObserverFunc("look", func(ev *train.Event) error {
		if ev.Moment == train.Epochal {
			refused(busy, "is in use by process")
		}
		return nil
	}))
	if err := Remove(busy); err != nil {
		t.Error(err)
	}
}
