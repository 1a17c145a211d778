package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func runsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs that were given no folder with --out",
		Example: `  stheno runs
  stheno runs --json`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dirs, err := run.List()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				lines := term.JSON(out)
				for _, dir := range dirs {
					if err := lines.Encode(runs.Summarize(dir)); err != nil {
						return err
					}
				}
				return nil
			}
			home, err := run.Home()
			if err != nil {
				return err
			}
			if len(dirs) == 0 {
				_, err := fmt.Fprintf(out, "no runs in %s: `stheno run relu` makes one\n", term.Plain(home))
				return err
			}
			fmt.Fprintf(out, "in %s:\n", term.Plain(home))
			var all []runs.Summary
			for _, dir := range dirs {
				all = append(all, runs.Summarize(dir))
			}
			return printRuns(out, all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

// printRuns prints a run a row, and below it the remark.
func printRuns(out io.Writer, all []runs.Summary) error {
	names, tests := len("RUN"), 7
	for _, s := range all {
		names, tests = max(names, len(s.Name)), max(tests, len(tested(s)))
	}
	t := &term.Table{Out: out, Columns: []term.Column{
		{Head: "RUN", Width: names}, {Head: "EPOCHS", Width: 7}, {Head: "LOSS", Width: 7}, {Head: "TEST", Width: tests}, {Head: "STATE", Width: 8, Text: true},
	}}
	for _, s := range all {
		if err := t.Row(s.Name, fmt.Sprintf("%d/%d", s.Epoch, s.Epochs), cell(s.Loss), tested(s), s.State); err != nil {
			return err
		}
		if s.Remark != "" {
			if _, err := io.WriteString(out, term.Indent(s.Remark, 2, term.Width(out))); err != nil {
				return err
			}
		}
	}
	return nil
}

// tested is the accuracy on the test set, or another metric with its name, or the loss.
func tested(s runs.Summary) string {
	switch metric := results.Metric(s.Metrics); {
	case s.Metrics == nil:
		return term.Dash
	case metric == "":
		return "loss " + results.Figure(s.Metrics.Loss)
	case metric != "accuracy":
		return metric + " " + results.Figure(s.Metrics.Score(metric))
	}
	return cell(s.Test)
}

func cell(v *float64) string {
	if v == nil {
		return term.Dash
	}
	return fmt.Sprintf("%.4f", *v)
}
