package own

import (
	"fmt"
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

// Suits finds what suits data: standardised columns and two hidden layers of 64; for pictures two convolutions; softmax and cross-entropy for classes, two included, mean squared error for
// numbers, which are standardised too. samples are those to learn from. The network is that of the prepared data; see Network.
func Suits(info datasets.Info, samples int) (Suit, error) {
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
	table := info.Source != nil && info.Source.Columns != nil
	switch {
	case table:
		s.Steps = []datasets.Step{datasets.FillMissing{}, datasets.OneHot{}, datasets.Standardize{}}
	case len(info.Inputs) != 1 || info.Inputs[0].IDs:
		return s, fmt.Errorf("got %d inputs, or ids, want one input of numbers", len(info.Inputs))
	default:
		if shape := info.Inputs[0].Shape; picture(shape) {
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
		if len(info.Classes) == 2 {
			s.Metrics = append(s.Metrics, "auc")
		}
		return s, nil
	}
	s.Steps = append(s.Steps, datasets.StandardizeTarget{})
	s.Loss, s.Metrics = "mse", []string{"r2"}
	return s, nil
}

// Network is the network that suits prepared data.
func Network(info datasets.Info) (string, error) {
	if len(info.Inputs) != 1 || info.Inputs[0].IDs {
		return "", fmt.Errorf("got %d inputs after the preparation, or ids, want one of numbers", len(info.Inputs))
	}
	outputs, activation := info.Targets[0].Size(), ""
	if info.Targets[0].IDs {
		outputs, activation = len(info.Classes), " softmax"
	}
	shape := info.Inputs[0].Shape
	var parts []string
	switch {
	case picture(shape) && min(shape[0], shape[1]) >= 8:
		parts = []string{"conv 16 3x3 relu padding=same", "maxpool 2x2", "conv 32 3x3 relu padding=same", "maxpool 2x2", "flatten", "dense 64 relu"}
	case len(shape) > 1:
		parts = []string{"flatten", "dense 64 relu", "dense 64 relu"}
	default:
		parts = []string{"dense 64 relu", "dense 64 relu"}
	}
	return strings.Join(append(parts, fmt.Sprintf("dense %d%s", outputs, activation)), ", "), nil
}

// picture says whether a shape is that of pictures: height and width, and perhaps channels.
func picture(shape []int) bool { return len(shape) == 2 || len(shape) == 3 && shape[2] <= 4 }

// OneLine are the words of a network, as layers.Format has them, as --layers takes them: on one line, and without the input where nothing but the first layer takes it.
func OneLine(network string) string {
	lines := strings.Split(network, "\n")
	if strings.Contains(lines[0], "input ") && !strings.Contains(network, "<") {
		lines = lines[1:]
	}
	return strings.Join(lines, ", ")
}
