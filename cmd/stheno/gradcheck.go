package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
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
		Use:   "gradcheck EXPERIMENT|RUN|FILE",
		Short: "Compare symbolic gradients with numeric ones",
		Long: `Compare an experiment's symbolic gradients with numeric ones: differences of
the loss in float64, extrapolated, with an estimate of their error, on the first
8 training samples. Each parameter is compared along random directions, in which
all of its elements have a part, and element by element: all of a small one, six
of a large one, and of each where there are more than 32. Where a direction is
off, an element that is wrong is searched.

The weights are those before training, or those of a run or a model file, and
others beside them; others still where these let nothing be seen. Gradients in
float32 are held against those in float64. A loss that is another one at the
same weights is refused.

In the table, apart is how far the two are apart at most, relative to the
element or, along a direction, to the whole gradient; seen from is the least
error of the whole gradient that the directions show; float32 is how far off
the gradient in float32 is.

The exit status is 1 if any is wrong, or if of any nothing could be compared.`,
		Example: `  stheno gradcheck relu
  stheno gradcheck dropout --hidden 50,50 --loss mse`,
		Args:              usage.Arguments(1, 1, usage.Model),
		ValidArgsFunction: complete.UpTo(1, complete.ExperimentsAndRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := blas.Use(); err != nil {
				return err
			}
			t, err := checked(cmd, &experiment, data, args[0])
			if err != nil {
				return err
			}
			model, loss, trainSet := t.model, t.loss, t.data
			var rows []int
			for i := range min(checkSamples, trainSet.Len()) {
				rows = append(rows, i)
			}
			batch, err := train.NewBatch(model, loss, trainSet, rows)
			if err != nil {
				return err
			}
			check, err := interrupt.Await(cmd.Context(), func() (*inspect.GradCheck, error) {
				return inspect.CheckGradients(model, loss, batch)
			})
			if err != nil {
				return err
			}
			return printCheck(cmd, t.name, check)
		},
	}
	experiment.Add(cmd)
	data.Add(cmd)
	blas.Add(cmd)
	return cmd
}

// A subject is a model whose gradients are checked, and on what.
type subject struct {
	name  string
	model *graph.Model
	loss  graph.Loss
	data  datasets.Data
}

// checked is an experiment's model before training, or a run's or a file's.
func checked(cmd *cobra.Command, experiment *flags.Experiment, data flags.Data, name string) (s subject, err error) {
	t, err := experiment.Of(name)
	if err != nil {
		return s, err
	}
	if t != nil {
		s.name, s.model = t.Experiment.Name, t.Model
		if s.loss, err = t.Loss(); err != nil {
			return s, err
		}
		s.data, _, err = t.Data(cmd, data)
		return s, err
	}
	e, err := experiment.Find(name)
	if err != nil {
		return s, err
	}
	trainSet, testSet, err := data.Of(e).OpenTo(experiment)
	if err != nil {
		return s, err
	}
	s.name, s.loss = e.Name, e.Loss
	if s.data, _, _, err = e.Data(trainSet, testSet, experiment.Seed); err != nil {
		return s, err
	}
	s.model, err = experiment.Model(e, trainSet)
	return s, err
}

// printParams prints a parameter a line, or on a narrow terminal a figure a line.
func printParams(out io.Writer, check *inspect.GradCheck) error {
	if term.Width(out) >= 80 {
		_, err := fmt.Fprint(out, check)
		return err
	}
	t := &term.Table{Out: out, Columns: []term.Column{{Head: "parameter", Width: 15}}}
	for _, head := range []string{"elements", "checked", "directions", "apart", "seen from", "float32"} {
		t.Columns = append(t.Columns, term.Column{Head: head, Width: max(8, len(head))})
	}
	t.Columns = append(t.Columns, term.Column{Head: "verdict", Width: 14, Text: true})
	short := func(v float64) string {
		if math.IsNaN(v) {
			return term.Dash
		}
		return fmt.Sprintf("%.0e", v)
	}
	for _, p := range check.Params {
		if err := t.Row(p.Name, fmt.Sprint(p.Elements), fmt.Sprint(p.Checked), fmt.Sprint(p.Directions), short(p.MaxRel), short(p.Finest), short(p.Float32), p.Verdict()); err != nil {
			return err
		}
	}
	return nil
}

func printCheck(cmd *cobra.Command, name string, check *inspect.GradCheck) error {
	if err := printParams(cmd.OutOrStdout(), check); err != nil {
		return err
	}
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
