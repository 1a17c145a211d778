package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
)

func summaryCommand() *cobra.Command {
	var experiment flags.Experiment
	var data flags.Data
	cmd := &cobra.Command{
		Use:   "summary EXPERIMENT",
		Short: "Show an experiment's network: layers, output shapes, parameters",
		Example: `  stheno summary relu
  stheno summary relu --hidden 100,50 --activation tanh`,
		Args:              usage.Arguments(1, 1, usage.AnExperiment),
		ValidArgsFunction: complete.UpTo(1, complete.Experiments),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := experiment.Find(args[0])
			if err != nil {
				return err
			}
			train, _, err := data.OpenTo(&experiment)
			if err != nil {
				return err
			}
			model, err := e.Model(train.Features(), len(train.Classes), experiment.Seed)
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), model.Summary())
			return nil
		},
	}
	experiment.Add(cmd)
	data.Add(cmd)
	return cmd
}
