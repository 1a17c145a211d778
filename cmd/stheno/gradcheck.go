package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect"
)

// checkSamples are enough for every class and unit to have a say, and few enough for a check to end in seconds.
const checkSamples = 8

func gradcheckCommand() *cobra.Command {
	var experiment flags.Experiment
	var data flags.Data
	var blas flags.BLAS
	cmd := &cobra.Command{
		Use:   "gradcheck EXPERIMENT",
		Short: "Compare an experiment's symbolic gradients with numeric ones",
		Long: `Compare an experiment's symbolic gradients with numeric ones: central
differences of the loss in float64, on the first 8 training samples, with the
weights as they are before training. Of a large parameter 16 elements are
checked: 12 drawn from the seed, and the 4 with the largest gradients.

The exit status is 1 if any is wrong.`,
		Example: `  stheno gradcheck relu
  stheno gradcheck dropout --hidden 50,50 --loss mse`,
		Args:              usage.Arguments(1, 1, usage.AnExperiment),
		ValidArgsFunction: complete.UpTo(1, complete.Experiments),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := experiment.Find(args[0])
			if err != nil {
				return err
			}
			trainSet, testSet, err := data.Open()
			if err != nil {
				return err
			}
			if _, err := blas.Use(); err != nil {
				return err
			}
			trainSet, _, _, err = e.Data(trainSet, testSet, experiment.Seed)
			if err != nil {
				return err
			}
			model, err := e.Model(trainSet.Features(), len(trainSet.Classes), experiment.Seed)
			if err != nil {
				return err
			}
			var rows []int
			for i := range min(checkSamples, trainSet.Len()) {
				rows = append(rows, i)
			}
			check, err := interrupt.Await(cmd.Context(), func() (*inspect.GradCheck, error) {
				return inspect.CheckGradients(model, e.Loss, inspect.NewBatch(trainSet, rows))
			})
			if err != nil {
				return err
			}
			return printCheck(cmd, e.Name, check)
		},
	}
	experiment.Add(cmd)
	data.Add(cmd)
	blas.Add(cmd)
	return cmd
}

func printCheck(cmd *cobra.Command, name string, check *inspect.GradCheck) error {
	fmt.Fprint(cmd.OutOrStdout(), check)
	if !check.OK() {
		return fmt.Errorf("%s: the symbolic gradients above are wrong: mend the SymDiff of the ops that the layer is made of", name)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: every gradient that was checked agrees with central differences in float64\n", name)
	return nil
}
