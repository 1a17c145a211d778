package session

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// TestRemoveFolder: a run of the lab's own folder goes with its folder, of this evening or from before, and no other is touched: a branch goes on to the same bits, though it began at what is deleted.
func TestRemoveFolder(t *testing.T) {
	out := t.TempDir()
	o := keptIn(t, out, nil)
	e, err := models.Find("relu")
	if err == nil {
		err = o.Change(&e)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := uninterrupted(t, e)
	l := serve(t, o)
	for range 11 {
		l.do(Command{Do: "step"})
	}
	second := l.do(Command{Do: "branch"})
	l.do(Command{Do: "step"})
	third := l.do(Command{Do: "branch"})
	l.do(Command{Do: "step"})
	l.until(third, func(r Run) bool { return r.Folder != "" })
	names := folders(t, out)
	if len(names) != 3 {
		t.Fatalf("got the folders %q", names)
	}
	l.do(Command{Do: "remove", Run: second})
	if got := folders(t, out); !slices.Equal(got, []string{names[0], names[2]}) {
		t.Errorf("got the folders %q, want %q without the second", got, names)
	}
	l.goTo(third, 12)
	if l.hash(third) != want[12] || len(l.State().Runs) != 2 {
		t.Error("what was not removed has other bits")
	}
	l.goTo(third, 13)
	l.ends()
	if got := folders(t, out); !slices.Equal(got, []string{names[0], names[2]}) {
		t.Errorf("at the end: got the folders %q", got)
	}

	again := serve(t, Options{Seed: 1, Dataset: "tiny", Open: tinyData(t), Out: out, Remark: func(text string) { t.Error(text) }})
	all := again.State().Runs
	if len(all) != 2 || all[0].Step != 11 || all[1].Step != 13 || !all[1].OnDisk {
		t.Fatalf("got %+v", all)
	}
	b := again.do(Command{Do: "branch", Run: all[1].ID})
	again.do(Command{Do: "select", Run: all[0].ID})
	again.do(Command{Do: "remove", Run: all[1].ID})
	if got := folders(t, out); got[0] != names[0] || slices.Contains(got, names[2]) { // the branch may be kept by now
		t.Errorf("got the folders %q", got)
	}
	if c := again.Session.runs[1].before(13); c == nil || c.step != 13 || c.file != nil { // else it were trained from its beginning again
		t.Errorf("the branch goes on from %+v", c)
	}
	again.do(Command{Do: "play", Run: b})
	if r := again.until(b, over); again.hash(b) != want[r.Head] {
		t.Error("the branch went on to other bits")
	}
	again.ends()
	if got := folders(t, out); len(got) != 2 || got[0] != names[0] {
		t.Errorf("at the end: got the folders %q", got)
	}
}

// TestRemoveKilled: a lab that is killed while it deletes a folder leaves the run removed, half deleted or not; and one that another process trains is not removed.
func TestRemoveKilled(t *testing.T) {
	out := t.TempDir()
	l := serve(t, keptIn(t, out, nil))
	for range 2 {
		l.do(Command{Do: "step"})
		l.do(Command{Do: "branch"})
	}
	l.do(Command{Do: "step"})
	l.ends()
	names := folders(t, out)
	if len(names) != 3 {
		t.Fatalf("got the folders %q", names)
	}
	for i, half := range []bool{false, true} {
		at := filepath.Join(out, names[i]) + gone
		if err := os.Rename(filepath.Join(out, names[i]), at); err != nil {
			t.Fatal(err)
		}
		if half {
			if err := os.RemoveAll(filepath.Join(at, "checkpoints")); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := keptIn(t, out, nil)
	again := serve(t, o)
	if got := folders(t, out); !slices.Equal(got, names[2:]) {
		t.Errorf("got the folders %q, want %q", got, names[2:])
	}
	if all := again.State().Runs; len(all) != 2 || all[0].Folder != names[2] {
		t.Errorf("got %+v", all)
	}
	rec, err := kept.Resume(filepath.Join(out, names[2]), "", 0, kept.Options{})
	if err != nil {
		t.Fatal(err)
	}
	remove := Command{Do: "remove", Run: again.State().Runs[0].ID}
	if _, err := again.Do(t.Context(), remove); err == nil || !strings.Contains(err.Error(), names[2]+" is in use by process") || len(again.State().Runs) != 2 {
		t.Errorf("one that is trained elsewhere is removed: %v", err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	if again.do(remove); len(folders(t, out)) != 0 {
		t.Errorf("got the folders %q", folders(t, out))
	}
}

// TestRemoveFromElsewhere: a run that was opened from another place stays there as it is.
func TestRemoveFromElsewhere(t *testing.T) {
	o := keptIn(t, t.TempDir(), nil)
	e, err := models.Find("relu")
	if err == nil {
		err = o.Change(&e)
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.RunConfig(1, "", tiny(t, 60))
	if err != nil {
		t.Fatal(err)
	}
	dir := recorded(t, e, c, kept.Options{})
	was := contents(t, dir)
	l := serve(t, Options{Name: dir, Seed: 1, Dataset: "tiny", Open: tinyData(t), Out: o.Out})
	id := l.State().Current
	l.goTo(id, 20)
	b := l.do(Command{Do: "branch"})
	l.do(Command{Do: "step"})
	l.do(Command{Do: "remove", Run: id})
	l.until(b, func(r Run) bool { return r.Folder != "" })
	if now := contents(t, dir); !maps.Equal(was, now) {
		t.Error("its folder was touched")
	}
}

// A folder is not called as those are that are written, or deleted.
func TestFolderNames(t *testing.T) {
	for name, want := range map[string]string{"relu, rate 0.1": "relu-rate-0.1", "a.csv.gone": "a.csv", "b.going.coming": "b", ".gone": "gone", "c.-.going": "c", "": "run"} {
		if got := folderName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestRemoveData: what a page brought is freed with the last run that uses it, and not as long as one does that is open, lies in the folder or cannot be told of; what the user has named is never.
func TestRemoveData(t *testing.T) {
	table := "height,kind\n" + strings.Repeat("1,reed\n2,moss\n3,moss\n1.5,reed\n", 10)
	begin := func(named bool) (l *lab, out, file string, freed *[]string) {
		out, freed = t.TempDir(), &[]string{}
		file = filepath.Join(out, DataFolder, "3", "plants.csv")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(table), 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{Seed: 1, Out: out, Dataset: "tiny", Open: tinyData(t), Free: func(file string) { *freed = append(*freed, file) }}
		if named {
			o.Open, o.Dataset, o.Name, o.Reading.Columns.Target = nil, "", file, []string{"kind"}
		}
		return serve(t, o), out, file, freed
	}
	l, out, file, freed := begin(false)
	first, second := l.do(Command{Do: "open", Path: file}), l.do(Command{Do: "open", Path: file})
	l.do(Command{Do: "remove", Run: first})
	if len(*freed) != 0 {
		t.Errorf("while another run uses it: freed %q", *freed)
	}
	l.do(Command{Do: "remove", Run: second})
	if !slices.Equal(*freed, []string{file}) {
		t.Errorf("with the last: freed %q, want %q", *freed, file)
	}
	other := filepath.Join(t.TempDir(), "plants.csv") // of no upload's folder
	if err := os.WriteFile(other, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	*freed = nil
	l.do(Command{Do: "remove", Run: l.do(Command{Do: "open", Path: other})})
	third := l.do(Command{Do: "open", Path: file})
	unknown := filepath.Join(out, "099-broken")
	if err := os.Mkdir(unknown, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(unknown, "run.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.do(Command{Do: "remove", Run: third})
	if len(*freed) != 0 {
		t.Errorf("of no upload, or beside a run of which nothing can be told: freed %q", *freed)
	}

	l, _, file, freed = begin(true)
	l.do(Command{Do: "branch"})
	l.do(Command{Do: "remove", Run: l.do(Command{Do: "open", Path: file})})
	l.do(Command{Do: "remove", Run: l.State().Runs[0].ID})
	if len(*freed) != 0 {
		t.Errorf("what the user has named: freed %q", *freed)
	}
}
