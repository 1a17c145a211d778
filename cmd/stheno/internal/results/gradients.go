package results

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// Gradients is what gradients --json prints of an experiment at a step.
type Gradients struct {
	Experiment string     `json:"experiment"`
	Step       uint64     `json:"step"`
	Layers     []gradient `json:"layers"`
}

// gradient is one parameter. Zeros is of its gradient, saturated and dead of its layer's outputs.
type gradient struct {
	Layer       string       `json:"layer"`
	Param       string       `json:"param"`
	Shape       tensor.Shape `json:"shape"`
	GradNorm    Number       `json:"grad_norm"`
	GradMean    Number       `json:"grad_mean"`
	GradStd     Number       `json:"grad_std"`
	WeightNorm  Number       `json:"weight_norm"`
	UpdateRatio Number       `json:"update_ratio"` // null where the parameter is all zeros, or no update was made
	Zeros       float64      `json:"zeros"`
	Saturated   float64      `json:"saturated"`
	Dead        float64      `json:"dead"`
	Frozen      bool         `json:"frozen,omitempty"`
}

// NewGradients is what a snapshot shows.
func NewGradients(name string, s *inspect.Snapshot) Gradients {
	report := Gradients{name, s.Step, []gradient{}}
	for _, l := range s.Layers {
		for _, p := range l.Params {
			ratio := math.NaN()
			if s.Stepped {
				ratio = p.UpdateRatio()
			}
			report.Layers = append(report.Layers, gradient{
				l.Name, p.Name, p.Shape, Number(p.Grad.Norm), Number(p.Grad.Mean), Number(p.Grad.Std), Number(p.Value.Norm), Number(ratio),
				p.Grad.Zeros, l.Saturated, l.Dead, l.Frozen,
			})
		}
	}
	return report
}
