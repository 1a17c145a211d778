package run

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/graph/train"
)

// TestResumeIsExact stops a run after each of its steps and compares what the resumed run leaves with what the one that was
// never stopped left.
func TestResumeIsExact(t *testing.T) {
	every := Every{Steps: 2}
	for _, e := range []small{tiny("momentum", 0), tiny("adamw", .5), tiny("rmsprop", .2), tiny("sgd", 0),
		tiny("ema(clip(scheduled(nadam weight-decay=0.1) (warmup 4, cosine)) 0.3) 0.7", .2), tiny("scheduled momentum (plateau 0.5 1)", 0)} {
		whole := filepath.Join(t.TempDir(), "whole")
		trained(t, whole, e, Options{Every: every})
		want := files(t, whole)
		for step := range uint64(3 * tinySteps) {
			if e.Dropout != .5 && step != 3 && step != 9 { // all of them for one, two for the others
				continue
			}
			dir := filepath.Join(t.TempDir(), "run")
			trained(t, dir, e, Options{Every: every}, stopAt(step+1))
			resumed(t, dir, "", 0, Options{Every: every})
			got := files(t, dir)
			t.Run(fmt.Sprintf("%s, stopped after step %d", e.Optimizer, step+1), func(t *testing.T) { sameFiles(t, want, got) })
		}
	}
}

func TestResumeWithMoreEpochs(t *testing.T) {
	e := tiny("adam", .5)
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, e, Options{})
	_, err := Resume(dir, "", 0, Options{})
	mustFail(t, err, dir, "is finished", "3 epochs", "--epochs")
	_, err = Resume(dir, "", 2, Options{})
	mustFail(t, err, "3 epochs")
	resumed(t, dir, "", 5, Options{})
	e.Epochs = 5
	whole := filepath.Join(t.TempDir(), "whole")
	trained(t, whole, e, Options{})
	sameFiles(t, files(t, whole), files(t, dir))
}

func TestResumeFromAnEarlierCheckpoint(t *testing.T) {
	e := tiny("adam", .5)
	dir := filepath.Join(t.TempDir(), "run")
	o := Options{Keep: 100, Every: Every{Steps: 2}}
	trained(t, dir, e, o)
	want := files(t, dir)
	f, _ := Open(dir)
	all, _ := f.Checkpoints()
	latest := all[len(all)-1]
	text := []byte(want["checkpoints/step-000000015.safetensors"])
	text[len(text)/2] ^= 4
	if err := os.WriteFile(latest.Path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, resultFile))
	_, err := Resume(dir, "", 0, o)
	mustFail(t, err, latest.Path, "checksum", "step 14", "--resume-from 14")
	if got := files(t, dir); got["checkpoints/step-000000015.safetensors"] != string(text) || got["metrics.jsonl"] != want["metrics.jsonl"] {
		t.Error("a resume that failed changed the folder")
	}
	// Stopped at once, the run must go on from where it was told to.
	resumed(t, dir, "6", 0, o, train.ObserverFunc("stop", func(e *train.Event) error {
		if e.Moment == train.Backward {
			return &stopped{}
		}
		return nil
	}))
	if c, err := f.Checkpoint("latest"); err != nil || c.Step != 6 {
		t.Errorf("the latest checkpoint is %+v, %v, want step 6", c, err)
	}
	resumed(t, dir, "", 0, o)
	sameFiles(t, want, files(t, dir))
}

func TestResumeWithoutACheckpoint(t *testing.T) {
	e := tiny("adam", .5)
	whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "run")
	trained(t, whole, e, Options{})
	rec, err := Create(dir, e.config(t, 7, samples(t, 1)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Append("gradients", map[string]int{"step": 0}); err != nil { // as a run that was killed early
		t.Fatal(err)
	}
	rec.Close()
	if _, err := Load(dir, nil); err == nil {
		t.Error("it loads without a checkpoint")
	}
	resumed(t, dir, "", 0, Options{})
	sameFiles(t, files(t, whole), files(t, dir))
}

// TestLogsAreCutBack has an observer log each step; a run that is stopped between two checkpoints must not log any twice.
func TestLogsAreCutBack(t *testing.T) {
	e := tiny("adam", 0)
	run := func(dir string, kill bool) {
		rec, err := Create(dir, e.config(t, 7, samples(t, 1)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		log := func(rec *Recorder) train.Observer {
			return train.ObserverFunc("log", func(ev *train.Event) error {
				if ev.Moment == train.Backward {
					return rec.Append("gradients", map[string]any{"step": ev.Position.Step, "loss": ev.Loss})
				}
				return nil
			})
		}
		if kill {
			copied := filepath.Join(t.TempDir(), "copy")
			finish(t, rec, log(rec), train.ObserverFunc("copy", func(ev *train.Event) error {
				if ev.Moment == train.Step && ev.Position.Step == 8 { // what a kill would leave here
					return os.CopyFS(copied, os.DirFS(dir))
				}
				return nil
			}))
			os.RemoveAll(dir)
			os.Rename(copied, dir)
			f, err := os.OpenFile(filepath.Join(dir, "metrics.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.WriteString(`{"epoch":2,"step":10,"run`) // a torn line
			f.Close()
			if rec, err = Resume(dir, "", 0, Options{}); err != nil {
				t.Fatal(err)
			}
		}
		finish(t, rec, log(rec))
	}
	whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "run")
	run(whole, false)
	run(dir, true)
	sameFiles(t, files(t, whole), files(t, dir))
	f, _ := Open(dir)
	lines := 0
	for _, err := range f.Log("gradients") {
		if err != nil {
			t.Fatal(err)
		}
		lines++
	}
	if lines != 3*tinySteps {
		t.Errorf("%d lines were logged, want %d", lines, 3*tinySteps)
	}
}

// TestFingerprintThatIsKnown: a run that is told the fingerprint of its data has it in its checkpoints, and does not read them for it.
func TestFingerprintThatIsKnown(t *testing.T) {
	known, err := Fingerprint(samples(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("sgd", 0), Options{Data: known}, stopAt(6))
	resumed(t, dir, "", 0, Options{})
	dir = filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("sgd", 0), Options{Data: "of others"}, stopAt(6))
	rec, err := Resume(dir, "", 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	_, err = follow(t.Context(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), rec)
	mustFail(t, err, dir, "other samples")
}

func TestOtherDataIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, tiny("sgd", 0), Options{}, stopAt(6))
	rec, err := Resume(dir, "", 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	_, err = follow(t.Context(), rec.Folder().Config, rec.Start(), samples(t, 3), samples(t, 2), rec)
	mustFail(t, err, dir, "other samples", "--data-dir")
	_, err = follow(t.Context(), rec.Folder().Config, train.Position{}, samples(t, 1), samples(t, 2), rec)
	mustFail(t, err, "Recorder.Start()")
}

func TestTwoAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tiny("sgd", 0).config(t, 7, samples(t, 1))
	rec, err := Create(dir, c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	who := fmt.Sprintf("process %d on ", os.Getpid())
	_, err = Create(dir, c, Options{})
	mustFail(t, err, dir, "in use by", who)
	_, err = Resume(dir, "", 0, Options{})
	mustFail(t, err, dir, "in use by", who)
	if got := InUse(dir); len(got) < len(who) || got[:len(who)] != who {
		t.Errorf("it is in use by %q, want %q", got, who)
	}
	finish(t, rec)
	_, err = Create(dir, c, Options{})
	mustFail(t, err, "holds a run already", "--resume")
}

// TestLock: a folder of runs has one holder at a time, one that was killed holds nothing, and nothing of it stays.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	_, err := Lock("")
	mustFail(t, err, "want its path")
	_, err = Lock(filepath.Join(dir, "none"))
	mustFail(t, err, "none")
	name := filepath.Join(dir, lockFile)
	if err := os.WriteFile(name, []byte("process 4711 on turing"), 0o644); err != nil { // of one that was killed
		t.Fatal(err)
	}
	for range 2 {
		unlock, err := Lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		who := fmt.Sprintf("process %d on ", os.Getpid())
		_, err = Lock(dir)
		mustFail(t, err, dir, "in use by", who)
		if got := InUse(dir); !strings.HasPrefix(got, who) {
			t.Errorf("it is in use by %q, want %q", got, who)
		}
		unlock()
		if exists(name) || InUse(dir) != "" {
			t.Errorf("it is still in use by %q", InUse(dir))
		}
		next, err := Lock(dir)
		if err != nil {
			t.Fatal(err)
		}
		if unlock(); InUse(dir) == "" {
			t.Error("a second unlock freed what another holds")
		}
		next()
	}
}

// TestBestByAFigure: the best checkpoint is that of the best epoch by Options.Best, in a resumed run too; BestWeights are its weights.
func TestBestByAFigure(t *testing.T) {
	e := tiny("ema sgd 0.5", 0)
	e.Epochs = 6
	dir := filepath.Join(t.TempDir(), "run")
	trained(t, dir, e, Options{Best: "accuracy", Keep: 1}, stopAt(4*tinySteps))
	rec, err := Resume(dir, "", 0, Options{disk: unsynced{}})
	if err != nil {
		t.Fatal(err)
	}
	epochs := rec.Epochs()
	at := train.Best(epochs, "accuracy")
	for i, epoch := range epochs {
		if got, best := figure(epoch), figure(epochs[at]); got > best || got == best && i < at {
			t.Errorf("epoch %d has %v, the best one, %d, %v", i+1, got, at+1, best)
		}
	}
	f := rec.Folder()
	best, err := f.Checkpoint("best")
	if err != nil || best.Step != uint64((at+1)*tinySteps) || f.Config.Saving.Best != "accuracy" {
		t.Fatalf("got the checkpoint %+v as the best, by %q, %v, want that of epoch %d", best, f.Config.Saving.Best, err, at+1)
	}
	m, _, err := f.Model(best, nil)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := rec.BestWeights(m)
	if err != nil || len(weights) != len(m.Tensors()) {
		t.Fatal(err)
	}
	for i, p := range m.Tensors() {
		if !reflect.DeepEqual(p.Value.Data(), weights[i].Value.Data()) || p.Value == weights[i].Value {
			t.Errorf("%s: the best weights are others than those of the best checkpoint", p.Name)
		}
	}
	if err := rec.Close(); err != nil {
		t.Error(err)
	}
}

func figure(e train.Epoch) float64 {
	if e.Evaluated != nil {
		return e.Evaluated.Accuracy()
	}
	return e.Running.Accuracy()
}
