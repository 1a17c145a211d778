package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
)

func graphCommand() *cobra.Command {
	var experiment flags.Experiment
	var data flags.Data
	var level, format string
	var gradients bool
	cmd := &cobra.Command{
		Use:   "graph EXPERIMENT|RUN|FILE",
		Short: "Draw a network, by layers or op by op",
		Long: `Draw the network of an experiment, a run or a model file: by layers, with the
shapes and the numbers of parameters, or as Gorgonia's expression graph, op by
op. svg is drawn by Graphviz' program dot, where that is installed.`,
		Example: `  stheno graph relu
  stheno graph relu --level op --gradients
  stheno graph deep-relu --format dot | dot -Tpdf -o deep-relu.pdf
  stheno graph dropout --gradients --format svg > dropout.svg`,
		Args:              usage.Arguments(1, 1, usage.Model),
		ValidArgsFunction: complete.UpTo(1, complete.ExperimentsAndRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := usage.Known("--level", level, graphLevels); err != nil {
				return err
			}
			if err := usage.Known("--format", format, graphFormats); err != nil {
				return err
			}
			model, loss, batch, err := drawn(&experiment, &data, args[0])
			if err != nil {
				return err
			}
			var drawing *inspect.Drawing
			if level == "layer" {
				drawing, err = inspect.DrawLayers(model, loss, gradients)
			} else {
				drawing, err = inspect.DrawOps(model, loss, batch, gradients)
			}
			if err != nil {
				return err
			}
			switch format {
			case "text":
				_, err = fmt.Fprint(cmd.OutOrStdout(), term.Fit(cmd.OutOrStdout(), drawing.Text()))
			case "dot":
				_, err = fmt.Fprint(cmd.OutOrStdout(), drawing.DOT())
			case "svg":
				var svg []byte
				if svg, err = drawing.SVG(cmd.Context()); err != nil {
					return fmt.Errorf("--format svg: %w; --format dot and --format text need nothing", err)
				}
				_, err = cmd.OutOrStdout().Write(svg)
			}
			return err
		},
	}
	experiment.Add(cmd)
	data.Add(cmd)
	cmd.Flags().StringVar(&level, "level", "layer", "one of "+strings.Join(graphLevels, ", "))
	cmd.Flags().BoolVar(&gradients, "gradients", false, "draw the backward pass too, in another colour")
	cmd.Flags().StringVar(&format, "format", "text", "one of "+strings.Join(graphFormats, ", "))
	complete.With(cmd, "level", graphLevels)
	complete.With(cmd, "format", graphFormats)
	return cmd
}

// drawn is the model of an experiment, a run or a file, with its loss and its batch.
func drawn(experiment *flags.Experiment, data *flags.Data, name string) (*graph.Model, graph.Loss, int, error) {
	t, err := experiment.Of(name)
	if err != nil {
		return nil, nil, 0, err
	}
	if t != nil {
		loss, err := t.Loss()
		return t.Model, loss, t.Experiment.BatchSize, err
	}
	e, err := experiment.Find(name)
	if err != nil {
		return nil, nil, 0, err
	}
	train, _, err := data.Of(e).OpenTo(experiment)
	if err != nil {
		return nil, nil, 0, err
	}
	model, err := experiment.Model(e, train)
	return model, e.Loss, e.BatchSize, err
}

var (
	graphLevels  = []string{"layer", "op"}
	graphFormats = []string{"text", "dot", "svg"}
)
