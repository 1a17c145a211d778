package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func diagnoseCommand() *cobra.Command {
	d := &diagnosis{}
	cmd := &cobra.Command{
		Use:   "diagnose EXPERIMENT|RUN|FILE",
		Short: "Say in words why a network does not train, and what to try",
		Long: `Say in words why a network does not train, and what to try: train an
experiment, or read a run that was kept, or a model file. Each finding comes
with what was measured, and with the remedy that the lecture would try; what
weighs most is said first.`,
		Example: `  stheno diagnose deep-sigmoid
  stheno diagnose relu --learning-rate 20 --epochs 2
  stheno diagnose runs/mse --json`,
		Args:              usage.Arguments(1, 1, "one experiment (`stheno list` shows them) or run (`stheno runs` lists them), or a model file"),
		ValidArgsFunction: complete.UpTo(1, complete.ExperimentsAndRuns),
		RunE:              d.run,
	}
	d.flags.Add(cmd)
	d.data.Add(cmd)
	d.blas.Add(cmd)
	cmd.Flags().BoolVar(&d.json, "json", false, "one JSON object on standard output")
	return cmd
}

type diagnosis struct {
	flags flags.Experiment
	data  flags.Data
	blas  flags.BLAS
	json  bool

	origin results.Origin // of what is diagnosed
}

// diagnosisJSON is what diagnose --json prints.
type diagnosisJSON struct {
	results.Origin
	Experiment string            `json:"experiment"`
	Seed       uint64            `json:"seed"`
	Findings   []inspect.Finding `json:"findings"`
}

func (d *diagnosis) run(cmd *cobra.Command, args []string) error {
	record, err := d.record(cmd, args[0])
	if err != nil {
		return err
	}
	findings, err := inspect.Diagnose(cmd.Context(), record)
	if err != nil {
		return err
	}
	if d.json {
		return term.JSON(cmd.OutOrStdout()).Encode(diagnosisJSON{d.origin, record.Name, record.Seed, findings})
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s, seed %d\n", term.Plain(record.Name), record.Seed)
	if c := d.origin.Config; c != nil {
		fmt.Fprint(cmd.OutOrStdout(), term.Indent(runs.Describe(*c), 2, min(term.Width(cmd.OutOrStdout()), 100)))
	}
	printFindings(cmd.OutOrStdout(), findings, min(term.Width(cmd.OutOrStdout()), 100))
	return nil
}

func (d *diagnosis) record(cmd *cobra.Command, name string) (*inspect.Record, error) {
	if flags.IsFile(name) {
		return d.file(cmd, name)
	}
	if runs.Is(name) {
		if err := d.flags.Unchanged(name); err != nil {
			return nil, err
		}
		if _, err := d.blas.Use(); err != nil {
			return nil, err
		}
		record, folder, err := loadRun(cmd, name, d.data)
		if err == nil {
			d.origin = results.OriginOf(folder, nil)
		}
		return record, err
	}
	if _, err := d.flags.Of(name); err != nil { // it is not there
		return nil, err
	}
	e, err := d.flags.Find(name)
	if err != nil {
		return nil, err
	}
	trainSet, testSet, err := d.data.Of(e).OpenTo(&d.flags)
	if err != nil {
		return nil, err
	}
	if _, err := d.blas.Use(); err != nil {
		return nil, err
	}
	config, err := e.RunConfig(d.flags.Seed, d.data.Of(e).Name(), trainSet)
	if err != nil {
		return nil, err
	}
	d.origin = results.OriginOf(nil, &config)
	options := models.RunOptions{Seed: d.flags.Seed}
	bar := progress.New(cmd.ErrOrStderr(), e.Name)
	options.Observers = []train.Observer{bar}
	record, err := e.Record(cmd.Context(), trainSet, testSet, options)
	return record, bar.Stopped(err)
}

// file is what can be known of a model file: its model, on the data of the flags.
func (d *diagnosis) file(cmd *cobra.Command, name string) (*inspect.Record, error) {
	t, err := d.flags.Of(name)
	if err != nil {
		return nil, err
	}
	d.origin = originOf(t)
	if _, err := t.Loss(); err != nil {
		return nil, err
	}
	if _, err := d.blas.Use(); err != nil {
		return nil, err
	}
	trainSet, testSet, err := t.Open(cmd, d.data)
	if err != nil {
		return nil, err
	}
	result := &models.Result{Experiment: t.Experiment, Seed: t.Seed, Model: t.Model, History: &train.History{}}
	record, err := result.Record(cmd.Context(), trainSet, testSet, nil)
	if err == nil {
		record.Steps = math.MaxInt // how many there were a file does not say: not too few
	}
	return record, err
}

func printFindings(w io.Writer, findings []inspect.Finding, width int) {
	for _, f := range findings {
		fmt.Fprintf(w, "\n%s (%s)\n", f.Code, f.Severity)
		fmt.Fprint(w, term.Indent(f.Evidence, 2, width))
		fmt.Fprint(w, strings.Replace(term.Indent(f.Advice, 4, width), "    ", "  → ", 1))
	}
}
