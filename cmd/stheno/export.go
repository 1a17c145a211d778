package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func exportCommand() *cobra.Command {
	var weights flags.Weights
	var output string
	endings := "." + strings.Join(run.Formats(), ", .")
	cmd := &cobra.Command{
		Use:   "export RUN|FILE",
		Short: "Write a run's weights alone, for other programs",
		Long: `Write the weights of a run or a model file, and nothing else, to a file that
other programs read. The format follows the ending: ` + endings + `.

Names are as in the network: dense_1.weight, of shape [in,out], and
dense_1.bias. A file that is there already is left as it is. The whole model,
from which Stheno makes the network again, is what stheno save writes.`,
		Example: `  stheno export my-run
  stheno export my-run -o weights.npz --checkpoint best`,
		Args:              usage.Arguments(1, 1, usage.RunOrFile),
		ValidArgsFunction: complete.UpTo(1, complete.RunsAndFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ending := filepath.Ext(output); output != "" && (ending == "" || !slices.Contains(run.Formats(), ending[1:])) {
				return usage.Errorf("--output: got %q, want a file that ends in one of %s", output, endings)
			}
			t, err := weights.Load(args[0])
			if err != nil {
				return err
			}
			if output == "" {
				if output, err = fileOf(t, ".weights.safetensors"); err != nil {
					return err
				}
			}
			if err := files.CanWrite(output); err != nil {
				return fmt.Errorf("--output: %w", err)
			}
			if err := run.Export(output, t.Model); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d weights in %s\n", t.Model.ParamCount(), term.Plain(output))
			return err
		},
	}
	weights.Add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default the run's name with .weights.safetensors, here)")
	_ = cmd.MarkFlagFilename("output", run.Formats()...)
	return cmd
}

// fileOf is a file here that is called as a run or a file is.
func fileOf(t *flags.Trained, ending string) (string, error) {
	path, err := filepath.Abs(t.Name)
	return strings.TrimSuffix(filepath.Base(path), ".safetensors") + ending, err
}
