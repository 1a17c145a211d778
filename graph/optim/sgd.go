package optim

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
)

// SGD is stochastic gradient descent, plain, with momentum (Polyak 1964) or with Nesterov's (Sutskever et al. 2013), in PyTorch's form.
//
//	without momentum:  w ← w − lr·g
//	with momentum μ:   v ← μ·v + g,  w ← w − lr·v
//	and Nesterov's:    v ← μ·v + g,  w ← w − lr·(g + μ·v)
//
// Keras 2 keeps lr·v in v's place: the same steps as long as lr does not change.
type SGD struct {
	LearningRate float64 `default:"0.01"` // 0: 0.01
	Momentum     float64 // μ in [0, 1); 0: none
	Nesterov     bool    // needs a momentum
	WeightDecay  float64 // λ, beside the step: w ← w − lr·λ·w; 0: none
	MatricesOnly bool    // no decay of parameters of one axis: biases, and the scales and shifts of norms
	engine
}

// Name returns "sgd", or "momentum" or "nesterov" with those.
func (o *SGD) Name() string {
	switch {
	case o.Nesterov:
		return "nesterov"
	case o.momentum() != 0:
		return "momentum"
	}
	return "sgd"
}

func (o *SGD) momentum() float64 { return text.Value(o.Momentum, 0) }

// Rate returns the learning rate.
func (o *SGD) Rate() float64 { return text.Value(o.LearningRate, 0.01) }

// SetRate sets the learning rate; 0 trains nothing.
func (o *SGD) SetRate(lr float64) { o.LearningRate = literal(lr) }

// Validate refuses settings out of range, and Nesterov without momentum.
func (o *SGD) Validate() error {
	if o.Nesterov && o.momentum() == 0 {
		return fmt.Errorf("optim: %s: Momentum is 0, want a number above 0 because Nesterov is set", o.Name())
	}
	return checkSettings(o.Name(), setting{"LearningRate", o.LearningRate, infinity}, setting{"Momentum", o.Momentum, 1},
		setting{"WeightDecay", o.WeightDecay, infinity})
}

// Step updates the parameters in place; an error names the setting or the parameter that is wrong, and nothing has changed.
func (o *SGD) Step(model []gorgonia.ValueGrad) error {
	if o.momentum() == 0 {
		return o.step(multiplying{o}, model)
	}
	return o.step(o, model)
}

// State returns a copy of the running values: none, or "momentum".
func (o *SGD) State() State { return o.state(o) }

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (o *SGD) SetState(s State) error { return o.setState(o, s) }

var momentumSlots = []string{"momentum"}

func (o *SGD) slots() []string {
	if o.momentum() == 0 {
		return nil
	}
	return momentumSlots
}

func (o *SGD) begin(int) {}

// multiplying is SGD without momentum: w ← w − lr·leftᵀ·right is one product, where its bits are those of two passes.
type multiplying struct{ *SGD }

func (o multiplying) updateByProduct(w *tensor.Dense, f factors, rate float64) {
	blas.TransposedProduct(w, f.left, f.right, -rate, 1)
}

func (o *SGD) decay() decay { return decay{text.Value(o.WeightDecay, 0), o.MatricesOnly} }

func (o *SGD) update32(p piece[float32]) { updateSGD(o, p) }
func (o *SGD) update64(p piece[float64]) { updateSGD(o, p) }

func updateSGD[T vec.Float](o *SGD, p piece[T]) {
	if o.momentum() == 0 {
		vec.SGD(p.w, p.g, T(p.rate))
		return
	}
	vec.Momentum(p.w, p.g, p.slots[0], T(p.rate), T(o.momentum()), o.Nesterov)
}
