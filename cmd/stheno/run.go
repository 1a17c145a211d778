package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
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
stays the experiment's own. Accuracies are evaluated after training, with the
weights at rest; the progress bar shows running ones, averaged over the epoch
so far.`,
		Example: `  stheno run relu
  stheno run mse cross-entropy --seed 7
  stheno run relu --epochs 3 --hidden 100,100 --optimizer adam
  stheno run all --check --json
  stheno run deep-relu --out deep --checkpoint-every 30s
  stheno run --resume deep --epochs 40`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("resume") || cmd.Flags().Changed("resume-from") {
				return nil
			}
			return arguments(1, -1, "one or more experiments, of those that `stheno list` shows, or all")(cmd, args)
		},
		ValidArgsFunction: completeUpTo(many, offerExperimentsAndAll),
		RunE:              r.run,
	}
	r.flags.add(cmd)
	r.data.add(cmd)
	r.blas.add(cmd)
	r.saving.add(cmd)
	cmd.Flags().BoolVar(&r.check, "check", false, "exit with status 1 if a result lies outside the experiment's band")
	cmd.Flags().BoolVar(&r.json, "json", false, "one JSON object an experiment on standard output")
	cmd.Flags().BoolVar(&r.quiet, "quiet", false, "no progress and no remarks")
	return cmd
}

// runner is the run command with its flags.
type runner struct {
	flags              experimentFlags
	data               dataFlags
	blas               blasFlags
	saving             savingFlags
	check, json, quiet bool
	several            bool // experiments
}

func (r *runner) run(cmd *cobra.Command, args []string) error {
	if cmd.Flags().Changed("resume") {
		return r.resume(cmd, args)
	}
	if cmd.Flags().Changed("resume-from") {
		return usagef("--resume-from: it names a checkpoint of a run: say with --resume of which run")
	}
	experiments, err := r.flags.experiments(args)
	if err != nil {
		return err
	}
	r.several = len(experiments) > 1
	if _, err := r.saving.options(); err != nil {
		return err
	}
	changed := r.flags.changed()
	if r.data.dataset != "mnist" {
		changed = append(changed, "--dataset")
	}
	if r.data.dir != "" {
		changed = append(changed, "--data-dir")
	}
	if r.check && len(changed) > 0 {
		return usagef("--check: the bands are for the lecture's own settings and data: leave out --check, or %s", strings.Join(changed, ", "))
	}
	trainSet, testSet, err := r.data.open()
	if err != nil {
		return err
	}
	if _, err := r.blas.use(); err != nil {
		return err
	}
	for _, e := range experiments {
		if err := enough(e, trainSet); err != nil {
			return err
		}
	}
	failed := false
	results := resultTable(cmd.OutOrStdout())
	for _, e := range experiments {
		ok, err := r.one(cmd, e, trainSet, testSet, results)
		if err != nil {
			return err
		}
		failed = failed || !ok
	}
	if failed {
		return errSaid
	}
	return nil
}

// one runs an experiment in a folder of its own and prints what came of it; ok is false where --check found it outside its band.
func (r *runner) one(cmd *cobra.Command, e models.Experiment, trainSet, testSet *datasets.Dataset, results *table) (ok bool, err error) {
	rec, err := r.create(cmd.ErrOrStderr(), e, trainSet)
	if err != nil {
		return false, err
	}
	return r.keep(cmd, e, trainSet, testSet, results, rec)
}

// keep is one with a recorder, which may be nil, and which it closes.
func (r *runner) keep(cmd *cobra.Command, e models.Experiment, trainSet, testSet *datasets.Dataset, results *table, rec *run.Recorder) (ok bool, err error) {
	out, errOut := cmd.OutOrStdout(), cmd.ErrOrStderr()
	bar := newProgress(errOut, e.Name)
	bar.quiet = r.quiet
	options := models.RunOptions{Seed: r.flags.seed, Observers: []train.Observer{bar}}
	if rec != nil {
		options.Observers = append(options.Observers, observers(rec)...)
		options.Start = rec.Start()
		defer func() {
			closed := rec.Close()
			if closed != nil && err == nil { // else it is what ended the run, or hides behind an interruption
				err = closed
			} else if closed != nil && !strings.Contains(err.Error(), closed.Error()) {
				err = fmt.Errorf("%w; and %w", err, closed)
			}
			if err == nil && !r.quiet && isTerminal(errOut) {
				fmt.Fprintf(errOut, "kept in %s\n", runName(rec.Folder().Dir))
			}
		}()
	}
	start := time.Now()
	result, err := e.Run(cmd.Context(), trainSet, testSet, options)
	seconds := time.Since(start).Seconds()
	if rec != nil && result != nil {
		result.History.Epochs = rec.Epochs()
	}
	if err == nil && rec != nil {
		err = rec.Finish(result.RunResult())
	}
	if err = bar.stopped(err); err != nil {
		if result != nil && r.json {
			so := report(result)
			so.Reason = err.Error()
			return false, errors.Join(fmt.Errorf("%w%s", err, goOn(rec)), json.NewEncoder(out).Encode(so))
		}
		return false, fmt.Errorf("%w%s%s", err, soFar(result), goOn(rec))
	}
	var misses []string
	if r.check {
		misses = result.Check()
	}
	if r.json {
		err = json.NewEncoder(out).Encode(report(result))
	} else {
		err = printResult(results, result, seconds)
		if !r.quiet {
			for _, remark := range remarks(result) {
				fmt.Fprintf(out, "  %s\n", remark)
			}
		}
	}
	for _, miss := range misses {
		fmt.Fprintf(errOut, "stheno: check: %s, seed %d: %s\n", e.Name, r.flags.seed, miss)
	}
	return len(misses) == 0, err
}

// goOn says how a run that was stopped goes on.
func goOn(rec *run.Recorder) string {
	if rec == nil {
		return ""
	}
	return "; to go on: stheno run --resume " + runName(rec.Folder().Dir)
}

// enough checks, before hours of other experiments, that one can be run on the samples that are there.
func enough(e models.Experiment, trainSet *datasets.Dataset) error {
	samples := trainSet.Len()
	if e.TrainSamples > samples {
		return fmt.Errorf("--train-samples: got %d, want at most %d, the samples of %s", e.TrainSamples, samples, trainSet.Name)
	}
	if e.TrainSamples > 0 {
		samples = e.TrainSamples
	}
	if e.BatchSize > samples {
		return fmt.Errorf("%s: its batch size is %d, want at most %d, the number of training samples: give a smaller --batch-size", e.Name, e.BatchSize, samples)
	}
	return nil
}

// soFar says how far a run came that did not come to its end.
func soFar(r *models.Result) string {
	if r == nil || r.History == nil {
		return ""
	}
	p, epochs := r.History.Position, r.History.Epochs
	switch {
	case p.Seen > 0:
		return fmt.Sprintf("; epoch %d so far: running loss %.4f, accuracy %.4f", p.Epoch+1, p.Loss/float64(p.Seen), float64(p.Correct)/float64(p.Seen))
	case len(epochs) > 0:
		last := epochs[len(epochs)-1]
		return fmt.Sprintf("; epoch %d: running loss %.4f, accuracy %.4f", last.Epoch, last.Running.Loss, last.Running.Accuracy)
	}
	return ""
}

// runReport is what run --json prints of an experiment.
type runReport struct {
	Experiment       string      `json:"experiment"`
	Seed             uint64      `json:"seed"`
	Epochs           int         `json:"epochs"`
	BatchSize        int         `json:"batch_size"`
	Params           int         `json:"params"`
	Train            *runMetrics `json:"train"`
	Test             *runMetrics `json:"test"`
	NoisyTest        *runMetrics `json:"noisy_test,omitempty"`
	PredictedClasses int         `json:"predicted_classes"`
	History          []runEpoch  `json:"history"`
	Diverged         bool        `json:"diverged"`
	Reason           string      `json:"reason"`
}

type runEpoch struct {
	Epoch    int     `json:"epoch"`
	Loss     number  `json:"loss"`
	Accuracy float64 `json:"accuracy"`
	Seconds  float64 `json:"seconds"`
}

type runMetrics struct {
	Loss     number  `json:"loss"`
	Accuracy float64 `json:"accuracy"`
}

// metrics is nil for an evaluation that was not made.
func metrics(e *train.Evaluation) *runMetrics {
	if e == nil {
		return nil
	}
	return &runMetrics{number(e.Loss), e.Accuracy}
}

// number is null in JSON where it is not finite, which JSON has no word for.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

func report(r *models.Result) runReport {
	out := runReport{
		Experiment: r.Experiment.Name,
		Seed:       r.Seed,
		Epochs:     r.Experiment.Epochs,
		BatchSize:  r.Experiment.BatchSize,
		Params:     r.Model.ParamCount(),
		Train:      metrics(r.Train),
		Test:       metrics(r.Test),
		NoisyTest:  metrics(r.NoisyTest),
		History:    []runEpoch{},
		Diverged:   r.Diverged != nil,
		Reason:     r.History.Stopped,
	}
	if r.Test != nil { // a run that was stopped has none
		out.PredictedClasses = r.Test.PredictedClasses()
	}
	for _, e := range r.History.Epochs {
		out.History = append(out.History, runEpoch{e.Epoch, number(e.Running.Loss), e.Running.Accuracy, e.Seconds})
	}
	return out
}
