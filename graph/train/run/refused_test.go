package run

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestNoFolderIsNotTheCurrentOne: "" is nobody's folder, and nothing is made.
func TestNoFolderIsNotTheCurrentOne(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	_, err := Create("", tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{})
	mustFail(t, err, `got ""`, "path")
	_, err = Open("")
	mustFail(t, err, `got ""`)
	_, err = Resume("", "", 0, Options{})
	mustFail(t, err, `got ""`)
	_, err = Load("", nil)
	mustFail(t, err, `got ""`)
	if got, err := os.ReadDir(here); err != nil || len(got) > 0 {
		t.Errorf("the current folder has %v, %v, want nothing", got, err)
	}
	rec, err := Create(".", tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec.Close()
}

func TestNewDirStaysAtHome(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	home, err := Home()
	if err != nil || !strings.HasPrefix(home, state) {
		t.Skipf("this system keeps runs in %s, %v", home, err)
	}
	for _, name := range []string{"../../x", "/x", "a/b", `a\b`, "c:x", "", "-x", "a\nb", "a\x1b[31m", "a\x00"} {
		dir, err := NewDir(name, 1)
		mustFail(t, err, "got an experiment named", "want a name")
		if dir != "" {
			t.Errorf("%q: it made %s", name, dir)
		}
	}
	if got, err := os.ReadDir(state); err != nil || len(got) > 0 {
		t.Errorf("after the refusals there is %v, %v", got, err)
	}
	for _, name := range []string{"relu", "..", "mein Netz", "網路"} {
		for range 2 {
			if dir, err := NewDir(name, 1); err != nil || filepath.Dir(dir) != home {
				t.Errorf("%q: got %s, %v, want a folder in %s", name, dir, err, home)
			}
		}
	}
	if all, err := List(); err != nil || len(all) != 8 {
		t.Errorf("there are %v, %v, want 8 folders", all, err)
	}
}

// TestNothingIsWrittenAfterClose: the folder may be another's by then.
func TestNothingIsWrittenAfterClose(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	rec, err := Create(dir, tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{disk: unsynced{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Append("notes", 1); err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	other, err := Resume(dir, "", 0, Options{disk: unsynced{}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	mustFail(t, rec.Append("notes", 2), "closed")
	mustFail(t, rec.Finish(Result{}), "closed")
	_, err = follow(t.Context(), rec.Folder().Config, train.Position{}, samples(t, 1), samples(t, 2), rec)
	mustFail(t, err, "closed")
	if err := rec.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if InUse(dir) == "" {
		t.Error("a second Close freed what another holds")
	}
	if got := files(t, dir); !maps.Equal(got, before) {
		t.Errorf("the folder has %v, want %v", slices.Collect(maps.Keys(got)), slices.Collect(maps.Keys(before)))
	}
}

// TestNothingPanics gives nothing, or a part, to what wants a whole.
func TestNothingPanics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	mustFail(t, SaveWeights(path, nil), path, "no model")
	mustFail(t, LoadWeights(path, nil), path, "no model")
	mustFail(t, Export(path, nil), path, "no model")
	mustFail(t, SaveModel(path, nil, nil), path, "no model")
	if exists(path) {
		t.Error("a file was made of no model")
	}
	_, err := NewConfig("none", nil, samples(t, 1), train.Config{})
	mustFail(t, err, "run: got a model that is nil")
	_, err = NewConfig("none", smallModel(t), nil, train.Config{})
	mustFail(t, err, "run: got nil data")
	_, err = Fingerprint(nil)
	mustFail(t, err, "run: got nil data")
	_, err = Create(filepath.Join(t.TempDir(), "run"), Config{}, Options{})
	mustFail(t, err, "run: ")
	for _, none := range []*Recorder{nil, {}} {
		mustFail(t, none.Append("notes", 1), "never open")
		mustFail(t, none.Observe(nil), "never open")
		mustFail(t, none.Finish(Result{}), "never open")
		if err := none.Close(); err != nil {
			t.Error(err)
		}
	}

	dir := filepath.Join(t.TempDir(), "run")
	rec, err := Create(dir, tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{disk: unsynced{}})
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, rec.Observe(nil), dir, "event")
	for _, lacks := range []func(*train.Event){
		func(e *train.Event) { e.Model = nil }, func(e *train.Event) { e.Config = nil }, func(e *train.Event) { e.Config.Optimizer = nil },
		func(e *train.Event) { e.Data = nil }, func(e *train.Event) { e.History = nil }, func(e *train.Event) { e.History.Epochs = nil },
	} {
		e := &train.Event{
			Moment: train.Epochal, Model: smallModel(t), Config: &train.Config{Optimizer: &optim.SGD{}}, Data: samples(t, 1), History: &train.History{Epochs: make([]train.Epoch, 1)},
		}
		lacks(e)
		mustFail(t, rec.Observe(e), dir, "event")
	}
	mustFail(t, rec.Append("../notes", 1), "a to z")
	mustFail(t, rec.Append("notes", func() {}), "notes.jsonl")
	trainable := finish(t, rec) // none of it has spoilt the run
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Checkpoint("latest")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Load(dir, func(Config) (*graph.Model, error) { return nil, nil })
	mustFail(t, err, filepath.Join(dir, configFile), "made none")
	_, err = Load(dir, func(Config) (*graph.Model, error) { return smallModel(t), nil })
	mustFail(t, err, c.Path, "dense_1.weight")
	m, err := Load(dir, nil)
	if err != nil || !slices.Equal(m.Params()[0].Value.Float32s(), trainable.model.Params()[0].Value.Float32s()) {
		t.Errorf("after all that the run loads as %v, %v", m, err)
	}
}
