package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/sweeps"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/events"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

func sweepCommand() *cobra.Command {
	s := &sweeper{}
	cmd := &cobra.Command{
		Use:   "sweep EXPERIMENT | DATA [TARGETS]",
		Short: "Train with many settings, and see which is best",
		Long: `Train an experiment, or a network on data of your own, with many settings, and
see which is best: every combination of what the flags list, or --trials of them
drawn at random, each with --seeds. DATA is a table, a folder or an archive, as
stheno train takes it, with its flags; --hidden, --activation and --dropout make
the layers before the last one.

Values stand between commas: --learning-rate 0.01,0.1. Where a value has commas
itself (hidden, layers, schedule, freeze), a slash stands between two:
--hidden 100,100/300. A flag that is given again adds to its values. Numbers may
be a range to draw from: 0..0.5, or log:0.0001..0.1, evenly by its logarithms.

They are compared by a figure of samples that are held out of the training set,
of every seed others; the test set is shown beside, and nothing goes by it. With
--halving, every setting begins, and only the better half goes on at an eighth,
a quarter, a half of the epochs.

Every trial is a run in the sweep's folder, which stheno report draws, and
stheno compare looks at closely. They are trained side by side, which
changes nothing in what comes of them. A sweep that was stopped, or killed, goes
on with --resume, to the same bits.`,
		Example: `  stheno sweep relu --learning-rate 0.01,0.1 --hidden 100,100/300 --seeds 3
  stheno sweep adam --learning-rate log:1e-4..1e-1 --trials 20 --halving
  stheno sweep relu --dropout 0,0.2,0.5 --train-samples 1000 --out dropouts
  stheno sweep iris.csv --target species --hidden 8/32/32,32 --seeds 5
  stheno sweep --resume dropouts`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("resume") {
				return nil
			}
			most := 1
			if len(args) > 0 && ofOwn(args[0]) {
				most = 2
			}
			return usage.Arguments(1, most, usage.AnExperiment+", or data of your own")(cmd, args)
		},
		ValidArgsFunction: complete.UpTo(1, complete.ExperimentsAndFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.board == "" && cmd.Flags().Changed("tensorboard") {
				return flags.ErrBoard
			}
			if s.jobs < 0 {
				return usage.Errorf("--jobs: got %d, want 1 or more, or 0 for as many as the cores allow", s.jobs)
			}
			if s.resume != "" || cmd.Flags().Changed("resume") {
				return s.goOn(cmd, args)
			}
			return s.begin(cmd, args[0], strings.Join(args[1:], ""))
		},
	}
	ranks.TakePart(cmd)
	cmd.Flags().IntVar(&s.seeds, "seeds", 1, "train every setting with so many seeds")
	s.axes.Add(cmd)
	cmd.Flags().IntVar(&s.trials, "trials", 0, "draw so many settings at random, in place of every combination")
	cmd.Flags().BoolVar(&s.halving, "halving", false, "drop the worse half of the settings on the way, several times")
	cmd.Flags().StringVar(&s.by, "by", "", "the `FIGURE` to compare by: loss, or a metric such as accuracy (default accuracy, or r2 of numbers)")
	s.data.Add(cmd)
	s.blas.Add(cmd)
	cmd.Flags().Lookup("threads").Usage = "threads of each trial (default 1)"
	cmd.Flags().IntVar(&s.jobs, "jobs", 0, "trials that are trained at once (default as many as the cores allow)")
	cmd.Flags().StringVar(&s.out, "out", "", "`FOLDER` to keep the sweep in (default one of its own, see stheno runs)")
	cmd.Flags().StringVar(&s.resume, "resume", "", "go on with this `SWEEP`, its name or folder; of one that is over, show what came of it")
	cmd.Flags().BoolVar(&s.json, "json", false, "one JSON object a setting on standard output, the best first")
	cmd.Flags().BoolVar(&s.quiet, "quiet", false, "no progress and no remarks")
	flags.TensorBoard(cmd, &s.board, "trial")
	complete.With(cmd, "by", append([]string{"loss"}, train.MetricNames()...))
	complete.Flag(cmd, "resume", complete.Sweeps)
	_ = cmd.MarkFlagDirname("out")
	return cmd
}

// sweeper is the sweep command with its flags.
type sweeper struct {
	axes                flags.Axes
	data                flags.Data
	blas                flags.BLAS
	seeds, trials, jobs int
	by, out, resume     string
	board               string // the folder for TensorBoard; "" for none
	halving             bool
	json, quiet         bool
}

// begin plans a sweep and carries it out; targets are the file of those of data, where they are not in these.
func (s *sweeper) begin(cmd *cobra.Command, name, targets string) error {
	if s.seeds < 1 || s.seeds > run.MaxTrials {
		return usage.Errorf("--seeds: got %d, want 1 to %d", s.seeds, run.MaxTrials)
	}
	if s.by != "" {
		if err := usage.Known("--by", s.by, append([]string{"loss"}, train.MetricNames()...)); err != nil {
			return err
		}
	}
	settings, err := s.settings(cmd)
	if err != nil {
		return err
	}
	if len(settings) > run.MaxTrials/s.seeds {
		return usage.Errorf("got %d settings with %d seeds each, want at most %d trials in all: try fewer values, or draw some with --trials", len(settings), s.seeds, run.MaxTrials)
	}
	var seeds []uint64
	for i := range s.seeds {
		seeds = append(seeds, s.axes.Seed+uint64(i))
	}
	if ofOwn(name) {
		return s.beginOwn(cmd, name, targets, settings, seeds)
	}
	sweep := models.Sweep{Figure: s.by, Halving: s.halving, Seeds: seeds}
	for _, of := range settings {
		v, err := s.axes.Variant(name, of)
		if err != nil {
			return err
		}
		sweep.Variants = append(sweep.Variants, v)
	}
	own := s.data.Of(sweep.Variants[0].Experiment)
	trainSet, testSet, err := own.Open()
	if err != nil {
		return err
	}
	for _, v := range sweep.Variants {
		if n := v.Experiment.TrainSamples; n > trainSet.Len() {
			return usage.Errorf("--train-samples: got %d, want at most %d, the samples of %s", n, trainSet.Len(), trainSet.Info().Name)
		}
	}
	info, err := s.use(cmd)
	if err != nil {
		return err
	}
	plan, err := sweep.Plan(own.Name(), trainSet)
	if err != nil { // whatever the machine
		return usage.Errorf("%s", strings.TrimPrefix(err.Error(), "models: "))
	}
	made, err := s.create(name, plan, trainSet)
	if err != nil {
		return err
	}
	return s.carryOut(cmd, made, info, func(o models.SweepOptions) error {
		return models.RunSweep(cmd.Context(), made, trainSet, testSet, o)
	})
}

// create makes the sweep's folder.
func (s *sweeper) create(name string, plan run.Plan, data datasets.Data) (*run.Sweep, error) {
	if !ranks.First() {
		return follow()
	}
	dir := s.out
	if dir == "" {
		var err error
		if dir, err = run.NewDir(name+"-sweep", s.axes.Seed); err != nil {
			return nil, err
		}
	}
	made, err := run.CreateSweep(dir, plan, data)
	if err != nil && s.out == "" {
		_ = os.Remove(dir) // which NewDir made
	}
	if _, told := ranks.Tell(dir, err); told != nil {
		return nil, told
	}
	return made, nil
}

// follow opens the sweep that rank 0 has made or goes on with, on another.
func follow() (*run.Sweep, error) {
	dir, err := ranks.Tell("", nil)
	if err != nil {
		return nil, err
	}
	return run.OpenSweep(dir)
}

// settings are those that are tried.
func (s *sweeper) settings(cmd *cobra.Command) ([][]run.Setting, error) {
	axes := s.axes.Axes()
	var all [][]run.Setting
	var err error
	switch ranged := s.axes.Ranged(); {
	case cmd.Flags().Changed("trials") && (s.trials < 1 || s.trials > run.MaxTrials):
		return nil, usage.Errorf("--trials: got %d, want 1 to %d", s.trials, run.MaxTrials)
	case s.trials > 0:
		all, err = models.Draw(axes, s.trials, s.axes.Seed)
	case ranged != "":
		return nil, usage.Errorf("%s: a range has no end of values: say with --trials how many are to be drawn from it", ranged)
	default:
		all, err = models.Grid(axes)
	}
	if err != nil {
		return nil, usage.Errorf("%s", strings.TrimPrefix(err.Error(), "models: "))
	}
	return all, nil
}

// use has each trial computed on its own threads, one where nobody says more.
func (s *sweeper) use(cmd *cobra.Command) (blas.Info, error) {
	if !cmd.Flags().Changed("threads") {
		_ = cmd.Flags().Set("threads", "1")
	}
	return s.blas.Use()
}

// goOn goes on with a sweep.
func (s *sweeper) goOn(cmd *cobra.Command, args []string) error {
	own := s.axes.Changed()
	for _, name := range []string{"seed", "seeds", "trials", "halving", "by", "out"} {
		if cmd.Flags().Changed(name) {
			own = append(own, "--"+name)
		}
	}
	if len(own) > 0 {
		return usage.Errorf("--resume: the plan is the folder's, from its first trial on: leave out %s", strings.Join(own, ", "))
	}
	if s.resume == "" {
		return usage.Errorf("--resume: got \"\", want a sweep, of those that `stheno runs` lists, or its folder")
	}
	dir := run.Locate(s.resume)
	if _, err := os.Lstat(dir); os.IsNotExist(err) && dir == s.resume && !strings.ContainsAny(dir, `/\`) {
		return usage.Errorf("--resume: there is no sweep %s: `stheno runs` lists those that there are%s", dir, usage.DidYouMean(dir, runs.Sweeps()))
	}
	planned, err := run.OpenSweep(dir)
	if err != nil {
		return err
	}
	config := planned.Plan.Trials[0].Config
	if config.File != "" {
		return s.goOnOwn(cmd, dir, config, args)
	}
	if len(args) > 0 {
		return usage.Errorf("--resume: the experiment is the folder's: leave out %s", strings.Join(args, " "))
	}
	trainSet, testSet, err := s.data.OpenNamed(cmd, &run.Folder{Dir: dir, Config: config})
	if err != nil {
		return err
	}
	if err := s.blas.UseFor(cmd, config); err != nil {
		return err
	}
	sweep, err := goOnWith(dir, trainSet)
	if err != nil {
		return err
	}
	return s.carryOut(cmd, sweep, blas.Current(), func(o models.SweepOptions) error {
		return models.RunSweep(cmd.Context(), sweep, trainSet, testSet, o)
	})
}

// goOnWith opens a sweep to go on with it; ranks but the first look at it.
func goOnWith(dir string, data datasets.Data) (*run.Sweep, error) {
	if !ranks.First() {
		return follow()
	}
	sweep, err := run.ResumeSweep(dir, data)
	if _, told := ranks.Tell(dir, err); told != nil {
		sweep.Close()
		return nil, told
	}
	return sweep, nil
}

// carryOut has what is left of a sweep trained, prints what came of it, and closes it.
func (s *sweeper) carryOut(cmd *cobra.Command, sweep *run.Sweep, info blas.Info, do func(models.SweepOptions) error) error {
	defer sweep.Close()
	errOut := cmd.ErrOrStderr()
	name := runs.Name(sweep.Dir)
	jobs := s.jobs
	if jobs == 0 {
		jobs = max(1, runtime.GOMAXPROCS(0)/max(1, info.Threads))
	}
	var said sync.Mutex
	var bar *progressbar.ProgressBar
	if before, err := models.Standings(sweep); err == nil && !s.quiet && term.ShowsProgress(errOut) {
		total, done := int64(0), int64(0)
		for _, v := range before {
			for _, t := range v.Trials {
				total, done = total+int64(t.Config.Experiment.Epochs), done+int64(len(t.Epochs))
			}
		}
		if total > done {
			bar = progress.NewBar(errOut, total-done)
			bar.Describe(fmt.Sprintf("%d trials", len(sweep.Plan.Trials)))
		}
	}
	failed := 0
	options := models.SweepOptions{
		Jobs: jobs, Ranks: ranks.World(),
		Epoch: func(t run.Trial, e train.Epoch) {
			said.Lock()
			defer said.Unlock()
			if bar != nil {
				bar.Describe(fmt.Sprintf("%s  epoch %d", t.Name, e.Epoch))
				_ = bar.Add(1)
			}
		},
		Failed: func(t run.Trial, err error) {
			said.Lock()
			defer said.Unlock()
			if bar != nil {
				_ = bar.Clear()
			}
			failed++
			usage.Say(errOut, "%s: %v", t.Name, err)
		},
	}
	if s.board != "" {
		options.Observers = func(t run.Trial) []train.Observer {
			board := &events.Observer{Dir: filepath.Join(s.board, filepath.Base(sweep.Dir), t.Name), Run: t.Name, Settings: map[string]string{}}
			for _, set := range t.Settings {
				board.Settings[strings.ReplaceAll(set.Name, "-", "_")] = set.Value
			}
			return []train.Observer{board}
		}
	}
	err := do(options)
	if bar != nil {
		_ = bar.Clear()
	}
	all, read := models.Standings(sweep)
	if read != nil {
		return errors.Join(err, read)
	}
	out := cmd.OutOrStdout()
	if err != nil {
		var signal *interrupt.Error
		if errors.As(err, &signal) {
			err = fmt.Errorf("%s: stopped: %s: %w", term.Plain(name), runs.Counts(all), signal)
		}
		return fmt.Errorf("%w; to go on: stheno sweep --resume %s", err, runs.Quoted(name))
	}
	if s.json {
		lines := term.JSON(out)
		for _, v := range all {
			if err := lines.Encode(sweeps.JSON(sweep, v)); err != nil {
				return err
			}
		}
	} else if err := sweeps.Print(out, sweep, all); err != nil {
		return err
	}
	if !s.quiet && term.IsTerminal(errOut) {
		fmt.Fprintf(errOut, "kept in %s\n", term.Plain(name))
	}
	failed = 0
	for _, v := range all {
		failed += len(slices.DeleteFunc(slices.Clone(v.Trials), func(t models.TrialStanding) bool {
			return t.State != models.Diverged && t.State != models.Damaged && t.State != models.Waiting && t.State != models.Stopped
		}))
	}
	if failed > 0 {
		usage.Say(errOut, "%d of %d trials failed: `stheno sweep --resume %s` tries those again that can be", failed, len(sweep.Plan.Trials), runs.Quoted(name))
		return usage.ErrSaid
	}
	return nil
}
