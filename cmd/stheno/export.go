package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/graph/train/run"
)

func exportCommand() *cobra.Command {
	var weights trainedFlags
	var format, output string
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "Write a run's weights to a file that other programs read",
		Long: `Write a run's weights to a file that other programs read.

Names are as in the network: dense_1.weight, of shape [in,out], and
dense_1.bias. A file that is there already is left as it is.`,
		Example: `  stheno export my-run
  stheno export my-run --format npz --output weights.npz --checkpoint best`,
		Args:              arguments(1, 1, aRun),
		ValidArgsFunction: completeUpTo(1, offerRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := known("--format", format, run.Formats()); err != nil {
				return err
			}
			folder, m, _, err := weights.load(args[0])
			if err != nil {
				return err
			}
			if output == "" {
				dir, err := filepath.Abs(folder.Dir)
				if err != nil {
					return err
				}
				output = filepath.Base(dir) + "." + format
			}
			if err := canWrite(output); err != nil {
				return fmt.Errorf("--output: %w", err)
			}
			if err := run.Export(output, format, m); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d weights in %s\n", m.ParamCount(), output)
			return err
		},
	}
	weights.add(cmd)
	cmd.Flags().StringVar(&format, "format", "safetensors", "one of "+strings.Join(run.Formats(), ", "))
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default the run's name, here)")
	completeWith(cmd, "format", run.Formats())
	return cmd
}
