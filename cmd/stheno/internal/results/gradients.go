package results

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/inspect"
)

// Gradients is what gradients --json prints of an experiment at a step.
type Gradients struct {
	Origin
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
	Histogram   *histogram   `json:"histogram,omitempty"` // of the gradient's elements, where it was asked for
}

// histogram counts the elements in each of equal parts of [Min, Max].
type histogram struct {
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Counts []int   `json:"counts"`
}

// AddHistograms adds how the elements of a snapshot's gradients are distributed.
func (g *Gradients) AddHistograms(s *inspect.Snapshot) {
	i := 0
	for _, l := range s.Layers {
		for _, p := range l.Params {
			g.Layers[i].Histogram = &histogram{p.Grad.Min, p.Grad.Max, p.Grad.Histogram[:]}
			i++
		}
	}
}

// NewGradients is what a snapshot shows.
func NewGradients(of Origin, name string, s *inspect.Snapshot) Gradients {
	report := Gradients{of, name, s.Step, []gradient{}}
	for _, l := range s.Layers {
		for _, p := range l.Params {
			ratio := math.NaN()
			if s.Stepped {
				ratio = p.UpdateRatio()
			}
			report.Layers = append(report.Layers, gradient{
				l.Name, p.Name, p.Shape, Number(p.Grad.Norm), Number(p.Grad.Mean), Number(p.Grad.Std), Number(p.Value.Norm), Number(ratio),
				p.Grad.Zeros, l.Saturated, l.Dead, l.Frozen, nil,
			})
		}
	}
	return report
}
