package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/models"
)

func summaryCommand() *cobra.Command {
	var experiment flags.Experiment
	var data flags.Data
	cmd := &cobra.Command{
		Use:   "summary [EXPERIMENT|RUN|FILE]",
		Short: "Show a network: its layers, output shapes and parameters",
		Long: `Show a network: its layers, their output shapes and parameters. It is that of an
experiment, a run or a model file, or what --layers says; with --input no
experiment is needed.`,
		Example: `  stheno summary relu
  stheno summary relu --hidden 100,50 --activation tanh
  stheno summary --layers "dense 32 relu, dense 1" --input 13
  stheno summary latest`,
		Args:              usage.Arguments(0, 1, usage.Model),
		ValidArgsFunction: complete.UpTo(1, complete.ExperimentsAndRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return summarize(cmd, &experiment)
			}
			t, err := experiment.Of(args[0])
			if err != nil {
				return err
			}
			if t != nil {
				fmt.Fprint(cmd.OutOrStdout(), term.Fit(cmd.OutOrStdout(), t.Model.Summary()))
				return nil
			}
			e, err := experiment.Find(args[0])
			if err != nil {
				return err
			}
			train, _, err := data.Of(e).OpenTo(&experiment)
			if err != nil {
				return err
			}
			model, err := experiment.Model(e, train)
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), term.Fit(cmd.OutOrStdout(), model.Summary()))
			return nil
		},
	}
	experiment.Add(cmd)
	data.Add(cmd)
	return cmd
}

// summarize shows a network of the flags alone.
func summarize(cmd *cobra.Command, experiment *flags.Experiment) error {
	if err := experiment.ReadNetwork(); err != nil {
		return err
	}
	e := models.Experiment{Layers: experiment.Network.Layers, Input: experiment.Network.Input}
	switch {
	case e.Layers == nil:
		return usage.Arguments(1, 1, usage.AnExperiment+", or --layers and --input")(cmd, nil)
	case e.Input.Shape == nil && e.Open():
		return usage.Errorf("summary: got --layers without an experiment and without --input, want one of them: --input 28x28 is what a sample is")
	}
	model, err := experiment.Model(e, nil)
	if err != nil {
		return err
	}
	fmt.Fprint(cmd.OutOrStdout(), term.Fit(cmd.OutOrStdout(), model.Summary()))
	return nil
}
