package training

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train/events"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// boardOf writes an experiment's training for TensorBoard, in a folder called as the run's: one that goes on finds it again.
func boardOf(dir string, rec *run.Recorder, e models.Experiment, seed uint64, trainSet, testSet datasets.Data) (*events.Observer, error) {
	_, test, _, err := e.Data(trainSet, testSet, seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	name := fmt.Sprintf("%s-seed%d", e.Name, seed)
	if rec != nil {
		name = filepath.Base(rec.Folder().Dir)
	}
	return &events.Observer{Dir: filepath.Join(dir, name), Test: test}, nil
}

// diagnosed adds what Diagnose says of a run that is over.
func diagnosed(ctx context.Context, dir string, r *models.Result, rec *run.Recorder, trainSet, testSet datasets.Data) error {
	var snapshots []*inspect.Snapshot
	if rec != nil {
		var err error
		if snapshots, err = runs.Snapshots(ctx, rec.Folder(), r.History.Position, trainSet, testSet); err != nil {
			return err
		}
	}
	record, err := r.Record(ctx, trainSet, testSet, snapshots)
	if err != nil {
		return err
	}
	findings, err := inspect.Diagnose(ctx, record)
	if err != nil {
		return err
	}
	w, err := events.Create(dir)
	if err != nil {
		return err
	}
	w.Text(r.History.Position.Step, "diagnosis", markdown(findings))
	return errors.Join(w.Flush(), w.Close())
}

// markdown lists findings.
func markdown(findings []inspect.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "**%s** (%s): %s\n\n→ %s\n\n", f.Code, f.Severity, f.Evidence, f.Advice)
	}
	return b.String()
}
