package optim

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// EMA keeps an exponential moving average of each weight beside the optimizer that it wraps, which knows nothing of it (Polyak and Juditsky 1992; Keras' use_ema,
// PyTorch's AveragedModel with get_ema_multi_avg_fn).
//
//	a ← w after the first step, then a ← d·a + (1 − d)·w
//
// train.Fit evaluates the model with the averages, and leaves them in it at the end of a run. What a layer keeps without learning it, such as the moments of a batch
// normalisation, is not averaged.
type EMA struct {
	Optimizer Optimizer // SGD if nil
	Decay     float64   `default:"0.999"` // d in [0, 1); 0: 0.999

	owners   []*tensor.Dense
	averages []*tensor.Dense
	aside    []*tensor.Dense // the weights, while the averages are in their place
	restored []*tensor.Dense // of SetState, until the next step says whose they are
}

// Name returns "ema".
func (e *EMA) Name() string { return "ema" }

// Unwrap returns the optimizer that it wraps.
func (e *EMA) Unwrap() Optimizer { return wrapped(&e.Optimizer) }

// Rate returns the learning rate.
func (e *EMA) Rate() float64 { return e.Unwrap().Rate() }

// SetRate sets the learning rate; 0 trains nothing.
func (e *EMA) SetRate(lr float64) { e.Unwrap().SetRate(lr) }

// Validate refuses settings out of range.
func (e *EMA) Validate() error {
	if err := checkSettings("ema", setting{"Decay", e.Decay, 1}); err != nil {
		return err
	}
	return checkWrapped(e)
}

// Step makes a step of the optimizer within and takes the weights into the averages.
func (e *EMA) Step(model []gorgonia.ValueGrad) error {
	if err := e.Validate(); err != nil {
		return err
	}
	weights := make([]*tensor.Dense, len(model))
	for i, p := range model {
		var err error
		if p == nil {
			return fmt.Errorf("optim: ema: parameter %d: it is nil", i)
		}
		if weights[i], err = dense(p.Value()); err != nil {
			return fmt.Errorf("optim: ema: parameter %d: its value %w", i, err)
		}
	}
	if e.restored != nil {
		if err := sameForm("ema", averageSlot, e.restored, weights); err != nil {
			return err
		}
	}
	if err := e.Optimizer.Step(model); err != nil {
		return err
	}
	if e.restored != nil {
		e.owners, e.averages, e.restored = slices.Clone(weights), e.restored, nil
	}
	if !same(e.owners, weights) {
		e.owners, e.averages = slices.Clone(weights), copies(weights)
		return nil
	}
	d := text.Value(e.Decay, 0.999)
	for i, w := range weights {
		if w.Dtype() == tensor.Float32 {
			mix(e.averages[i].Float32s(), w.Float32s(), d)
		} else {
			mix(e.averages[i].Float64s(), w.Float64s(), d)
		}
	}
	return nil
}

func mix[T vec.Float](a, w []T, d float64) {
	parallel.For(len(a), grain, func(lo, hi int) { vec.Mix(a[lo:hi], w[lo:hi], T(d), T(1-d)) })
}

// Averages are those of the parameters, in their order, its own; nil before the first step.
func (e *EMA) Averages() []*tensor.Dense {
	if e.restored != nil {
		return slices.Clone(e.restored)
	}
	return slices.Clone(e.averages)
}

// Use puts the averages in the place of the weights, until Return puts these back, to the last bit. Before the first step both do nothing. The weights are
// those of the model that it has averaged: others are an error.
func (e *EMA) Use(weights []*tensor.Dense) error {
	averages := e.Averages()
	if averages == nil {
		return nil
	}
	if err := sameForm("ema", averageSlot, averages, weights); err != nil {
		return err
	}
	e.aside = copies(weights)
	assign(weights, averages)
	return nil
}

// Return puts the weights back that Use has put aside. Where they are no longer the averages that Use has left, since somebody has changed them, they stay as they are.
func (e *EMA) Return(weights []*tensor.Dense) {
	aside, averages := e.aside, e.Averages()
	e.aside = nil
	if aside == nil || sameForm("ema", averageSlot, averages, weights) != nil || sameForm("ema", averageSlot, aside, weights) != nil {
		return
	}
	for i, a := range averages {
		w := weights[i]
		if a.Dtype() == tensor.Float32 && !slices.Equal(a.Float32s(), w.Float32s()) || a.Dtype() == tensor.Float64 && !slices.Equal(a.Float64s(), w.Float64s()) {
			return
		}
	}
	assign(weights, aside)
}

// assign copies tensors of one form.
func assign(to, from []*tensor.Dense) {
	for i, t := range from {
		if t.Dtype() == tensor.Float32 {
			copy(to[i].Float32s(), t.Float32s())
		} else {
			copy(to[i].Float64s(), t.Float64s())
		}
	}
}

const averageSlot = "average"

// State returns a copy of the running values, those of the optimizer within and "average".
func (e *EMA) State() State {
	s := e.Unwrap().State()
	if averages := e.Averages(); averages != nil {
		s.Slots = maps.Clone(s.Slots)
		if s.Slots == nil {
			s.Slots = map[string][]*tensor.Dense{}
		}
		s.Slots[averageSlot] = copies(averages)
	}
	return s
}

// SetState replaces the running values by a copy of s; those of another optimizer, or of other shapes, are an error.
func (e *EMA) SetState(s State) error {
	given, ok := s.Slots[averageSlot]
	if !ok && s.Steps > 0 {
		return fmt.Errorf("optim: ema: the state has no slot %q: it is another optimizer's, or of other settings", averageSlot)
	}
	for k, t := range given {
		if _, err := dense(t); err != nil {
			return fmt.Errorf("optim: ema: slot %q, parameter %d: the tensor %w", averageSlot, k, err)
		}
	}
	s.Slots = maps.Clone(s.Slots)
	delete(s.Slots, averageSlot)
	if err := e.Unwrap().SetState(s); err != nil {
		return err
	}
	e.owners, e.averages, e.restored = nil, nil, copies(given)
	if !ok {
		e.restored = nil
	}
	return nil
}
