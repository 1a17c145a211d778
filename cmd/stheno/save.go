package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// create makes the folder of a new run; nil where no folder was asked for and there is no place for one, which it says.
func (r *runner) create(errOut io.Writer, e models.Experiment, trainSet datasets.Data) (*run.Recorder, error) {
	options, err := r.saving.Options()
	if err != nil {
		return nil, err
	}
	config, err := e.RunConfig(r.flags.Seed, r.data.Of(e).Name(), trainSet)
	if err != nil {
		return nil, err
	}
	options.First = r.from != nil
	config.Gradients = r.saving.Gradients
	r.how.Config = &config
	dir := r.folder(e)
	if r.saving.Out == "" {
		if dir, err = run.NewDir(e.Name, r.flags.Seed); err != nil {
			usage.Say(errOut, "%s is trained without being saved: %v", e.Name, err)
			return nil, nil
		}
	}
	rec, err := run.Create(dir, config, options)
	if err != nil && r.saving.Out == "" {
		_ = os.Remove(dir) // which NewDir made
	}
	return rec, err
}

// follow is resume on a rank that keeps nothing: rank 0 says where the run goes on.
func (r *runner) follow(cmd *cobra.Command, folder *run.Folder, epochs int, trainSet, testSet datasets.Data) error {
	config := folder.Config
	if epochs > 0 {
		config.Experiment.Epochs = epochs
	}
	e, err := models.OfRun(config)
	if err == nil {
		r.how.Model, err = config.Model()
	}
	if err = ranks.Agree(err); err != nil {
		return ranks.Stopped(err)
	}
	r.how.Seed = config.Seed
	ok, err := r.how.Do(cmd, e, trainSet, testSet, results.Table(cmd.OutOrStdout(), e), nil)
	if err == nil && !ok {
		err = usage.ErrSaid
	}
	return err
}

// folder is where --out has an experiment kept.
func (r *runner) folder(e models.Experiment) string {
	if r.several {
		return filepath.Join(r.saving.Out, e.Name)
	}
	return r.saving.Out
}

// fresh checks, before hours of other experiments, that each can be kept where --out says.
func (r *runner) fresh(experiments []models.Experiment) error {
	if r.saving.Out == "" {
		return nil
	}
	seen := map[string]bool{}
	for _, e := range experiments {
		dir := r.folder(e)
		if seen[dir] {
			return usage.Errorf("--out: %s would be kept twice in %s: name it once, or give no folder", e.Name, dir)
		}
		seen[dir] = true
		if err := run.Fresh(dir); err != nil {
			return err
		}
	}
	return nil
}

// resume goes on with a run.
func (r *runner) resume(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage.Errorf("--resume: the experiment is the folder's: leave out %s", strings.Join(args, " "))
	}
	own := slices.DeleteFunc(slices.Concat(r.flags.Changed(), r.training.Changed()), func(flag string) bool { return flag == "--epochs" })
	for _, name := range []string{"seed", "out", "record-gradients", "start"} {
		if cmd.Flags().Changed(name) {
			own = append(own, "--"+name)
		}
	}
	if len(own) > 0 {
		return usage.Errorf("--resume: the configuration is the folder's, but for --epochs: leave out %s", strings.Join(own, ", "))
	}
	options, err := r.saving.Options()
	if err != nil {
		return err
	}
	folder, err := runs.Open(r.saving.Resume)
	if err != nil {
		return err
	}
	if folder.Config.File != "" { // of stheno train
		again := trainer{saving: r.saving, blas: r.blas, json: r.how.JSON, quiet: r.how.Quiet, observers: r.how.Observers}
		again.flags.Epochs, again.flags.Training.Board = r.flags.Epochs, r.training.Board
		return again.resume(cmd, folder)
	}
	dir, errOut := folder.Dir, cmd.ErrOrStderr()
	e, err := models.OfRun(folder.Config)
	if err != nil {
		return err
	}
	if err := r.flags.Apply(&e); err != nil {
		return err
	}
	trainSet, testSet, err := r.data.OpenFor(cmd, folder)
	if err != nil {
		return err
	}
	if err := r.blas.UseFor(cmd, folder.Config); err != nil {
		return err
	}
	epochs := 0
	if cmd.Flags().Changed("epochs") {
		epochs = r.flags.Epochs
	}
	if !ranks.First() {
		return r.follow(cmd, folder, epochs, trainSet, testSet)
	}
	rec, err := run.Resume(dir, r.saving.ResumeFrom, epochs, options)
	if errors.Is(err, run.ErrFinished) {
		usage.Say(errOut, "%v", err)
		_ = ranks.Agree(train.Stop(err.Error()))
		return nil
	}
	if err = ranks.Agree(err); err != nil {
		if rec != nil {
			err = errors.Join(err, rec.Close())
		}
		return err
	}
	for _, remark := range rec.Remarks() {
		usage.Say(errOut, "%s", remark)
	}
	if r.saving.ResumeFrom != "" {
		usage.Say(errOut, "going on from step %d as told; what came after it is made again", rec.Start().Step)
	}
	config := rec.Folder().Config
	r.how.Seed = config.Seed
	if e, err = models.OfRun(config); err == nil { // with the epochs that it is to have now
		r.how.Model, err = config.Model()
	}
	if err != nil {
		return errors.Join(err, rec.Close())
	}
	ok, err := r.how.Do(cmd, e, trainSet, testSet, results.Table(cmd.OutOrStdout(), e), rec)
	if err == nil && !ok {
		err = usage.ErrSaid
	}
	return err
}
