package train

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// A Predictor answers with a model's outputs, from any number of goroutines at once, for one sample or many. It is of the weights as they were when it
// was made: the model may go on training beside it, and a new Predictor has what it learnt. Samples are run in company, and a layer that looks at
// the others of its batch outside training answers by that company, which the Predictor fills up with copies.
type Predictor struct {
	model *graph.Model
	mu    sync.Mutex
	idle  map[int][]*graph.Program // by batch size
}

// NewPredictor copies the model's weights. It must not be called while the model trains, but from an observer, which is told between steps.
func NewPredictor(m *graph.Model) (*Predictor, error) {
	if m == nil || len(m.Outputs()) == 0 {
		return nil, errors.New("train: got a model that is nil or empty, want one: look at the error of graph.NewModel, or of what else made it")
	}
	p := &Predictor{model: m.Clone(), idle: map[int][]*graph.Program{}}
	first, err := p.take(1) // so that what cannot be compiled is said now
	if err != nil {
		return nil, fmt.Errorf("train: predictor: %w", err)
	}
	p.give(first)
	return p, nil
}

var errNoPredictor = errors.New("train: predictor: got one that is nil or empty, want what NewPredictor returned: look at its error")

// Inputs are what it takes of a sample, in order.
func (p *Predictor) Inputs() []graph.InputInfo {
	if p == nil || p.model == nil {
		return nil
	}
	return p.model.Inputs()
}

// Outputs are what it answers with, in order.
func (p *Predictor) Outputs() []graph.OutputInfo {
	if p == nil || p.model == nil {
		return nil
	}
	return p.model.Outputs()
}

// predictorBatch is the most samples that are run at once.
const predictorBatch = 512

// Predict returns the outputs for samples, [samples,…] in float32, in the order of Outputs. inputs are tensors of that many rows, in the order of Inputs, in float32 or float64, or in
// int32 for ids. A shape or element type that does not fit is an error.
func (p *Predictor) Predict(inputs ...*tensor.Dense) ([]*tensor.Dense, error) {
	n, err := p.check(inputs)
	if err != nil {
		return nil, err
	}
	outputs := p.model.Outputs()
	all := make([]*tensor.Dense, len(outputs))
	for i, o := range outputs {
		all[i] = tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(append([]int{n}, o.Shape...)...))
	}
	for lo := 0; lo < n; lo += predictorBatch {
		if err := p.run(inputs, all, lo, min(predictorBatch, n-lo)); err != nil {
			return nil, fmt.Errorf("train: predictor: %w", err)
		}
	}
	return all, nil
}

// One is the first output for one sample of a model with one input of floats: x has an element for each that the model takes, row-major.
func (p *Predictor) One(x []float32) ([]float32, error) {
	if p == nil || p.model == nil {
		return nil, errNoPredictor
	}
	in := p.model.Inputs()
	if len(in) != 1 || in[0].IDs {
		return nil, errors.New("train: predictor: got one sample for a model that takes ids or several inputs, want Predict")
	}
	if len(x) != in[0].Size() {
		return nil, fmt.Errorf("train: predictor: got %d values, want %d for a sample of shape %v", len(x), in[0].Size(), in[0].Shape)
	}
	out, err := p.Predict(tensor.New(tensor.WithShape(append([]int{1}, in[0].Shape...)...), tensor.WithBacking(x)))
	if err != nil {
		return nil, err
	}
	return out[0].Float32s(), nil
}

// check is the number of samples.
func (p *Predictor) check(inputs []*tensor.Dense) (int, error) {
	if p == nil || p.model == nil {
		return 0, errNoPredictor
	}
	want := p.model.Inputs()
	if len(inputs) != len(want) {
		return 0, fmt.Errorf("train: predictor: got %d inputs, want %d: %s", len(inputs), len(want), inputNames(want))
	}
	for i, in := range want {
		t := inputs[i]
		if t == nil || t.Dims() == 0 || t.Shape()[0] < 1 {
			return 0, fmt.Errorf("train: predictor: input %q: got nil, a scalar or no samples, want a tensor of shape [samples,…]", in.Name)
		}
		floats := t.Dtype() == tensor.Float32 || t.Dtype() == tensor.Float64
		if in.IDs && t.Dtype() != tensor.Int32 || !in.IDs && !floats || !slices.Equal(t.Shape()[1:], in.Shape) || t.Shape()[0] != inputs[0].Shape()[0] {
			kind := "float32 or float64"
			if in.IDs {
				kind = "int32"
			}
			return 0, fmt.Errorf("train: predictor: input %q: got shape %v of %v, want [samples,…] of samples of shape %v in %s, as many in each input", in.Name, t.Shape(), t.Dtype(), in.Shape, kind)
		}
		if t.RequiresIterator() || t.DataOrder().IsColMajor() {
			return 0, fmt.Errorf("train: predictor: input %q: got a view with gaps or a column-major tensor, want contiguous and row-major: clone it", in.Name)
		}
	}
	return inputs[0].Shape()[0], nil
}

func inputNames(inputs []graph.InputInfo) string {
	names := make([]string, len(inputs))
	for i, in := range inputs {
		names[i] = strconv.Quote(in.Name)
	}
	return strings.Join(names, ", ")
}

// run writes the outputs for n samples from lo on. It runs in a program of the next power of two samples, so that there are few programs; what it has room for beyond are
// copies of the last sample.
func (p *Predictor) run(inputs, outputs []*tensor.Dense, lo, n int) error {
	size := 1
	for size < n {
		size *= 2
	}
	program, err := p.take(size)
	if err != nil {
		return err
	}
	defer p.give(program)
	if err := copyRows(program.Inputs(), inputs, "input", lo); err != nil {
		return err
	}
	if err := program.Run(); err != nil {
		return err
	}
	for i, o := range program.Outputs() {
		row := o.Shape().TotalSize() / size
		to := outputs[i].Float32s()[lo*row : (lo+n)*row]
		if o.Dtype() == tensor.Float64 {
			convertInto(to, o.Float64s())
		} else {
			copy(to, o.Float32s())
		}
	}
	return nil
}

func (p *Predictor) take(size int) (*graph.Program, error) {
	p.mu.Lock()
	if idle := p.idle[size]; len(idle) > 0 {
		program := idle[len(idle)-1]
		p.idle[size] = idle[:len(idle)-1]
		p.mu.Unlock()
		return program, nil
	}
	p.mu.Unlock()
	program, err := p.model.Compile(graph.Spec{Mode: graph.Predict, Batch: size})
	if err != nil {
		return nil, err
	}
	return program, nil
}

func (p *Predictor) give(program *graph.Program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := program.Spec().Batch
	p.idle[size] = append(p.idle[size], program)
}
