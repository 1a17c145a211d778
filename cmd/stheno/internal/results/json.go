package results

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// Report is what run --json prints of an experiment.
type Report struct {
	Origin
	Experiment       string         `json:"experiment"`
	Seed             uint64         `json:"seed"`
	Epochs           int            `json:"epochs"`
	BatchSize        int            `json:"batch_size"`
	Params           int            `json:"params"`
	Train            *train.Metrics `json:"train"`
	Test             *train.Metrics `json:"test"`
	NoisyTest        *train.Metrics `json:"noisy_test,omitempty"`
	Validation       *train.Metrics `json:"validation,omitempty"`
	PredictedClasses int            `json:"predicted_classes"`
	Climb            int            `json:"epochs_to_95,omitempty"` // of running training accuracy
	History          []epoch        `json:"history"`
	Diverged         bool           `json:"diverged"`
	Reason           string         `json:"reason"`
}

// epoch is one with its running figures: {"epoch":1,"loss":0.1,"accuracy":0.97,"validation":{"loss":0.2},"clipped":{"steps":3,"largest":7.1},"seconds":2}.
type epoch train.Epoch

// MarshalJSON writes the figures beside the rest.
func (e epoch) MarshalJSON() ([]byte, error) {
	figures, err := json.Marshal(e.Running)
	if err != nil {
		return nil, err
	}
	line := fmt.Appendf(nil, `{"epoch":%d,%s`, e.Epoch, figures[1:len(figures)-1])
	if e.Evaluated != nil {
		held, err := json.Marshal(e.Evaluated)
		if err != nil {
			return nil, err
		}
		line = fmt.Appendf(line, `,"validation":%s`, held)
	}
	if e.Clipped != nil {
		clipped, err := json.Marshal(e.Clipped)
		if err != nil {
			return nil, err
		}
		line = fmt.Appendf(line, `,"clipped":%s`, clipped)
	}
	return fmt.Appendf(line, `,"seconds":%s}`, strconv.FormatFloat(e.Seconds, 'g', -1, 64)), nil
}

// Metrics are nil for an evaluation that was not made.
func Metrics(e *train.Evaluation) *train.Metrics {
	if e == nil {
		return nil
	}
	return &e.Metrics
}

// Metric is the one that is told beside the loss: accuracy where it was measured, else the first; "" if there is none.
func Metric(m *train.Metrics) string {
	switch {
	case m == nil || len(m.Scores) == 0:
		return ""
	case m.Accuracy() == m.Accuracy():
		return "accuracy"
	}
	return m.Scores[0].Name
}

// Number is null in JSON where it is not finite, which JSON has no word for.
type Number float64

func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// Numbers are numbers of which some may not be finite.
func Numbers(values []float64) []Number {
	all := make([]Number, len(values))
	for i, v := range values {
		all[i] = Number(v)
	}
	return all
}

// NewReport is what came of a run that ended, or that was stopped.
func NewReport(r *models.Result, of Origin) Report {
	out := Report{
		Origin:     of,
		Experiment: r.Experiment.Name,
		Seed:       r.Seed,
		Epochs:     r.Experiment.Epochs,
		BatchSize:  r.Experiment.BatchSize,
		Params:     r.Model.ParamCount(),
		Train:      Metrics(r.Train),
		Test:       Metrics(r.Test),
		NoisyTest:  Metrics(r.NoisyTest),
		Validation: Metrics(r.Validation),
		Climb:      r.Climb(),
		History:    []epoch{},
		Diverged:   r.Diverged != nil,
		Reason:     r.History.Stopped,
	}
	if r.Test != nil { // a run that was stopped has none
		out.PredictedClasses = r.Test.PredictedClasses()
	}
	for _, e := range r.History.Epochs {
		out.History = append(out.History, epoch(e))
	}
	return out
}
