package train

import (
	"errors"
	"fmt"
	"math"
)

// EarlyStopping is an observer that stops a run whose loss has not gone down for Patience epochs: the evaluated loss where the Config
// has Validation data, else the running one. The weights stay those of the last epoch.
//
// It looks at the epochs that Fit has ended so far and keeps nothing itself, so it may serve several runs, one after the other or at once.
// A run that is taken up again stops where it would have stopped if it is told the epochs before: with run.Resume,
//
//	&train.EarlyStopping{Patience: 3, Before: recorder.Epochs()}
type EarlyStopping struct {
	Patience int     // epochs to wait, 1 if 0
	MinDelta float64 // what counts as going down; any amount if 0
	Before   []Epoch // of the same run, ended before Config.Start
}

// Name is "early stopping".
func (s *EarlyStopping) Name() string { return "early stopping" }

// Observe returns a Stop at the end of the epoch in which the patience ends, and an error at the beginning where a setting is out of its range.
func (s *EarlyStopping) Observe(e *Event) error {
	if e == nil {
		return errors.New("got no event: an observer is told by Fit")
	}
	switch {
	case e.Moment == Begin && s.Patience < 0:
		return fmt.Errorf("got Patience %d, want at least 1, or 0 for 1", s.Patience)
	case e.Moment == Begin && !(s.MinDelta >= 0 && s.MinDelta <= math.MaxFloat64):
		return fmt.Errorf("got MinDelta %v, want a finite number of at least 0", s.MinDelta)
	case e.Moment != Epochal:
		return nil
	}
	best, since := math.Inf(1), 0
	for _, epochs := range [][]Epoch{s.Before, e.History.Epochs} {
		for _, epoch := range epochs {
			loss := epoch.Running.Loss
			if epoch.Evaluated != nil {
				loss = epoch.Evaluated.Loss
			}
			if since++; loss < best-s.MinDelta {
				best, since = loss, 0
			}
		}
	}
	if since < max(1, s.Patience) {
		return nil
	}
	return Stop(fmt.Sprintf("the loss has not gone down for %d epochs, from %.4g", since, best))
}
