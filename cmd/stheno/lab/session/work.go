package session

import (
	"context"
	"slices"
	"time"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// debts are what is still to be told of the current run, where it stands, as soon as nobody asks for anything else.
type debts struct{ layers, result, findings, folder bool }

func (d *debts) all()      { *d = debts{true, true, true, true} }
func (d *debts) any() bool { return *d != debts{} }

// askedAtPause are the samples of each set by which a run is judged where it rests on its way: as many as the diagnosis asks.
const askedAtPause = 4000

// quiet is how long nobody asks for anything before the diagnosis is made, which takes longer than who drags a bar would wait.
const quiet = 250 * time.Millisecond

// pay tells one of them. It is broken off where somebody asks for something, and begun again.
func (s *Session) pay(ctx context.Context) error {
	r := s.current
	if err := s.wake(ctx, r); err != nil {
		return err
	}
	ctx, done := s.queue.unhurried(ctx)
	defer done()
	switch {
	case s.owes.layers:
		s.owes.layers = false
		start := s.clock()
		snapshot, err := s.snapshot(r)
		if err != nil {
			return err
		}
		if r.snapped.cost == 0 { // of a branch, say
			r.snapped.cost = s.clock().Sub(start)
		}
		return s.tellLayers(r, snapshot)
	case s.owes.folder && s.keepsSoon(r):
		s.keep()
	case s.owes.result:
		if r.ended() && r.end.condition != Failed && r.result == nil {
			if err := s.conclude(ctx, r); err != nil {
				return broken(ctx, err)
			}
			s.tellState()
			s.owes.folder = true
		}
		s.owes.result = false
	case s.owes.findings && time.Since(s.answered) < quiet:
		s.queue.waitFor(s.ctx, quiet-time.Since(s.answered))
	case s.owes.findings:
		if r.head > 0 {
			most := askedAtPause
			if r.ended() { // of whose result all samples are evaluated anyway
				most = 0
			}
			if err := s.diagnose(ctx, r, most); err != nil {
				return broken(ctx, err)
			}
		}
		s.owes.findings = false
	case s.owes.folder:
		s.keep()
	}
	return nil
}

// keep pays the folder.
func (s *Session) keep() {
	named := s.keepAll()
	s.owes.folder = slices.ContainsFunc(s.runs, func(r *run) bool { return s.unkept(r) && !r.folder.failed }) // where somebody was in a hurry
	if named {
		s.tellState()
	}
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
	most                     int // samples of each set; 0 is all
	train, test, noisy, held *train.Evaluation
	told                     *look.Judged // as somebody asked for it
}

// evaluate takes all data that there are, or so many samples of each set at most.
func (r *run) evaluate(ctx context.Context, most int) (*models.Result, error) {
	if r.judged.step != r.step() || r.judged.in != r.in || r.judged.most != most {
		r.judged = judged{step: r.step(), in: r.in, most: most}
	}
	e, m := r.experiment(), r.material
	for _, set := range []struct {
		into **train.Evaluation
		data datasets.Data
	}{{&r.judged.train, m.fit}, {&r.judged.test, m.tests}, {&r.judged.noisy, m.noisy}, {&r.judged.held, m.held}} {
		if *set.into != nil || set.data == nil {
			continue
		}
		data, err := part(set.data, most)
		if err != nil {
			return nil, err
		}
		if *set.into, err = train.Evaluate(ctx, r.model, data, train.Config{Loss: e.Loss, Metrics: e.Metrics}); err != nil {
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
	result, err := r.evaluate(ctx, 0)
	if err != nil {
		return err
	}
	r.result, r.inBand = result, nil
	if len(r.segments) == 1 && !r.short() {
		r.inBand = look.InBand(result)
	}
	result.Model = nil // which the run lets go of where it is not looked at
	return nil
}

// atRest gives the model the weights with which it is evaluated: averages where the optimizer keeps some, and at the end of a run that keeps its best weights, these.
func (s *Session) atRest(r *run) error {
	ema, averaged := optim.Find[*optim.EMA](r.optimizer)
	if averaged {
		weights := trainable(r.model)
		ema.Return(weights) // where Fit has left the averages
		if err := ema.Use(weights); err != nil {
			return err
		}
	}
	if !r.bestKept() || r.aside {
		return nil
	}
	if err := put(r.model, r.best.tensors); err != nil {
		return err
	}
	if averages := r.best.state.Slots["average"]; averaged && len(averages) > 0 {
		for i, w := range trainable(r.model) {
			copyTo(w, averages[i])
		}
	}
	r.aside = true
	return nil
}

// bestKept says whether a run is over, and has the weights of its best epoch.
func (r *run) bestKept() bool {
	return r.ended() && r.end.condition == Done && r.best != nil && r.experiment().Patience > 0
}

// place is the position that the model's weights are of: where the run is, or, of one that has its best weights, that after the best epoch.
func (r *run) place() train.Position {
	if r.aside && r.bestKept() {
		return r.best.at
	}
	return r.at
}

// working gives the model the weights with which it is trained.
func (r *run) working() {
	if ema, ok := optim.Find[*optim.EMA](r.optimizer); ok {
		ema.Return(trainable(r.model))
	}
}

func trainable(m *graph.Model) (all []*tensor.Dense) {
	for _, p := range m.Trainable() {
		all = append(all, p.Value)
	}
	return all
}
