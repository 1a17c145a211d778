package compare

import (
	"context"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A Member is a run that a user means, by itself or as a trial of a sweep.
type Member struct {
	Name  string // as runs.Open takes it
	Sweep string // whose trial it is; "" of a run by itself
	title string
	tried []run.Setting
	err   error // what is wrong with the trial
}

// Load reads the run's folder.
func (m Member) Load() (*Run, error) {
	if m.err != nil {
		return nil, m.err
	}
	r, err := Load(m.Name, m.tried)
	if err == nil && m.title != "" {
		r.Title = m.title
	}
	return r, err
}

// Members are the runs that names mean: of a sweep its trials that have begun, the best first. plan is that of the sweep where it is all that was named, else nil.
func Members(names []string) (all []Member, plan *run.Plan, err error) {
	for _, name := range names {
		dir := run.Locate(name)
		if !run.IsSweep(dir) {
			all = append(all, Member{Name: name})
			continue
		}
		sweep, err := run.OpenSweep(dir)
		if err != nil {
			return nil, nil, err
		}
		standings, err := models.Standings(sweep)
		if err != nil {
			return nil, nil, err
		}
		for _, s := range standings {
			for _, t := range s.Trials {
				if t.State == models.Waiting {
					continue
				}
				folder, _ := sweep.Folder(t.Trial)
				all = append(all, Member{folder, dir, runs.Title(dir) + "/" + t.Name, t.Settings, t.Err})
			}
		}
		if len(names) == 1 {
			plan = &sweep.Plan
		}
	}
	return all, plan, nil
}

// Look has the runs looked into of which gradients and weights are compared. open opens a run's data. What cannot be looked into is told, and compared without; the error is of a wrong command line, or of the context.
func (s *Set) Look(ctx context.Context, open func(*run.Folder) (trainSet, testSet datasets.Data, err error), tell func(*Run, error)) error {
	for _, r := range s.lookers() {
		if r.snapshots != nil {
			continue
		}
		trainSet, testSet, err := open(r.Folder)
		if usage.Status(err) == 2 {
			return err
		}
		if err == nil {
			err = r.look(ctx, trainSet, testSet)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			tell(r, err)
		}
	}
	return nil
}
