package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// create makes the folder of a new run; nil where no folder was asked for and there is no place for one, which it says.
func (r *runner) create(errOut io.Writer, e models.Experiment, trainSet *datasets.Dataset) (*run.Recorder, error) {
	options, err := r.saving.Options()
	if err != nil {
		return nil, err
	}
	dataset := r.data.Dataset
	if r.data.Dir != "" {
		dataset = ""
	}
	config := e.RunConfig(r.flags.Seed, dataset, trainSet)
	config.Gradients = r.saving.Gradients
	dir := r.saving.Out
	if r.several {
		dir = filepath.Join(dir, e.Name)
	}
	if r.saving.Out == "" {
		if dir, err = run.NewDir(e.Name, r.flags.Seed); err != nil {
			fmt.Fprintf(errOut, "stheno: %s is trained without being saved: %s\n", e.Name, usage.OneLine(err))
			return nil, nil
		}
	}
	return run.Create(dir, config, options)
}

// resume goes on with a run.
func (r *runner) resume(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage.Errorf("--resume: the experiment is the folder's: leave out %s", strings.Join(args, " "))
	}
	own := slices.DeleteFunc(r.flags.Changed(), func(flag string) bool { return flag == "--epochs" })
	for _, name := range []string{"seed", "out", "record-gradients"} {
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
	rec, err := run.Resume(dir, r.saving.ResumeFrom, epochs, options)
	if errors.Is(err, run.ErrFinished) {
		fmt.Fprintln(errOut, "stheno:", usage.OneLine(err))
		return nil
	}
	if err != nil {
		return err
	}
	if r.saving.ResumeFrom != "" {
		fmt.Fprintf(errOut, "stheno: going on from step %d as told; what came after it is made again\n", rec.Start().Step)
	}
	config := rec.Folder().Config
	r.how.Seed = config.Seed
	if e, err = models.OfRun(config); err != nil { // with the epochs that it is to have now
		return errors.Join(err, rec.Close())
	}
	ok, err := r.how.Do(cmd, e, trainSet, testSet, results.Table(cmd.OutOrStdout()), rec)
	if err == nil && !ok {
		err = usage.ErrSaid
	}
	return err
}
