package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func diagnoseCommand() *cobra.Command {
	d := &diagnosis{}
	cmd := &cobra.Command{
		Use:   "diagnose EXPERIMENT | RUN",
		Short: "Say in words why a network does not train, and what to try",
		Long: `Say in words why a network does not train, and what to try: train an
experiment, or read a run that was kept. Each finding comes with what was
measured, and with the remedy that the lecture would try; what weighs most is
said first.`,
		Example: `  stheno diagnose deep-sigmoid
  stheno diagnose relu --learning-rate 20 --epochs 2
  stheno diagnose runs/mse --json`,
		Args:              arguments(1, 1, "one experiment (`stheno list` shows them) or run (`stheno runs` lists them)"),
		ValidArgsFunction: completeUpTo(1, offerExperimentsAndRuns),
		RunE:              d.run,
	}
	d.flags.add(cmd)
	d.data.add(cmd)
	d.blas.add(cmd)
	cmd.Flags().BoolVar(&d.json, "json", false, "one JSON object on standard output")
	return cmd
}

type diagnosis struct {
	flags experimentFlags
	data  dataFlags
	blas  blasFlags
	json  bool
}

// diagnosisJSON is what diagnose --json prints.
type diagnosisJSON struct {
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
		return json.NewEncoder(cmd.OutOrStdout()).Encode(diagnosisJSON{record.Name, record.Seed, findings})
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s, seed %d\n", record.Name, record.Seed)
	printFindings(cmd.OutOrStdout(), findings, min(terminalWidth(cmd.OutOrStdout()), 100))
	return nil
}

func (d *diagnosis) record(cmd *cobra.Command, name string) (*inspect.Record, error) {
	if isRun(name) {
		changed := d.flags.changed()
		if d.flags.flags.Changed("seed") {
			changed = append(changed, "--seed")
		}
		if len(changed) > 0 {
			return nil, usagef("%s is a run, whose settings stay as they were: leave out %s", name, strings.Join(changed, ", "))
		}
		if _, err := d.blas.use(); err != nil {
			return nil, err
		}
		record, _, err := loadRun(cmd, name, d.data)
		return record, err
	}
	if _, err := models.Find(name); err != nil {
		return nil, usagef("there is no experiment and no run %s: see `stheno list` and `stheno runs`%s", name, didYouMean(name, append(models.Names(), runNames()...)))
	}
	e, err := d.flags.experiment(name)
	if err != nil {
		return nil, err
	}
	trainSet, testSet, err := d.data.open()
	if err != nil {
		return nil, err
	}
	if _, err := d.blas.use(); err != nil {
		return nil, err
	}
	options := models.RunOptions{Seed: d.flags.seed}
	bar := newProgress(cmd.ErrOrStderr(), e.Name)
	options.Observers = []train.Observer{bar}
	record, err := e.Record(cmd.Context(), trainSet, testSet, options)
	return record, bar.stopped(err)
}

func printFindings(w io.Writer, findings []inspect.Finding, width int) {
	for _, f := range findings {
		fmt.Fprintf(w, "\n%s (%s)\n", f.Code, f.Severity)
		for _, line := range wrap(f.Evidence, width-2) {
			fmt.Fprintf(w, "  %s\n", line)
		}
		lead := "→"
		for _, line := range wrap(f.Advice, width-4) {
			fmt.Fprintf(w, "  %s %s\n", lead, line)
			lead = " "
		}
	}
}
