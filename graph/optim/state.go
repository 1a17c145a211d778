package optim

import (
	"fmt"
	"maps"
	"slices"

	"gorgonia.org/tensor"
)

// State is what an optimizer carries from one step to the next. The zero State is that of an optimizer that has made
// no step.
type State struct {
	// Steps is the number of steps made.
	Steps int
	// Slots holds the running values by name, each list in the order of the parameters. SGD with momentum has
	// "momentum", Adam, AdamW and Nadam have "m" and "v", and with AMSGrad "top", RMSProp and AdaGrad "v", Lion "m", EMA "average".
	Slots map[string][]*tensor.Dense
	// Numbers are what belongs to no parameter, by name: of Scheduled "schedule".
	Numbers map[string][]float64
}

// Afresh is what is left of a state where other parameters are learnt from now on, as when layers of a model are frozen: the running values are none, and a schedule goes on.
func (s State) Afresh() State { return State{Numbers: s.Numbers} }

func (e *engine) state(r rule) State {
	s := State{Steps: e.steps, Slots: map[string][]*tensor.Dense{}}
	for i, slot := range r.slots() {
		if e.values[i] != nil {
			s.Slots[slot] = copies(e.values[i])
		}
	}
	return s
}

// setState checks s by itself; the next step compares it with the parameters.
func (e *engine) setState(r rule, s State) error {
	if s.Steps < 0 {
		return fmt.Errorf("optim: %s: state of %d steps, want 0 or more", r.Name(), s.Steps)
	}
	for _, slot := range slices.Sorted(maps.Keys(s.Slots)) {
		if !slices.Contains(r.slots(), slot) {
			return fmt.Errorf("optim: %s: the state has a slot %q, want %q alone: it is another optimizer's, or of other settings",
				r.Name(), slot, r.slots())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Numbers)) {
		return fmt.Errorf("optim: %s: the state has numbers for %q, want none: it is another optimizer's, or of other settings", r.Name(), name)
	}
	var values [maxSlots][]*tensor.Dense
	for i, slot := range r.slots() {
		given, ok := s.Slots[slot]
		if !ok && s.Steps == 0 && len(s.Slots) == 0 {
			continue
		}
		if !ok {
			return fmt.Errorf("optim: %s: the state has no slot %q, want %q: it is another optimizer's, or of other settings",
				r.Name(), slot, r.slots())
		}
		for k, t := range given {
			if _, err := dense(t); err != nil {
				return fmt.Errorf("optim: %s: slot %q, parameter %d: the tensor %w", r.Name(), slot, k, err)
			}
		}
		if err := sameForm(r.Name(), slot, given, s.Slots[r.slots()[0]]); err != nil {
			return err
		}
		values[i] = copies(given)
	}
	e.steps, e.values, e.owners = s.Steps, values, nil
	return nil
}

func copies(of []*tensor.Dense) []*tensor.Dense {
	c := make([]*tensor.Dense, len(of))
	for i, t := range of {
		c[i] = t.Clone().(*tensor.Dense)
	}
	return c
}
