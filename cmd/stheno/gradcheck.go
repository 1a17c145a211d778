package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
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
		Long: `Compare an experiment's symbolic gradients with numeric ones: differences of
the loss in float64, extrapolated, with an estimate of their error, on the first
8 training samples. Each parameter is compared along random directions, in which
all of its elements have a part, and element by element: all of a small one, six
of a large one. Where a direction is off, an element that is wrong is searched.

The weights are those before training, and others beside them; others still
where these let nothing be seen. Gradients in float32 are held against those in
float64. A loss that is another one at the same weights is refused.

In the table, apart is how far the two are apart at most, relative to the
element or, along a direction, to the whole gradient; seen from is the least
error of the whole gradient that the directions show; float32 is how far off
the gradient in float32 is.

The exit status is 1 if any is wrong, or if of any nothing could be compared.`,
		Example: `  stheno gradcheck relu
  stheno gradcheck dropout --hidden 50,50 --loss mse`,
		Args:              usage.Arguments(1, 1, usage.AnExperiment),
		ValidArgsFunction: complete.UpTo(1, complete.Experiments),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := experiment.Find(args[0])
			if err != nil {
				return err
			}
			trainSet, testSet, err := data.OpenTo(&experiment)
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
			batch, err := train.NewBatch(model, e.Loss, trainSet, rows)
			if err != nil {
				return err
			}
			check, err := interrupt.Await(cmd.Context(), func() (*inspect.GradCheck, error) {
				return inspect.CheckGradients(model, e.Loss, batch)
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
	for _, p := range check.Params {
		if strings.HasPrefix(p.Fault, "WRONG") {
			return fmt.Errorf("%s: the symbolic gradients above are wrong: mend the SymDiff of the ops that the layer is made of", name)
		}
	}
	if !check.OK() {
		return fmt.Errorf("%s: of the parameters above that say so, nothing could be compared: check with other weights (--seed) or widths", name)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: every gradient agrees with differences of the loss in float64\n", name)
	return nil
}
