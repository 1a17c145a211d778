package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/chart"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/text"
)

// maxScheduled is as many steps as are drawn.
const maxScheduled = 10_000_000

func scheduleCommand() *cobra.Command {
	var plan optim.Plan
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "schedule SCHEDULE",
		Short: "Draw the learning rates of a schedule",
		Long: `Draw the learning rates of a schedule, step by step.

A schedule is words and their settings, with commas between what comes in turn:

` + scheduleWords() + `
A length is a number of steps, 100, or of epochs, 5epochs; without one a
schedule goes to the end of the run. A rate that is left out is the
optimizer's, here --learning-rate.`,
		Example: `  stheno schedule "warmup 100, cosine 0.1 0.001"
  stheno schedule "step 10epochs 0.5" --steps 3000 --steps-per-epoch 100
  stheno schedule "one-cycle 0.1" -o one-cycle.svg`,
		Args: usage.Arguments(1, 1, `a schedule, such as "warmup 100, cosine"`),
		ValidArgsFunction: complete.UpTo(1, func(string) ([]string, cobra.ShellCompDirective) {
			return text.Words[optim.Schedule](), cobra.ShellCompDirectiveNoFileComp
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case plan.Steps < 1 || plan.Steps > maxScheduled:
				return usage.Errorf("--steps: got %d, want 1 to %d", plan.Steps, maxScheduled)
			case plan.Epoch < 1:
				return usage.Errorf("--steps-per-epoch: got %d, want at least 1", plan.Epoch)
			case !(plan.Rate >= 0 && plan.Rate < 1e300):
				return usage.Errorf("--learning-rate: got %v, want a finite number of at least 0", plan.Rate)
			}
			schedule, err := optim.ParseSchedule(args[0])
			if err != nil {
				return usage.Errorf("%w", err)
			}
			rates, err := optim.Rates(schedule, plan)
			if err != nil {
				return usage.Errorf("%w", err)
			}
			words, err := optim.FormatSchedule(schedule)
			if err != nil {
				return err
			}
			if out != "" {
				return drawSchedule(cmd, words, rates, out)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"schedule": words, "steps": plan.Steps, "steps_per_epoch": plan.Epoch, "learning_rate": plan.Rate, "rates": rates})
			}
			mark := '*'
			if term.Unicode() {
				mark = '•'
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n\n%s", term.Plain(words), chart.Lines([]chart.Series{{Values: rates, Mark: mark}}, min(term.Width(cmd.OutOrStdout()), 100), 13, "1", fmt.Sprint(len(rates), " steps")))
			return err
		},
	}
	cmd.Flags().IntVar(&plan.Steps, "steps", 1000, "`steps` of the run")
	cmd.Flags().IntVar(&plan.Epoch, "steps-per-epoch", 100, "`steps` of an epoch")
	cmd.Flags().Float64Var(&plan.Rate, "learning-rate", 0.1, "the optimizer's `rate`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object, with the rate of every step")
	cmd.Flags().StringVarP(&out, "output", "o", "", "write an SVG `FILE` instead; - is standard output")
	_ = cmd.MarkFlagFilename("output", "svg")
	return cmd
}

// scheduleWords are the words of schedules, by their examples.
func scheduleWords() string {
	var rows [][2]string
	for _, e := range text.Entries[optim.Schedule]() {
		if e.Word != "sequence" {
			rows = append(rows, [2]string{"  " + e.Example + "  ", e.About})
		}
	}
	return term.Pairs(80, rows)
}

// drawSchedule writes a schedule's rates as a picture.
func drawSchedule(cmd *cobra.Command, words string, rates []float64, out string) error {
	steps := make([]float64, len(rates))
	for i := range steps {
		steps[i] = float64(i + 1)
	}
	every := max(1, len(rates)/2000) // as fine as a picture shows
	thin := func(x []float64) (all []float64) {
		for i := 0; i < len(x); i += every {
			all = append(all, x[i])
		}
		return append(all, x[len(x)-1])
	}
	picture := figure.Curves(words, "step", "learning rate", false, figure.Series{Name: words, X: thin(steps), Y: thin(rates)}) + "\n"
	if out == "-" {
		_, err := fmt.Fprint(cmd.OutOrStdout(), picture)
		return err
	}
	if err := files.CanWrite(out); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	if err := files.WriteWhole(out, strings.NewReader(picture)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", term.Plain(out))
	return err
}
