package optim

import (
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// RMSProp divides by a running root mean square of the gradient (Tieleman and Hinton 2012; PyTorch's, not centred and
// without momentum).
//
//	v ← ρ·v + (1 − ρ)·g²
//	w ← w − lr·g/(√v + ε)
type RMSProp struct {
	LearningRate float64 `default:"0.001"` // 0: 0.001
	Rho          float64 `default:"0.9"`   // ρ in [0, 1); 0: 0.9
	Epsilon      float64 `default:"1e-7"`  // ε; 0: 1e-7
	WeightDecay  float64 // λ, beside the step: w ← w − lr·λ·w; 0: none
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
}

// Name returns "rmsprop".
func (o *RMSProp) Name() string { return "rmsprop" }

// Rate returns the learning rate.
func (o *RMSProp) Rate() float64 { return text.Value(o.LearningRate, 0.001) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *RMSProp) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range.
func (o *RMSProp) Validate() error {
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity},
		setting{"Rho", o.Rho, 1}, setting{"Epsilon", o.Epsilon, infinity},
		setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *RMSProp) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "v".
func (o *RMSProp) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *RMSProp) SetState(s State) error { return o.setState(o, s) }

var squareSlots = []string{"v"}

func (o *RMSProp) slots() []string { return squareSlots }
func (o *RMSProp) begin(int)       {}

func (o *RMSProp) decay() decay { return decay{text.Value(o.WeightDecay, 0), o.MatricesOnly} }

func (o *RMSProp) update32(p piece[float32]) { updateRMSProp(o, p) }
func (o *RMSProp) update64(p piece[float64]) { updateRMSProp(o, p) }

func updateRMSProp[T vec.Float](o *RMSProp, p piece[T]) {
	rho := text.Value(o.Rho, 0.9)
	vec.RMSProp(p.w, p.g, p.slots[0], T(p.rate), T(rho), T(1-rho), T(text.Value(o.Epsilon, 1e-7)))
}
