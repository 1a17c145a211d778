package optim

import (
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// AdamW is Adam with weight decay beside the gradient step, not in it (Loshchilov and Hutter 2019; PyTorch's AdamW).
//
//	w ← w − lr·λ·w, then Adam's step
//
// The decay works on every parameter, the biases too, unless MatricesOnly is set.
type AdamW struct {
	LearningRate float64 `default:"0.001"` // 0: 0.001
	Beta1        float64 `default:"0.9"`   // β₁ in [0, 1); 0: 0.9
	Beta2        float64 `default:"0.999"` // β₂ in [0, 1); 0: 0.999
	Epsilon      float64 `default:"1e-7"`  // ε; 0: 1e-7
	AMSGrad      bool    // as Adam's
	WeightDecay  float64 `default:"0.01"` // λ; 0: 0.01
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
	terms vec.AdamTerms[float64]
}

// Name returns "adamw".
func (o *AdamW) Name() string { return "adamw" }

// Rate returns the learning rate.
func (o *AdamW) Rate() float64 { return text.Value(o.LearningRate, 0.001) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *AdamW) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range.
func (o *AdamW) Validate() error {
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity}, setting{"Beta1", o.Beta1, 1},
		setting{"Beta2", o.Beta2, 1}, setting{"Epsilon", o.Epsilon, infinity}, setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *AdamW) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "m" and "v", and with AMSGrad "top".
func (o *AdamW) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *AdamW) SetState(s State) error { return o.setState(o, s) }

func (o *AdamW) slots() []string { return adamSlots(o.AMSGrad) }
func (o *AdamW) begin(t int)     { o.terms = adamTerms(t, o.Beta1, o.Beta2, o.Epsilon) }
func (o *AdamW) decay() decay    { return decay{text.Value(o.WeightDecay, 0.01), o.MatricesOnly} }

func (o *AdamW) update32(p piece[float32]) { updateAdam(o.terms, p) }
func (o *AdamW) update64(p piece[float64]) { updateAdam(o.terms, p) }
