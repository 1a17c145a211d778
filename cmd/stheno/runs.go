package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

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
			printRuns(out, all, term.Width(out))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

// printRuns prints a run a line, or, on a narrow terminal, its name on a line and its figures below. A remark stands below too.
func printRuns(out io.Writer, all []runs.Summary, width int) {
	names := len("RUN")
	for _, s := range all {
		names = max(names, len(s.Name))
	}
	const figures = 36 // columns
	indent := 2
	if names+figures <= width {
		indent = names + 2
	} else {
		names = 0
	}
	line := func(name, epochs, loss, test, state string) {
		if names == 0 {
			fmt.Fprintln(out, name)
			name = ""
		}
		fmt.Fprintf(out, "%-*s%7s  %6s  %6s  %s\n", indent, name, epochs, loss, test, state)
	}
	line("RUN", "EPOCHS", "LOSS", "TEST", "STATE")
	for _, s := range all {
		line(s.Name, fmt.Sprintf("%d/%d", s.Epoch, s.Epochs), cell(s.Loss), cell(s.Test), s.State)
		if s.Remark != "" {
			fmt.Fprintf(out, "  %s\n", strings.Join(term.Wrap(s.Remark, width-2), "\n  "))
		}
	}
}

func cell(v *float64) string {
	if v == nil {
		return term.Dash
	}
	return fmt.Sprintf("%.4f", *v)
}
