package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/files"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/interrupt"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/term"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
)

// predictReport is what predict prints of an image.
type predictReport struct {
	Image         string    `json:"image"`
	Class         int       `json:"class"`
	Name          string    `json:"name"` // of the class
	Sure          bool      `json:"sure"` // whether all views of it agree
	Probability   float64   `json:"probability"`
	Probabilities []float64 `json:"probabilities"`
}

func predictCommand() *cobra.Command {
	var (
		weights flags.Weights
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "predict RUN|FILE DATA…",
		Short: "Say what a network makes of rows, pictures or digits it has not seen",
		Long: `Say what the network of a run, or of a model file that stheno save wrote, makes
of samples that it has not seen.

Of a run of stheno train DATA is rows like those that it learnt from, by the
names of their columns, in whatever order; the target may lack. Or it is
pictures, or an array. All are prepared as those were, and numbers come back in
the units of the target.

Of a run on MNIST it is an image of one digit, of any size, with some background
around it, dark on light or light on dark: a drawing, or a photograph. It is
scaled and centred as MNIST's were; what does not show one digit is refused. The
network sees it nine times, also a little turned, slanted, larger, smaller,
bolder and finer: the probabilities are the means. Where these views do not
agree well the answer is "not sure: 3 or 8". - is standard input.

Of a network of ONNX that stheno import wrote, which is of no digits, DATA is an
array, or a table of numbers, as it takes them: nothing is prepared.`,
		Example: `  stheno predict my-run seven.png
  stheno predict my-run *.jpg --json
  stheno predict digits.safetensors seven.png
  stheno predict iris-1 rows.csv
  curl -s https://example.org/seven.png | stheno predict my-run -`,
		Args: usage.Arguments(2, -1, "a run, of those that `stheno runs` lists, or a model file, and one or more files of rows or images"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return complete.RunsAndFiles(typed)
			}
			return []string{"png", "jpg", "jpeg", "csv", "tsv", "npy", "npz"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := weights.Load(args[0])
			if err != nil {
				return err
			}
			if t.Texts() != nil {
				return fmt.Errorf("predict: %s learnt how a text goes on: have it write one with stheno sample %s", t.Name, args[0])
			}
			if t.Own() {
				return predictOwn(cmd, t, args[1:], asJSON)
			}
			if shape := sampleShape(t); !slices.Equal(shape, []int{28, 28}) {
				if t.Folder == nil { // a network from elsewhere: it takes arrays as they are
					return predictOwn(cmd, t, args[1:], asJSON)
				}
				return fmt.Errorf("predict: the network of %s takes samples of shape %v, an image becomes [28 28]: take a run on MNIST, or data of its shape", t.Name, shape)
			}
			if t.Experiment.Reconstruct {
				return fmt.Errorf("predict: the network of %s makes samples anew, it tells no classes: stheno report draws what it makes", t.Name)
			}
			if out := t.Model.Outputs(); len(out) != 1 || !slices.Equal(out[0].Shape, []int{len(t.Classes)}) {
				return fmt.Errorf("predict: the network of %s puts out %v, want one number for each of %d classes", t.Name, out[0].Shape, len(t.Classes))
			}
			var names []string // of the images that could be read
			var rows []float32
			failed := usage.Each(cmd.ErrOrStderr(), args[1:], func(name string) error {
				digit, err := interrupt.Await(cmd.Context(), func() ([]float32, error) { return readImage(cmd.InOrStdin(), name) })
				if err == nil {
					names, rows = append(names, name), append(rows, digit...)
				}
				return err
			})
			if failed != nil && (len(names) == 0 || !errors.Is(failed, usage.ErrSaid)) {
				return failed
			}
			said, err := ask(cmd.Context(), t, rows)
			if err != nil {
				return err
			}
			for i, name := range names {
				if err := said[i].print(cmd.OutOrStdout(), name, t.Classes, asJSON); err != nil {
					return err
				}
			}
			return failed
		},
	}
	weights.Add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object an image or row on standard output")
	return cmd
}

// sampleShape is that of the samples a model was trained on; of a file, which may not know it, a picture of 28×28 as soon as the model takes as many values.
func sampleShape(t *flags.Trained) []int {
	if t.Folder != nil {
		return t.Folder.Config.Shape
	}
	in := t.Model.Inputs()
	if len(in) == 1 && !in[0].IDs && in[0].Size() == 28*28 {
		return []int{28, 28}
	}
	return in[0].Shape
}

func readImage(in io.Reader, name string) ([]float32, error) {
	if name == "-" {
		if name = "standard input"; term.IsTerminal(in) {
			return nil, fmt.Errorf("predict: standard input is the terminal, want an image: name a file, or pipe one in")
		}
	} else {
		if err := files.Missing(name, "a picture"); err != nil {
			return nil, fmt.Errorf("predict: %w", err)
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("predict: %s: %w: want a picture", name, files.Reason(err))
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("predict: %s is a folder, want a picture", name)
		}
		in = f
	}
	return datasets.ReadDigit(in, name)
}

// print says what a network makes of an image.
func (s saying) print(out io.Writer, name string, classes []string, asJSON bool) error {
	so := predictReport{Image: name, Sure: s.sure}
	order := make([]int, len(s.said))
	for i, p := range s.said {
		order[i] = i
		if math.IsNaN(p) {
			return fmt.Errorf("predict: %s: the network's output is not a number: its training diverged: take an earlier checkpoint with --checkpoint", name)
		}
		so.Probabilities = append(so.Probabilities, p)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.said[b], s.said[a]) })
	so.Class, so.Probability, so.Name = order[0], s.said[order[0]], classes[order[0]]
	if asJSON {
		return term.JSON(out).Encode(so)
	}
	answer := so.Name
	if !s.sure { // what else it may be: what a look took it for, or else the second
		answer = "not sure: " + so.Name
		others := slices.DeleteFunc(slices.Clone(s.likes), func(class int) bool { return class == so.Class })
		if len(others) == 0 && len(order) > 1 {
			others = order[1:2]
		}
		for _, class := range others {
			answer += " or " + classes[class]
		}
	}
	var others []string
	for _, class := range order[1:min(4, len(order))] {
		others = append(others, fmt.Sprintf("%s %.4f", classes[class], s.said[class]))
	}
	_, err := fmt.Fprintf(out, "%s: %s  %.4f   then %s\n", term.Plain(name), term.Plain(answer), so.Probability, term.Plain(strings.Join(others, ", ")))
	return err
}
