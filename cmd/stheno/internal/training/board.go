package training

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train/events"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// boardOf writes a training for TensorBoard, in a folder called as the run's: one that goes on finds it again. test is judged in the end, where it is not nil.
func boardOf(dir string, rec *run.Recorder, name string, seed uint64, test datasets.Data) *events.Observer {
	name = fmt.Sprintf("%s-seed%d", name, seed)
	if rec != nil {
		name = filepath.Base(rec.Folder().Dir)
	}
	return &events.Observer{Dir: filepath.Join(dir, name), Test: test}
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
	return diagnose(ctx, dir, record)
}

// diagnosedOwn is diagnosed of a run on data of one's own, which is kept.
func diagnosedOwn(ctx context.Context, dir string, folder *run.Folder, parts own.Parts) error {
	all, err := own.Labelled(parts.All)
	if err != nil {
		return err
	}
	held := all
	if parts.Held != nil {
		if held, err = own.Labelled(parts.Held); err != nil {
			return err
		}
	}
	record, err := runs.Record(ctx, folder, all, held)
	if err != nil {
		return err
	}
	return diagnose(ctx, dir, record)
}

func diagnose(ctx context.Context, dir string, record *inspect.Record) error {
	findings, err := inspect.Diagnose(ctx, record)
	if err != nil {
		return err
	}
	w, err := events.Create(dir)
	if err != nil {
		return err
	}
	w.Text(record.Steps, "diagnosis", markdown(findings))
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
