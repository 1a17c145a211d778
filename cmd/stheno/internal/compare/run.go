// Package compare says in what runs that were kept differ: in their settings, their curves, their gradients, to the bit, and whether that is more than their seeds make.
package compare

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// A Run is one that is compared.
type Run struct {
	Title  string
	Folder *run.Folder
	Tried  []run.Setting // of a sweep's trial, as the sweep has them
	Epochs []train.Epoch
	Ended  *run.Result // nil of one that has not

	model     *graph.Model // as it ended, or stopped; nil where there is no checkpoint, or nobody asked for it
	at        train.Position
	snapshots []*inspect.Snapshot
}

// Load reads a run's folder, but for what look reads.
func Load(dir string, tried []run.Setting) (*Run, error) {
	folder, err := runs.Open(dir)
	if err != nil {
		return nil, err
	}
	r := &Run{Title: runs.Title(folder.Dir), Folder: folder, Tried: tried}
	if r.Epochs, err = folder.Epochs(); err != nil {
		return nil, err
	}
	r.Ended, err = folder.Result()
	return r, err
}

// look reads the run's weights and its gradients: those of the first step, those that were recorded, and those of the step that it would make next.
func (r *Run) look(ctx context.Context, trainSet, testSet datasets.Data) error {
	all, err := r.Folder.Checkpoints()
	if err != nil {
		return err
	}
	until := train.Position{Step: math.MaxUint64}
	if len(all) > 0 {
		checkpoint, err := r.Folder.Checkpoint("")
		if err != nil {
			return err
		}
		if r.model, r.at, err = r.Folder.Model(checkpoint, nil); err != nil {
			return err
		}
		until = r.at
	}
	if trainSet == nil {
		return errors.New("there are no data")
	}
	snapshots, err := runs.Snapshots(ctx, r.Folder, until, trainSet, testSet)
	if err != nil {
		return err
	}
	r.snapshots = snapshots
	if r.model == nil {
		return nil
	}
	e, err := runs.Experiment(r.Folder, trainSet)
	if err != nil {
		return err
	}
	fit, _, _, err := e.Data(trainSet, testSet, r.Folder.Config.Seed)
	if err != nil {
		return err
	}
	last, err := inspect.TakeNext(r.model, e.Loss, fit, e.BatchSize, r.Folder.Config.Seed, r.at)
	if err == nil {
		r.snapshots = append(r.snapshots, last)
	}
	return err
}

// Seed is the run's.
func (r *Run) Seed() uint64 { return r.Folder.Config.Seed }

// diverged says whether its loss came to be no number.
func (r *Run) diverged() bool { return r.Ended != nil && r.Ended.Diverged != nil }

// The sets on which figures are taken.
const (
	training   = "training"
	validation = "validation"
	test       = "test"
	running    = "running"
)

// end is what a run came to on a set; nil where that was not measured.
func (r *Run) end(set string) *train.Metrics {
	own := r.Folder.Config.File != "" // of which what is held back is all that it is tested on
	last := len(r.Epochs) - 1
	switch {
	case r.diverged():
	case set == running && last >= 0:
		return &r.Epochs[last].Running
	case r.Ended == nil && set == validation && last >= 0:
		return r.Epochs[last].Evaluated
	case r.Ended == nil:
	case set == training:
		return r.Ended.Train
	case set == test && !own:
		return r.Ended.Test
	case set == validation && own:
		return r.Ended.Test
	case set == validation:
		return r.Ended.Validation
	}
	return nil
}

// evaluation is end, as a record has it.
func (r *Run) evaluation(set string) *train.Evaluation {
	m := r.end(set)
	if m == nil {
		return nil
	}
	return &train.Evaluation{Metrics: *m}
}

// figureOf is a loss, or the score of that name; NaN where it was not measured.
func figureOf(m *train.Metrics, figure string) float64 {
	switch {
	case m == nil:
		return math.NaN()
	case figure == "loss":
		return m.Loss
	}
	return m.Score(figure)
}

// scores are the names of a run's metrics.
func (r *Run) scores() (names []string) {
	for _, set := range []string{test, validation, running} {
		if m := r.end(set); m != nil {
			for _, s := range m.Scores {
				if !slices.Contains(names, s.Name) {
					names = append(names, s.Name)
				}
			}
		}
	}
	return names
}
