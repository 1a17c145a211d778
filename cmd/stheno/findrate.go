package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/chart"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

func findRateCommand() *cobra.Command {
	var experiment flags.Experiment
	var data flags.Data
	var blas flags.BLAS
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "find-rate EXPERIMENT",
		Short: "Find a learning rate: train with one that grows, and watch the loss",
		Long: `Find a learning rate: train for up to 100 steps with one that grows from 1e-6 to
10, and watch the loss. It falls fastest where the rate does most, and leaps up
where the rate is too large, which ends the search. Nothing is kept.`,
		Example: `  stheno find-rate relu
  stheno find-rate relu --optimizer adam --batch-size 32
  stheno find-rate deep-relu -o rates.svg`,
		Args:              usage.Arguments(1, 1, usage.AnExperiment),
		ValidArgsFunction: complete.UpTo(1, complete.Experiments),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := experiment.Find(args[0])
			if err != nil {
				return err
			}
			trainSet, testSet, err := data.Of(e).OpenTo(&experiment)
			if err != nil {
				return err
			}
			if _, err := blas.Use(); err != nil {
				return err
			}
			if out != "" && out != "-" {
				if err := files.CanWrite(out); err != nil {
					return fmt.Errorf("--output: %w", err)
				}
			}
			scaled, _, _, err := e.Data(trainSet, testSet, experiment.Seed)
			if err != nil {
				return err
			}
			model, err := experiment.Model(e, trainSet)
			if err != nil {
				return err
			}
			config, err := e.Config(models.RunOptions{Seed: experiment.Seed})
			if err != nil {
				return err
			}
			curve, err := train.FindRate(cmd.Context(), model, scaled, config, train.RateRange{})
			if err != nil {
				return err
			}
			stdout := cmd.OutOrStdout()
			switch {
			case asJSON:
				return term.JSON(stdout).Encode(struct {
					Experiment string           `json:"experiment"`
					Suggestion results.Number   `json:"suggestion"` // null where the loss does not fall
					Rates      []float64        `json:"rates"`
					Losses     []results.Number `json:"losses"`
					Smoothed   []results.Number `json:"smoothed"`
				}{e.Name, results.Number(curve.Suggestion), curve.Rates, results.Numbers(curve.Losses), results.Numbers(curve.Smoothed)})
			case out == "-":
				_, err := fmt.Fprintln(stdout, figure.LearningRates(curve))
				return err
			case out != "":
				if err := files.WriteWhole(out, strings.NewReader(figure.LearningRates(curve)+"\n")); err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s\n", term.Plain(out))
			default:
				fmt.Fprint(stdout, rateChart(curve, min(term.Width(stdout), 100)), "\n")
			}
			fmt.Fprint(stdout, term.Indent(suggestion(e, curve, config.Optimizer.Rate()), 0, term.Width(stdout)))
			return nil
		},
	}
	experiment.Add(cmd)
	data.Add(cmd)
	blas.Add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object, with the loss at every rate")
	cmd.Flags().StringVarP(&out, "output", "o", "", "write an SVG `FILE` instead; - is standard output")
	_ = cmd.MarkFlagFilename("output", "svg")
	return cmd
}

// rateChart draws the running mean of the loss over the logarithm of the rate, the suggestion as a mark of its own.
func rateChart(c *train.RateCurve, columns int) string {
	line, here := '*', 'o'
	if term.Unicode() {
		line, here = '•', '◆'
	}
	n := len(c.Rates)
	if n == 0 {
		return ""
	}
	at, shown := make([]float64, n), make([]float64, n)
	for i, rate := range c.Rates {
		if at[i] = math.NaN(); rate == c.Suggestion {
			at[i] = c.Smoothed[i]
		}
		if shown[i] = c.Smoothed[i]; shown[i] > 1.1*c.Smoothed[0] { // it has leapt up, and would press all else flat
			shown[i] = math.NaN()
		}
	}
	return "loss, running mean, by learning rate (log scale)\n\n" +
		chart.Lines([]chart.Series{{Values: shown, Mark: line}, {Values: at, Mark: here}}, columns, 13, fmt.Sprintf("%.0e", c.Rates[0]), fmt.Sprintf("%.2g", c.Rates[n-1]))
}

// suggestion says what the curve tells.
func suggestion(e models.Experiment, c *train.RateCurve, own float64) string {
	if math.IsNaN(c.Suggestion) {
		return fmt.Sprintf("the loss of %s does not fall at any rate from %.2g to %.2g: there is nothing to suggest", e.Name, c.Rates[0], c.Rates[len(c.Rates)-1])
	}
	end := ""
	if last := c.Rates[len(c.Rates)-1]; last < 9 {
		end = fmt.Sprintf("; it leaps up at %.2g", last)
	}
	return fmt.Sprintf("the loss of %s falls fastest at %.2g%s: try --learning-rate %.1g, its own is %v", e.Name, c.Suggestion, end, c.Suggestion, own)
}
