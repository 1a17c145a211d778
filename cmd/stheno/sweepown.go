package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// ofOwn says whether a user means data of their own, rather than an experiment: a path, or what lies there.
func ofOwn(name string) bool {
	if _, err := models.Find(name); err == nil {
		return false
	}
	_, err := os.Stat(name)
	return err == nil || strings.ContainsAny(name, `/\.`)
}

// beginOwn plans a sweep on data of one's own and carries it out; targets is the file that their targets are in, "" where that is the same: each trial is what stheno train would train with its flags.
func (s *sweeper) beginOwn(cmd *cobra.Command, path, targets string, settings [][]run.Setting, seeds []uint64) error {
	for _, name := range []string{"dataset", "data-dir"} {
		if cmd.Flags().Changed(name) {
			return usage.Errorf("--%s: got it and %s, which are data too: leave one out", name, path)
		}
	}
	first, err := s.axes.Own(settings[0], seeds[0], "")
	if err != nil {
		return err
	}
	data, err := own.Open(path, targets, first.Reading)
	if err != nil {
		return err
	}
	info, err := s.use(cmd)
	if err != nil {
		return err
	}
	// What suits the data, and what is to be said of them.
	suits := &trainer{flags: *first, json: true, quiet: s.quiet}
	suited, err := suits.plan(cmd, path, targets, data)
	if err != nil {
		return err
	}
	plan := run.Plan{Figure: s.by, Halving: s.halving}
	measured := map[string]bool{} // losses
	for i, of := range settings {
		for _, seed := range seeds {
			flags, err := s.axes.Own(of, seed, suited.Config.Experiment.Network)
			if err != nil {
				return err
			}
			t := &trainer{flags: *flags, json: true, quiet: true}
			o, err := t.plan(cmd, path, targets, data)
			if err != nil {
				if label := models.Label(of); label != "" {
					err = fmt.Errorf("%s: %w", label, err)
				}
				return err
			}
			if e := o.Config.Experiment; !measured[e.Loss] && o.Parts.Held != nil {
				measured[e.Loss] = true
				if err := s.measures(o, &plan); err != nil {
					return err
				}
			}
			plan.Trials = append(plan.Trials, run.Trial{Name: run.TrialName(i, len(settings), seed), Settings: of, Config: o.Config})
		}
	}
	if plan.Figure == "" {
		return usage.Errorf("--validation: got 0, want a share that is held out, by which the settings are compared, such as 0.2")
	}
	made, err := s.create(plan.Trials[0].Config.Experiment.Name, plan, data)
	if err != nil {
		return err
	}
	return s.carryOwn(cmd, made, info, data)
}

// measures finds the figure that trials are compared by, where the user names none: the first score; it is an error if it is not measured.
func (s *sweeper) measures(o *training.Own, plan *run.Plan) error {
	one, err := datasets.Rows(o.Parts.Held, []int{0})
	if err != nil {
		return err
	}
	names, err := models.Measured(o.Model, one, o.How)
	if err != nil {
		return err
	}
	if plan.Figure == "" {
		if plan.Figure = names[0]; len(names) > 1 {
			plan.Figure = names[1]
		}
	}
	if !slices.Contains(names, plan.Figure) {
		return usage.Errorf("--by: got %q, want what is measured: %s", plan.Figure, strings.Join(names, " or "))
	}
	return nil
}

// goOnOwn goes on with a sweep on data of one's own; args may say where they are now.
func (s *sweeper) goOnOwn(cmd *cobra.Command, dir string, config run.Config, args []string) error {
	for _, name := range []string{"dataset", "data-dir"} {
		if cmd.Flags().Changed(name) {
			return usage.Errorf("--%s: the sweep is on %s: leave it out, or give the place of that file behind --resume", name, config.File)
		}
	}
	data, err := own.Raw(config, args...)
	if err != nil {
		return err
	}
	if err := s.blas.UseFor(cmd, config); err != nil {
		return err
	}
	sweep, err := goOnWith(dir, data)
	if err != nil {
		return err
	}
	return s.carryOwn(cmd, sweep, blas.Current(), data)
}

func (s *sweeper) carryOwn(cmd *cobra.Command, sweep *run.Sweep, info blas.Info, data datasets.Data) error {
	return s.carryOut(cmd, sweep, info, func(o models.SweepOptions) error {
		return models.RunTrials(cmd.Context(), sweep, o, func(ctx context.Context, rec *run.Recorder, observers ...train.Observer) error {
			return training.Trial(ctx, rec, data, observers...)
		})
	})
}
