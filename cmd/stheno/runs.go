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
		Short: "List the runs that were given no folder with --out, or remove some",
		Long: `List the runs that were given no folder with --out: what each trained, what
differs from its experiment (with the experiment's own in brackets), and how it
went. runs rm and runs prune remove some.

Wherever a command takes a RUN, that is a name of this list, the path of a
run's folder, "latest" for the newest of the list, or an experiment's name for
the newest run of it. Where a command takes an experiment too, the experiment's
name is the experiment. A sweep is a row of its own; its runs are called by its
name and theirs, as in relu-sweep-seed1-20260101-120000/1-seed1.`,
		Example: `  stheno runs
  stheno runs --json`,
		Args: usage.OneOfTheCommands,
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
	cmd.AddCommand(runsRemoveCommand(), runsPruneCommand())
	return cmd
}

// printRuns prints a run a row, and below it what it is, and the remark.
func printRuns(out io.Writer, all []runs.Summary) error {
	names, tests := len("RUN"), 7
	for _, s := range all {
		names, tests = max(names, len(s.Name)), max(tests, len(tested(s)))
	}
	t := &term.Table{Out: out, Columns: []term.Column{
		{Head: "RUN", Width: names}, {Head: "EPOCHS", Width: 7}, {Head: "LOSS", Width: 7}, {Head: "TEST", Width: tests}, {Head: "STATE", Width: 8, Text: true},
	}}
	for _, s := range all {
		epochs := fmt.Sprintf("%d/%d", s.Epoch, s.Epochs)
		if s.State == "sweep" {
			epochs = term.Dash
		}
		if err := t.Row(s.Name, epochs, cell(s.Loss), tested(s), s.State); err != nil {
			return err
		}
		for _, line := range []string{s.About, s.Remark} {
			if line == "" {
				continue
			}
			if _, err := io.WriteString(out, term.Indent(line, 2, term.Width(out))); err != nil {
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
		return "loss " + term.Figure(s.Metrics.Loss)
	case metric != "accuracy":
		return metric + " " + term.Figure(s.Metrics.Score(metric))
	}
	return cell(s.Test)
}

func cell(v *float64) string {
	if v == nil {
		return term.Dash
	}
	return fmt.Sprintf("%.4f", *v)
}
