package train

import (
	"fmt"
	"math"
)

// EarlyStopping is an observer that stops a run whose loss has not gone down for Patience epochs: the evaluated loss where the Config
// has Validation data, else the running one. It serves one run.
type EarlyStopping struct {
	Patience int     // epochs to wait, 1 if 0
	MinDelta float64 // what counts as going down; any amount if 0

	best    float64
	since   int
	started bool
}

func (s *EarlyStopping) Name() string { return "early stopping" }

func (s *EarlyStopping) Observe(e *Event) error {
	if e.Moment != Epochal {
		return nil
	}
	if !s.started {
		s.best, s.started = math.Inf(1), true
	}
	last := e.History.Epochs[len(e.History.Epochs)-1]
	loss := last.Running.Loss
	if last.Evaluated != nil {
		loss = last.Evaluated.Loss
	}
	if loss < s.best-s.MinDelta {
		s.best, s.since = loss, 0
		return nil
	}
	if s.since++; s.since >= max(1, s.Patience) {
		return Stop(fmt.Sprintf("the loss has not gone down for %d epochs, from %.4g", s.since, s.best))
	}
	return nil
}
