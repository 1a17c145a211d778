package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph/onnx"
	"github.com/stheno-ml/stheno/graph/train/run"
)

func importCommand() *cobra.Command {
	var output string
	var shapes []string
	cmd := &cobra.Command{
		Use:   "import FILE.onnx",
		Short: "Make a model file of a network in ONNX",
		Long: `Make a model file of a network that PyTorch, Keras or another program wrote in
ONNX. Every command that takes a run takes it, and a Go program trains it on:
run.LoadModel. Channels, which ONNX has first, are last in it: what is printed
says how each input lies. A file that is there already is left as it is.`,
		Example: `  stheno import lenet.onnx
  stheno import lenet.onnx -o digits.safetensors --shape input=1x28x28`,
		Args: usage.Arguments(1, 1, "a file in ONNX"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"onnx"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "" && filepath.Ext(output) != ".safetensors" {
				return usage.Errorf("--output: got %q, want a file that ends in .safetensors", output)
			}
			c := onnx.ReadConfig{Shapes: map[string][]int{}}
			for _, s := range shapes {
				name, shape, err := shapeOf(s)
				if err != nil {
					return err
				}
				c.Shapes[name] = shape
			}
			if output == "" {
				output = strings.TrimSuffix(filepath.Base(args[0]), ".onnx") + ".safetensors"
			}
			if _, err := os.Lstat(output); err == nil {
				return fmt.Errorf("%s: it is there already: remove it, or give another name with --output", output)
			}
			if err := files.CanWrite(output); err != nil {
				return fmt.Errorf("--output: %w", err)
			}
			m, what, err := onnx.ReadFile(args[0], c)
			if err != nil {
				return err
			}
			if err := run.SaveModel(output, m, nil); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, in := range what.Inputs {
				fmt.Fprintf(out, "input %s: %s in the file", term.Plain(in.Name), joined(in.Shape))
				if in.Axes != nil {
					there := make([]int, len(in.Axes))
					for i, axis := range in.Axes {
						there[i] = in.Shape[axis-1]
					}
					fmt.Fprintf(out, ", %s here", joined(there))
				}
				fmt.Fprintln(out)
			}
			for _, note := range what.Notes {
				fmt.Fprintln(out, term.Plain(note))
			}
			_, err = fmt.Fprintf(out, "a network of %s, with %d weights, in %s\n", term.Plain(orUnknown(what.Producer)), m.ParamCount(), term.Plain(output))
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default the file's name with .safetensors, here)")
	cmd.Flags().StringArrayVar(&shapes, "shape", nil, "of an input whose size the file leaves open, as `NAME=SHAPE`: input=3x224x224")
	_ = cmd.MarkFlagFilename("output", "safetensors")
	_ = cmd.RegisterFlagCompletionFunc("shape", cobra.NoFileCompletions)
	return cmd
}

// shapeOf reads input=3x224x224.
func shapeOf(s string) (name string, shape []int, err error) {
	name, sizes, ok := strings.Cut(s, "=")
	for _, part := range strings.Split(sizes, "x") {
		n, failed := strconv.Atoi(part)
		if failed != nil || n < 1 {
			ok = false
		}
		shape = append(shape, n)
	}
	if !ok || name == "" {
		return "", nil, usage.Errorf("--shape: got %q, want an input's name and the sizes of a sample, such as input=3x224x224", s)
	}
	return name, shape, nil
}

func joined(shape []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}

func orUnknown(producer string) string {
	if producer == "" {
		return "an unnamed program"
	}
	return producer
}
