package main

import (
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
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/onnx"
	"github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/graph/weights"
)

func importCommand() *cobra.Command {
	i := &importer{}
	cmd := &cobra.Command{
		Use:   "import FILE.onnx | WEIGHTS",
		Short: "Make a model file of a network in ONNX, or of weights of PyTorch or Keras",
		Long: `Make a model file of a network that PyTorch, Keras or another program wrote in
ONNX, or of the weights of one, whose layers --layers says in words. Every
command that takes a run takes it, and a Go program trains it on: run.LoadModel.
A file that is there already is left as it is.

Channels, which ONNX has first, are last in it: what is printed says how each
input lies.

WEIGHTS are a safetensors file or an NPZ archive. Which way round they lie
nobody can tell of a square matrix: --from says whose they are. They go to the
layers by order and shape, and what went where is printed. In Python, of a
module or model net:

  safetensors.torch.save_file(net.state_dict(), "net.safetensors")
  numpy.savez("net.npz", **{k: v.numpy() for k, v in net.state_dict().items()})
  numpy.savez("net.npz", *net.get_weights())                       # of Keras

eval, gradients and diagnose want to know by which --loss it was trained, and
the names of its --classes.`,
		Example: `  stheno import lenet.onnx
  stheno import lenet.onnx --shape input=1x28x28 --loss cross-entropy
  stheno import net.npz --from keras --layers @net.txt --input 28x28`,
		Args: usage.Arguments(1, 1, "a file in ONNX, or of weights"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return append([]string{"onnx"}, run.Formats()...), cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: i.run,
	}
	cmd.Flags().StringVarP(&i.output, "output", "o", "", "`FILE` to write (default the file's name with .safetensors, here)")
	cmd.Flags().StringArrayVar(&i.shapes, "shape", nil, "of an input whose size an ONNX file leaves open, as `NAME=SHAPE`: input=3x224x224")
	cmd.Flags().StringVar(&i.from, "from", "", "whose weights they are: pytorch or keras")
	cmd.Flags().StringVar(&i.loss, "loss", "", "by which it was trained, in words, such as cross-entropy")
	cmd.Flags().StringVar(&i.classes, "classes", "", "the names of what its outputs mean, with commas between them (default, where the loss takes classes, 0,1,2 and so on)")
	i.network.Add(cmd)
	_ = cmd.MarkFlagFilename("output", "safetensors")
	_ = cmd.RegisterFlagCompletionFunc("shape", cobra.NoFileCompletions)
	_ = cmd.RegisterFlagCompletionFunc("classes", cobra.NoFileCompletions)
	complete.With(cmd, "from", frameworks)
	complete.Flag(cmd, "loss", complete.Words[graph.Loss])
	return cmd
}

// frameworks are those whose weights are read and written.
var frameworks = []string{string(weights.PyTorch), string(weights.Keras)}

// importer is the import command with its flags.
type importer struct {
	output, from, loss, classes string
	shapes                      []string
	network                     flags.Network
}

func (i *importer) run(cmd *cobra.Command, args []string) error {
	path, on := args[0], cmd.Flags().Changed
	ending := filepath.Ext(path)
	isWeights := ending != "" && slices.Contains(run.Formats(), ending[1:])
	switch {
	case i.output != "" && filepath.Ext(i.output) != ".safetensors":
		return usage.Errorf("--output: got %q, want a file that ends in .safetensors", i.output)
	case isWeights && !on("from"):
		return usage.Errorf("--from: %s has weights, which nobody can tell the layout of: say %s", path, strings.Join(frameworks, " or "))
	case isWeights && !on("layers"):
		return usage.Errorf("--layers: %s has weights alone: say of which network, such as --layers \"flatten, dense 64 relu, dense 10\" --input 28x28", path)
	case isWeights && on("shape"):
		return usage.Errorf("--shape: it is of a file in ONNX: give --input")
	}
	if on("from") {
		if err := usage.Known("--from", i.from, frameworks); err != nil {
			return err
		}
	}
	if !isWeights {
		for _, flag := range []string{"from", "layers", "input"} {
			if on(flag) {
				return usage.Errorf("--%s: it is of weights, in a file that ends in one of .%s; got %s", flag, strings.Join(run.Formats(), ", ."), path)
			}
		}
	}
	var loss graph.Loss
	if on("loss") {
		var err error
		if loss, err = flags.LossOf(i.loss); err != nil {
			return err
		}
	}
	if on("classes") && slices.Contains(strings.Split(i.classes, ","), "") {
		return usage.Errorf("--classes: got %q, want names with commas between them", i.classes)
	}
	if i.output == "" {
		i.output = strings.TrimSuffix(filepath.Base(path), ending) + ".safetensors"
		if isWeights && ending == ".safetensors" {
			i.output = strings.TrimSuffix(filepath.Base(path), ending) + ".model.safetensors"
		}
	}
	read := i.onnx
	if isWeights {
		read = i.weights
	}
	if isWeights { // what --layers says is wrong before anything is
		if err := i.network.Read(cmd.Flags()); err != nil {
			return err
		}
	} else {
		for _, s := range i.shapes {
			if _, _, err := shapeOf(s); err != nil {
				return err
			}
		}
	}
	if _, err := os.Lstat(i.output); err == nil {
		return fmt.Errorf("%s: it is there already: remove it, or give another name with --output", i.output)
	}
	if err := files.CanWrite(i.output); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	var said strings.Builder
	m, of, err := read(path, &said)
	if err != nil {
		return err
	}
	if err := i.about(m, loss); err != nil {
		return err
	}
	if err := run.SaveModel(i.output, m, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%sa network of %s, with %d weights, in %s\n", &said, term.Plain(of), m.ParamCount(), term.Plain(i.output))
	return err
}

// about says of the model what the flags do.
func (i *importer) about(m *graph.Model, loss graph.Loss) error {
	about := m.About()
	if loss != nil {
		targets, err := m.Targets(loss)
		if err != nil {
			return usage.Errorf("--loss: %s", strings.TrimPrefix(err.Error(), "graph: "))
		}
		about.Loss = i.loss
		out := m.Outputs()
		if len(about.Classes) == 0 && len(out) == 1 && len(out[0].Shape) == 1 && len(targets) == 1 && targets[0].IDs {
			for class := range out[0].Shape[0] {
				about.Classes = append(about.Classes, strconv.Itoa(class))
			}
		}
	}
	if i.classes != "" {
		about.Classes = strings.Split(i.classes, ",")
		if out := m.Outputs()[0].Shape; len(out) == 0 || len(about.Classes) != out[len(out)-1] {
			return usage.Errorf("--classes: got %d names, want one for each of what the network says, which is of %v", len(about.Classes), out)
		}
	}
	m.SetAbout(about)
	return nil
}

// onnx reads a network, and says how its inputs lie.
func (i *importer) onnx(path string, out *strings.Builder) (m *graph.Model, of string, err error) {
	c := onnx.ReadConfig{Shapes: map[string][]int{}}
	for _, s := range i.shapes {
		name, shape, err := shapeOf(s)
		if err != nil {
			return nil, "", err
		}
		c.Shapes[name] = shape
	}
	if err := files.Missing(path, "an ONNX file"); err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	m, what, err := onnx.ReadFile(path, c)
	if err != nil {
		return nil, "", err
	}
	for _, in := range what.Inputs {
		fmt.Fprintf(out, "input %s: %s in the file", term.Plain(in.Name), text.Sizes(in.Shape))
		if in.Axes != nil {
			there := make([]int, len(in.Axes))
			for i, axis := range in.Axes {
				there[i] = in.Shape[axis-1]
			}
			fmt.Fprintf(out, ", %s here", text.Sizes(there))
		}
		fmt.Fprintln(out)
	}
	for _, note := range what.Notes {
		fmt.Fprintln(out, term.Plain(note))
	}
	return m, orUnknown(what.Producer), nil
}

// weights makes the network of --layers and reads its weights, and says what went where.
func (i *importer) weights(path string, out *strings.Builder) (*graph.Model, string, error) {
	m, err := graph.NewModel(graph.Config{Input: i.network.Input, Seed: 1}, i.network.Layers...)
	if err != nil {
		return nil, "", usage.Errorf("--layers: %s", strings.TrimPrefix(err.Error(), "graph: "))
	}
	pairs, err := weights.Load(path, m, weights.Framework(i.from))
	if err != nil {
		return nil, "", err
	}
	wide := 0
	for _, p := range pairs {
		wide = max(wide, len(term.Plain(p.From)))
	}
	for _, p := range pairs {
		cast := ""
		if p.Type != "" {
			cast = ", cast from " + p.Type
		}
		fmt.Fprintf(out, "%-*s %s → %s %s%s\n", wide, term.Plain(p.From), sizes(p.Shape), p.To, sizes(p.Ours), cast)
	}
	return m, i.from, nil
}

// sizes is [3,4].
func sizes(shape []int) string { return "[" + strings.ReplaceAll(text.Sizes(shape), "x", ",") + "]" }

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

func orUnknown(producer string) string {
	if producer == "" {
		return "an unnamed program"
	}
	return producer
}
