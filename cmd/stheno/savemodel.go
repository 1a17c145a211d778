package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func saveCommand() *cobra.Command {
	var weights flags.Weights
	var output string
	cmd := &cobra.Command{
		Use:   "save RUN",
		Short: "Write a run's model to a file of its own",
		Long: `Write a run's model to a file of its own: the network in words, the weights, how
samples are prepared, and what the classes are called. Every command that takes
a run takes the file, and so does a Go program, by run.LoadModel. The weights
alone are what stheno export writes.

It is a safetensors file. One that is there already is left as it is.`,
		Example: `  stheno save my-run
  stheno save my-run -o digits.safetensors --checkpoint best`,
		Args:              usage.Arguments(1, 1, usage.ARun),
		ValidArgsFunction: complete.UpTo(1, complete.Runs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "" && filepath.Ext(output) != ".safetensors" {
				return usage.Errorf("--output: got %q, want a file that ends in .safetensors", output)
			}
			t, err := weights.Load(args[0])
			if err != nil {
				return err
			}
			if output == "" {
				if output, err = fileOf(t, ".safetensors"); err != nil {
					return err
				}
			}
			if _, err := os.Lstat(output); err == nil {
				return fmt.Errorf("%s: it is there already: remove it, or give another name with --output", output)
			}
			if err := files.CanWrite(output); err != nil {
				return fmt.Errorf("--output: %w", err)
			}
			if err := run.SaveModel(output, t.Model, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "the model of %s, with %d weights, in %s\n", term.Plain(t.Experiment.Name), t.Model.ParamCount(), term.Plain(output))
			return err
		},
	}
	weights.Add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default the run's name with .safetensors, here)")
	_ = cmd.MarkFlagFilename("output", "safetensors")
	return cmd
}
