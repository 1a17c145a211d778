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
type Adam struct {
	LearningRate float64 `default:"0.001"` // 0: 0.001
	Beta1        float64 `default:"0.9"`   // β₁ in [0, 1); 0: 0.9
	Beta2        float64 `default:"0.999"` // β₂ in [0, 1); 0: 0.999
	Epsilon      float64 `default:"1e-7"`  // ε; 0: 1e-7, Keras' (PyTorch's is 1e-8)
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
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity},
		setting{"Beta1", o.Beta1, 1}, setting{"Beta2", o.Beta2, 1}, setting{"Epsilon", o.Epsilon, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *Adam) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "m" and "v".
func (o *Adam) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *Adam) SetState(s State) error { return o.setState(o, s) }

func (o *Adam) slots() []string { return adamSlots }

func (o *Adam) begin(t int) { o.terms = adamTerms(t, o.Rate(), o.Beta1, o.Beta2, o.Epsilon) }

func (o *Adam) update32(p piece[float32]) { updateAdam(o.terms, p) }
func (o *Adam) update64(p piece[float64]) { updateAdam(o.terms, p) }

var adamSlots = []string{"m", "v"}

// adamTerms gives the numbers of step t, from settings where 0 stands for the default.
func adamTerms(t int, lr, beta1, beta2, epsilon float64) vec.AdamTerms[float64] {
	beta1, beta2 = text.Value(beta1, 0.9), text.Value(beta2, 0.999)
	return vec.AdamTerms[float64]{
		Beta1: beta1, Rest1: 1 - beta1,
		Beta2: beta2, Rest2: 1 - beta2,
		Rate:    lr / (1 - math.Pow(beta1, float64(t))),
		Root:    1 / math.Sqrt(1-math.Pow(beta2, float64(t))),
		Epsilon: text.Value(epsilon, 1e-7),
		Keep:    1,
	}
}

// updateAdam is one step on a piece of a parameter; vec.Adam has the rule, element by element.
func updateAdam[T vec.Float](c vec.AdamTerms[float64], p piece[T]) {
	vec.Adam(p.w, p.g, p.slots[0], p.slots[1], vec.AdamTerms[T]{
		Beta1: T(c.Beta1), Rest1: T(c.Rest1), Beta2: T(c.Beta2), Rest2: T(c.Rest2),
		Rate: T(c.Rate), Root: T(c.Root), Epsilon: T(c.Epsilon), Keep: T(c.Keep),
	})
}
