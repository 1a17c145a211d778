package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/training"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func trainCommand() *cobra.Command {
	t := &trainer{}
	cmd := &cobra.Command{
		Use:   "train DATA [TARGETS]",
		Short: "Train a network on data of your own: a table, or a folder of pictures",
		Long: `Train a network on data of your own: a table (CSV, TSV), a folder with a folder
of pictures or of texts for each class, a text to be gone on with, or an NPZ
archive with arrays x and y. TARGETS are in a second file where they are not in
DATA: two arrays (NPY, IDX), or a folder of pictures and a table of their names.

A fifth of the samples is held back, each class alike, to validate on; with
--groups those of the same patient, say, stay together, and with --by-time the
latest are held back. What
suits the data is chosen, and printed as flags to copy and change: two hidden
layers for a table, two convolutions for pictures, a recurrent layer for a
series, the mean of the words for texts; softmax and cross-entropy for classes,
mean squared error for numbers. Columns and numbers to be foretold
are standardised as the training part has them, texts become a column for each
category, and what is missing is filled. Training stops where the loss on what
was held back gets no better, and the weights of the best epoch are kept.

What is kept is a run, with its preparation: stheno predict, eval, save, export,
gradients, diagnose and report take it.`,
		Example: `  stheno train iris.csv --target species
  stheno train houses.csv --target price --epochs 500 --out houses
  stheno train iris.csv --target species --layers "dense 9, dense 3 softmax"
  stheno train weather.csv --target temperature --window 14
  stheno train scans.csv --target ill --groups patient
  stheno train fruit/ --json
  stheno train faces/ ages.csv --target age
  stheno train reviews.csv --target stars --categories stars
  stheno train novel.txt && stheno sample latest
  stheno train --resume houses --epochs 1000`,
		Args: func(cmd *cobra.Command, args []string) error {
			if t.saving.Resume != "" {
				return usage.Arguments(0, 2, "the data, where they are no longer at their place, or nothing")(cmd, args)
			}
			return usage.Arguments(1, 2, "one file or folder of data, and one of their targets where they are not in it")(cmd, args)
		},
		ValidArgsFunction: complete.UpTo(2, func(string) ([]string, cobra.ShellCompDirective) { return nil, cobra.ShellCompDirectiveDefault }),
		RunE:              t.run,
	}
	t.flags.Add(cmd)
	t.blas.Add(cmd)
	t.saving.Add(cmd)
	ranks.TakePart(cmd)
	cmd.Flags().BoolVar(&t.json, "json", false, "one JSON object on standard output")
	cmd.Flags().BoolVar(&t.quiet, "quiet", false, "no progress and no remarks")
	return cmd
}

// trainer is the train command with its flags.
type trainer struct {
	flags       flags.Own
	blas        flags.BLAS
	saving      flags.Saving
	json, quiet bool
	observers   []train.Observer // that the flags ask for
}

func (t *trainer) run(cmd *cobra.Command, args []string) error {
	if err := t.flags.Check(); err != nil {
		return err
	}
	t.observers = t.flags.Training.Observers(cmd.OutOrStdout())
	t.json = t.json || t.flags.Training.LogsTo()
	if t.saving.Resume != "" {
		folder, err := runs.Open(t.saving.Resume)
		if err != nil {
			return err
		}
		return t.resume(cmd, folder, args...)
	}
	if t.saving.ResumeFrom != "" {
		return usage.Errorf("--resume-from: it names a checkpoint of a run: say with --resume of which run")
	}
	options, err := t.saving.Options()
	if err != nil {
		return err
	}
	if t.saving.Out != "" {
		if err := run.Fresh(t.saving.Out); err != nil {
			return err
		}
	}
	targets := ""
	if len(args) > 1 {
		targets = args[1]
	}
	data, err := own.Open(args[0], targets, t.flags.Reading)
	if err != nil {
		return err
	}
	if _, err := t.blas.Use(); err != nil {
		return err
	}
	o, err := t.plan(cmd, args[0], targets, data)
	if err != nil {
		return err
	}
	if o.Recorder, err = t.create(cmd.ErrOrStderr(), o, options); err != nil {
		return err
	}
	return t.do(cmd, o)
}

// plan finds out how the data are trained on, and says it.
func (t *trainer) plan(cmd *cobra.Command, path, targets string, data datasets.Data) (*training.Own, error) {
	name := ""
	if t.saving.Out != "" { // of several files called train.csv it tells which
		if out, err := filepath.Abs(t.saving.Out); err == nil {
			name = filepath.Base(out)
		}
	}
	o, suit, err := training.Plan(path, targets, name, data, &t.flags)
	if err != nil {
		return nil, err
	}
	o.JSON, o.Quiet, o.Observers, o.Config.Gradients = t.json, t.quiet, t.observers, t.saving.Gradients
	if !t.json {
		err = t.say(cmd.OutOrStdout(), path, o, suit)
	}
	if !t.quiet {
		for _, f := range o.Findings {
			usage.Say(cmd.ErrOrStderr(), "worth a look: %s", f.Message)
		}
	}
	return o, err
}

// say prints what is about to be trained, as flags to copy.
func (t *trainer) say(out io.Writer, path string, o *training.Own, suit own.Suit) error {
	if t.quiet {
		return nil
	}
	width := term.Width(out)
	info := o.Parts.RawFit.Info()
	samples := "samples"
	var window *datasets.Window
	if info.Source != nil && info.Source.Window != nil {
		window = info.Source.Window
		samples = fmt.Sprintf("windows of %d rows", window.Length)
	}
	if info.Source != nil && info.Source.Texts != nil {
		samples = fmt.Sprintf("stretches of %d", info.Source.Texts.Length)
	}
	what := fmt.Sprintf("%d %s to learn from", o.Parts.Fit.Len(), samples)
	if o.Parts.Held != nil {
		what += fmt.Sprintf(", %d held back", o.Parts.Held.Len())
	}
	target := info.Targets[0]
	switch names := info.Classes; {
	case target.IDs && target.Size() > 1:
		what += fmt.Sprintf("; after each of them comes one of %d", len(names))
	case target.IDs:
		what += fmt.Sprintf("; %s is one of %d classes", target.Name, len(names))
	case target.Size() == 1:
		what += fmt.Sprintf("; %s is a number", own.Output(target, 0))
	default:
		what += fmt.Sprintf("; %d numbers are to be foretold", target.Size())
	}
	if window != nil && window.Ahead > 0 {
		what += fmt.Sprintf(", %d ahead", window.Ahead)
	}
	rows := [][2]string{
		{"data", path + ": " + what},
		{"preparation", fmt.Sprintf("--prepare %q", cmp.Or(o.Parts.Prepare.String(), "none"))},
		{"", datesBecome(info)},
		{"network", fmt.Sprintf("--layers %q", own.OneLine(o.Config.Experiment.Network))},
		{"", fmt.Sprintf("--loss %s --optimizer %s --batch-size %d --epochs %d", runs.Quoted(o.Config.Experiment.Loss), runs.Quoted(o.Config.Experiment.Optimizer), suit.BatchSize, suit.Epochs)},
		{"", fmt.Sprintf("--validation %v --early-stopping %d --seed %d", t.flags.Training.Validation, suit.Patience, t.flags.Seed)},
	}
	e, more := o.Config.Experiment, ""
	if e.Groups != "" {
		more += " --groups " + runs.Quoted(e.Groups)
	}
	if e.ByTime != "" {
		more += " --by-time " + runs.Quoted(e.ByTime)
	}
	if e.Shards > 1 {
		more += fmt.Sprintf(" --shards %d", e.Shards)
	}
	if len(e.Frozen) > 0 {
		more += " --freeze " + runs.Quoted(strings.Join(e.Frozen, ","))
	}
	rows = append(rows, [2]string{"", strings.TrimSpace(more)})
	rows = slices.DeleteFunc(rows, func(r [2]string) bool { return r[1] == "" })
	for i := range rows {
		rows[i][0] = fmt.Sprintf("%-13s", rows[i][0])
	}
	_, err := io.WriteString(out, term.Pairs(width, rows)+"\n")
	return err
}

// datesBecome says what is made of columns of dates.
func datesBecome(info datasets.Info) string {
	if info.Source == nil || info.Source.Columns == nil {
		return ""
	}
	var all []string
	for _, date := range slices.Sorted(maps.Keys(info.Source.Columns.Dates)) {
		var parts []string
		for _, f := range info.Inputs {
			for _, name := range f.Names {
				if part, ok := strings.CutPrefix(name, date+" "); ok && slices.Contains([]string{"year", "month", "day", "day of year", "weekday", "hour"}, part) {
					parts = append(parts, part)
				}
			}
		}
		if len(parts) > 0 {
			all = append(all, fmt.Sprintf("the date %s becomes its %s", date, strings.Join(parts, ", ")))
		}
	}
	return strings.Join(all, "; ")
}

// create makes the folder of a new run; nil where no folder was asked for and there is no place for one, which it says.
func (t *trainer) create(errOut io.Writer, o *training.Own, options run.Options) (rec *run.Recorder, err error) {
	defer func() {
		if err = ranks.Agree(err); err != nil && rec != nil {
			rec, err = nil, errors.Join(err, rec.Close())
		}
	}()
	if !ranks.First() { // which keeps the run
		return nil, nil
	}
	dir, name := t.saving.Out, o.Config.Experiment.Name
	if dir == "" {
		if dir, err = run.NewDir(name, t.flags.Seed); err != nil {
			usage.Say(errOut, "%s is trained without being saved: %v", name, err)
			return nil, nil
		}
	}
	rec, err = run.Create(dir, o.Config, options)
	if err != nil && t.saving.Out == "" {
		_ = os.Remove(dir) // which NewDir made
	}
	return rec, err
}

func (t *trainer) do(cmd *cobra.Command, o *training.Own) error {
	o.Board = t.flags.Training.Board
	ok, err := o.Do(cmd)
	if rec := o.Recorder; rec != nil && !rec.Begun() && t.saving.Out == "" && t.saving.Resume == "" {
		_ = os.Remove(rec.Folder().Dir) // which NewDir made
	}
	if err == nil && !ok {
		err = usage.ErrSaid
	}
	return err
}

// resume goes on with a run; places are where its data are now, and their targets where these are in a file of their own; none for where they were.
func (t *trainer) resume(cmd *cobra.Command, folder *run.Folder, places ...string) error {
	if folder.Config.File == "" {
		return usage.Errorf("--resume: %s is no run of stheno train: go on with it by stheno run --resume %s", folder.Dir, runs.Quoted(t.saving.Resume))
	}
	changed := t.flags.Changed()
	for _, name := range []string{"out", "record-gradients"} {
		if cmd.Flags().Changed(name) {
			changed = append(changed, "--"+name)
		}
	}
	if len(changed) > 0 {
		return usage.Errorf("--resume: the configuration is the folder's, but for --epochs: leave out %s", strings.Join(changed, ", "))
	}
	options, err := t.saving.Options()
	if err != nil {
		return err
	}
	patience := folder.Config.Experiment.Patience
	if cmd.Flags().Changed("early-stopping") {
		patience = t.flags.Training.Patience
	}
	if epochs, err := folder.Epochs(); err == nil && patience > 0 && len(epochs) > train.Best(epochs, "loss")+patience && t.saving.ResumeFrom == "" {
		usage.Say(cmd.ErrOrStderr(), "%s is finished: it stopped since the loss got no better for %d epochs: to train it further, give --early-stopping with more, and --epochs", folder.Dir, patience)
		return nil
	}
	o := &training.Own{JSON: t.json, Quiet: t.quiet, Observers: t.observers}
	if o.Parts, err = own.Of(folder.Config, places...); err != nil {
		return err
	}
	if err := t.blas.UseFor(cmd, folder.Config); err != nil {
		return err
	}
	var rec *run.Recorder
	if ranks.First() {
		rec, err = run.Resume(folder.Dir, t.saving.ResumeFrom, t.flags.Epochs, options)
	}
	if errors.Is(err, run.ErrFinished) {
		usage.Say(cmd.ErrOrStderr(), "%v", err)
		_ = ranks.Agree(train.Stop(err.Error()))
		return nil
	}
	if err = ranks.Agree(err); err != nil {
		if rec != nil {
			return errors.Join(err, rec.Close())
		}
		return ranks.Stopped(err)
	}
	if o.Recorder, o.Config = rec, folder.Config; rec != nil {
		for _, remark := range rec.Remarks() {
			usage.Say(cmd.ErrOrStderr(), "%s", remark)
		}
		o.Config = rec.Folder().Config
	} else if t.flags.Epochs > 0 {
		o.Config.Experiment.Epochs = t.flags.Epochs
	}
	if cmd.Flags().Changed("early-stopping") {
		o.Config.Experiment.Patience = patience
	}
	if o.How, err = o.Config.Training(); err == nil {
		o.Model, err = o.Config.Model()
	}
	if err == nil {
		o.Findings, err = datasets.Check(o.Parts.RawFit, o.Parts.RawHeld)
	}
	if err != nil {
		if rec != nil {
			err = errors.Join(err, rec.Close())
		}
		return err
	}
	return t.do(cmd, o)
}
