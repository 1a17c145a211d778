package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

func runCommand() *cobra.Command {
	r := &runner{}
	cmd := &cobra.Command{
		Use:   "run EXPERIMENT… | all",
		Short: "Train experiments and compare them with the lecture",
		Long: `Train experiments and compare them with the lecture.

The flags change an experiment from what the lecture has; what is not given
stays the experiment's own. Network, loss and optimizer may be given in words:
"stheno layers" lists those of layers. A learning rate of --learning-rate takes
the place of the one that --optimizer says. --weight-decay, --schedule, --clip
and --ema are put around the experiment's optimizer, or that of --optimizer.

Accuracies are evaluated after training, with the weights at rest; the progress
bar shows running ones, averaged over the epoch so far.`,
		Example: `  stheno run relu
  stheno run mse cross-entropy --seed 7
  stheno run relu --epochs 3 --hidden 100,100 --optimizer adam
  stheno run relu --layers "dense 300 tanh, dropout 0.2, dense 10 softmax"
  stheno run relu --loss "huber 0.5" --optimizer "adam 0.001 beta1=0.8"
  stheno run adam --validation 0.1 --early-stopping 3 --log adam.csv
  stheno run deep-relu --schedule "warmup 200, cosine" --clip 1
  stheno run relu --start lenet.safetensors --epochs 3
  stheno run all --check --json
  stheno run deep-relu --out deep --checkpoint-every 30s
  stheno run --resume deep --epochs 40`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("resume") || cmd.Flags().Changed("resume-from") {
				return nil
			}
			return usage.Arguments(1, -1, "one or more experiments, of those that `stheno list` shows, or all")(cmd, args)
		},
		ValidArgsFunction: complete.UpTo(complete.Many, complete.ExperimentsAndAll),
		RunE:              r.run,
	}
	r.flags.Add(cmd)
	r.training.Add(cmd)
	r.data.Add(cmd)
	r.blas.Add(cmd)
	r.saving.Add(cmd)
	cmd.Flags().StringVar(&r.start, "start", "", "begin with the network and the weights of this `RUN` or model file")
	complete.Flag(cmd, "start", complete.Runs)
	ranks.TakePart(cmd)
	cmd.Flags().BoolVar(&r.how.Check, "check", false, "exit with status 1 if a result lies outside the experiment's band")
	cmd.Flags().BoolVar(&r.how.JSON, "json", false, "one JSON object an experiment on standard output")
	cmd.Flags().BoolVar(&r.how.Quiet, "quiet", false, "no progress and no remarks")
	return cmd
}

// runner is the run command with its flags.
type runner struct {
	flags    flags.Experiment
	training flags.Training
	data     flags.Data
	blas     flags.BLAS
	saving   flags.Saving
	how      training.Run
	start    string // a run or model file whose network and weights it begins with; "" for the experiment's own
	several  bool   // experiments

	from *graph.Model // that start names
}

func (r *runner) run(cmd *cobra.Command, args []string) error {
	if err := r.training.Check(); err != nil {
		return err
	}
	r.how.Observers = r.training.Observers(cmd.OutOrStdout())
	r.how.JSON = r.how.JSON || r.training.LogsTo()
	r.how.Board = r.training.Board
	if cmd.Flags().Changed("resume") {
		return r.resume(cmd, args)
	}
	if cmd.Flags().Changed("resume-from") {
		return usage.Errorf("--resume-from: it names a checkpoint of a run: say with --resume of which run")
	}
	experiments, err := r.flags.FindAll(args)
	if err != nil {
		return err
	}
	if r.several = len(experiments) > 1; r.several {
		if err := r.training.Several(); err != nil {
			return err
		}
	}
	if cmd.Flags().Changed("start") {
		if err := r.begun(experiments); err != nil {
			return err
		}
	}
	for i := range experiments {
		if err := r.training.Trained(&experiments[i]); err != nil {
			return err
		}
	}
	if _, err := r.saving.Options(); err != nil {
		return err
	}
	changed := slices.Concat(r.flags.Changed(), r.training.Changed())
	if r.from != nil {
		changed = append(changed, "--start")
	}
	if slices.ContainsFunc(experiments, func(e models.Experiment) bool { return r.data.Of(e).Dataset != e.On() }) {
		changed = append(changed, "--dataset")
	}
	if r.data.Dir != "" {
		changed = append(changed, "--data-dir")
	}
	if r.how.Check && len(changed) > 0 {
		return usage.Errorf("--check: the bands are for the lecture's own settings and data: leave out --check, or %s", strings.Join(changed, ", "))
	}
	sets, err := r.data.Each(&r.flags, experiments)
	if err != nil {
		return err
	}
	if _, err := r.blas.Use(); err != nil {
		return err
	}
	for i, e := range experiments {
		if err := r.suits(e, sets[e.Name].Train); err != nil {
			return err
		}
		if e.Shards == 0 && ranks.Size() > 1 { // which goes on in the run, whatever the number of ranks
			experiments[i].Shards = ranks.Size()
		}
	}
	if ranks.First() {
		if err := r.fresh(experiments); err != nil {
			return err
		}
	}
	var failed []string
	for i, e := range experiments {
		if r.data.Of(e).Name() != e.On() { // the lecture shows nothing of other data
			experiments[i].Lecture = models.Figures{}
		}
	}
	table := results.Table(cmd.OutOrStdout(), experiments...)
	err = usage.Each(cmd.ErrOrStderr(), experiments, func(e models.Experiment) error {
		ok, err := r.one(cmd, e, sets[e.Name], table)
		if err == nil && !ok {
			err = usage.ErrSaid
		}
		if err != nil {
			failed = append(failed, e.Name)
		}
		return err
	})
	if r.several && errors.Is(err, usage.ErrSaid) {
		usage.Say(cmd.ErrOrStderr(), "%d of %d experiments failed: %s", len(failed), len(experiments), strings.Join(failed, ", "))
	}
	return err
}

// begun puts the network of --start into the place of the experiments'.
func (r *runner) begun(experiments []models.Experiment) error {
	for _, flag := range []string{"layers", "hidden", "activation", "dropout"} {
		if slices.Contains(r.flags.Changed(), "--"+flag) {
			return usage.Errorf("--start: got --%s too, want one of them: a network that is begun with is as it is", flag)
		}
	}
	t, err := new(flags.Weights).Load(r.start)
	if err != nil {
		return err
	}
	r.from = t.Model
	for i := range experiments {
		e := &experiments[i]
		e.Layers, e.Input = []graph.Layer{t.Model.Net()}, graph.Input{}
		e.Lecture, e.Band = models.Figures{}, models.Band{}
	}
	return nil
}

// suits refuses layers that do not fit the data, names of frozen ones that an experiment does not have, and all of them.
func (r *runner) suits(e models.Experiment, trainSet datasets.Data) error {
	e.Frozen = nil
	m, err := r.flags.Model(e, trainSet)
	if err != nil {
		return err
	}
	return r.training.Freeze(m, e.Name)
}

// one runs an experiment in a folder of its own and prints what came of it; ok is false where it diverged, or --check found it outside its band.
func (r *runner) one(cmd *cobra.Command, e models.Experiment, set flags.Sets, table *term.Table) (ok bool, err error) {
	var rec *run.Recorder
	if ranks.First() {
		rec, err = r.create(cmd.ErrOrStderr(), e, set.Train)
	}
	if err = ranks.Agree(err); err != nil {
		if rec != nil {
			err = errors.Join(err, rec.Close())
		}
		return false, err
	}
	r.how.Seed = r.flags.Seed
	if r.from != nil {
		if r.how.Model, err = e.Model(set.Train.Info(), r.flags.Seed); err == nil {
			_, err = r.how.Model.Take(r.from)
		}
		if err != nil {
			return false, errors.Join(err, rec.Close())
		}
	}
	ok, err = r.how.Do(cmd, e, set.Train, set.Test, table, rec)
	if rec != nil && !rec.Begun() && r.saving.Out == "" {
		_ = os.Remove(rec.Folder().Dir) // which NewDir made
	}
	return ok, err
}
