// Package optim holds the optimizers: SGD with momentum and Nesterov's, Adam, AMSGrad, AdamW, Nadam, RMSProp, AdaGrad and Lion, each a
// gorgonia.Solver that updates the parameters in place, as the papers and PyTorch define it.
//
// An optimizer is a struct of settings. Its zero value is ready to use, with the defaults that stand beside the fields; a setting that is to be 0 is [Zero]. train.Fit
// takes one:
//
//	history, err := train.Fit(ctx, model, data, train.Config{Optimizer: &optim.Adam{LearningRate: 1e-4}})
//
// and any program of Gorgonia's may step one itself:
//
//	opt := &optim.Adam{LearningRate: 1e-4}
//	err := opt.Step(gorgonia.NodesToValueGrads(parameters))
//
// What acts on gradients, rates or weights beside that is an optimizer around another one: [Clip] cuts gradients, [Scheduled] moves the learning rate by a [Schedule],
// [LayerRates] gives layers rates of their own, [EMA] keeps averages of the weights. All of it has one text, for New and Format:
//
//	ema(clip(scheduled(adamw 0.001 weight-decay=0.05 matrices-only) (warmup 100, cosine)) 1) 0.999
//
// The first Step makes the running values (Adam's two moments, say), one tensor for each parameter. As long as Step gets the same parameters in the same order, by
// their storage, it goes on with them; with others it starts afresh, as a new optimizer would: so one may serve several models one after the other, but two models
// that are trained in turns take one each. State and SetState copy the running values out and in, so that a
// resumed run goes on with the bits it would have had. Settings may change between steps, the learning rate above all.
//
// Parameters and gradients are *tensor.Dense of float32 or float64. Step reads the gradients and leaves them as they
// are: a program that adds into its gradients (gorgonia.BindDualValues does) has to zero them itself. The work is spread
// over the cores, with the same bits for any number of threads.
//
// In the rules below w is a parameter, g its gradient, lr the learning rate and t the number of the step, from 1; all
// operations are element by element.
package optim

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
)

// Optimizer is a gorgonia.Solver with a name, a learning rate that may change while it runs, and a state that can be
// saved. It must not be copied after its first step, nor used by two goroutines at once.
type Optimizer interface {
	gorgonia.Solver

	// Name returns the name by which New makes this kind of optimizer.
	Name() string
	// Rate returns the learning rate of the next step, the default where none was set.
	Rate() float64
	// SetRate sets the learning rate; 0 is 0, and trains nothing.
	SetRate(lr float64)
	// Validate returns an error that names the first setting out of its range. Step calls it.
	Validate() error
	// State returns a copy of the running values.
	State() State
	// SetState replaces the running values by a copy of s, for the parameters of the next step, which compares the shapes.
	SetState(s State) error
}

func init() {
	add := text.Register[Optimizer]
	add("sgd", "w ← w − lr·g", "sgd 0.1", &SGD{})
	add("momentum", "v ← μ·v + g, w ← w − lr·v, with μ = 0.9", "momentum 0.01", &SGD{Momentum: 0.9})
	add("nesterov", "v ← μ·v + g, w ← w − lr·(g + μ·v), with μ = 0.9", "nesterov 0.01", &SGD{Momentum: 0.9, Nesterov: true})
	add("adam", "a step of lr along running means of g, by the root of those of g²", "adam 0.001 beta1=0", &Adam{})
	add("adamw", "adam, with weight decay beside the step", "adamw 0.001 weight-decay=0.05", &AdamW{})
	add("rmsprop", "a step of lr·g by the root of a running mean of g²", "rmsprop 0.001 rho=0.95", &RMSProp{})
	add("adagrad", "a step of lr·g by the root of the sum of all g² so far", "adagrad 0.01", &AdaGrad{})
	add("nadam", "adam with Nesterov's momentum", "nadam 0.002", &Nadam{})
	add("lion", "a step of lr by the sign of a running mean of g", "lion 0.0001 weight-decay=1", &Lion{})
	add("clip", "an optimizer whose gradients are cut to a norm, by layer or all together, or to a value", "clip adam 1", &Clip{})
	add("ema", "an optimizer with averages of the weights, with which the model is evaluated", "ema adam 0.999", &EMA{})
	add("layer-rates", "an optimizer with learning rates of layers' own, as factors of its rate", "layer-rates adam dense_1:0.1", &LayerRates{})
	add("scheduled", "an optimizer whose learning rate follows a schedule", "scheduled adam (warmup 100, cosine)", &Scheduled{})
}

// Names returns the words of the optimizers that step by themselves: New knows those of the wrappers, too.
func Names() (names []string) {
	for _, word := range text.Words[Optimizer]() {
		if o, err := text.Parse[Optimizer](word); err == nil && unwrap(o) == nil {
			names = append(names, word)
		}
	}
	return names
}

// New returns the optimizer that a text describes: adam, or adam 0.001 beta1=0; see package text. "momentum" and "nesterov" are SGD with a momentum of 0.9. The learning rate
// takes the place of the text's; 0 leaves it as it is.
func New(s string, learningRate float64) (Optimizer, error) {
	o, err := text.Parse[Optimizer](s)
	if err != nil {
		return nil, fmt.Errorf("optim: %w", err)
	}
	if learningRate != 0 {
		o.SetRate(learningRate)
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	return o, nil
}

// Format is the text of an optimizer's settings.
func Format(o Optimizer) (string, error) {
	for w := o; w != nil; w = unwrap(w) { // what is left open is filled in
	}
	return text.Format(o)
}

// Zero is a literal zero: a setting of 0 is its default, one of Zero is 0. Adam{Beta1: Zero} has no momentum.
const Zero = text.Zero

// literal is the setting that says x.
func literal(x float64) float64 {
	if x == 0 {
		return Zero
	}
	return x
}

// A setting must be at least 0, and below the limit.
type setting struct {
	field        string
	value, below float64
}

var infinity = math.Inf(1)

func checkSettings(name string, settings ...setting) error {
	for _, s := range settings {
		if s.value >= 0 && s.value < s.below {
			continue
		}
		if s.below == infinity {
			return fmt.Errorf("optim: %s: %s is %v, want a finite number, 0 or more", name, s.field, s.value)
		}
		return fmt.Errorf("optim: %s: %s is %v, want 0 or more and below %v", name, s.field, s.value, s.below)
	}
	return nil
}
