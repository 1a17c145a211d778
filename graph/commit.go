package graph

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// Commit writes the states' next values, which the layers gave in Builder.Update, as they came out of the last Run, and bounds the norms of weights where a layer has asked for that. A step of
// training commits once, behind the optimizer's step; Fit does.
func (p *Program) Commit() error {
	if p.made().runs == 0 {
		return errors.New("graph: got a Commit before the first Run, want a Run first")
	}
	for _, u := range p.updates {
		to := p.model.states.all[u.state]
		if err := assign(to.Value, dense(u.next)); err != nil {
			return fmt.Errorf("graph: state %s: %w", to.Name, err)
		}
	}
	p.model.Constrain()
	return nil
}

// Updates are the states with the next values that came out of the last Run, in the order of Model.States; the others, which no layer updates, are left out.
func (p *Program) Updates() []Param {
	var all []Param
	for i, s := range p.made().model.made().states.all {
		for _, u := range p.updates {
			if u.state == i {
				all = append(all, Param{s.Name, dense(u.next)})
			}
		}
	}
	return all
}

func assign(to, from *tensor.Dense) error {
	if from == nil || !slices.Equal(to.Shape(), from.Shape()) || to.Dtype() != from.Dtype() {
		return errors.New("its next value is not of its shape and element type")
	}
	if to.Dtype() == tensor.Float64 {
		copy(to.Float64s(), from.Float64s())
	} else {
		copy(to.Float32s(), from.Float32s())
	}
	return nil
}
