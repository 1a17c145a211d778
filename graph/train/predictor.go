package train

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// A Predictor answers with a model's outputs, from any number of goroutines at once, for one sample or many. It is of the weights as they were when it
// was made: the model may go on training beside it, and a new Predictor has what it learnt.
type Predictor struct {
	model *graph.Model
	mu    sync.Mutex
	idle  map[int][]*graph.Program // by batch size
}

// NewPredictor copies the model's weights. It must not be called while the model trains, but from an observer, which is told between steps.
func NewPredictor(m *graph.Model) (*Predictor, error) {
	if m == nil {
		return nil, errors.New("train: got a nil model, want one: look at the error of graph.NewModel, or of what else made it")
	}
	p := &Predictor{model: m.Clone(), idle: map[int][]*graph.Program{}}
	first, err := p.take(1) // so that what cannot be compiled is said now
	if err != nil {
		return nil, fmt.Errorf("train: predictor: %w", err)
	}
	p.give(first)
	return p, nil
}

// Inputs are what it takes of a sample, in order.
func (p *Predictor) Inputs() []graph.InputInfo { return p.model.Inputs() }

// Outputs are what it answers with, in order.
func (p *Predictor) Outputs() []graph.OutputInfo { return p.model.Outputs() }

// predictorBatch is the most samples that are run at once.
const predictorBatch = 512

// Predict returns the outputs for samples, [samples,…] in float32, in the order of Outputs. inputs are tensors of that many rows, in the order of Inputs, in float32 or float64, or in
// int32 for ids. A shape or element type that does not fit is an error.
func (p *Predictor) Predict(inputs ...*tensor.Dense) ([]*tensor.Dense, error) {
	n, err := p.check(inputs)
	if err != nil {
		return nil, err
	}
	batch := &Batch{Inputs: inputs}
	outputs := make([][]float32, len(p.model.Outputs()))
	for lo := 0; lo < n; lo += predictorBatch {
		part := batch.part(lo, min(lo+predictorBatch, n))
		if err := p.run(part, outputs); err != nil {
			return nil, fmt.Errorf("train: predictor: %w", err)
		}
	}
	all := make([]*tensor.Dense, len(outputs))
	for i, o := range p.model.Outputs() {
		all[i] = tensor.New(tensor.WithShape(append([]int{n}, o.Shape...)...), tensor.WithBacking(outputs[i]))
	}
	return all, nil
}

// One is the first output for one sample of a model with one input of floats: x has an element for each that the model takes, row-major.
func (p *Predictor) One(x []float32) ([]float32, error) {
	in := p.model.Inputs()
	if len(in) != 1 || in[0].IDs {
		return nil, errors.New("train: predictor: got one sample for a model that takes ids or several inputs, want Predict")
	}
	if len(x) != in[0].Size() {
		return nil, fmt.Errorf("train: predictor: got %d values, want %d for a sample of shape %v", len(x), in[0].Size(), in[0].Shape)
	}
	out, err := p.Predict(tensor.New(tensor.WithShape(append([]int{1}, in[0].Shape...)...), tensor.WithBacking(slices.Clone(x))))
	if err != nil {
		return nil, err
	}
	return out[0].Float32s(), nil
}

// check is the number of samples.
func (p *Predictor) check(inputs []*tensor.Dense) (int, error) {
	want := p.model.Inputs()
	if len(inputs) != len(want) {
		return 0, fmt.Errorf("train: predictor: got %d inputs, want %d", len(inputs), len(want))
	}
	for i, in := range want {
		t := inputs[i]
		if t == nil || t.Dims() == 0 {
			return 0, fmt.Errorf("train: predictor: input %q: got nil or a scalar, want a tensor of shape [samples,…]", in.Name)
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

// run appends the outputs for a batch. It runs in a program of the next power of two samples, so that there are few programs; the rows beyond are left out.
func (p *Predictor) run(batch *Batch, outputs [][]float32) error {
	n := batch.Len()
	size := 1
	for size < n {
		size *= 2
	}
	program, err := p.take(size)
	if err != nil {
		return err
	}
	defer p.give(program)
	for i, to := range program.Inputs() {
		if size > n {
			to.Zero()
		}
		if err := convert((&Batch{Inputs: []*tensor.Dense{to}}).part(0, n).Inputs[0], batch.Inputs[i]); err != nil {
			return err
		}
	}
	if err := program.Run(); err != nil {
		return err
	}
	for i, o := range program.Outputs() {
		outputs[i] = append(outputs[i], float32s(o)[:n*(o.Shape().TotalSize()/size)]...)
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
