package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// Nadam is Adam with Nesterov's momentum, which grows to β₁ (Dozat 2016; PyTorch's NAdam).
//
//	μₜ = β₁·(1 − 0.96^(0.004·t)/2)
//	m ← β₁·m + (1 − β₁)·g
//	v ← β₂·v + (1 − β₂)·g²
//	w ← w − lr·(μₜ₊₁·m/(1 − μ₁⋯μₜ₊₁) + (1 − μₜ)·g/(1 − μ₁⋯μₜ))/(√v̂ + ε),  v̂ = v/(1 − β₂ᵗ)
type Nadam struct {
	LearningRate float64 `default:"0.002"` // 0: 0.002
	Beta1        float64 `default:"0.9"`   // β₁ in [0, 1); 0: 0.9
	Beta2        float64 `default:"0.999"` // β₂ in [0, 1); 0: 0.999
	Epsilon      float64 `default:"1e-7"`  // ε; 0: 1e-7, Keras' (PyTorch's is 1e-8)
	WeightDecay  float64 // λ, beside the step: w ← w − lr·λ·w; 0: none
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
	terms   vec.AdamTerms[float64]
	product float64 // μ₁⋯μₜ
	of      int     // the t of product
	beta1   float64 // and its β₁
}

// Name returns "nadam".
func (o *Nadam) Name() string { return "nadam" }

// Rate returns the learning rate.
func (o *Nadam) Rate() float64 { return text.Value(o.LearningRate, 0.002) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *Nadam) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range.
func (o *Nadam) Validate() error {
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity}, setting{"Beta1", o.Beta1, 1},
		setting{"Beta2", o.Beta2, 1}, setting{"Epsilon", o.Epsilon, infinity}, setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *Nadam) Step(model []gorgonia.ValueGrad) error { return o.step(o, model) }

// State returns a copy of the running values, "m" and "v".
func (o *Nadam) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *Nadam) SetState(s State) error { return o.setState(o, s) }

func (o *Nadam) slots() []string { return momentSlots[:2] }

func (o *Nadam) begin(t int) {
	beta1 := text.Value(o.Beta1, 0.9)
	mu := func(t int) float64 { return beta1 * (1 - 0.5*math.Pow(0.96, 0.004*float64(t))) }
	if o.of >= t || o.of == 0 || o.beta1 != beta1 {
		o.product, o.of, o.beta1 = 1, 0, beta1
	}
	for o.of < t { // one factor, but after a resume
		o.of++
		o.product *= mu(o.of)
	}
	o.terms = adamTerms(t, o.Beta1, o.Beta2, o.Epsilon)
	o.terms.Rate = mu(t+1) / (1 - o.product*mu(t+1))
	o.terms.Direct = (1 - mu(t)) / (1 - o.product)
}

func (o *Nadam) decay() decay { return decay{text.Value(o.WeightDecay, 0), o.MatricesOnly} }

func (o *Nadam) update32(p piece[float32]) { updateNadam(o.terms, p) }
func (o *Nadam) update64(p piece[float64]) { updateNadam(o.terms, p) }

func updateNadam[T vec.Float](c vec.AdamTerms[float64], p piece[T]) {
	vec.Nadam(p.w, p.g, p.slots[0], p.slots[1], roundedTerms[T](c, p.rate))
}
