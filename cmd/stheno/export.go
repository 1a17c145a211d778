package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func exportCommand() *cobra.Command {
	var weights flags.Weights
	var format, output string
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "Write a run's weights to a file that other programs read",
		Long: `Write a run's weights to a file that other programs read.

Names are as in the network: dense_1.weight, of shape [in,out], and
dense_1.bias. A file that is there already is left as it is.`,
		Example: `  stheno export my-run
  stheno export my-run --format npz --output weights.npz --checkpoint best`,
		Args:              usage.Arguments(1, 1, usage.ARun),
		ValidArgsFunction: complete.UpTo(1, complete.Runs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := usage.Known("--format", format, run.Formats()); err != nil {
				return err
			}
			folder, m, _, err := weights.Load(args[0])
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
			if err := files.CanWrite(output); err != nil {
				return fmt.Errorf("--output: %w", err)
			}
			if err := run.Export(output, format, m); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d weights in %s\n", m.ParamCount(), output)
			return err
		},
	}
	weights.Add(cmd)
	cmd.Flags().StringVar(&format, "format", "safetensors", "one of "+strings.Join(run.Formats(), ", "))
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default the run's name, here)")
	complete.With(cmd, "format", run.Formats())
	return cmd
}
