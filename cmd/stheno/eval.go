package main

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/results"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train"
)

// evalReport is what eval prints of a run.
type evalReport struct {
	Run              string           `json:"run"`
	Experiment       string           `json:"experiment"`
	Seed             uint64           `json:"seed"`
	Epoch            int              `json:"epoch"`
	Step             uint64           `json:"step"`
	Dataset          string           `json:"dataset"`
	Train            *results.Metrics `json:"train"`
	Test             *results.Metrics `json:"test"`
	NoisyTest        *results.Metrics `json:"noisy_test,omitempty"`
	PredictedClasses int              `json:"predicted_classes"`
}

func evalCommand() *cobra.Command {
	var (
		weights flags.Weights
		data    flags.Data
		engine  flags.BLAS
		noise   float64
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "eval RUN|FILE…",
		Short: "Evaluate the networks of runs or model files",
		Long: `Evaluate the networks of runs, on their own data or others, or of model files,
on the data of the flags.`,
		Example: `  stheno eval my-run
  stheno eval my-run --checkpoint best --noise 0.5
  stheno eval my-run --dataset fashion-mnist
  stheno eval digits.safetensors`,
		Args:              usage.Arguments(1, -1, usage.RunsOrFiles),
		ValidArgsFunction: complete.UpTo(complete.Many, complete.RunsAndFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(noise >= 0) || math.IsInf(noise, 0) {
				return usage.Errorf("--noise: got %v, want at least 0", noise)
			}
			if _, err := engine.Use(); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			table := evalTable(out)
			return usage.Each(cmd.ErrOrStderr(), args, func(name string) error {
				t, err := weights.Load(name)
				if err != nil {
					return err
				}
				loss, err := t.Loss()
				if err != nil {
					return err
				}
				own := data
				trainSet, testSet, err := t.Open(cmd, own)
				if err != nil {
					return err
				}
				e := t.Experiment
				if cmd.Flags().Changed("noise") {
					e.Noise = noise
				}
				if cmd.Flags().Changed("dataset") || own.Dir != "" {
					e.TrainSamples = 0 // the run's share of its own data
				}
				trainSet, testSet, noisy, err := e.Data(trainSet, testSet, t.Seed)
				if err != nil {
					return err
				}
				so := evalReport{Run: t.Name, Experiment: e.Name, Seed: t.Seed, Epoch: t.At.Epoch, Step: t.At.Step, Dataset: trainSet.Name}
				for _, set := range []struct {
					data *datasets.Dataset
					into **results.Metrics
				}{{trainSet, &so.Train}, {testSet, &so.Test}, {noisy, &so.NoisyTest}} {
					if set.data == nil {
						continue
					}
					result, err := train.Evaluate(cmd.Context(), t.Model, set.data, train.Config{Loss: loss})
					if err != nil {
						return fmt.Errorf("eval: %s: %w", t.Name, err)
					}
					*set.into = results.NewMetrics(result)
					if set.data == testSet {
						so.PredictedClasses = result.PredictedClasses()
					}
				}
				if asJSON {
					return term.JSON(out).Encode(so)
				}
				return so.print(table)
			})
		},
	}
	weights.Add(cmd)
	data.Add(cmd)
	engine.Add(cmd)
	cmd.Flags().Lookup("dataset").DefValue = "" // the run's own
	cmd.Flags().Float64Var(&noise, "noise", 0, "σ of the noise on a second test set (default the run's own)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a run on standard output")
	return cmd
}

func evalTable(out io.Writer) *term.Table {
	return &term.Table{Out: out, Columns: []term.Column{
		{Head: "experiment", Width: 13}, {Head: "epochs", Width: 6}, {Head: "steps", Width: 7},
		{Group: "train", Head: "loss", Width: 8}, {Group: "train", Head: "accuracy", Width: 8}, {Group: "test", Head: "loss", Width: 7}, {Group: "test", Head: "accuracy", Width: 8}, {Group: "noisy test", Head: "loss", Width: 7}, {Group: "noisy test", Head: "accuracy", Width: 8},
	}}
}

func (r *evalReport) print(t *term.Table) error {
	cells := []string{r.Experiment, fmt.Sprint(r.Epoch), fmt.Sprint(r.Step)}
	for _, m := range []*results.Metrics{r.Train, r.Test, r.NoisyTest} {
		if m == nil {
			cells = append(cells, term.Dash, term.Dash)
		} else {
			cells = append(cells, fmt.Sprintf("%.4f", float64(m.Loss)), fmt.Sprintf("%.4f", m.Accuracy))
		}
	}
	return t.Row(cells...)
}
