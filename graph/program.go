package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// A Program is a model's expression graph for one Spec, ready to run. It works on the model's own parameters, so all programs of a
// model see what any of them learns. A program is one goroutine's at a time; several programs of a model may run at once while nobody trains it.
//
// A run changes nothing that outlives it: it is the optimizer's step, and Commit, that move the model.
type Program struct {
	model   *Model
	spec    Spec
	graph   *gorgonia.ExprGraph
	tape    *tape
	inputs  []*tensor.Dense
	outputs gorgonia.Nodes
	terms   []*term
	loss    *gorgonia.Node // Σ over the terms, and the penalties
	samples []float64      // as Weigh was given them
	total   []float64
	share   *tensor.Dense // by which penalties are multiplied; nil if there are none
	grads   []gorgonia.ValueGrad
	updates []update
	probes  []probe
	place   *ops.Place
	runs    uint64
	nodes   Nodes
	first   *guard // until the first run is over, where an op of Gorgonia's might write into what it must not
}

// A term is one output's part of the loss, Σ wᵢ·lᵢ.
type term struct {
	TargetInfo
	target, weights *tensor.Dense
	values          *gorgonia.Node
	weighed         bool // Weigh was called since the last run
	counts          []float64
}

// A probe is a node whose value, and gradient where it has one, is kept for reading.
type probe struct {
	name        string
	layer       bool // a layer's output, rather than a watched node
	value, grad *gorgonia.Node

	inputs, inputGrads gorgonia.Nodes // of a layer
}

var errNoProgram = errors.New("graph: got a program that is nil or empty, want what Model.Compile returned: look at its error")

// made is the program itself, or an empty one in place of nil.
func (p *Program) made() *Program {
	if p == nil {
		return &Program{}
	}
	return p
}

// Spec returns what the program was compiled for.
func (p *Program) Spec() Spec { return p.made().spec }

// X is the first input, [batch,…] in the model's element type or int32, to be filled before each Run.
func (p *Program) X() *tensor.Dense {
	if len(p.made().inputs) == 0 {
		return nil
	}
	return p.inputs[0]
}

// Inputs are the inputs, in the order of Model.Inputs.
func (p *Program) Inputs() []*tensor.Dense { return slices.Clone(p.made().inputs) }

// Y is the first target, as the loss wants it: int32 classes, [batch,…], or floats; to be filled before each Run; nil in Predict.
func (p *Program) Y() *tensor.Dense {
	if len(p.made().terms) == 0 {
		return nil
	}
	return p.terms[0].target
}

// Targets are the targets, in the order of Model.Targets; none in Predict.
func (p *Program) Targets() []*tensor.Dense {
	var all []*tensor.Dense
	for _, t := range p.made().terms {
		all = append(all, t.target)
	}
	return all
}

// SetShare says which part of the whole batch this program's is: penalties are multiplied by it, so that they count once. 1 if it was never called.
func (p *Program) SetShare(share float64) {
	if p.made().share != nil {
		set(p.share, 0, share)
	}
}

// SetStep says which step of training the next Run is: what is random is drawn by it.
func (p *Program) SetStep(step uint64) {
	if p.made().place != nil {
		p.place.Step = step
	}
}

// SetRow says which row of the whole batch the first sample of the next Run is: what is random is drawn by it.
func (p *Program) SetRow(row int) {
	if p.made().place != nil {
		p.place.Row = row
	}
}

// Run computes everything once, from the inputs, the targets and the parameters as they are; it changes none of them. An error is one of an op, which it names.
func (p *Program) Run() error {
	if p.made().tape == nil {
		return errNoProgram
	}
	for _, t := range p.terms {
		if !t.weighed {
			if _, err := p.Weigh(p.samples, p.total); err != nil {
				return err
			}
			break
		}
	}
	for _, t := range p.terms {
		t.weighed = false
	}
	p.runs++
	p.first.before()
	err := p.tape.run()
	if err != nil {
		err = fmt.Errorf("graph: running a batch of %d: %w", p.spec.Batch, err)
	}
	if wrote := p.first.after(); wrote != nil {
		return wrote
	}
	if err == nil {
		p.first = nil
	}
	return err
}

// Loss is the loss of the last Run, the weighted sum over the batch, and the penalties; NaN before it and in Predict.
func (p *Program) Loss() float64 {
	if p.made().loss != nil {
		switch v := p.loss.Value().(type) {
		case *gorgonia.F32:
			return float64(*v)
		case *gorgonia.F64:
			return float64(*v)
		}
	}
	return math.NaN()
}

// Terms are the parts of the loss of the last Run, Σ wᵢ·lᵢ for each target in the order of Model.Targets; what is left of Loss are the penalties. None before it and in
// Predict.
func (p *Program) Terms() []float64 {
	if p.made().runs == 0 {
		return nil
	}
	all := make([]float64, len(p.terms))
	for k, t := range p.terms {
		if values := dense(t.values); t.weights.Dtype() == tensor.Float64 {
			all[k] = dot(t.weights.Float64s(), values.Float64s())
		} else {
			all[k] = dot(t.weights.Float32s(), values.Float32s())
		}
	}
	return all
}

func dot[T float32 | float64](a, b []T) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// Losses are the values of the loss of the first target in the last Run, [batch], or [batch,…] for each position; nil before it and in Predict.
func (p *Program) Losses() *tensor.Dense {
	if len(p.made().terms) == 0 {
		return nil
	}
	return dense(p.terms[0].values)
}

// Output is the model's first output of the last Run, [batch,…]; nil before it. The next Run writes over it.
func (p *Program) Output() *tensor.Dense {
	if len(p.made().outputs) == 0 {
		return nil
	}
	return dense(p.outputs[0])
}

// Outputs are the outputs of the last Run, in the order of Model.Outputs.
func (p *Program) Outputs() []*tensor.Dense {
	var all []*tensor.Dense
	for _, o := range p.made().outputs {
		all = append(all, dense(o))
	}
	return all
}

// Grads are the parameters that are not frozen with their gradients of the last Run, in the order of [Model.Trainable], as a gorgonia.Solver takes them; nil
// unless the mode is Train. The next Run writes over the gradients. One that is a product with an input is multiplied out when it
// is first asked for: do that before the input is filled anew.
func (p *Program) Grads() []gorgonia.ValueGrad { return p.made().grads }

// Nodes finds the program's ends in its Graph.
func (p *Program) Nodes() Nodes { return p.made().nodes }

// Graph is the expression graph, forward and backward, for drawing.
func (p *Program) Graph() *gorgonia.ExprGraph { return p.made().graph }
