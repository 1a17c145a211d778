package training

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/events"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Own is the training of a network on data of one's own.
type Own struct {
	Config    run.Config // what is trained: of a recorder, where there is one
	Model     *graph.Model
	How       train.Config // without observers
	Parts     own.Parts
	Recorder  *run.Recorder // nil where the run is not kept
	Findings  []datasets.Finding
	Observers []train.Observer // beside those that keep and show the run
	JSON      bool
	Quiet     bool
	Board     string // the folder for TensorBoard; "" for none
}

// OwnReport is what train --json prints.
type OwnReport struct {
	Data        string             `json:"data"`
	Run         string             `json:"run,omitempty"` // its folder
	Samples     map[string]int     `json:"samples"`
	Classes     []string           `json:"classes,omitempty"`
	Preparation string             `json:"preparation"`
	Layers      string             `json:"layers"`
	Loss        string             `json:"loss"`
	Optimizer   string             `json:"optimizer"`
	Seed        uint64             `json:"seed"`
	Params      int                `json:"params"`
	Epochs      int                `json:"epochs"` // that were trained
	BestEpoch   int                `json:"best_epoch,omitempty"`
	Reason      string             `json:"reason"` // why it stopped before its last epoch
	Diverged    bool               `json:"diverged"`
	Training    *train.Metrics     `json:"training"`
	Validation  *train.Metrics     `json:"validation"`
	Confusion   [][]int            `json:"confusion,omitempty"`
	Residuals   []own.Residuals    `json:"residuals,omitempty"`
	Findings    []datasets.Finding `json:"findings"`
	History     []OwnEpoch         `json:"history"`
}

// OwnEpoch is one, with what it came to.
type OwnEpoch struct {
	Epoch      int            `json:"epoch"`
	Running    train.Metrics  `json:"running"`
	Validation *train.Metrics `json:"validation"`
}

// Do trains, closes the recorder, and prints what came of it; ok is false where it diverged, which it says.
func (o *Own) Do(cmd *cobra.Command) (ok bool, err error) {
	out, errOut := cmd.OutOrStdout(), cmd.ErrOrStderr()
	name, rec := o.Config.Experiment.Name, o.Recorder
	bar := progress.New(errOut, name)
	bar.Quiet, bar.Lines = o.Quiet, true
	var all []train.Observer
	if o.How.Ranks = ranks.World(); ranks.First() {
		all = append([]train.Observer{bar}, o.Observers...)
	}
	if rec != nil {
		defer func() {
			if closed := rec.Close(); closed != nil && err == nil {
				err = closed
			} else if closed != nil && !strings.Contains(err.Error(), closed.Error()) {
				err = fmt.Errorf("%w; and %w", err, closed)
			}
		}()
	}
	var keep []train.Observer
	if rec != nil {
		keep = observers(rec)
	}
	var board *events.Observer
	if o.Board != "" && ranks.First() {
		board = boardOf(o.Board, rec, name, o.Config.Seed, nil)
		keep = append([]train.Observer{board}, keep...)
	}
	came, err := o.fit(cmd.Context(), all, keep...)
	if err == nil && board != nil && rec != nil {
		err = diagnosedOwn(cmd.Context(), board.Dir, rec.Folder(), o.Parts)
	}
	var stopped *stoppedError
	switch {
	case errors.As(err, &stopped):
		return false, fmt.Errorf("%w%s", bar.Stopped(fmt.Errorf("train: %s: %w", name, stopped.error)), goOn(rec))
	case err != nil:
		return false, err
	}
	epochs := came.history.Epochs
	if rec != nil {
		epochs = rec.Epochs()
	}
	report := o.report(epochs, came.history, came.judged)
	if report.Diverged = came.diverged != nil; o.JSON {
		err = term.JSON(out).Encode(report)
	} else {
		err = o.print(out, report, came.judged)
	}
	if came.diverged != nil {
		usage.Say(errOut, "%s, seed %d: %v", name, o.Config.Seed, came.diverged)
	}
	return came.diverged == nil, err
}

// Trial trains the run of a sweep's trial, told of by these observers, the recorder among them, as models.RunTrials has it.
func Trial(ctx context.Context, rec *run.Recorder, raw datasets.Data, observers ...train.Observer) (err error) {
	o := &Own{Recorder: rec, Config: rec.Folder().Config}
	if o.Parts, err = own.OfData(o.Config, raw); err != nil {
		return err
	}
	if o.How, err = o.Config.Training(); err != nil {
		return err
	}
	if o.Model, err = o.Config.Model(); err != nil {
		return err
	}
	_, err = o.fit(ctx, nil, observers...)
	return err
}

// A stoppedError is what kept a training from its end, other than what the folder of its run did.
type stoppedError struct{ error }

// Unwrap is what did.
func (e *stoppedError) Unwrap() error { return e.error }

// came is what a training came to.
type came struct {
	history  *train.History
	judged   [2]*own.Judgement // of what was learnt from, and of what was held out, nil where nothing was
	diverged *train.DivergedError
}

// fit trains, told of by observers before early stopping and after it, judges what came of it, and has the recorder keep that.
func (o *Own) fit(ctx context.Context, before []train.Observer, after ...train.Observer) (c *came, err error) {
	rec, how := o.Recorder, o.How
	how.Observers = before
	if o.Parts.Held != nil {
		how.Validation = o.Parts.Held
	}
	if o.Config.Experiment.Patience > 0 && (how.Ranks == nil || how.Ranks.Rank() == 0) { // which stops the others too
		stop := &train.EarlyStopping{Patience: o.Config.Experiment.Patience, Restore: true}
		if rec != nil {
			if stop.Before = rec.Epochs(); len(stop.Before) > 0 {
				if stop.Weights, err = rec.BestWeights(o.Model); err != nil {
					return nil, err
				}
			}
		}
		how.Observers = append(how.Observers, stop)
	}
	how.Observers = append(how.Observers, after...)
	if rec != nil {
		how.Start = rec.Start()
	}
	c = &came{}
	if c.history, err = train.Fit(ctx, o.Model, o.Parts.Fit, how); err != nil && !errors.As(err, &c.diverged) {
		return nil, &stoppedError{err}
	}
	for i, data := range []datasets.Data{o.Parts.RawFit, o.Parts.RawHeld} {
		if data == nil {
			continue
		}
		if c.judged[i], err = own.Judge(ctx, o.Model, how, o.Parts.Prepare, data); err != nil {
			return nil, &stoppedError{err}
		}
	}
	if rec == nil {
		return c, nil
	}
	result := run.Result{Train: c.judged[0].Metrics, Stopped: c.history.Stopped, Diverged: c.diverged}
	if held := c.judged[1]; held != nil {
		result.Test, result.PredictedClasses = held.Metrics, predicted(held.Confusion)
	}
	return c, rec.Finish(result)
}

// predicted is how many classes were said.
func predicted(confusion [][]int) (n int) {
	said := make([]bool, len(confusion))
	for _, row := range confusion {
		for class, count := range row {
			if count > 0 && !said[class] {
				said[class] = true
				n++
			}
		}
	}
	return n
}

func (o *Own) report(epochs []train.Epoch, history *train.History, judged [2]*own.Judgement) *OwnReport {
	e := o.Config.Experiment
	r := &OwnReport{
		Data: o.Config.File, Samples: map[string]int{"training": o.Parts.Fit.Len()}, Classes: o.Config.Classes, Preparation: o.Parts.Prepare.String(),
		Layers: own.OneLine(e.Network), Loss: e.Loss, Optimizer: e.Optimizer, Seed: o.Config.Seed, Params: o.Model.ParamCount(), Epochs: len(epochs), Reason: history.Stopped,
		Training: judged[0].Metrics, Findings: o.Findings, History: []OwnEpoch{},
	}
	if r.Findings == nil {
		r.Findings = []datasets.Finding{}
	}
	if o.Recorder != nil {
		r.Run = o.Recorder.Folder().Dir
	}
	last := judged[0]
	if judged[1] != nil {
		last = judged[1]
		r.Validation, r.Samples["validation"] = last.Metrics, o.Parts.Held.Len()
	}
	r.Confusion, r.Residuals = last.Confusion, last.Residuals
	if best := train.Best(epochs, "loss"); o.Config.Experiment.Patience > 0 && best >= 0 {
		r.BestEpoch = epochs[best].Epoch
	}
	for _, epoch := range epochs {
		r.History = append(r.History, OwnEpoch{epoch.Epoch, epoch.Running, epoch.Evaluated})
	}
	return r
}

// print prints what came of it for people.
func (o *Own) print(out io.Writer, r *OwnReport, judged [2]*own.Judgement) error {
	text := fmt.Sprintf("%d epochs", r.Epochs)
	if r.Reason != "" && !r.Diverged {
		text += ": " + r.Reason
	}
	if r.BestEpoch > 0 && r.BestEpoch != r.Epochs {
		text += fmt.Sprintf("; kept are the weights of epoch %d, the best", r.BestEpoch)
	}
	if _, err := io.WriteString(out, term.Indent(text, 0, term.Width(out))+"\n"); err != nil {
		return err
	}
	if err := own.Figures(out, []string{"training", "validation"}, judged[:]); err != nil {
		return err
	}
	last := judged[1]
	if last == nil {
		last = judged[0]
	}
	if len(last.Confusion)+len(last.Residuals) > 0 {
		fmt.Fprintln(out)
	}
	if err := last.Print(out, o.Config.Classes); err != nil {
		return err
	}
	if !o.Quiet {
		for _, remark := range o.remarks(r, judged) {
			fmt.Fprint(out, "\n"+term.Indent(remark, 0, term.Width(out)))
		}
		if s := o.Parts.Prepare.Source(); o.Recorder != nil && s != nil && s.Texts != nil {
			name := runs.Quoted(runs.Name(o.Recorder.Folder().Dir))
			fmt.Fprintf(out, "\nkept in %s\n  stheno sample %s\n", term.Plain(name), name)
		} else if o.Recorder != nil {
			name := runs.Quoted(runs.Name(o.Recorder.Folder().Dir))
			fmt.Fprintf(out, "\nkept in %s\n  stheno predict %s %s\n", term.Plain(name), name, o.example())
		}
	}
	return nil
}

// example is what predict may be asked about.
func (o *Own) example() string {
	switch s := o.Parts.Prepare.Source(); {
	case s != nil && s.Pictures != nil:
		return "picture.png"
	case s != nil && s.Columns != nil && len(s.Columns.Texts) == 1 && len(s.Columns.Names) <= 2:
		return "text.txt"
	case s != nil && s.Columns != nil:
		return "rows.csv"
	}
	return "x.npy"
}

// remarks say what the figures alone do not.
func (o *Own) remarks(r *OwnReport, judged [2]*own.Judgement) (all []string) {
	if n := len(r.Confusion); n > 1 && predicted(r.Confusion) == 1 {
		all = append(all, "it says the same class of every sample: it has learnt nothing but which is the commonest")
	}
	if r2 := judged[0].Metrics.Score("r2"); judged[1] != nil && !math.IsNaN(r2) {
		if held := judged[1].Metrics.Score("r2"); held <= 0 {
			all = append(all, "on what was held back it foretells no better than the mean would: the columns say nothing of the target, or the samples are too few")
		}
	}
	return all
}
