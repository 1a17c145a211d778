package session

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// keptIn are the options of a lab that keeps its runs.
func keptIn(t testing.TB, dir string, change func(*models.Experiment)) Options {
	return Options{
		Name: "relu", Seed: 1, Dataset: "tiny", Open: tinyData(t), Out: dir, Remark: func(text string) { t.Error(text) },
		Change: func(e *models.Experiment) error {
			e.Hidden, e.Activation, e.BatchSize, e.Epochs, e.Scale = []int{8}, layers.ReLU, 8, 5, 1
			e.Dropout, e.Optimizer, e.LearningRate = .3, "adam", .01
			if change != nil {
				change(e)
			}
			return nil
		},
	}
}

// ends ends a lab before its test does.
func (l *lab) ends() {
	l.t.Helper()
	l.stop()
	err := <-l.done
	if l.done <- nil; err != nil {
		l.t.Fatal(err)
	}
}

// resumedHash goes on with a folder's run to its end, as stheno run --resume does, and is the hash of what it comes to.
func resumedHash(t *testing.T, dir string) string {
	t.Helper()
	rec, err := kept.Resume(dir, "", 0, kept.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := models.OfRun(rec.Folder().Config)
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	watch := train.ObserverFunc("hash", func(ev *train.Event) (err error) {
		if ev.Moment == train.Epochal {
			last, err = hash(ev.Weights(), ev.Config.Optimizer, ev.Position)
		}
		return err
	})
	result, err := e.Run(t.Context(), tiny(t, 60), tiny(t, 30), models.RunOptions{Seed: 1, Start: rec.Start(), Observers: []train.Observer{watch, rec}})
	if err == nil {
		err = rec.Finish(result.RunResult())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	return last
}

func folders(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestKeepsWhatIsStopped(t *testing.T) {
	out := filepath.Join(t.TempDir(), "evening")
	l := serve(t, keptIn(t, out, nil))
	first := l.State().Current
	for range 11 {
		l.do(Command{Do: "step"})
	}
	second := l.do(Command{Do: "branch", Change: &look.Change{Batch: of(12), Rate: of(.02)}}) // the batch from the next epoch on
	l.do(Command{Do: "play"})
	end := l.until(second, over)
	l.goTo(second, end.Head)
	changed, names := l.hash(second), []string{l.run(first).Name, l.run(second).Name}
	steps := map[uint64]string{}
	for _, step := range []uint64{9, 14, 19, end.Head - 1} {
		l.goTo(second, step)
		steps[step] = l.hash(second)
	}
	curve, recorded := l.Session.runs[1].points, l.Session.runs[1].snapshots
	l.ends()
	if trained, all := l.Kept(); trained != 2 || all != 2 {
		t.Errorf("kept %d of %d", all, trained)
	}
	if state := l.State(); state.Out != "evening" {
		t.Errorf("the folder is told as %q", state.Out)
	}
	e, _ := models.Find("relu")
	_ = keptIn(t, out, nil).Change(&e)
	want := uninterrupted(t, e)
	got := folders(t, out)
	if len(got) != 2 || !strings.HasPrefix(got[0], "001-relu") || !strings.HasPrefix(got[1], "002-relu") {
		t.Fatalf("got the folders %q", got)
	}

	again := serve(t, Options{Seed: 1, Dataset: "tiny", Open: tinyData(t), Out: out, Remark: func(text string) { t.Error(text) }})
	all := again.State().Runs
	if len(all) != 2 || all[0].Folder != got[0] || all[1].Folder != got[1] || all[0].Name != names[0] || all[1].Name != names[1] || all[1].Parent != all[0].ID || all[1].ParentStep != 11 || all[0].Condition != Paused || all[0].Step != 11 || all[1].Head != end.Head || all[1].Condition != Done {
		t.Fatalf("got %+v, want %q", all, names)
	}
	if r := all[1]; r.Result == nil || *r.Result.Train != *end.Result.Train || *r.Result.Test != *end.Result.Test || len(r.Segments) != len(end.Segments) || r.Segments[1].What != end.Segments[1].What {
		t.Errorf("got %+v, want %+v", r, end)
	}
	if now, last := again.Session.runs[1].points, len(curve)-1; len(now) != len(curve) || now[3].Loss != curve[3].Loss || now[last].Rate != curve[last].Rate { // a point of an epoch has no rate
		t.Errorf("got %d points, want %d", len(now), len(curve))
	}
	if now := again.Session.runs[1].snapshots; len(now) != len(recorded) || now[len(now)-1].Step != recorded[len(recorded)-1].Step {
		t.Errorf("got %d snapshots, want %d", len(now), len(recorded))
	}
	for _, step := range []uint64{end.Head - 1, 19, 14, 9, end.Head} { // also those from before it was changed
		again.goTo(all[1].ID, step)
		if is := again.hash(all[1].ID); step < end.Head && is != steps[step] || step == end.Head && is != changed {
			t.Errorf("step %d: other bits", step)
		}
	}
	b := again.do(Command{Do: "play", Run: all[0].ID})
	if r := again.until(b, over); b == all[0].ID || again.hash(b) != want[r.Head] {
		t.Errorf("it went on as %s, or to other bits", b)
	}
	again.ends()
	if got := folders(t, out); len(got) != 3 {
		t.Errorf("got the folders %q", got)
	}

	dir := filepath.Join(out, got[0])
	if h := resumedHash(t, dir); h != want[40] {
		t.Error("resumed as stheno run does: other bits")
	}
	folder, err := kept.Open(filepath.Join(out, got[1]))
	if err != nil {
		t.Fatal(err)
	}
	changes, err := runs.OnTheWay(folder)
	if err != nil || len(changes) != 2 || changes[0].Step != 11 || !strings.Contains(changes[0].What, "0.02") {
		t.Errorf("got the changes %+v, %v", changes, err)
	}
	if c := runs.Command(folder); c != "" {
		t.Errorf("a command that repeats a run that was changed: %s", c)
	}
	third, err := kept.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := third.Result(); err != nil || result == nil {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestKeepsWithPatience(t *testing.T) {
	out := t.TempDir()
	o := keptIn(t, out, func(e *models.Experiment) {
		e.Validation, e.Patience, e.Epochs, e.LearningRate = .3, 2, 30, .1
	})
	l := serve(t, o)
	id := l.State().Current
	l.do(Command{Do: "play"})
	end := l.until(id, over)
	rested := l.hash(id)
	l.ends()
	folder, err := kept.Open(filepath.Join(out, folders(t, out)[0]))
	if err != nil {
		t.Fatal(err)
	}
	best, err := folder.Checkpoint("")
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := folder.Checkpoint("latest"); err != nil || best.Step >= latest.Step {
		t.Fatalf("the best is of step %d, the latest of %d, %v", best.Step, latest.Step, err)
	}
	result, err := folder.Result()
	if err != nil || result.Test.Accuracy() != float64(*end.Result.Test) || result.Stopped == "" {
		t.Errorf("got %+v, %v", result, err)
	}
	again := serve(t, Options{Seed: 1, Dataset: "tiny", Open: tinyData(t), Out: out})
	r := again.until(again.State().Current, over)
	if r.Head != end.Head || again.hash(r.ID) != rested {
		t.Error("the best weights are others")
	}
}

func TestFolderToTakeAway(t *testing.T) {
	l := serve(t, keptIn(t, "", nil))
	if _, err := l.Do(t.Context(), Command{Do: "folder"}); err == nil {
		t.Error("a run that has not begun was taken away")
	}
	for range 11 {
		l.do(Command{Do: "step"})
	}
	l.goTo(l.State().Current, 4) // what is kept is the way up to its end
	file := ask[File](l, Command{Do: "folder"})
	z, err := zip.NewReader(bytes.NewReader(file.Content), int64(len(file.Content)))
	if err != nil {
		t.Fatal(err)
	}
	at := t.TempDir()
	if err := os.CopyFS(at, z); err != nil {
		t.Fatal(err)
	}
	names := folders(t, at)
	dir := filepath.Join(at, names[0])
	if len(names) != 1 || !runs.IsRun(dir) || slices.Contains(folders(t, dir), "lock") {
		t.Fatalf("got %q", names)
	}
	e, _ := models.Find("relu")
	_ = keptIn(t, "", nil).Change(&e)
	if h := resumedHash(t, dir); h != uninterrupted(t, e)[40] {
		t.Error("other bits")
	}
	l.goTo(l.State().Current, 4)
	if is := l.run(l.State().Current); is.Step != 4 || is.Head != 11 {
		t.Errorf("it was moved: %+v", is)
	}
}

func TestKeepsDiverged(t *testing.T) {
	out := t.TempDir()
	l := serve(t, keptIn(t, out, func(e *models.Experiment) { e.Optimizer, e.LearningRate, e.Dropout = "sgd", 1e40, 0 }))
	id := l.State().Current
	l.do(Command{Do: "play"})
	l.until(id, func(r Run) bool { return r.Condition == Diverged && r.Result != nil })
	l.ends()
	again := serve(t, Options{Seed: 1, Dataset: "tiny", Open: tinyData(t), Out: out, Remark: func(text string) { t.Error(text) }})
	if r := again.run(again.State().Current); r.Condition != Diverged {
		t.Errorf("got %+v", r)
	}
	folder, err := kept.Open(filepath.Join(out, folders(t, out)[0]))
	if err != nil {
		t.Fatal(err)
	}
	c, err := folder.Checkpoint("latest")
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := folder.Model(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		if slices.ContainsFunc(p.Value.Float32s(), func(v float32) bool { return v-v != 0 }) {
			t.Errorf("%s of its checkpoint, from which one goes on, has numbers that are not finite", p.Name)
		}
	}
}

// A lab that was killed while it put a new folder in the place of an old one leaves the old one under another name.
func TestFolderOfAKilledLab(t *testing.T) {
	out := t.TempDir()
	l := serve(t, keptIn(t, out, nil))
	l.do(Command{Do: "step"})
	l.ends()
	name := filepath.Join(out, folders(t, out)[0])
	if err := os.Rename(name, name+going); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(name+coming, os.DirFS(name+going)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(out, "007-another"+coming), 0o755); err != nil { // of which there is no line yet
		t.Fatal(err)
	}
	again := serve(t, keptIn(t, out, nil))
	if all := again.State().Runs; len(all) != 2 || all[0].Step != 1 {
		t.Errorf("got %+v", all)
	}
	if left := folders(t, out); len(left) != 1 {
		t.Errorf("there is %q", left)
	}
	if err := os.WriteFile(filepath.Join(name, "run.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	remarks := 0
	o := keptIn(t, out, nil)
	o.Remark = func(string) { remarks++ }
	if damaged := serve(t, o); len(damaged.State().Runs) != 1 || remarks != 1 {
		t.Errorf("got %d runs and %d remarks of a damaged one", len(damaged.State().Runs), remarks)
	}
	o.Out = name
	if _, err := New(o); err == nil || !strings.Contains(err.Error(), "is a run") {
		t.Errorf("kept in a run: %v", err)
	}
}
