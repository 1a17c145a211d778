// Package training trains an experiment, in a run's folder or to look at its gradients, and says what came of it.
package training

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/events"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A Run is how an experiment is trained.
type Run struct {
	Seed   uint64
	Config *run.Config  // of one that is not kept
	Model  *graph.Model // that goes on; nil for the experiment's
	Check  bool         // its result against the experiment's band
	JSON   bool         // prints an object, and not a row of the table
	Quiet  bool         // no progress and no remarks
	Board  string       // the folder for TensorBoard; "" for none

	Observers []train.Observer // more of them
}

// Do trains the experiment, with a recorder, which may be nil, and which it closes, and prints what came of it; ok is false where it diverged,
// or Check found it outside its band, which it says.
func (r Run) Do(cmd *cobra.Command, e models.Experiment, trainSet, testSet datasets.Data, table *term.Table, rec *run.Recorder) (ok bool, err error) {
	out, errOut := cmd.OutOrStdout(), cmd.ErrOrStderr()
	bar := progress.New(errOut, e.Name)
	bar.Quiet, bar.Lines = r.Quiet, true
	options := models.RunOptions{Seed: r.Seed, Model: r.Model, Ranks: ranks.World()}
	var board *events.Observer
	if ranks.First() {
		options.Observers = slices.Concat([]train.Observer{bar}, r.Observers)
	}
	if r.Board != "" && ranks.First() {
		_, test, _, err := e.Data(trainSet, testSet, r.Seed)
		if err != nil {
			return false, errors.Join(fmt.Errorf("%s: %w", e.Name, err), rec.Close())
		}
		board = boardOf(r.Board, rec, e.Name, r.Seed, test)
		options.Observers = append(options.Observers, board)
	}
	if rec != nil {
		options.Before = rec.Epochs()
		options.Observers = append(options.Observers, observers(rec)...)
		options.Start = rec.Start()
		defer func() {
			closed := rec.Close()
			if closed != nil && err == nil { // else it is what ended the run, or hides behind an interruption
				err = closed
			} else if closed != nil && !strings.Contains(err.Error(), closed.Error()) {
				err = fmt.Errorf("%w; and %w", err, closed)
			}
			if err == nil && !r.Quiet {
				fmt.Fprintf(errOut, "kept in %s\n", term.Plain(runs.Name(rec.Folder().Dir)))
			}
		}()
	}
	origin := results.OriginOf(nil, r.Config)
	if rec != nil {
		origin = results.OriginOf(rec.Folder(), nil)
	}
	if rec != nil && r.Model != nil && e.Patience > 0 {
		if options.Weights, err = rec.BestWeights(r.Model); err != nil {
			return false, err
		}
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
	if err == nil && board != nil {
		err = diagnosed(cmd.Context(), board.Dir, result, rec, trainSet, testSet)
	}
	if err = bar.Stopped(err); err != nil {
		if result != nil && r.JSON {
			so := results.NewReport(result, origin)
			so.Reason = err.Error()
			return false, errors.Join(fmt.Errorf("%w%s", err, goOn(rec)), term.JSON(out).Encode(so))
		}
		return false, fmt.Errorf("%w%s%s", err, soFar(result), goOn(rec))
	}
	var misses []string
	if r.Check {
		misses = result.Check()
	}
	if r.JSON {
		err = term.JSON(out).Encode(results.NewReport(result, origin))
	} else {
		err = results.Print(table, result, seconds)
		if !r.Quiet {
			for _, remark := range results.Remarks(result) {
				fmt.Fprint(out, term.Indent(remark, 2, term.Width(out)))
			}
		}
	}
	if result.Diverged != nil {
		usage.Say(errOut, "%s, seed %d: %v", e.Name, r.Seed, result.Diverged)
	}
	for _, miss := range misses {
		usage.Say(errOut, "check: %s, seed %d: %s", e.Name, r.Seed, miss)
	}
	return len(misses) == 0 && result.Diverged == nil, err
}

// goOn says how a run that was stopped goes on; nothing of one that was refused, which would be refused again.
func goOn(rec *run.Recorder) string {
	if !rec.Begun() {
		return ""
	}
	return "; to go on: stheno run --resume " + runs.Quoted(runs.Name(rec.Folder().Dir))
}

// soFar says how far a run came that did not come to its end.
func soFar(r *models.Result) string {
	if r == nil || r.History == nil {
		return ""
	}
	p, epochs := r.History.Position, r.History.Epochs
	switch {
	case p.Seen > 0:
		return fmt.Sprintf("; epoch %d so far: %s", p.Epoch+1, running(r.History.Running))
	case len(epochs) > 0:
		last := epochs[len(epochs)-1]
		return fmt.Sprintf("; epoch %d: %s", last.Epoch, running(last.Running))
	}
	return ""
}

func running(m train.Metrics) string {
	s := "running loss " + term.Figure(m.Loss)
	for _, score := range m.Scores {
		s += ", " + score.Name + " " + term.Figure(score.Value)
	}
	return s
}

// observers are those that keep a run: the recorder comes last.
func observers(rec *run.Recorder) []train.Observer {
	var all []train.Observer
	keep := func(s *inspect.Snapshot) error { return rec.Append(runs.GradientsLog, s) }
	if every := rec.Folder().Config.Gradients; every > 0 {
		all = append(all, &inspect.Recorder{Every: every, Each: keep})
	} else {
		at := powersOfTen[:]
		if rec.First() { // which cannot be made again
			at = append([]uint64{0}, at...)
		}
		all = append(all, &inspect.Recorder{At: at, Each: keep})
	}
	return append(all, rec)
}

// powersOfTen are the steps that are recorded where nobody says which: few, and most of them early, where most happens. Step 0 can be
// made again at any time, and the first step of a run need not wait for it.
var powersOfTen = [...]uint64{10, 100, 1e3, 1e4, 1e5, 1e6, 1e7}
