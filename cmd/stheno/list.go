package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

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
		Short: "List the experiments and what the lecture showed of each",
		Example: `  stheno list
  stheno list --json`,
		Args: usage.Arguments(0, 0, usage.NoArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				lines := json.NewEncoder(cmd.OutOrStdout())
				for _, e := range models.Experiments() {
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
	const figures = "%-13s  %-6s  %-6s  %-6s"
	indent, head := 39, "  WHAT IT CHANGES"
	if width-indent < 20 {
		indent, head = 2, ""
	}
	text := fmt.Sprintf("%15sTHE LECTURE'S ACCURACY\n"+figures+"%s\n", "", "EXPERIMENT", "TRAIN", "TEST", "NOISY", head)
	for _, e := range models.Experiments() {
		line := fmt.Sprintf(figures, e.Name, results.Accuracy(e.Lecture.Train), results.Accuracy(e.Lecture.Test), results.Accuracy(e.Lecture.NoisyTest))
		if head == "" {
			text += strings.TrimRight(line, " ") + "\n"
			line = ""
		}
		for _, words := range term.Wrap(e.Changes, width-indent) {
			text += fmt.Sprintf("%-*s%s\n", indent, line, words)
			line = ""
		}
	}
	_, err := io.WriteString(out, text)
	return err
}
