package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"text/tabwriter"

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
		Args: arguments(0, 0, "none"),
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
			w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "RUN\tEPOCHS\tLOSS\tTEST\tSTATE")
			for _, dir := range dirs {
				s := summarize(dir)
				state := s.State
				if s.Remark != "" {
					state += ": " + s.Remark
				}
				fmt.Fprintf(w, "%s\t%d/%d\t%s\t%s\t%s\n", s.Name, s.Epoch, s.Epochs, figure(s.Loss), figure(s.Test), state)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

func figure(v *float64) string {
	if v == nil {
		return "–"
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
