package graph

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Loss compares a model's output, [batch,…], with a target, and gives one value for each sample, [batch], or for each position of one, [batch,time]. The
// model's loss is their weighted sum, Σ wᵢ·lᵢ, with weights of 1/n for n positions: see [Program.Weigh]. Package losses has them.
type Loss interface {
	// Name is what it is called in messages and drawings: "cross-entropy".
	Name() string
	// Target is the target that it wants for an output of that shape, without the batch; an error where it can do nothing with such an output.
	Target(output tensor.Shape) (Input, error)
	// Build adds the loss's nodes to the graph, for each program anew, and returns the values.
	Build(b *Builder, output, target *gorgonia.Node) *gorgonia.Node
}

// A Weigher is a loss whose positions count unequally.
type Weigher interface {
	Loss
	// Weigh writes what each position of a target counts: 1, 0 where it is to be ignored, the weight of its class. A batch's weights are divided by their sum.
	Weigh(target *tensor.Dense, weights []float64)
}

// A Losses is the losses of a model with several outputs, each with a weight by which it is multiplied.
type Losses interface {
	Loss
	// Of is the loss of the output of that name; nil where it has none: what leads to that output alone is not learnt.
	Of(output string) (Loss, float64)
	// Outputs are the names of the outputs that have a loss.
	Outputs() []string
}

// LossFunc makes a loss of a function of the output and a target of the same shape, in which any Gorgonia op may stand, to one value a sample:
//
//	absolute := graph.LossFunc("mae", func(b *graph.Builder, output, target *gorgonia.Node) *gorgonia.Node {
//		return b.Node(gorgonia.Mean(b.Node(gorgonia.Abs(b.Node(gorgonia.Sub(output, target)))), 1))
//	})
func LossFunc(name string, build func(b *Builder, output, target *gorgonia.Node) *gorgonia.Node) Loss {
	return lossFunc{name, build}
}

type lossFunc struct {
	name  string
	build func(b *Builder, output, target *gorgonia.Node) *gorgonia.Node
}

func (l lossFunc) Name() string                              { return l.name }
func (l lossFunc) Target(output tensor.Shape) (Input, error) { return Floats(output...), nil }
func (l lossFunc) Build(b *Builder, output, target *gorgonia.Node) *gorgonia.Node {
	if l.build == nil {
		return b.Errorf("got no function: give LossFunc one")
	}
	return l.build(b, output, target)
}

// A TargetInfo is what a loss wants to be told of one of a model's outputs.
type TargetInfo struct {
	Output string // the output's name
	Input         // shape and kind
	Loss   Loss   // that takes it
	weight float64
}

// Targets are the targets that a loss wants for the model's outputs, in their order; outputs that it leaves out have none.
func (m *Model) Targets(l Loss) ([]TargetInfo, error) {
	if v := reflect.ValueOf(l); l == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, fmt.Errorf("graph: got no loss, want one to train or evaluate with: set Spec.Loss, such as losses.CrossEntropy{}")
	}
	var targets []TargetInfo
	if several, ok := l.(Losses); ok {
		for _, name := range several.Outputs() {
			if !slices.ContainsFunc(m.made().outputs, func(o OutputInfo) bool { return o.Name == name }) {
				return nil, fmt.Errorf("graph: the loss %s names an output %q, which is none of the model's, %s", l.Name(), name, names(m.made().outputs))
			}
		}
	}
	for _, o := range m.made().outputs {
		t := TargetInfo{Output: o.Name, Loss: l, weight: 1}
		if several, ok := l.(Losses); ok {
			if t.Loss, t.weight = several.Of(o.Name); t.Loss == nil {
				continue
			}
		} else if len(m.outputs) > 1 {
			return nil, fmt.Errorf("graph: got the loss %s for a model with %d outputs, want one for each: losses.Each", l.Name(), len(m.outputs))
		}
		var err error
		if t.Input, err = targetOf(t.Loss, slices.Clone(o.Shape)); err == nil {
			err = t.Input.check()
		}
		if err != nil {
			return nil, fmt.Errorf("graph: loss %s on an output of shape %v: %w", nameOf(t.Loss), o.Shape, err)
		}
		targets = append(targets, t)
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("graph: the loss %s names none of the model's outputs, which are %s", l.Name(), names(m.made().outputs))
	}
	return targets, nil
}

// targetOf asks a loss, which may be anybody's, for its target; a panic, as of a nil pointer, becomes an error.
func targetOf(l Loss, output tensor.Shape) (in Input, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Target panicked: %v", r)
		}
	}()
	return l.Target(output)
}

// nameOf is a loss's name; its type where it has none to tell.
func nameOf(l Loss) (name string) {
	defer func() {
		if recover() != nil {
			name = fmt.Sprintf("%T", l)
		}
	}()
	return l.Name()
}

// Weigh writes what each position of a target counts, before sample weights, and before the division by the sum: 1 unless the loss is a Weigher. values has an
// element for each position.
func (t TargetInfo) Weigh(target *tensor.Dense, values []float64) {
	for i := range values {
		values[i] = 1
	}
	if w, ok := t.Loss.(Weigher); ok {
		w.Weigh(target, values)
	}
}

// weigh is Weigh of a loss that may be anybody's, and the sum: a panic, and what is no weight, is an error.
func (t TargetInfo) weigh(target *tensor.Dense, values []float64) (sum float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("graph: loss %s: its Weigh panicked: %v", nameOf(t.Loss), r)
		}
	}()
	t.Weigh(target, values)
	for i, v := range values {
		if sum += v; !(v >= 0 && sum <= math.MaxFloat64) {
			return 0, fmt.Errorf("graph: loss %s: its Weigh gives position %d a weight of %v, want a finite number of at least 0, and a finite sum", nameOf(t.Loss), i, v)
		}
	}
	return sum, nil
}
