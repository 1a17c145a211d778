package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/models"
)

func listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the experiments and what the lecture showed of each",
		Example: `  stheno list
  stheno list --json`,
		Args: arguments(0, 0, "none"),
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
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "EXPERIMENT\tLECTURE: TRAIN\tTEST\tWHAT IT CHANGES")
			for _, e := range models.Experiments() {
				test := accuracy(e.Lecture.Test)
				if e.Lecture.NoisyTest != 0 {
					test = accuracy(e.Lecture.NoisyTest) + " (noisy)"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Name, accuracy(e.Lecture.Train), test, e.Changes)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// accuracy prints an accuracy as the lecture does; a dash for none.
func accuracy(a float64) string {
	if a == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4f", a)
}
