package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
)

// History is what came of a run.
type History struct {
	Epochs   []Epoch       // those that this call of Fit ended
	Position Position      // where it stopped
	Running  Metrics       // means over the samples of the epoch in which it stopped, so far
	Stopped  string        // why it stopped before its last epoch; "" if it did not
	Beside   time.Duration // in which gradients went from rank to rank while others were multiplied out
}

// Epoch is one pass over the data.
type Epoch struct {
	Epoch     int      `json:"epoch"`               // from 1
	Running   Metrics  `json:"running"`             // means over the epoch's samples while the weights moved
	Evaluated *Metrics `json:"evaluated,omitempty"` // on Config.Validation after the epoch
	Clipped   *Clipped `json:"clipped,omitempty"`   // where an optim.Clip is at work
	Seconds   float64  `json:"seconds"`             // of the steps, without the evaluation
}

// Fit trains the model in place, from Config.Start to the end of the last epoch. The data must have what the model takes of a sample, and a target that suits the
// loss: classes for a loss of classes, as many as outputs; numbers for one of numbers; classes are made rows of 0 and one 1 where the loss wants numbers. What does not fit
// is an error before the first step. A cancelled context ends the run after the step in hand, with the context's cause; a loss that is
// not finite ends it with a *DivergedError before the weights take it up, and so do weights that are not finite at the
// end of an epoch. An observer's error ends it too. The model's About says from then on what the loss is, and what
// the data call their classes. The history says how far the run came, whatever the error, and is never nil.
func Fit(ctx context.Context, m *graph.Model, data datasets.Data, c Config) (*History, error) {
	f, err := newFit(ctx, m, data, &c)
	if err = meet(m, data, &c, err); err != nil {
		return &History{Position: c.Start}, err
	}
	start := c.Start.clone()
	f.event = Event{Model: m, Config: &c, Data: data, Position: start, Running: start.running(c.Metrics), Steps: batches(data.Len(), c.BatchSize), History: f.history}
	if s, ok := optim.Find[*optim.Scheduled](c.Optimizer); ok {
		s.Plan(c.Epochs, f.event.Steps)
	}
	f.ema, _ = optim.Find[*optim.EMA](c.Optimizer)
	f.clip, _ = optim.Find[*optim.Clip](c.Optimizer)
	if f.ema != nil { // a run before this one has left them in the model
		f.ema.Return(values(m.Trainable()))
	}
	was := m.About()
	m.SetAbout(about(was, data, c.Loss))
	var stop *stopError
	if err = f.event.tell(Begin); err != nil && !errors.As(err, &stop) {
		m.SetAbout(was)
	}
	f.stepper.refrozen() // a run that goes on freezes what it froze
	if err = agree(c.Ranks, err); err == nil {
		err = f.follow()
	}
	for err == nil && f.event.Position.Epoch < c.Epochs {
		err = f.epoch()
	}
	f.history.Position, f.history.Running = f.event.Position.clone(), f.event.Position.running(c.Metrics)
	if errors.As(err, &stop) {
		f.history.Stopped, err = stop.reason, nil
	} else if err != nil {
		f.history.Stopped = err.Error()
	}
	f.event.Err = err
	if end := f.event.tell(End); end != nil && err == nil && !errors.As(end, &stop) {
		err = end
	}
	if err == nil {
		err = f.leave()
	}
	return f.history, leaveTogether(c.Ranks, m, err)
}

// newFit looks at everything before anything is done.
func newFit(ctx context.Context, m *graph.Model, data datasets.Data, c *Config) (*fit, error) {
	if err := given(ctx, m, data); err != nil {
		return nil, err
	}
	c.defaults(data.Len())
	feeder, err := c.check(m, data)
	if err != nil {
		return nil, err
	}
	f := &fit{
		ctx:     ctx,
		stepper: &stepper{feeder: feeder, programs: programs{model: m, spec: graph.Spec{Mode: graph.Train, Loss: c.Loss}}, metrics: c.Metrics, shards: c.Shards, ranks: c.Ranks, frozen: m.Frozen()},
		history: &History{Position: c.Start},
	}
	return f, f.stepper.compile(data.Len(), c.BatchSize)
}

// leave puts the weights into the model with which it is to leave: those that an observer keeps, else the averages of an EMA.
func (f *fit) leave() error {
	m := f.event.Model
	if f.event.keep == nil && f.ema != nil {
		if err := f.ema.Use(values(m.Trainable())); err != nil {
			return fmt.Errorf("train: %w", err)
		}
	}
	tensors := m.Tensors()
	for _, p := range f.event.keep {
		at := slices.IndexFunc(tensors, func(o graph.Param) bool { return o.Name == p.Name })
		if at < 0 {
			return fmt.Errorf("train: got weights to keep of %s, which the model does not have", p.Name)
		}
		if err := convert(tensors[at].Value, p.Value, 0); err != nil {
			return fmt.Errorf("train: weights to keep of %s: %w", p.Name, err)
		}
	}
	return nil
}

func values(params []graph.Param) (all []*tensor.Dense) {
	for _, p := range params {
		all = append(all, p.Value)
	}
	return all
}

// about is what is to be known of a model that is trained on data by a loss.
func about(was graph.About, data datasets.Data, loss graph.Loss) graph.About {
	now := graph.About{Classes: data.Info().Classes, Preparation: was.Preparation}
	if text, err := losses.Format(loss); err == nil { // one of the program's own may have none
		now.Loss = text
	}
	if p := data.Info().Preparation; p != nil {
		if text, err := json.Marshal(p); err == nil { // texts and finite numbers alone
			now.Preparation = string(text)
		}
	}
	return now
}

// fit is a run under way.
type fit struct {
	ctx     context.Context
	stepper *stepper
	history *History
	event   Event
	ema     *optim.EMA  // of the optimizer; nil if it has none
	clip    *optim.Clip // likewise
}

// epoch runs the batches of an epoch that are left.
func (f *fit) epoch() error {
	e := &f.event
	c, p := e.Config, &e.Position
	start := time.Now()
	order := datasets.Shuffle(e.Data.Len(), c.Seed, p.Epoch)
	if isSlow(e.Data) {
		var left [][]int
		for i, rows := range datasets.Batches(order, c.BatchSize) {
			if i >= p.Batch {
				left = append(left, rows)
			}
		}
		f.stepper.ahead = newAhead(f.stepper.feeder, f.stepper.ownOf(left), datasets.Draw{Seed: c.Seed, Epoch: p.Epoch, Training: true})
		defer func() {
			f.stepper.ahead.stop()
			f.stepper.ahead = nil
		}()
	}
	for i, rows := range datasets.Batches(order, c.BatchSize) {
		if i < p.Batch {
			continue
		}
		var stopped error
		if f.ctx.Err() != nil {
			stopped = fmt.Errorf("train: stopped after %d steps: %w", p.Step, context.Cause(f.ctx))
		}
		if err := agree(c.Ranks, stopped); err != nil {
			return err
		}
		if err := f.step(rows); err != nil {
			return err
		}
	}
	if err := agree(c.Ranks, nil); err != nil {
		return err
	}
	if err := f.weights(p.Step); err != nil {
		return err
	}
	done := Epoch{Epoch: p.Epoch + 1, Running: p.running(c.Metrics), Clipped: p.clone().Clipped, Seconds: time.Since(start).Seconds()}
	if c.Validation != nil {
		result, err := f.evaluate()
		if err != nil {
			return err
		}
		done.Evaluated = &result.Metrics
	}
	if s, ok := optim.Find[*optim.Scheduled](c.Optimizer); ok && s.Watches() != "" {
		s.Watch(done.figure(s.Watches()), moreIsBetter(c.Metrics, s.Watches()))
	}
	f.history.Epochs = append(f.history.Epochs, done)
	*p = Position{Epoch: p.Epoch + 1, Step: p.Step}
	e.Batch, e.grads = nil, nil
	return agree(c.Ranks, e.tell(Epochal))
}

// whole reads all samples of a batch.
func (f *fit) whole(rows []int) (*Batch, error) {
	e := &f.event
	return f.stepper.whole(rows, datasets.Draw{Seed: e.Config.Seed, Epoch: e.Position.Epoch, Training: true})
}

// failed is an error that this rank alone may have met within a step: it tells the others, which ask when the step is over.
func (f *fit) failed(err error) error {
	if err == nil {
		return nil
	}
	return agree(f.event.Config.Ranks, err)
}

// evaluate takes the validation data, with the averages of the weights where there are any.
func (f *fit) evaluate() (*Evaluation, error) {
	c := f.event.Config
	if f.ema != nil {
		weights := values(f.event.Model.Trainable())
		if err := f.ema.Use(weights); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		defer f.ema.Return(weights)
	}
	return Evaluate(f.ctx, f.event.Model, c.Validation, Config{Loss: c.Loss, Metrics: c.Metrics, Ranks: c.Ranks})
}

// step trains on one batch.
func (f *fit) step(rows []int) error {
	e := &f.event
	p := &e.Position
	fail := func(err error) error {
		return fmt.Errorf("train: epoch %d, step %d: %w", p.Epoch+1, p.Step+1, err)
	}
	if f.stepper.refrozen() { // other parameters are learnt
		if err := e.Config.Optimizer.SetState(e.Config.Optimizer.State().Afresh()); err != nil {
			return fail(err)
		}
	}
	s, err := f.stepper.run(rows, p.Step, datasets.Draw{Seed: e.Config.Seed, Epoch: p.Epoch, Training: true}, p.Sums)
	if err != nil {
		return fail(err)
	}
	f.history.Beside = f.stepper.beside
	e.Batch, e.Loss, e.grads = s.batch, s.loss, s.grads
	if !solitary(e.Config.Ranks) {
		e.whole = func() (*Batch, error) { return f.whole(rows) }
	}
	if math.IsNaN(e.Loss) || math.IsInf(e.Loss, 0) {
		return f.diverged(rows)
	}
	if err := e.tell(Backward); err != nil {
		return f.failed(err)
	}
	e.Rate = e.Config.Optimizer.Rate()
	if err := e.Config.Optimizer.Step(s.grads); err != nil {
		return f.failed(fail(err))
	}
	if err := s.commit(); err != nil {
		return f.failed(fail(err))
	}
	p.Step++
	p.Batch++
	p.add(s.terms, s.masses)
	p.Sums = s.sums
	p.Seen += len(rows)
	if f.clip != nil {
		found := f.clip.Clipping()
		e.Clipping = &found
		p.clip(found)
	}
	e.Running = p.running(e.Config.Metrics)
	return f.failed(e.tell(Step))
}
