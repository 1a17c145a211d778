// Package look says what the lab shows: of a model, a run, a finding it makes structs whose JSON the page draws. Nothing here keeps anything, trains what it is given, or knows of the page or the
// session. The figures are those of package inspect; where one is not finite its JSON is null.
//
// Whoever calls it owns the model for as long as a call lasts.
package look

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A Subject is what is looked at: a model, how it is trained, and on what.
type Subject struct {
	Experiment models.Experiment // as it is now; of data of one's own its Name, Loss, Metrics, BatchSize, Validation and the like
	Seed       uint64
	Model      *graph.Model
	Optimizer  optim.Optimizer // with its state; needed by Apart alone
	At         train.Position  // the step that comes next

	Fit, Test       datasets.Data // as the model takes them; Test may be nil
	RawFit, RawTest datasets.Data // as they came: what is shown of a sample; nil where that is Fit and Test

	Before float64 // the learning rate that the optimizer had before it was changed to what it is, in this run or in what it comes from; 0 where nobody knows

	// Prepare is what is done to samples of data of one's own; nil of one of the data sets that have a name, whose pixels the experiment scales.
	Prepare *datasets.Preparation
}

// Text is a text in two languages.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"` // Chinese in the letters of Taiwan, as the lecture is held
}

// A Number is a float64 whose JSON is null where it is not finite.
type Number float64

// MarshalJSON writes null for what is not finite.
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); v-v != 0 {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *Number) UnmarshalJSON(text []byte) error {
	var v *float64
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	if *n = Number(math.NaN()); v != nil {
		*n = Number(*v)
	}
	return nil
}

// numbers are values as they are written.
func numbers[T float32 | float64](values []T) []Number {
	all := make([]Number, len(values))
	for i, v := range values {
		all[i] = Number(v)
	}
	return all
}

// known is a figure, and nil where it is not finite.
func known(v float64) *Number {
	if v-v != 0 {
		return nil
	}
	n := Number(v)
	return &n
}

// oneLine is a network's words on one line.
func oneLine(words string) string { return strings.ReplaceAll(words, "\n", ", ") }
