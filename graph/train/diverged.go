package train

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"
)

// A DivergedError says that the loss stopped being a finite number, and where that began.
type DivergedError struct {
	Epoch int     // from 1
	Step  uint64  // from 1, over the whole run
	Loss  float64 // NaN or ±Inf
	Layer string  // the first whose numbers are not finite, in the order in which they are computed; "loss" if every layer's are
	What  string  // which of its numbers: "weight", "output", …
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("train: the loss became %v in epoch %d, step %d; the first numbers that are not finite are the %s of %s: try a smaller learning rate, inputs scaled to [0, 1], or another initialiser",
		e.Loss, e.Epoch, e.Step, e.What, e.Layer)
}

// diverged looks for the first numbers that are not finite: it runs the batch in hand again with everything kept.
func (f *fit) diverged() error {
	e := &f.event
	found := &DivergedError{Epoch: e.Position.Epoch + 1, Step: e.Position.Step + 1, Loss: e.Loss, Layer: "loss", What: "value"}
	for _, param := range e.Model.Params() {
		if !finite(param.Value) {
			found.Layer, found.What, _ = cutName(param.Name)
			return found
		}
	}
	spec := e.Program.Spec()
	spec.Inspect = true
	program, err := e.Model.Compile(spec)
	if err != nil {
		return fmt.Errorf("%w (looking for its origin: %w)", found, err)
	}
	f.feed.fill(program, e.Rows)
	program.SetStep(e.Position.Step)
	if err := program.Run(); err != nil {
		return fmt.Errorf("%w (looking for its origin: %w)", found, err)
	}
	recordings := program.Recordings()
	if !finite(program.X()) {
		found.Layer, found.What = "the input", "values"
		return found
	}
	for _, r := range recordings {
		if r.Layer && !finite(r.Value) {
			found.Layer, found.What = r.Name, "output"
			return found
		}
	}
	for i := len(recordings) - 1; i >= 0; i-- {
		if r := recordings[i]; r.Layer && r.Grad != nil && !finite(r.Grad) {
			found.Layer, found.What = r.Name, "gradient"
			return found
		}
	}
	return found
}

// cutName splits "dense_1.weight" into layer and parameter.
func cutName(name string) (layer, param string, ok bool) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[:i], name[i+1:], true
		}
	}
	return name, "value", false
}

func finite(t *tensor.Dense) bool {
	if t == nil {
		return true
	}
	switch t.Dtype() {
	case tensor.Float64:
		for _, v := range t.Float64s() {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return false
			}
		}
	default:
		for _, v := range t.Float32s() {
			if v-v != 0 { // NaN for NaN and ±Inf
				return false
			}
		}
	}
	return true
}
