package graph

// Mode is what a program is for.
type Mode uint8

const (
	Predict  Mode = iota // the output alone
	Evaluate             // output and loss, nothing random
	Train                // output, loss and gradients, with dropout at work
)

var modes = [...]string{"predict", "evaluate", "train"}

// String is "predict", "evaluate" or "train".
func (m Mode) String() string {
	if int(m) < len(modes) {
		return modes[m]
	}
	return "no mode"
}

// Spec says what to compile a model for.
type Spec struct {
	Mode    Mode // Predict if not given
	Batch   int  // samples a run; a graph has one batch size
	Loss    Loss // needed in Train and Evaluate
	Forward bool // in Train: output and loss as training has them, without gradients and new states
	Inspect bool // keep every layer's activation, and in Train its gradient, for reading; costs a copy of each that a later op would write over
	Inputs  bool // with Inspect: keep what goes into every layer too, and in Train the gradient with regard to it, the model's own inputs of floats included; in Evaluate gradients as well, of what depends on these inputs, weights at rest
}
