package runs

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// What is said of a run that was stopped is of so far, and of one that is over it is not.
func TestRecordOfAStoppedRun(t *testing.T) {
	trainSet, testSet, err := datasets.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	if testSet, err = testSet.Slice(0, 200); err != nil {
		t.Fatal(err)
	}
	e, err := models.Find("cross-entropy")
	if err != nil {
		t.Fatal(err)
	}
	e.Hidden, e.TrainSamples, e.Epochs = []int{8}, 300, 4
	config, err := e.RunConfig(1, "mnist", trainSet)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	rec, err := run.Create(dir, config, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	end := errors.New("killed")
	kill := train.ObserverFunc("kill", func(ev *train.Event) error {
		if ev.Moment == train.Step && ev.Position.Step == 5 {
			return end
		}
		return nil
	})
	if _, err := e.Run(t.Context(), trainSet, testSet, models.RunOptions{Seed: 1, Observers: []train.Observer{rec, kill}}); !errors.Is(err, end) {
		t.Fatal(err)
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	said := func() (uint64, uint64, string) {
		folder, err := run.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		record, err := Record(t.Context(), folder, trainSet, testSet)
		if err != nil {
			t.Fatal(err)
		}
		found, err := inspect.Diagnose(t.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range found {
			all = append(all, f.Evidence)
		}
		return record.Steps, record.Ahead, strings.Join(all, "\n")
	}
	if steps, ahead, text := said(); steps+ahead != 12 || steps < 3 || !strings.Contains(text, "so far, after") {
		t.Errorf("got %d steps and %d ahead: %s", steps, ahead, text)
	}
	if rec, err = run.Resume(dir, "", 0, run.Options{}); err != nil {
		t.Fatal(err)
	}
	result, err := e.Run(t.Context(), trainSet, testSet, models.RunOptions{Seed: 1, Start: rec.Start(), Observers: []train.Observer{rec}})
	if err == nil {
		err = rec.Finish(result.RunResult())
	}
	if err = errors.Join(err, rec.Close()); err != nil {
		t.Fatal(err)
	}
	if steps, ahead, text := said(); steps != 12 || ahead != 0 || strings.Contains(text, "so far") {
		t.Errorf("got %d steps and %d ahead: %s", steps, ahead, text)
	}
}
