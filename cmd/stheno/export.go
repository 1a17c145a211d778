package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/onnx"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/graph/weights"
)

func exportCommand() *cobra.Command {
	var of flags.Weights
	var output string
	var bare bool
	var framework string
	endings := "." + strings.Join(append(run.Formats(), "onnx"), ", .")
	cmd := &cobra.Command{
		Use:   "export RUN|FILE",
		Short: "Write a run for other programs: its network, or its weights alone",
		Long: `Write a run or a model file for other programs. The format follows the ending:
` + endings + `.

A file that ends in .onnx has the network at rest, with its weights, the names
of the classes and the preparation of its samples, so that it takes pixels or
columns as they come: ONNX Runtime and others run it. With --bare it takes them
prepared.

The others have the weights and nothing else. Names are as in the network:
dense_1.weight, of shape [in,out], and dense_1.bias. What Stheno makes the
network of again is what stheno save writes.

With --for they lie as PyTorch or Keras has them, in the order of the layers. In
Python, of a module or model net with the same layers in the same order:

  state = numpy.load("w.npz").values()
  net.load_state_dict({k: torch.from_numpy(v)
                       for k, v in zip(net.state_dict(), state)})
  net.set_weights(list(state))                                     # of Keras

A file that is there already is left as it is.`,
		Example: `  stheno export my-run
  stheno export my-run -o digits.onnx
  stheno export my-run -o weights.npz --checkpoint best
  stheno export my-run -o weights.npz --for keras`,
		Args:              usage.Arguments(1, 1, usage.RunOrFile),
		ValidArgsFunction: complete.UpTo(1, complete.RunsAndFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			ending := filepath.Ext(output)
			switch {
			case output != "" && ending != ".onnx" && (ending == "" || !slices.Contains(run.Formats(), ending[1:])):
				return usage.Errorf("--output: got %q, want a file that ends in one of %s", output, endings)
			case cmd.Flags().Changed("for") && ending == ".onnx":
				return usage.Errorf("--for: it is of weights; a file that ends in .onnx is for every framework")
			case framework == string(weights.Keras) && output != "" && ending != ".npz":
				return usage.Errorf("--for: Keras takes weights by their order, which a file that ends in .npz keeps; got %q", output)
			case bare && ending != ".onnx":
				return usage.Errorf("--bare: it is of a file that ends in .onnx; the others have weights alone")
			}
			if cmd.Flags().Changed("for") {
				if err := usage.Known("--for", framework, frameworks); err != nil {
					return err
				}
			}
			t, err := of.Load(args[0])
			if err != nil {
				return err
			}
			if output == "" {
				name := ".weights.safetensors"
				if framework != "" {
					name = "." + framework + ".npz"
				}
				if output, err = fileOf(t, name); err != nil {
					return err
				}
			}
			if err := files.CanWrite(output); err != nil {
				return fmt.Errorf("--output: %w", err)
			}
			if ending == ".onnx" {
				if err := writeONNX(output, t, bare); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "the network of %s, with %d weights, in %s\n", term.Plain(t.Experiment.Name), t.Model.ParamCount(), term.Plain(output))
				return err
			}
			if framework != "" {
				err = weights.Save(output, t.Model, weights.Framework(framework))
			} else {
				err = run.Export(output, t.Model)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d weights in %s\n", t.Model.ParamCount(), term.Plain(output))
			return err
		},
	}
	of.Add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default the run's name with .weights.safetensors, here)")
	cmd.Flags().StringVar(&framework, "for", "", "in weights alone: as this framework has them, pytorch or keras")
	complete.With(cmd, "for", frameworks)
	cmd.Flags().BoolVar(&bare, "bare", false, "in a file that ends in .onnx: the network alone, without the preparation of its samples")
	_ = cmd.MarkFlagFilename("output", append(run.Formats(), "onnx")...)
	return cmd
}

// writeONNX writes a new file, whole or not at all.
func writeONNX(path string, t *flags.Trained, bare bool) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: it is there already: remove it, or give another name with --output", path)
	}
	var b bytes.Buffer
	e := t.Experiment
	more := map[string]string{"experiment": e.Name, "optimizer": e.Optimizer, "batch_size": strconv.Itoa(e.BatchSize), "seed": strconv.FormatUint(t.Seed, 10), "step": strconv.FormatUint(t.At.Step, 10)}
	if err := onnx.Write(&b, t.Model, onnx.Options{Name: e.Name, Prepared: !bare, Metadata: more}); errors.Is(err, onnx.ErrPreparation) {
		return fmt.Errorf("%w: --bare writes the network without it", err)
	} else if err != nil {
		return err
	}
	return files.WriteWhole(path, &b)
}

// fileOf is a file here that is called as a run or a file is.
func fileOf(t *flags.Trained, ending string) (string, error) {
	path, err := filepath.Abs(t.Name)
	return strings.TrimSuffix(filepath.Base(path), ".safetensors") + ending, err
}
