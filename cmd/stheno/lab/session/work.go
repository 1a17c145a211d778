package session

import (
	"context"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// debts are what is still to be told of the current run, where it stands, as soon as nobody asks for anything else.
type debts struct{ layers, result, findings bool }

func (d *debts) all()      { *d = debts{true, true, true} }
func (d *debts) any() bool { return *d != debts{} }

// pay tells one of them. It is broken off where somebody asks for something, and begun again.
func (s *Session) pay(ctx context.Context) error {
	ctx, done := s.queue.unhurried(ctx)
	defer done()
	r := s.current
	if err := s.wake(r); err != nil {
		return err
	}
	switch {
	case s.owes.layers:
		s.owes.layers = false
	case s.owes.result:
		if r.ended() && r.end.condition != Failed && r.result == nil {
			if err := s.conclude(ctx, r); err != nil {
				return broken(ctx, err)
			}
			s.tellState()
		}
		s.owes.result = false
	case s.owes.findings:
		s.owes.findings = false
	}
	return nil
}

// broken is no error where the work was only broken off.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// judged is what a run's model made of the data at a step, as far as it was asked.
type judged struct {
	step                     uint64
	in                       *segment
	train, test, noisy, held *train.Evaluation
}

// evaluate takes all data that there are.
func (r *run) evaluate(ctx context.Context) (*models.Result, error) {
	if r.judged.step != r.step() || r.judged.in != r.in {
		r.judged = judged{step: r.step(), in: r.in}
	}
	e, m := r.experiment(), r.material
	for _, set := range []struct {
		into **train.Evaluation
		data datasets.Data
	}{{&r.judged.train, m.fit}, {&r.judged.test, m.tests}, {&r.judged.noisy, m.noisy}, {&r.judged.held, m.held}} {
		if *set.into != nil || set.data == nil {
			continue
		}
		var err error
		if *set.into, err = train.Evaluate(ctx, r.model, set.data, train.Config{Loss: e.Loss, Metrics: e.Metrics}); err != nil {
			*set.into = nil
			return nil, err
		}
	}
	result := &models.Result{
		Experiment: e, Seed: r.seed, Model: r.model, History: &train.History{Epochs: r.epochsUntil(r.step()), Position: r.at},
		Train: r.judged.train, Test: r.judged.test, NoisyTest: r.judged.noisy, Validation: r.judged.held,
	}
	if r.ended() {
		result.Diverged = r.end.diverged
	}
	return result, nil
}

// conclude evaluates a run that is over.
func (s *Session) conclude(ctx context.Context, r *run) error {
	result, err := r.evaluate(ctx)
	if err != nil {
		return err
	}
	r.result, r.inBand = result, nil
	if len(r.segments) == 1 && !r.short {
		r.inBand = look.InBand(result)
	}
	return nil
}

// atRest gives a run that is over, and keeps its best weights, these.
func (s *Session) atRest(r *run) error {
	if !r.ended() || r.end.condition != Done || r.best == nil || r.aside || r.experiment().Patience == 0 {
		return nil
	}
	values := append([]*tensor.Dense(nil), r.best.tensors...)
	if _, ok := optim.Find[*optim.EMA](r.optimizer); ok { // whose averages are what was evaluated
		params, averages := r.model.Params(), r.best.state.Slots["average"]
		for i, p := range r.model.Trainable() {
			for j, o := range params {
				if o.Name == p.Name && i < len(averages) {
					values[j] = averages[i]
				}
			}
		}
	}
	r.aside = true
	return put(r.model, values)
}

// snapped is what live snapshots of a run have shown, and cost.
type snapped struct {
	first *inspect.Snapshot
}

func (w *walk) snap(*train.Event, any) error { return nil }
func (w *walk) snapped(*train.Event) error   { return nil }
