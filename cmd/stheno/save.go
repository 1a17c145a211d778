package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// savingFlags say where a run is kept, how often it is saved, and which one goes on.
type savingFlags struct {
	out, resume, resumeFrom, every string
	keep, gradients                int
	flags                          *pflag.FlagSet
}

func (f *savingFlags) add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	f.flags.StringVar(&f.out, "out", "", "`FOLDER` to keep the run in; of several, a folder each in it (default one of its own, see stheno runs)")
	f.flags.StringVar(&f.every, "checkpoint-every", "", "also save within an epoch: each `N` steps (500), or each so much time (30s)")
	f.flags.IntVar(&f.keep, "keep", 2, "how many of the newest checkpoints to keep beside the best")
	f.flags.IntVar(&f.gradients, "record-gradients", 0, "record every layer's gradients each N steps (default at 10, 100, 1000 and so on)")
	f.flags.StringVar(&f.resume, "resume", "", "go on with this `RUN`, from its latest checkpoint; takes --epochs for more")
	f.flags.StringVar(&f.resumeFrom, "resume-from", "", "go on from another `CHECKPOINT`: previous, best, or the number of a step; what came after it is made again")
	_ = cmd.MarkFlagDirname("out")
	offerFlag(cmd, "resume", offerRuns)
	completeWith(cmd, "resume-from", []string{"previous", "best"})
	_ = cmd.RegisterFlagCompletionFunc("checkpoint-every", cobra.NoFileCompletions)
}

// options are the flags that were given.
func (f *savingFlags) options() (o run.Options, err error) {
	if f.every != "" {
		if o.Every, err = run.ParseEvery(f.every); err != nil {
			return o, usagef("--checkpoint-every: got %q, want a number of steps of at least 1, such as 500, or a time, such as 30s", f.every)
		}
	}
	if f.flags != nil && f.flags.Changed("keep") {
		if o.Keep = f.keep; f.keep < 1 {
			return o, fmt.Errorf("--keep: got %d, want at least 1", f.keep)
		}
	}
	if f.gradients < 0 {
		return o, fmt.Errorf("--record-gradients: got %d, want at least 1", f.gradients)
	}
	return o, nil
}

// create makes the folder of a new run; nil where no folder was asked for and there is no place for one, which it says.
func (r *runner) create(errOut io.Writer, e models.Experiment, trainSet *datasets.Dataset) (*run.Recorder, error) {
	options, err := r.saving.options()
	if err != nil {
		return nil, err
	}
	dataset := r.data.dataset
	if r.data.dir != "" {
		dataset = ""
	}
	config := e.RunConfig(r.flags.seed, dataset, trainSet)
	config.Gradients = r.saving.gradients
	dir := r.saving.out
	if r.several {
		dir = filepath.Join(dir, e.Name)
	}
	if r.saving.out == "" {
		if dir, err = run.NewDir(e.Name, r.flags.seed); err != nil {
			fmt.Fprintf(errOut, "stheno: %s is trained without being saved: %s\n", e.Name, oneLine(err))
			return nil, nil
		}
	}
	return run.Create(dir, config, options)
}

// observers are those that keep a run: the recorder comes last.
func observers(rec *run.Recorder) []train.Observer {
	var all []train.Observer
	keep := func(s *inspect.Snapshot) error { return rec.Append(gradientsLog, s) }
	if every := rec.Folder().Config.Gradients; every > 0 {
		all = append(all, &inspect.Recorder{Every: every, Each: keep})
	} else {
		all = append(all, &inspect.Recorder{At: powersOfTen[:], Each: keep})
	}
	return append(all, rec)
}

// powersOfTen are the steps that are recorded where nobody says which: few, and most of them early, where most happens. Step 0 can be
// made again at any time, and the first step of a run need not wait for it.
var powersOfTen = [...]uint64{10, 100, 1e3, 1e4, 1e5, 1e6, 1e7}

// resume goes on with a run.
func (r *runner) resume(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("--resume: the experiment is the folder's: leave out %s", strings.Join(args, " "))
	}
	own := slices.DeleteFunc(r.flags.changed(), func(flag string) bool { return flag == "--epochs" })
	for _, name := range []string{"seed", "out", "record-gradients"} {
		if cmd.Flags().Changed(name) {
			own = append(own, "--"+name)
		}
	}
	if len(own) > 0 {
		return usagef("--resume: the configuration is the folder's, but for --epochs: leave out %s", strings.Join(own, ", "))
	}
	options, err := r.saving.options()
	if err != nil {
		return err
	}
	folder, err := openRun(r.saving.resume)
	if err != nil {
		return err
	}
	dir, errOut := folder.Dir, cmd.ErrOrStderr()
	e, err := models.OfRun(folder.Config)
	if err != nil {
		return err
	}
	if err := r.flags.apply(&e); err != nil {
		return err
	}
	trainSet, testSet, err := r.data.openFor(cmd, folder)
	if err != nil {
		return err
	}
	if err := r.blas.useFor(cmd, folder.Config); err != nil {
		return err
	}
	epochs := 0
	if cmd.Flags().Changed("epochs") {
		epochs = r.flags.epochs
	}
	rec, err := run.Resume(dir, r.saving.resumeFrom, epochs, options)
	if errors.Is(err, run.ErrFinished) {
		fmt.Fprintln(errOut, "stheno:", oneLine(err))
		return nil
	}
	if err != nil {
		return err
	}
	if r.saving.resumeFrom != "" {
		fmt.Fprintf(errOut, "stheno: going on from step %d as told; what came after it is made again\n", rec.Start().Step)
	}
	config := rec.Folder().Config
	r.flags.seed = config.Seed
	if e, err = models.OfRun(config); err != nil { // with the epochs that it is to have now
		return errors.Join(err, rec.Close())
	}
	ok, err := r.keep(cmd, e, trainSet, testSet, resultTable(cmd.OutOrStdout()), rec)
	if err == nil && !ok {
		err = errSaid
	}
	return err
}

// openFor opens the data that a run was trained on, unless the flags name others.
func (f *dataFlags) openFor(cmd *cobra.Command, of *run.Folder) (trainSet, testSet *datasets.Dataset, err error) {
	if !cmd.Flags().Changed("dataset") && f.dir == "" {
		if f.dataset = of.Config.Dataset; f.dataset == "" {
			return nil, nil, fmt.Errorf("%s was trained on files of your own, whose place is not recorded: give their folder with --data-dir", of.Dir)
		}
	}
	if trainSet, testSet, err = f.open(); err != nil {
		return nil, nil, err
	}
	c := of.Config
	if trainSet.Features() != inputs(c.Shape) || len(trainSet.Classes) != len(c.Classes) {
		return nil, nil, fmt.Errorf("%s was trained on samples of %v in %d classes, %s has %v in %d: choose the run's data with --dataset or --data-dir",
			of.Dir, c.Shape, len(c.Classes), trainSet.Name, trainSet.Shape, len(trainSet.Classes))
	}
	return trainSet, testSet, nil
}

// useFor takes the run's BLAS and threads where the flags name none, and says so where the bits may come out others.
func (f *blasFlags) useFor(cmd *cobra.Command, config run.Config) error {
	if !cmd.Flags().Changed("blas") && slices.Contains(blas.Names(), config.BLAS.Name) {
		f.name = config.BLAS.Name
	}
	if !cmd.Flags().Changed("threads") {
		f.threads = max(0, config.BLAS.Threads)
	}
	info, err := f.use()
	if err != nil && !cmd.Flags().Changed("blas") {
		f.name = "auto"
		info, err = f.use()
	}
	if err != nil {
		return err
	}
	was := config.BLAS
	if was.Name != info.Name || was.Version != info.Version || was.Kernel != info.Kernel || was.Threads != info.Threads {
		fmt.Fprintf(cmd.ErrOrStderr(), "stheno: the run began with %s and goes on with %s: the bits may differ from those of a run that was never stopped\n", engine(was), engine(info))
	} else if now := run.Versions(); !maps.Equal(now, config.Versions) {
		fmt.Fprintf(cmd.ErrOrStderr(), "stheno: the run began with %v and goes on with %v: the bits may differ from those of a run that was never stopped\n", config.Versions, now)
	}
	return nil
}

func engine(i blas.Info) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s on %d threads", i.Name, i.Version, i.Kernel, i.Threads)), " ")
}
