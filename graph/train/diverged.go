package train

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// A DivergedError says that a run left the finite numbers, and where that began; errors.As finds it in what Fit returns.
type DivergedError struct {
	Epoch int     // from 1
	Step  uint64  // from 1, over the whole run
	Loss  float64 // NaN or ±Inf; finite where the step after it spoilt the weights
	Layer string  // the first whose numbers are not finite, in the order in which they are computed; "loss" if every layer's are
	What  string  // which of its numbers: "weight", "output", …
}

// Error says where, and what to try.
func (e *DivergedError) Error() string {
	return fmt.Sprintf("train: diverged in epoch %d, step %d: the loss is %v; the first numbers that are not finite: %s of %s; try a smaller learning rate, inputs scaled to [0, 1], or another initialiser",
		e.Epoch, e.Step, e.Loss, e.What, e.Layer)
}

// diverged looks for the first numbers that are not finite: it runs the batch in hand again with everything kept.
func (f *fit) diverged(rows []int) error {
	e := &f.event
	if err := f.weights(e.Position.Step + 1); err != nil {
		return err
	}
	found := &DivergedError{Epoch: e.Position.Epoch + 1, Step: e.Position.Step + 1, Loss: e.Loss, Layer: "loss", What: "value"}
	batch, err := e.Batch, error(nil)
	if !solitary(e.Config.Ranks) { // its own rows alone may be finite
		batch, err = f.whole(rows)
	}
	var program *graph.Program
	if err == nil {
		program, err = e.Model.Compile(graph.Spec{Mode: graph.Train, Batch: len(rows), Loss: e.Config.Loss, Inspect: true})
	}
	if err == nil {
		err = batch.Feed(program)
	}
	if err == nil {
		program.SetStep(e.Position.Step)
		err = program.Run()
	}
	if err != nil {
		return fmt.Errorf("%w (looking for its origin: %w)", found, err)
	}
	recordings := program.Recordings()
	for _, x := range program.Inputs() {
		if !finite(x) {
			found.Layer, found.What = "the input", "values"
			return found
		}
	}
	depth := math.MaxInt // of the layer found, within which an inner one may come before it
	for i, layer := range e.Model.Layers() {
		if found.What == "output" && layer.Nested <= depth {
			break
		}
		if !finite(recordings[i].Value) {
			found.Layer, found.What, depth = layer.Name, "output", layer.Nested
		}
	}
	if found.What == "output" {
		return found
	}
	for i := len(recordings) - 1; i >= 0; i-- {
		if r := recordings[i]; r.Layer && r.Grad != nil && !finite(r.Grad) {
			found.Layer, found.What = r.Name, "gradient"
			return found
		}
	}
	return found
}

// weights is a *DivergedError of that step if a parameter is not finite.
func (f *fit) weights(step uint64) error {
	for _, param := range append(f.event.Model.Params(), f.event.Model.States()...) {
		if !finite(param.Value) {
			dot := strings.LastIndexByte(param.Name, '.') // "dense_1.weight"
			e := &f.event
			return &DivergedError{e.Position.Epoch + 1, step, e.Loss, param.Name[:dot], param.Name[dot+1:]}
		}
	}
	return nil
}

func finite(t *tensor.Dense) bool {
	if t == nil {
		return true
	}
	switch t.Dtype() {
	case tensor.Int32:
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
