package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/graph/train/run"
)

// runSummary is what runs prints of a run.
type runSummary struct {
	Name       string   `json:"name"`
	Dir        string   `json:"dir"`
	Experiment string   `json:"experiment"`
	Seed       uint64   `json:"seed"`
	Epoch      int      `json:"epoch"` // that are over
	Epochs     int      `json:"epochs"`
	Loss       *float64 `json:"loss"`   // running, of the last epoch; null before the first is over
	Test       *float64 `json:"test"`   // accuracy; null before the end
	State      string   `json:"state"`  // running, stopped, finished, diverged or damaged
	Remark     string   `json:"remark"` // who runs it, or what is wrong
}

func runsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs that were given no folder with --out",
		Example: `  stheno runs
  stheno runs --json`,
		Args: arguments(0, 0, noArgument),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dirs, err := run.List()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				lines := json.NewEncoder(out)
				for _, dir := range dirs {
					if err := lines.Encode(summarize(dir)); err != nil {
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
			var all []runSummary
			for _, dir := range dirs {
				all = append(all, summarize(dir))
			}
			printRuns(out, all, terminalWidth(out))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

// printRuns prints a run a line, or, on a narrow terminal, its name on a line and its figures below. A remark stands below too.
func printRuns(out io.Writer, all []runSummary, width int) {
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
		line(s.Name, fmt.Sprintf("%d/%d", s.Epoch, s.Epochs), figure(s.Loss), figure(s.Test), s.State)
		if s.Remark != "" {
			fmt.Fprintf(out, "  %s\n", strings.Join(wrap(s.Remark, width-2), "\n  "))
		}
	}
}

func figure(v *float64) string {
	if v == nil {
		return dash
	}
	return fmt.Sprintf("%.4f", *v)
}

// summarize reads what runs says of a run.
func summarize(dir string) runSummary {
	s := runSummary{Name: filepath.Base(dir), Dir: dir}
	damaged := func(err error) runSummary {
		s.State, s.Remark = "damaged", oneLine(err)
		return s
	}
	folder, err := run.Open(dir)
	if err != nil {
		return damaged(err)
	}
	s.Experiment, s.Seed, s.Epochs = folder.Config.Experiment.Name, folder.Config.Seed, folder.Config.Experiment.Epochs
	epochs, err := folder.Epochs()
	if err != nil {
		return damaged(err)
	}
	if s.Epoch = len(epochs); s.Epoch > 0 {
		s.Loss = &epochs[s.Epoch-1].Running.Loss
	}
	result, err := folder.Result()
	if err != nil {
		return damaged(err)
	}
	switch who := run.InUse(dir); {
	case who != "":
		s.State, s.Remark = "running", who
	case result == nil:
		s.State = "stopped"
	case result.Diverged != nil:
		s.State = "diverged"
	default:
		s.State = "finished"
	}
	if result != nil && result.Test != nil {
		s.Test = &result.Test.Accuracy
	}
	return s
}
