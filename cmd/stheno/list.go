package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

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
			fmt.Fprintln(w, "\tTHE LECTURE'S ACCURACY\nEXPERIMENT\tTRAIN\tTEST\tNOISY\tWHAT IT CHANGES")
			for _, e := range models.Experiments() {
				lines := wrap(e.Changes, 41) // which makes 80 columns
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Name, accuracy(e.Lecture.Train), accuracy(e.Lecture.Test), accuracy(e.Lecture.NoisyTest), lines[0])
				for _, line := range lines[1:] {
					fmt.Fprintf(w, "\t\t\t\t%s\n", line)
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// wrap breaks a text into lines of at most width letters.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last+" "+word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// accuracy prints an accuracy as the lecture does; a dash for none.
func accuracy(a float64) string {
	if a == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4f", a)
}
