package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func summaryCommand() *cobra.Command {
	var experiment experimentFlags
	var data dataFlags
	cmd := &cobra.Command{
		Use:   "summary EXPERIMENT",
		Short: "Show an experiment's network: layers, output shapes, parameters",
		Example: `  stheno summary relu
  stheno summary relu --hidden 100,50 --activation tanh`,
		Args:              arguments(1, 1, anExperiment),
		ValidArgsFunction: completeUpTo(1, offerExperiments),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := experiment.experiment(args[0])
			if err != nil {
				return err
			}
			train, _, err := data.open()
			if err != nil {
				return err
			}
			model, err := e.Model(train.Features(), len(train.Classes), experiment.seed)
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), model.Summary())
			return nil
		},
	}
	experiment.add(cmd)
	data.add(cmd)
	return cmd
}
