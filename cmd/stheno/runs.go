package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

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
				lines := json.NewEncoder(out)
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
				_, err := fmt.Fprintf(out, "no runs in %s: `stheno run relu` makes one\n", home)
				return err
			}
			fmt.Fprintf(out, "in %s:\n", home)
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
	names := len("RUN")
	for _, s := range all {
		names = max(names, len(s.Name))
	}
	t := &term.Table{Out: out, Columns: []term.Column{
		{Head: "RUN", Width: names}, {Head: "EPOCHS", Width: 7}, {Head: "LOSS", Width: 7}, {Head: "TEST", Width: 7}, {Head: "STATE", Width: 8, Text: true},
	}}
	for _, s := range all {
		if err := t.Row(s.Name, fmt.Sprintf("%d/%d", s.Epoch, s.Epochs), cell(s.Loss), cell(s.Test), s.State); err != nil {
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

func cell(v *float64) string {
	if v == nil {
		return term.Dash
	}
	return fmt.Sprintf("%.4f", *v)
}
