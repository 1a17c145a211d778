package run

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// everything is all of a folder: a line of mode, size or target, and content for each name, the lock's and the seconds' too.
func everything(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := []byte(nil)
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			text = []byte(target)
			if err != nil {
				return err
			}
		case info.Mode().IsRegular():
			if text, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		name, _ := filepath.Rel(dir, path)
		all[name] = fmt.Sprintf("%v %q", info.Mode(), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// untouched compares a folder with what it was.
func untouched(t testing.TB, before, after map[string]string) {
	t.Helper()
	for name := range before {
		if _, ok := after[name]; !ok {
			t.Errorf("%s is gone", name)
		} else if before[name] != after[name] {
			t.Errorf("%s was changed: from %.80s to %.80s", name, before[name], after[name])
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			t.Errorf("%s was made", name)
		}
	}
}

// A refusal is a reason for which a run cannot be gone on with.
type refusal struct {
	name   string
	spoil  func(t *testing.T, dir string) // before the resume
	from   string
	epochs int
	disk   disk
	fit    func(t *testing.T, c Config, s *fitting) // what is trained in place of the run's own
	says   []string
}

// fitting is what train.Fit is given.
type fitting struct {
	model  *graph.Model
	data   *datasets.Dataset
	config train.Config
}

func edit(name string, change func(text []byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, change(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func flip(text []byte) []byte {
	text = bytes.Clone(text)
	text[len(text)/2] ^= 1
	return text
}

func replaced(old, new string) func([]byte) []byte {
	return func(text []byte) []byte { return resealed(bytes.Replace(text, []byte(old), []byte(new), 1)) }
}

func removed(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func linked(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path, elsewhere := filepath.Join(dir, name), filepath.Join(filepath.Dir(dir), "elsewhere")
		if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARefusalTouchesNothing refuses to go on in every way, and compares all that lies in and beside the folder with what it was.
func TestARefusalTouchesNothing(t *testing.T) {
	const latest, earlier = "checkpoints/step-000000015.safetensors", "checkpoints/step-000000012.safetensors"
	whole := filepath.Join(t.TempDir(), "whole")
	o := Options{Keep: 9, Every: Every{Steps: 2}}
	e := tiny("adam", 0)
	rec, err := Create(whole, e.config(t, 7, samples(t, 1)), Options{Keep: 9, Every: o.Every, disk: unsynced{}})
	if err != nil {
		t.Fatal(err)
	}
	finish(t, rec, train.ObserverFunc("log", func(ev *train.Event) error {
		if ev.Moment == train.Backward {
			return rec.Append("gradients", ev.Position.Step)
		}
		return nil
	}))
	if err := os.WriteFile(filepath.Join(whole, lockFile), []byte("process 4711 on turing"), 0o644); err != nil { // of one that was killed
		t.Fatal(err)
	}
	for _, name := range []string{"notes.tmp", configFile + ".4711.tmp", "checkpoints/mine.tmp"} {
		if err := os.WriteFile(filepath.Join(whole, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	refusals := []refusal{
		{name: "finished", says: []string{"is finished"}},
		{name: "fewer epochs", epochs: 2, says: []string{"has trained 3 epochs"}},
		{name: "no such checkpoint", from: "7", says: []string{"no checkpoint of step 7"}},
		{name: "epochs out of range", from: "12", epochs: -1, says: []string{"epochs"}},
		{name: "another seed in run.json", spoil: edit(configFile, replaced(`"seed": 7`, `"seed": 5`)), from: "12", says: []string{earlier, "seed 7", "seed 5", "put the run's own back"}},
		{name: "another run's run.json", spoil: edit(configFile, replaced(`"id": "`, `"id": "0`)), from: "12", says: []string{earlier, "do not belong together"}},
		{name: "a newer run.json", spoil: edit(configFile, replaced(`"format": 2`, `"format": 3`)), from: "12", says: []string{configFile, "format 3", "newer"}},
		{name: "a newer checkpoint", spoil: edit(earlier, replaced("checkpoint 1", "checkpoint 2")), from: "12", says: []string{earlier, "checkpoint 2"}},
		{name: "run.json damaged", spoil: edit(configFile, flip), from: "12", says: []string{configFile}},
		{name: "the checkpoint damaged", spoil: edit(earlier, flip), from: "12", says: []string{earlier, "checksum", "--resume-from 10"}},
		{name: "the latest checkpoint damaged", spoil: edit(latest, flip), epochs: 5, says: []string{latest, "checksum", "--resume-from 14"}},
		{name: "the checkpoint renamed", spoil: func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, latest), filepath.Join(dir, "checkpoints/step-000000099.safetensors")); err != nil {
				t.Fatal(err)
			}
		}, epochs: 5, says: []string{"renamed"}},
		{name: "metrics damaged", spoil: edit("metrics.jsonl", func(text []byte) []byte { text[9] ^= 1; return text }), from: "12", says: []string{"metrics.jsonl", "put it back"}},
		{name: "gradients damaged", spoil: edit("gradients.jsonl", func(text []byte) []byte { text[0] ^= 1; return text }), from: "12", says: []string{"gradients.jsonl", "put it back"}},
		{name: "run.json gone", spoil: removed(configFile), from: "12", says: []string{configFile}},
		{name: "metrics gone", spoil: removed("metrics.jsonl"), from: "12", says: []string{"metrics.jsonl", "not there"}},
		{name: "gradients gone", spoil: removed("gradients.jsonl"), epochs: 5, says: []string{"gradients.jsonl", "not there"}},
		{name: "checkpoints gone", spoil: removed(checkpointFolder), epochs: 5, says: []string{"3 epochs", "no checkpoint", "put ", checkpointFolder + " back"}},
		{name: "no checkpoint", spoil: func(t *testing.T, dir string) {
			removed(checkpointFolder)(t, dir)
			if err := os.Mkdir(filepath.Join(dir, checkpointFolder), 0o755); err != nil {
				t.Fatal(err)
			}
		}, says: []string{"3 epochs", "no checkpoint"}},
		{name: "checkpoints a file", spoil: func(t *testing.T, dir string) {
			removed(checkpointFolder)(t, dir)
			if err := os.WriteFile(filepath.Join(dir, checkpointFolder), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}, from: "12", says: []string{checkpointFolder, "no folder"}},
		{name: "no room", disk: &failing{room: 1000}, from: "14", says: []string{"cannot take another checkpoint", "no space left", "nothing was changed"}},
		{name: "no room at all", disk: &failing{room: 0}, from: "12", says: []string{"cannot take another checkpoint", "no space left"}},
		{name: "read-only", disk: &failing{at: 3, forever: true, room: -1, err: syscall.EROFS}, from: "12", says: []string{"read-only file system", "permissions"}},
		{name: "a log that is read-only", disk: &failing{at: 1, forever: true, room: -1, err: syscall.EACCES}, from: "12", says: []string{"permission denied"}},
		{name: "other data", from: "12", fit: func(t *testing.T, _ Config, s *fitting) { s.data = samples(t, 3) }, says: []string{"other samples", "--data-dir"}},
		{name: "other data, more epochs", epochs: 8, fit: func(t *testing.T, _ Config, s *fitting) { s.data = samples(t, 3) }, says: []string{"other samples"}},
		{name: "another start", from: "12", fit: func(_ *testing.T, _ Config, s *fitting) { s.config.Start = train.Position{} }, says: []string{"Recorder.Start()"}},
		{name: "another seed", from: "12", fit: func(_ *testing.T, _ Config, s *fitting) { s.config.Seed = 5 }, says: []string{"seed is 5, the run's 7"}},
		{name: "another optimizer", from: "12", fit: func(_ *testing.T, _ Config, s *fitting) { s.config.Optimizer = &optim.SGD{} }, says: []string{"optimizer is"}},
		{name: "another number of epochs", epochs: 5, fit: func(_ *testing.T, _ Config, s *fitting) { s.config.Epochs = 6 }, says: []string{"epochs is 6, the run's 5"}},
		{name: "a model of another seed", from: "12", fit: func(t *testing.T, c Config, s *fitting) { c.ModelSeed = 5; s.model = mustModel(t, c) }, says: []string{"model's seed is 5"}},
		{name: "a wider model", from: "12", fit: func(t *testing.T, c Config, s *fitting) {
			c.Experiment.Network = wider
			s.model = mustModel(t, c)
		}, says: []string{`network in line 3 is "dense 9 tanh", the run's "dense 4 tanh"`}},
		{name: "a deeper model", from: "12", fit: func(t *testing.T, c Config, s *fitting) {
			c.Experiment.Network = deeper
			s.model = mustModel(t, c)
		}, says: []string{`network in line 4 is "dense 3 tanh", the run's "dense 3 softmax"`}},
		{name: "a model of other layers", from: "12", fit: func(t *testing.T, c Config, s *fitting) {
			m, err := graph.NewModel(graph.Config{Input: graph.Floats(6), Seed: 7}, layers.Dense{Units: 5}, layers.Residual{layers.Dense{Units: 5}}, layers.Dense{Units: 3})
			if err != nil {
				t.Fatal(err)
			}
			s.model = m
		}, says: []string{"the training's"}},
		{name: "a float64 model", from: "12", fit: func(_ *testing.T, _ Config, s *fitting) { s.model = s.model.Float64() }, says: []string{"float64"}},
	}
	for _, name := range []string{configFile, latest, "metrics.jsonl", "gradients.jsonl", lockFile, checkpointFolder, resultFile} {
		refusals = append(refusals, refusal{name: name + " elsewhere", spoil: linked(name), epochs: 5, says: []string{name, "symbolic link"}})
	}
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			beside := t.TempDir()
			dir := filepath.Join(beside, "run")
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			if c.spoil != nil {
				c.spoil(t, dir)
			}
			before := everything(t, beside)
			err := refused(t, dir, c)
			mustFail(t, err, c.says...)
			if !strings.Contains(err.Error(), dir) {
				t.Errorf("the error %q does not name the folder", err)
			}
			untouched(t, before, everything(t, beside))
		})
	}
	untouchable(t, whole)
}

func mustModel(t *testing.T, c Config) *graph.Model {
	t.Helper()
	m, err := c.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// refused goes on with a run, trained as c says.
func refused(t *testing.T, dir string, c refusal) error {
	if c.disk == nil {
		c.disk = unsynced{}
	}
	rec, err := Resume(dir, c.from, c.epochs, Options{disk: c.disk})
	if err != nil {
		return err
	}
	config := rec.Folder().Config
	optimizer, err := optim.New(config.Experiment.Optimizer, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &fitting{mustModel(t, config), samples(t, 1), train.Config{
		Loss: losses.CrossEntropy{}, Optimizer: optimizer, BatchSize: config.Experiment.BatchSize, Epochs: config.Experiment.Epochs, Seed: config.Seed, Start: rec.Start(),
	}}
	if c.fit != nil {
		c.fit(t, config, s)
	}
	s.config.Observers = []train.Observer{rec}
	_, err = train.Fit(t.Context(), s.model, s.data, s.config)
	if err != nil {
		mustFail(t, rec.Append("gradients", 1), "before its training has begun")
		mustFail(t, rec.Finish(Result{}), "before its training has begun")
	}
	if closed := rec.Close(); closed != nil && c.disk == (unsynced{}) {
		t.Error(closed)
	}
	return err
}

// untouchable looks at a run in every way that only looks.
func untouchable(t *testing.T, dir string) {
	before := everything(t, dir)
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Epochs()
	_, err2 := f.Result()
	_, err3 := f.Checkpoint("best")
	_, err4 := Load(dir, nil)
	if err := errors.Join(err, err2, err3, err4); err != nil || InUse(dir) != "" {
		t.Error(err)
	}
	rec, err := Resume(dir, "12", 9, Options{Keep: 1}) // and goes away without training
	if err != nil {
		t.Fatal(err)
	}
	rec.Close()
	_, err = Create(dir, f.Config, Options{})
	mustFail(t, err, "holds a run already")
	untouched(t, before, everything(t, dir))
}

// Networks that are nearly that of tiny.
const (
	wider  = "x = input 6\ndense 5 tanh\ndense 9 tanh\ndense 3 softmax"
	deeper = "x = input 6\ndense 5 tanh\ndense 4 tanh\ndense 3 tanh\ndense 3 softmax"
)

// TestARecorderTakesItsOwnTraining: what is not the configuration's could not be loaded, or not be repeated.
func TestARecorderTakesItsOwnTraining(t *testing.T) {
	for says, change := range map[string]func(*Config){
		"batch size is 9, the run's 8":                                     func(c *Config) { c.Experiment.BatchSize = 9 },
		"epochs is 4, the run's 3":                                         func(c *Config) { c.Experiment.Epochs = 4 },
		"optimizer is sgd 0.1, the run's sgd 0.05":                         func(c *Config) { c.Experiment.Optimizer = "sgd 0.1" },
		"optimizer is momentum":                                            func(c *Config) { c.Experiment.Optimizer = "momentum" },
		"loss is mse, the run's cross-entropy":                             func(c *Config) { c.Experiment.Loss = "mse" },
		"shards is 2, the run's 1":                                         func(c *Config) { c.Experiment.Shards = 2 },
		"precision is float64":                                             func(c *Config) { c.Experiment.Float64 = true },
		`network in line 3 is "dense 9 tanh", the run's "dense 4 tanh"`:    func(c *Config) { c.Experiment.Network = wider },
		`network in line 4 is "dense 3 tanh", the run's "dense 3 softmax"`: func(c *Config) { c.Experiment.Network = deeper },
		"training's seed is 8":                                             func(c *Config) { c.Seed = 8 },
		"model's seed is 8":                                                func(c *Config) { c.ModelSeed = 8 },
	} {
		dir := filepath.Join(t.TempDir(), "run")
		rec, err := Create(dir, tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{disk: unsynced{}})
		if err != nil {
			t.Fatal(err)
		}
		before := everything(t, dir)
		c := rec.Folder().Config
		change(&c)
		_, err = follow(t.Context(), c, rec.Start(), samples(t, 1), samples(t, 2), rec)
		mustFail(t, err, dir, says)
		untouched(t, before, everything(t, dir))
		finish(t, rec) // with its own it trains all the same
	}
	rec, err := Create(filepath.Join(t.TempDir(), "run"), tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{disk: unsynced{}})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	for i := range 2 {
		_, err := follow(t.Context(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), rec)
		if i == 0 && err != nil {
			t.Error(err)
		} else if i == 1 {
			mustFail(t, err, "recorded a training already")
		}
	}
}

// TestWhatIsWorthLittle damages what a run can do without: it is set aside with a word, and the run ends in the same bits.
func TestWhatIsWorthLittle(t *testing.T) {
	e := tiny("adam", 0)
	whole := filepath.Join(t.TempDir(), "whole")
	trained(t, whole, e, Options{})
	want := files(t, whole)
	const timings = timingsLog + logSuffix
	for name, c := range map[string]struct {
		spoil func(*testing.T, string)
		aside string
	}{
		"seconds":               {edit(timings, func([]byte) []byte { return []byte("\xff\xfe\n{}\n") }), timings},
		"one epoch's seconds":   {edit(timings, func(text []byte) []byte { return append([]byte("x"), text...) }), timings},
		"a folder of seconds":   {func(t *testing.T, dir string) { removed(timings)(t, dir); os.Mkdir(filepath.Join(dir, timings), 0o755) }, timings},
		"seconds elsewhere":     {linked(timings), timings},
		"no seconds":            {removed(timings), ""},
		"the result":            {edit(resultFile, flip), resultFile},
		"no lock":               {removed(lockFile), ""},
		"an empty folder since": {nil, ""},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		if c.spoil != nil {
			c.spoil(t, dir)
		}
		if f, err := Open(dir); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if epochs, err := f.Epochs(); err != nil || len(epochs) != 3 {
			t.Errorf("%s: %d epochs, %v", name, len(epochs), err)
		}
		rec, err := Resume(dir, "latest", 0, Options{disk: unsynced{}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if said := strings.Join(rec.Remarks(), "|"); (said != "") != (c.aside != "") || !strings.Contains(said, c.aside) {
			t.Errorf("%s: it remarks %q", name, said)
		}
		finish(t, rec)
		got := files(t, dir)
		if c.aside != "" && !exists(filepath.Join(dir, c.aside+setAside)) {
			t.Errorf("%s: %s was not kept", name, c.aside)
		}
		maps.DeleteFunc(got, func(name, _ string) bool { return strings.HasSuffix(name, setAside) })
		sameFiles(t, want, got)
	}
}

// TestWithoutTheFolderOfCheckpoints is a run that was cloned by git before its first checkpoint.
func TestWithoutTheFolderOfCheckpoints(t *testing.T) {
	e := tiny("adam", 0)
	whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "run")
	trained(t, whole, e, Options{})
	trained(t, dir, e, Options{}, stopAtBackward())
	removed(checkpointFolder)(t, dir)
	_, err := Load(dir, nil)
	mustFail(t, err, "no checkpoint yet", "--resume")
	_, err = Resume(dir, "12", 0, Options{})
	mustFail(t, err, "begins again")
	resumed(t, dir, "", 0, Options{})
	sameFiles(t, files(t, whole), files(t, dir))
	removed(checkpointFolder)(t, dir)
	_, err = Load(dir, nil)
	mustFail(t, err, "3 epochs", "weights are gone", "put ")
}

// TestOnlyOwnTemporariesAreRemoved puts names of others beside those of this package.
func TestOnlyOwnTemporariesAreRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("sgd", 0), Options{}, stopAt(7))
	mine := []string{"notes.tmp", "a.1.tmp", "checkpoints/mine.tmp", "checkpoints/step-1.safetensors.tmp", "run.json.tmp"}
	ours := []string{"run.json.4711.tmp", "checkpoints/step-000000007.safetensors.12.tmp", "result.json.1.tmp", "timings.jsonl.9.tmp", "checkpoints/room.3.tmp"}
	for _, name := range append(mine, ours...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	resumed(t, dir, "", 0, Options{})
	for _, name := range mine {
		if !exists(filepath.Join(dir, name)) {
			t.Errorf("%s, which is another's, was removed", name)
		}
	}
	for _, name := range ours {
		if exists(filepath.Join(dir, name)) {
			t.Errorf("%s was left", name)
		}
	}
}

// TestNothingIsLeftOfARunThatIsNotMade lets Create fail.
func TestNothingIsLeftOfARunThatIsNotMade(t *testing.T) {
	for at := 1; at < 8; at++ {
		home := t.TempDir()
		rec, err := Create(filepath.Join(home, "a", "b"), tiny("sgd", 0).config(t, 7, samples(t, 1)), Options{disk: &failing{at: at, forever: true, room: -1, err: syscall.ENOSPC}})
		if err == nil {
			t.Fatalf("call %d failed, and the run was made", at)
		}
		if rec != nil {
			t.Error("there is a recorder beside the error")
		}
		left := everything(t, home)
		delete(left, ".")
		for name := range left { // where not even removing works
			if strings.HasSuffix(name, temporary) || at > 4 {
				left = nil
				break
			}
		}
		if len(left) > 0 {
			t.Errorf("call %d: %v was left", at, left)
		}
		if at == 4 {
			break
		}
	}
}

// TestNothingIsLeftOfARunThatIsRefused lets a training be refused at its beginning, in a folder that was there and in ones that were not.
func TestNothingIsLeftOfARunThatIsRefused(t *testing.T) {
	e := tiny("sgd", 0)
	refuse := map[string]func(c Config, rec *Recorder) error{
		"never trained": func(Config, *Recorder) error { return nil },
		"by Fit": func(c Config, rec *Recorder) error {
			c.Experiment.BatchSize = -1
			_, err := follow(t.Context(), c, train.Position{}, samples(t, 1), samples(t, 2), rec)
			return err
		},
		"by another observer": func(c Config, rec *Recorder) error {
			no := train.ObserverFunc("no", func(*train.Event) error { return &stopped{} })
			_, err := follow(t.Context(), c, train.Position{}, samples(t, 1), samples(t, 2), no, rec)
			return err
		},
		"by the recorder": func(c Config, rec *Recorder) error {
			c.Seed++
			_, err := follow(t.Context(), c, train.Position{}, samples(t, 1), samples(t, 2), rec)
			return err
		},
	}
	for name, try := range refuse {
		for _, there := range []bool{false, true} {
			home := t.TempDir()
			dir := filepath.Join(home, "a", "b")
			if there {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			before := everything(t, home)
			rec, err := Create(dir, e.config(t, 7, samples(t, 1)), Options{disk: unsynced{}})
			if err != nil {
				t.Fatal(err)
			}
			if err := try(rec.Folder().Config, rec); err == nil && name != "never trained" {
				t.Errorf("%s: it was trained", name)
			}
			if rec.Begun() {
				t.Errorf("%s: it has begun", name)
			}
			if err := rec.Close(); err != nil {
				t.Error(err)
			}
			untouched(t, before, everything(t, home))
		}
	}
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, e, Options{}, stopAtBackward())
	if _, err := Open(dir); err != nil {
		t.Errorf("a run that was stopped in its first step: %v", err)
	}
}

// TestWhatMultiplied: run.json says from which step on another BLAS did, as far as that is in the weights.
func TestWhatMultiplied(t *testing.T) {
	was := blas.Current()
	t.Cleanup(func() {
		if _, err := blas.Use(was.Name, was.Threads); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("sgd", 0), Options{Keep: 9}, stopAt(7))
	before := files(t, dir)[configFile]
	use := func(name string, threads int) {
		if _, err := blas.Use(name, threads); err != nil {
			t.Fatal(err)
		}
	}
	use("gonum", was.Threads+1)
	resumed(t, dir, "", 0, Options{}, stopAtBackward())
	resumed(t, dir, "", 0, Options{}, stopAt(11))
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	now, _ := f.Config.Engine()
	if len(f.Config.Changes) != 1 || f.Config.Changes[0].Step != 7 || now.Name != "gonum" || now.Threads != was.Threads+1 || f.Config.BLAS.Name != was.Name {
		t.Errorf("it says %+v, and of the beginning %+v", f.Config.Changes, f.Config.BLAS)
	}
	use(was.Name, was.Threads)
	resumed(t, dir, "5", 0, Options{}) // before the change
	if after := files(t, dir)[configFile]; after != before {
		t.Errorf("what gonum made is gone, and run.json says\n%s\nwant\n%s", after, before)
	}
}
