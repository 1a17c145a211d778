package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// Adam keeps running means of the gradient and of its square (Kingma and Ba 2015, algorithm 1; PyTorch's Adam).
//
//	m ← β₁·m + (1 − β₁)·g
//	v ← β₂·v + (1 − β₂)·g²
//	w ← w − lr·m̂/(√v̂ + ε),  m̂ = m/(1 − β₁ᵗ),  v̂ = v/(1 − β₂ᵗ)
//
// AMSGrad takes the largest v so far in the place of v, so that no step grows again (Reddi, Kale and Kumar 2018; PyTorch's).
type Adam struct {
	LearningRate float64 `default:"0.001"` // 0: 0.001
	Beta1        float64 `default:"0.9"`   // β₁ in [0, 1); 0: 0.9
	Beta2        float64 `default:"0.999"` // β₂ in [0, 1); 0: 0.999
	Epsilon      float64 `default:"1e-7"`  // ε; 0: 1e-7, Keras' (PyTorch's is 1e-8)
	AMSGrad      bool
	WeightDecay  float64 // λ, beside the step: w ← w − lr·λ·w; 0: none. AdamW is Adam with 0.01
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
	terms vec.AdamTerms[float64]
}

// Name returns "adam".
func (o *Adam) Name() string { return "adam" }

// Rate returns the learning rate.
func (o *Adam) Rate() float64 { return text.Value(o.LearningRate, 0.001) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *Adam) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range.
func (o *Adam) Validate() error {
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity}, setting{"Beta1", o.Beta1, 1},
		setting{"Beta2", o.Beta2, 1}, setting{"Epsilon", o.Epsilon, infinity}, setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *Adam) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "m" and "v", and with AMSGrad "top".
func (o *Adam) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *Adam) SetState(s State) error { return o.setState(o, s) }

func (o *Adam) slots() []string { return adamSlots(o.AMSGrad) }
func (o *Adam) begin(t int)     { o.terms = adamTerms(t, o.Beta1, o.Beta2, o.Epsilon) }
func (o *Adam) decay() decay    { return decay{text.Value(o.WeightDecay, 0), o.MatricesOnly} }

func (o *Adam) update32(p piece[float32]) { updateAdam(o.terms, p) }
func (o *Adam) update64(p piece[float64]) { updateAdam(o.terms, p) }

var momentSlots = []string{"m", "v", "top"}

func adamSlots(amsGrad bool) []string {
	if amsGrad {
		return momentSlots
	}
	return momentSlots[:2]
}

// adamTerms gives the numbers of step t, from settings where 0 stands for the default, for a learning rate of 1.
func adamTerms(t int, beta1, beta2, epsilon float64) vec.AdamTerms[float64] {
	beta1, beta2 = text.Value(beta1, 0.9), text.Value(beta2, 0.999)
	return vec.AdamTerms[float64]{
		Beta1: beta1, Rest1: 1 - beta1,
		Beta2: beta2, Rest2: 1 - beta2,
		Rate:    1 / (1 - math.Pow(beta1, float64(t))),
		Root:    1 / math.Sqrt(1-math.Pow(beta2, float64(t))),
		Epsilon: text.Value(epsilon, 1e-7),
	}
}

// roundedTerms are those of a learning rate, in the parameters' element type.
func roundedTerms[T vec.Float](c vec.AdamTerms[float64], rate float64) vec.AdamTerms[T] {
	return vec.AdamTerms[T]{
		Beta1: T(c.Beta1), Rest1: T(c.Rest1), Beta2: T(c.Beta2), Rest2: T(c.Rest2),
		Rate: T(rate * c.Rate), Direct: T(rate * c.Direct), Root: T(c.Root), Epsilon: T(c.Epsilon),
	}
}

// updateAdam is one step on a piece of a parameter; vec.Adam and vec.AMSGrad have the rule, element by element.
func updateAdam[T vec.Float](c vec.AdamTerms[float64], p piece[T]) {
	if top := p.slots[2]; top != nil {
		vec.AMSGrad(p.w, p.g, p.slots[0], p.slots[1], top, roundedTerms[T](c, p.rate))
		return
	}
	vec.Adam(p.w, p.g, p.slots[0], p.slots[1], roundedTerms[T](c, p.rate))
}
