package optim

import (
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// AdaGrad divides by the root of the sum of all squared gradients so far (Duchi, Hazan and Singer 2011; PyTorch's, with
// a sum that begins at 0 and no decay of the learning rate).
//
//	v ← v + g²
//	w ← w − lr·g/(√v + ε)
type AdaGrad struct {
	LearningRate float64 `default:"0.01"` // 0: 0.01
	Epsilon      float64 `default:"1e-7"` // ε; 0: 1e-7
	WeightDecay  float64 // λ, beside the step: w ← w − lr·λ·w; 0: none
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
}

// Name returns "adagrad".
func (o *AdaGrad) Name() string { return "adagrad" }

// Rate returns the learning rate.
func (o *AdaGrad) Rate() float64 { return text.Value(o.LearningRate, 0.01) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *AdaGrad) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range.
func (o *AdaGrad) Validate() error {
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity}, setting{"Epsilon", o.Epsilon, infinity},
		setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *AdaGrad) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "v".
func (o *AdaGrad) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *AdaGrad) SetState(s State) error { return o.setState(o, s) }

func (o *AdaGrad) slots() []string { return squareSlots }
func (o *AdaGrad) begin(int)       {}

func (o *AdaGrad) decay() decay { return decay{text.Value(o.WeightDecay, 0), o.MatricesOnly} }

func (o *AdaGrad) update32(p piece[float32]) { updateAdaGrad(o, p) }
func (o *AdaGrad) update64(p piece[float64]) { updateAdaGrad(o, p) }

func updateAdaGrad[T vec.Float](o *AdaGrad, p piece[T]) {
	vec.AdaGrad(p.w, p.g, p.slots[0], T(p.rate), T(text.Value(o.Epsilon, 1e-7)))
}
