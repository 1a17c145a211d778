package results

import (
	"encoding/json"
	"math"

	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// Report is what run --json prints of an experiment.
type Report struct {
	Experiment       string   `json:"experiment"`
	Seed             uint64   `json:"seed"`
	Epochs           int      `json:"epochs"`
	BatchSize        int      `json:"batch_size"`
	Params           int      `json:"params"`
	Train            *Metrics `json:"train"`
	Test             *Metrics `json:"test"`
	NoisyTest        *Metrics `json:"noisy_test,omitempty"`
	PredictedClasses int      `json:"predicted_classes"`
	History          []epoch  `json:"history"`
	Diverged         bool     `json:"diverged"`
	Reason           string   `json:"reason"`
}

type epoch struct {
	Epoch    int     `json:"epoch"`
	Loss     Number  `json:"loss"`
	Accuracy float64 `json:"accuracy"`
	Seconds  float64 `json:"seconds"`
}

type Metrics struct {
	Loss     Number  `json:"loss"`
	Accuracy float64 `json:"accuracy"`
}

// NewMetrics is nil for an evaluation that was not made.
func NewMetrics(e *train.Evaluation) *Metrics {
	if e == nil {
		return nil
	}
	return &Metrics{Number(e.Loss), e.Accuracy()}
}

// Number is null in JSON where it is not finite, which JSON has no word for.
type Number float64

func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// NewReport is what came of a run that ended, or that was stopped.
func NewReport(r *models.Result) Report {
	out := Report{
		Experiment: r.Experiment.Name,
		Seed:       r.Seed,
		Epochs:     r.Experiment.Epochs,
		BatchSize:  r.Experiment.BatchSize,
		Params:     r.Model.ParamCount(),
		Train:      NewMetrics(r.Train),
		Test:       NewMetrics(r.Test),
		NoisyTest:  NewMetrics(r.NoisyTest),
		History:    []epoch{},
		Diverged:   r.Diverged != nil,
		Reason:     r.History.Stopped,
	}
	if r.Test != nil { // a run that was stopped has none
		out.PredictedClasses = r.Test.PredictedClasses()
	}
	for _, e := range r.History.Epochs {
		out.History = append(out.History, epoch{e.Epoch, Number(e.Running.Loss), e.Running.Accuracy(), e.Seconds})
	}
	return out
}
