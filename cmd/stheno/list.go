package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/models"
)

func listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the experiments and what the lecture showed of its own",
		Example: `  stheno list
  stheno list --json`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				lines := term.JSON(cmd.OutOrStdout())
				for _, e := range slices.Concat(models.Experiments(), models.Mends(), models.Networks()) {
					if err := lines.Encode(struct {
						Name    string         `json:"name"`
						Changes string         `json:"changes"`
						Lecture models.Figures `json:"lecture"`
					}{e.Name, e.Changes, e.Lecture}); err != nil {
						return err
					}
				}
				return nil
			}
			return printExperiments(cmd.OutOrStdout(), min(term.Width(cmd.OutOrStdout()), 100))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// printExperiments prints the list. Where there is little room beside the figures, what an experiment changes stands below them.
func printExperiments(out io.Writer, width int) error {
	const left = 39 // of what it changes
	t := &term.Table{Out: out, Columns: []term.Column{
		{Head: "EXPERIMENT", Width: 13}, {Group: "THE LECTURE'S ACCURACY", Head: "TRAIN", Width: 7},
		{Group: "THE LECTURE'S ACCURACY", Head: "TEST", Width: 7}, {Group: "THE LECTURE'S ACCURACY", Head: "NOISY", Width: 7},
	}}
	beside := width-left >= 20
	if beside {
		t.Columns = append(t.Columns, term.Column{Head: "WHAT IT CHANGES", Width: width - left, Text: true})
	}
	for _, e := range models.Experiments() {
		cells := []string{e.Name, results.Accuracy(e.Lecture.Train), results.Accuracy(e.Lecture.Test), results.Accuracy(e.Lecture.NoisyTest)}
		if beside {
			cells = append(cells, e.Changes)
		}
		if err := t.Row(cells...); err != nil {
			return err
		}
		if !beside {
			if _, err := io.WriteString(out, term.Indent(e.Changes, 2, width)); err != nil {
				return err
			}
		}
	}
	for _, group := range []struct {
		head, what string
		of         []models.Experiment
	}{{"MENDS", "WHAT IT CHANGES", models.Mends()}, {"OTHER KINDS", "WHAT IT IS", models.Networks()}} {
		t = &term.Table{Out: out, Columns: []term.Column{{Head: group.head, Width: 15}, {Head: group.what, Width: max(20, width-17), Text: true}}}
		fmt.Fprintln(out)
		for _, e := range group.of {
			if err := t.Row(e.Name, e.Changes); err != nil {
				return err
			}
		}
	}
	return nil
}
