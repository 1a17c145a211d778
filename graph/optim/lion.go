package optim

import (
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// Lion steps by the sign of a momentum alone, so that every weight moves by lr (Chen et al. 2023; Keras' Lion). It wants a learning rate three to ten times smaller than
// Adam's, and a weight decay larger by as much.
//
//	w ← w − lr·sign(β₁·m + (1 − β₁)·g)
//	m ← β₂·m + (1 − β₂)·g
type Lion struct {
	LearningRate float64 `default:"0.0001"` // 0: 0.0001
	Beta1        float64 `default:"0.9"`    // β₁ in [0, 1); 0: 0.9
	Beta2        float64 `default:"0.99"`   // β₂ in [0, 1); 0: 0.99
	WeightDecay  float64 // λ, beside the step: w ← w − lr·λ·w; 0: none
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
}

// Name returns "lion".
func (o *Lion) Name() string { return "lion" }

// Rate returns the learning rate.
func (o *Lion) Rate() float64 { return text.Value(o.LearningRate, 0.0001) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *Lion) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range.
func (o *Lion) Validate() error {
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity}, setting{"Beta1", o.Beta1, 1},
		setting{"Beta2", o.Beta2, 1}, setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *Lion) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "m".
func (o *Lion) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *Lion) SetState(s State) error { return o.setState(o, s) }

func (o *Lion) slots() []string { return momentSlots[:1] }
func (o *Lion) begin(int)       {}
func (o *Lion) decay() decay    { return decay{text.Value(o.WeightDecay, 0), o.MatricesOnly} }

func (o *Lion) update32(p piece[float32]) { updateLion(o, p) }
func (o *Lion) update64(p piece[float64]) { updateLion(o, p) }

func updateLion[T vec.Float](o *Lion, p piece[T]) {
	beta1, beta2 := text.Value(o.Beta1, 0.9), text.Value(o.Beta2, 0.99)
	vec.Lion(p.w, p.g, p.slots[0], T(p.rate), T(beta1), T(1-beta1), T(beta2), T(1-beta2))
}
