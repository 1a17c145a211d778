package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
)

// RateRange is where FindRate looks.
type RateRange struct {
	From, To float64 // learning rates, 1e-6 and 10 if 0
	Steps    int     // 100 if 0
}

// RateCurve is what FindRate saw.
type RateCurve struct {
	Rates    []float64 // of each step, growing by the same factor
	Losses   []float64 // of each step's batch, before it
	Smoothed []float64 // running means of the losses, without their bias
	// Suggestion is the rate at which the smoothed loss falls fastest, by the logarithm of the rate; NaN where it does not fall.
	Suggestion float64
}

// FindRate trains a copy of the model with a learning rate that grows from step to step, and watches the loss: it begins to fall, falls fastest where the rate does most, and leaps up
// where it is too large (Smith 2017, Cyclical Learning Rates; the running mean is fastai's). It ends where the smoothed loss has grown to four times its least, or with the
// range. The model, the optimizer's settings and its running values are left as they are; Epochs, Validation, Observers and Start of the Config are not read.
func FindRate(ctx context.Context, m *graph.Model, data datasets.Data, c Config, r RateRange) (*RateCurve, error) {
	if err := given(ctx, m, data); err != nil {
		return nil, err
	}
	if r.From == 0 {
		r.From = 1e-6
	}
	if r.To == 0 {
		r.To = 10
	}
	if r.Steps == 0 {
		r.Steps = 100
	}
	if !(r.From > 0 && r.To > r.From && r.To <= math.MaxFloat64) || r.Steps < 2 {
		return nil, fmt.Errorf("train: got %d steps from a learning rate of %v to %v, want at least 2, from one above 0 to a larger one", r.Steps, r.From, r.To)
	}
	c.defaults(data.Len())
	c.Validation, c.Start, c.Epochs = nil, Position{}, r.Steps/batches(data.Len(), max(1, c.BatchSize))+1
	if isNil(c.Optimizer) {
		return nil, errors.New("train: got a nil pointer as Optimizer, want one, or none for SGD")
	}
	o, state, rate := c.Optimizer, c.Optimizer.State(), 0.0
	if s, ok := optim.Find[*optim.Scheduled](o); ok { // its schedule rests
		schedule := s.Schedule
		s.Schedule = nil
		defer func() { s.Schedule = schedule }()
	}
	rate = o.Rate()
	curve := &RateCurve{Suggestion: math.NaN()}
	mean, least := 0.0, math.Inf(1)
	c.Observers = []Observer{ObserverFunc("learning rates", func(e *Event) error {
		if e.Moment == Step && len(curve.Rates) == r.Steps {
			return Stop("the range is over")
		}
		if e.Moment != Backward {
			return nil
		}
		const keep = 0.95
		n := len(curve.Rates)
		mean = keep*mean + (1-keep)*e.Loss
		smooth := mean / (1 - math.Pow(keep, float64(n+1)))
		next := r.From * math.Pow(r.To/r.From, float64(n)/float64(r.Steps-1))
		curve.Rates, curve.Losses, curve.Smoothed = append(curve.Rates, next), append(curve.Losses, e.Loss), append(curve.Smoothed, smooth)
		if least = min(least, smooth); n > 10 && smooth > 4*least {
			return Stop("the loss has leapt up")
		}
		e.Config.Optimizer.SetRate(next)
		return nil
	})}
	if err := o.SetState(optim.State{}); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	_, err := Fit(ctx, m.Clone(), data, c)
	o.SetRate(rate)
	if back := o.SetState(state); err == nil {
		err = back
	}
	var diverged *DivergedError
	if errors.As(err, &diverged) {
		err = nil // it is what one looks for
	}
	if err != nil {
		return nil, err
	}
	curve.suggest()
	return curve, nil
}

// suggest looks for the steepest fall before the least loss, over a twentieth of the steps to both sides. The first tenth is left out: there the running mean is of few losses.
func (c *RateCurve) suggest() {
	n, low := len(c.Smoothed), 0
	for i, v := range c.Smoothed {
		if v < c.Smoothed[low] {
			low = i
		}
	}
	steepest, side := 0.0, max(1, n/20)
	for i := max(side, n/10); i <= low && i < n; i++ {
		from, to := i-side, min(n-1, i+side)
		if slope := (c.Smoothed[to] - c.Smoothed[from]) / math.Log(c.Rates[to]/c.Rates[from]); slope < steepest {
			steepest, c.Suggestion = slope, c.Rates[i]
		}
	}
}
