package own

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
)

// A Suit is what suits data, where the user does not say it: all of it in words.
type Suit struct {
	Steps     []datasets.Step // of the preparation
	Layers    string
	Loss      string
	Optimizer string
	Metrics   []string
	BatchSize int
	Epochs    int
	Patience  int // epochs without a better loss on what is held back
}

// largestPicture is the longest side that pictures are brought to.
const largestPicture = 64

// Suits finds what suits data: standardised columns and two hidden layers of 64; for pictures two convolutions, for sequences a recurrent layer, for texts the mean of what their words mean; softmax and
// cross-entropy for classes, two included, mean squared error for numbers, which are standardised too. samples are those to learn from; sequence is as Network has it. The network is that of the prepared data; see Network.
func Suits(info datasets.Info, samples int, sequence bool) (Suit, error) {
	s := Suit{Optimizer: "adam", BatchSize: 32, Epochs: 200, Patience: 20}
	switch {
	case samples > 50_000:
		s.BatchSize, s.Epochs, s.Patience = 512, 100, 10
	case samples > 5_000:
		s.BatchSize, s.Epochs, s.Patience = 128, 100, 10
	}
	if len(info.Targets) != 1 {
		return s, fmt.Errorf("got %d targets, want one to find a network for", len(info.Targets))
	}
	columns, texts := false, false
	for _, in := range info.Inputs {
		texts = texts || in.Text
		columns = columns || in.Names != nil || in.IDs && in.Values != nil && !in.Text
	}
	goesOn := info.Source != nil && info.Source.Texts != nil
	if texts {
		s.Steps = append(s.Steps, datasets.Words{})
		s.Epochs, s.Patience = 60, 5
	}
	switch {
	case goesOn:
		s.Epochs, s.Patience = 30, 3
	case columns:
		s.Steps = append(s.Steps, datasets.FillMissing{}, datasets.OneHot{}, datasets.Standardize{})
	case texts:
	case len(info.Inputs) != 1 || info.Inputs[0].IDs:
		return s, fmt.Errorf("got %d inputs, or ids, want one input of numbers", len(info.Inputs))
	default:
		if shape := info.Inputs[0].Shape; picture(shape) && !sequence {
			s.Epochs, s.Patience = 60, 10
			if longest := max(shape[0], shape[1]); longest > largestPicture {
				s.Steps = append(s.Steps, datasets.Resize{Height: max(1, shape[0]*largestPicture/longest), Width: max(1, shape[1]*largestPicture/longest)})
			}
		}
		s.Steps = append(s.Steps, datasets.Standardize{})
	}
	target := info.Targets[0]
	if target.IDs {
		s.Loss, s.Metrics = "cross-entropy", []string{"accuracy"}
		switch {
		case goesOn:
			s.Metrics = append(s.Metrics, "perplexity")
		case len(info.Classes) == 2:
			s.Metrics = append(s.Metrics, "auc")
		}
		return s, nil
	}
	s.Steps = append(s.Steps, datasets.StandardizeTarget{})
	s.Loss, s.Metrics = "mse", []string{"r2"}
	return s, nil
}

// Network is the network that suits prepared data; sequence says that the first axis of a sample, or the columns of a row, are times.
func Network(info datasets.Info, sequence bool) (string, error) {
	outputs, activation := info.Targets[0].Size(), ""
	if info.Targets[0].IDs {
		outputs, activation = len(info.Classes), " softmax"
	}
	last := fmt.Sprintf("dense %d%s", outputs, activation)
	if len(info.Inputs) > 1 {
		return severalInputs(info.Inputs, last)
	}
	in := info.Inputs[0]
	shape := in.Shape
	var parts []string
	switch {
	case in.IDs && len(in.Values) > 0 && len(shape) == 1 && info.Targets[0].Size() == shape[0] && info.Targets[0].IDs: // what comes next, at each place
		parts = []string{fmt.Sprintf("embedding %d 32", len(in.Values)), "gru 128 sequence"}
	case in.IDs && len(in.Values) > 0 && len(shape) == 1:
		parts = []string{fmt.Sprintf("embedding %d 32 mean padding=0", len(in.Values)), "dense 32 relu"}
	case in.IDs:
		return "", fmt.Errorf("got ids of shape %v after the preparation, want numbers, or the words of a text: give the network, with --layers", shape)
	case sequence:
		if len(shape) == 1 {
			parts = []string{fmt.Sprintf("reshape %dx1", shape[0])}
			shape = []int{shape[0], 1}
		}
		if len(shape) != 2 {
			return "", fmt.Errorf("got samples of shape %v, want times of numbers for a sequence, such as 60 or 60x3", shape)
		}
		if shape[0] <= longestRecurrent {
			parts = append(parts, "gru 64")
		} else {
			parts = append(parts, "conv1d 32 5 relu padding=same", "maxpool1d 2", "conv1d 64 5 relu padding=same", "globalavgpool", "dense 64 relu")
		}
	case picture(shape) && in.Names == nil:
		parts = []string{"conv 16 3x3 relu padding=same", "maxpool 2x2", "conv 32 3x3 relu padding=same", "maxpool 2x2", "flatten", "dense 64 relu"}
	case len(shape) > 1:
		parts = []string{"flatten", "dense 64 relu", "dense 64 relu"}
	default:
		parts = []string{"dense 64 relu", "dense 64 relu"}
	}
	return strings.Join(append(parts, last), ", "), nil
}

// longestRecurrent is how many times a recurrent layer suits; longer sequences take convolutions.
const longestRecurrent = 48

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// severalInputs is a network whose inputs are those of the data, side by side: words as what they mean, numbers as they are.
func severalInputs(inputs []datasets.Field, last string) (string, error) {
	var heads, parts, names []string
	for i, in := range inputs {
		if !plainName.MatchString(in.Name) {
			return "", fmt.Errorf("got the inputs %q and %d others, and no network has an input of that name: call its column by letters and digits alone, or leave it out with --ignore", in.Name, len(inputs)-1)
		}
		part := fmt.Sprintf("part_%d", i+1)
		switch {
		case in.IDs && len(in.Values) > 0 && len(in.Shape) == 1:
			heads = append(heads, fmt.Sprintf("%s = input %d ids", in.Name, in.Shape[0]))
			parts = append(parts, fmt.Sprintf("%s = embedding %d 32 mean padding=0 < %s", part, len(in.Values), in.Name))
		case !in.IDs && len(in.Shape) == 1:
			heads = append(heads, fmt.Sprintf("%s = input %d", in.Name, in.Shape[0]))
			parts = append(parts, fmt.Sprintf("%s = dense 32 relu < %s", part, in.Name))
		default:
			return "", fmt.Errorf("got an input %q of shape %v beside others, want rows of numbers and texts: give the network, with --layers", in.Name, in.Shape)
		}
		names = append(names, part)
	}
	all := append(heads, parts...)
	return strings.Join(append(all, "concat < "+strings.Join(names, " + "), "dense 64 relu", last), ", "), nil
}

// picture says whether a shape is that of pictures: height and width, and perhaps channels. Of a few pixels a side it is rather a sequence, or a table.
func picture(shape []int) bool {
	return (len(shape) == 2 || len(shape) == 3 && shape[2] <= 4) && min(shape[0], shape[1]) >= 8
}

// OneLine are the words of a network, as layers.Format has them, as --layers takes them: on one line, and without the input where nothing but the first layer takes it.
func OneLine(network string) string {
	lines := strings.Split(network, "\n")
	if strings.Contains(lines[0], "input ") && !strings.Contains(network, "<") {
		lines = lines[1:]
	}
	return strings.Join(lines, ", ")
}
