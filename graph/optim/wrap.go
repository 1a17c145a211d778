package optim

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// A Wrapper is an optimizer around another one, which makes the steps.
type Wrapper interface {
	Optimizer
	Unwrap() Optimizer
}

// Find is the outermost of an optimizer and those that it wraps which is a T, such as Find[*EMA](o).
func Find[T any](o Optimizer) (found T, ok bool) {
	for ; o != nil; o = unwrap(o) {
		if t, ok := o.(T); ok {
			return t, true
		}
	}
	return found, false
}

func unwrap(o Optimizer) Optimizer {
	if w, ok := o.(Wrapper); ok {
		return w.Unwrap()
	}
	return nil
}

// wrapped is what a wrapper wraps, plain SGD where it is left open.
func wrapped(o *Optimizer) Optimizer {
	if *o == nil {
		*o = &SGD{}
	}
	return *o
}

// checkWrapped refuses a nil pointer, an optimizer that wraps itself, two wrappers of one kind, and what the wrapped one refuses.
func checkWrapped(w Wrapper) error {
	o := w.Unwrap()
	if v := reflect.ValueOf(o); v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("optim: %s: got a nil pointer of type %T to wrap, want an optimizer", w.Name(), o)
	}
	for inner := o; inner != nil; inner = unwrap(inner) {
		if reflect.TypeOf(inner) == reflect.TypeOf(w) {
			return fmt.Errorf("optim: %s: got another %s within it, want one", w.Name(), w.Name())
		}
	}
	return o.Validate()
}

// withNumbers is a state with a wrapper's own numbers.
func (s State) withNumbers(name string, numbers []float64) State {
	s.Numbers = maps.Clone(s.Numbers)
	if s.Numbers == nil {
		s.Numbers = map[string][]float64{}
	}
	s.Numbers[name] = numbers
	return s
}

// takeNumbers takes a wrapper's own numbers out of a state, so many of them, or none where the state has made no step.
func (s *State) takeNumbers(wrapper, name string, many int) ([]float64, error) {
	numbers, ok := s.Numbers[name]
	switch {
	case !ok && s.Steps == 0:
		return nil, nil
	case len(numbers) != many:
		return nil, fmt.Errorf("optim: %s: the state has %d numbers for %q, want %d: it is another optimizer's, or of other settings", wrapper, len(numbers), name, many)
	}
	s.Numbers = maps.Clone(s.Numbers)
	delete(s.Numbers, name)
	return slices.Clone(numbers), nil
}
