package models_test

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// TestHeld: what is held out is a share of each class, the same for a seed, and none of it is trained on.
func TestHeld(t *testing.T) {
	e, raw, rawTest := short(t, "relu")
	e.Validation, e.TrainSamples = .2, 1000
	data, _, _, err := e.Data(raw, rawTest, 5)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Held(raw, 5)
	if err != nil {
		t.Fatal(err)
	}
	fit, held := data.(*datasets.Dataset), out.(*datasets.Dataset)
	if held.Len()+fit.Len() != 1000 || held.Len() < 195 || held.Len() > 205 {
		t.Fatalf("%d held, %d to fit, %v", held.Len(), fit.Len(), err)
	}
	row := func(data datasets.Data, i int) string {
		d := data.(*datasets.Dataset)
		dst := make([]float32, d.Features())
		d.Row(dst, i)
		text := make([]byte, len(dst))
		for j, v := range dst {
			text[j] = byte(v * 255)
		}
		return string(text)
	}
	seen := map[string]int{}
	count := map[int]int{}
	for i := range fit.Len() {
		seen[row(fit, i)]++
	}
	for i := range held.Len() {
		if seen[row(held, i)] > 0 {
			t.Fatalf("sample %d is held and trained on", i)
		}
		count[held.Label(i)]++
	}
	all, _ := raw.Slice(0, 1000)
	for class, n := range count {
		total := 0
		for i := range all.Len() {
			if all.Label(i) == class {
				total++
			}
		}
		if float64(n) < .2*float64(total)-1 || float64(n) > .2*float64(total)+1 {
			t.Errorf("%d of the %d samples of class %d are held", n, total, class)
		}
	}
	if other, err := e.Held(raw, 6); err != nil || row(other, 0) == row(held, 0) && row(other, 1) == row(held, 1) && row(other, 2) == row(held, 2) {
		t.Errorf("another seed holds the same, %v", err)
	}
	e.Validation = 1
	if _, err := e.Held(raw, 5); err == nil || !strings.Contains(err.Error(), "share") {
		t.Errorf("a share of 1: %v", err)
	}
}

// TestPatienceGoesOn: a run with samples held out, a patience, a frozen layer and shards that is stopped at any epoch goes on by its configuration to the same weights, which are those of the best epoch.
func TestPatienceGoesOn(t *testing.T) {
	e, raw, rawTest := short(t, "adam")
	e.Validation, e.Patience, e.Frozen, e.Shards, e.Epochs, e.LearningRate, e.BatchSize = .2, 2, []string{"dense_1"}, 2, 30, .02, 40
	config, err := e.RunConfig(3, "mnist", raw)
	if err != nil {
		t.Fatal(err)
	}
	went := func(dir string, stop int) (*models.Result, *run.Recorder) {
		t.Helper()
		rec, err := run.Create(dir, config, run.Options{})
		if stop < 0 {
			rec, err = run.Resume(dir, "", 0, run.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		defer rec.Close()
		again, err := models.OfRun(rec.Folder().Config)
		if err != nil || again.Validation != e.Validation || again.Patience != e.Patience || !slices.Equal(again.Frozen, e.Frozen) || again.Shards != e.Shards {
			t.Fatalf("%+v, %v", again, err)
		}
		o := models.RunOptions{Seed: 3, Start: rec.Start(), Before: rec.Epochs()}
		if o.Model, err = rec.Folder().Config.Model(); err != nil {
			t.Fatal(err)
		}
		if o.Weights, err = rec.BestWeights(o.Model); err != nil {
			t.Fatal(err)
		}
		o.Observers = []train.Observer{train.ObserverFunc("stop", func(e *train.Event) error {
			if stop > 0 && e.Moment == train.Epochal && e.Position.Epoch == stop {
				return train.Stop("stopped")
			}
			return nil
		}), rec}
		r, err := again.Run(context.Background(), raw, rawTest, o)
		if err != nil {
			t.Fatal(err)
		}
		return r, rec
	}
	bits := func(m *graph.Model) (all []float32) {
		for _, p := range m.Params() {
			all = append(all, p.Value.Float32s()...)
		}
		return all
	}
	whole, rec := went(filepath.Join(t.TempDir(), "run"), 0)
	epochs := rec.Epochs()
	best := train.Best(epochs, "")
	if whole.History.Stopped == "" || len(epochs) == 30 || best != len(epochs)-3 || whole.Validation == nil || whole.Validation.Loss != epochs[best].Evaluated.Loss {
		t.Fatalf("%d epochs, the best is %d, %q, %+v", len(epochs), best, whole.History.Stopped, whole.Validation)
	}
	first, err := e.Model(digits28, 3)
	if err != nil || !slices.Equal(first.Params()[0].Value.Float32s(), whole.Model.Params()[0].Value.Float32s()) {
		t.Error("the frozen layer has moved", err)
	}
	kept, err := run.Load(rec.Folder().Dir, nil)
	if err != nil || !slices.Equal(bits(kept), bits(whole.Model)) {
		t.Error("the folder has other weights than the run ended with", err)
	}
	for _, stop := range []int{1, best + 2, len(epochs)} {
		dir := filepath.Join(t.TempDir(), "run")
		went(dir, stop)
		again, rec := went(dir, -1)
		if got := rec.Epochs(); len(got) != len(epochs) || !slices.Equal(bits(again.Model), bits(whole.Model)) || again.History.Stopped != whole.History.Stopped || !reflect.DeepEqual(again.Test, whole.Test) {
			t.Errorf("stopped after epoch %d: %d epochs instead of %d, or other weights; %q", stop, len(got), len(epochs), again.History.Stopped)
		}
	}
}

// TestDivided: where it is settled what is held out, no share is drawn anew.
func TestDivided(t *testing.T) {
	e, raw, rawTest := short(t, "relu")
	e.Scale, e.TrainSamples = 1, 0
	var parts [2]*datasets.Dataset
	for i, to := range []int{30, 37} {
		var err error
		if parts[i], err = raw.Slice(30*i, to); err != nil {
			t.Fatal(err)
		}
	}
	divided := &models.Divided{Data: raw, Fit: parts[0], Held: parts[1]}
	for _, validation := range []float64{.2, 0} {
		e.Validation = validation
		fit, _, _, err := e.Data(divided, rawTest, 5)
		if err != nil {
			t.Fatal(err)
		}
		held, err := e.Held(divided, 5)
		switch {
		case err != nil:
			t.Fatal(err)
		case validation == 0 && (held != nil || fit.Len() != raw.Len()):
			t.Errorf("nothing is held out: got %d samples and %v", fit.Len(), held)
		case validation != 0 && (fit.Len() != 30 || held.Len() != 7):
			t.Errorf("got %d and %d samples, want 30 and 7", fit.Len(), held.Len())
		}
	}
}
