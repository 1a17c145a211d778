package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
)

// History is what came of a run.
type History struct {
	Epochs   []Epoch  // those that this call of Fit ended
	Position Position // where it stopped
	Stopped  string   // why it stopped before its last epoch; "" if it did not
}

// Epoch is one pass over the data.
type Epoch struct {
	Epoch     int      `json:"epoch"`               // from 1
	Running   Metrics  `json:"running"`             // means over the epoch's samples while the weights moved
	Evaluated *Metrics `json:"evaluated,omitempty"` // on Config.Validation after the epoch
	Seconds   float64  `json:"seconds"`             // of the steps, without the evaluation
}

// Fit trains the model in place, from Config.Start to the end of the last epoch. The data must have the model's inputs as values of a sample and its
// outputs as classes. A cancelled context ends the run after the step in hand, with the context's cause; a loss that is
// not finite ends it with a *DivergedError before the weights take it up, and so do weights that are not finite at the
// end of an epoch. An observer's error ends it too. The history says how far the run came, whatever the error, and is never nil.
func Fit(ctx context.Context, m *graph.Model, data *datasets.Dataset, c Config) (*History, error) {
	c.defaults()
	if err := c.check(m, data); err != nil {
		return &History{Position: c.Start}, err
	}
	f := &fit{
		ctx:      ctx,
		feed:     newFeed(data),
		programs: programs{model: m, spec: graph.Spec{Mode: graph.Train, Loss: c.Loss}},
		history:  &History{Position: c.Start},
	}
	f.event = Event{Model: m, Config: &c, Data: data, Position: c.Start, Running: c.Start.running(), Steps: batches(data.Len(), c.BatchSize), History: f.history}
	err := f.event.tell(Begin)
	for err == nil && f.event.Position.Epoch < c.Epochs {
		err = f.epoch()
	}
	f.history.Position = f.event.Position
	var stop *stopError
	if errors.As(err, &stop) {
		f.history.Stopped, err = stop.reason, nil
	} else if err != nil {
		f.history.Stopped = err.Error()
	}
	if end := f.event.tell(End); end != nil && err == nil && !errors.As(end, &stop) {
		err = end
	}
	return f.history, err
}

// fit is a run under way.
type fit struct {
	ctx      context.Context
	feed     *feed
	programs programs
	history  *History
	event    Event
}

// epoch runs the batches of an epoch that are left.
func (f *fit) epoch() error {
	e := &f.event
	c, p := e.Config, &e.Position
	start := time.Now()
	order := datasets.Shuffle(e.Data.Len(), c.Seed, p.Epoch)
	for i, rows := range datasets.Batches(order, c.BatchSize) {
		if i < p.Batch {
			continue
		}
		if err := f.ctx.Err(); err != nil {
			return fmt.Errorf("train: stopped after %d steps: %w", p.Step, context.Cause(f.ctx))
		}
		if err := f.step(rows); err != nil {
			return err
		}
	}
	if err := f.weights(p.Step); err != nil {
		return err
	}
	done := Epoch{Epoch: p.Epoch + 1, Running: p.running(), Seconds: time.Since(start).Seconds()}
	if c.Validation != nil {
		result, err := Evaluate(f.ctx, e.Model, c.Validation, Config{Loss: c.Loss})
		if err != nil {
			return err
		}
		done.Evaluated = &result.Metrics
	}
	f.history.Epochs = append(f.history.Epochs, done)
	*p = Position{Epoch: p.Epoch + 1, Step: p.Step}
	e.Program, e.Rows = nil, nil
	return e.tell(Epochal)
}

// step trains on one batch.
func (f *fit) step(rows []int) error {
	e := &f.event
	program, err := f.programs.of(len(rows))
	if err != nil {
		return err
	}
	p := &e.Position
	f.feed.fill(program, rows)
	program.SetStep(p.Step)
	if err := program.Run(); err != nil {
		return fmt.Errorf("train: epoch %d, step %d: %w", p.Epoch+1, p.Step+1, err)
	}
	e.Program, e.Rows, e.Loss = program, rows, program.Loss()
	if math.IsNaN(e.Loss) || math.IsInf(e.Loss, 0) {
		return f.diverged()
	}
	if err := e.tell(Backward); err != nil {
		return err
	}
	if err := e.Config.Optimizer.Step(program.Grads()); err != nil {
		return fmt.Errorf("train: epoch %d, step %d: %w", p.Epoch+1, p.Step+1, err)
	}
	p.Step++
	p.Batch++
	p.Loss += e.Loss * float64(len(rows))
	p.Correct += f.feed.correct(program, rows)
	p.Seen += len(rows)
	e.Running = p.running()
	return e.tell(Step)
}

// programs keeps a model's programs by batch size.
type programs struct {
	model *graph.Model
	spec  graph.Spec
	made  map[int]*graph.Program
}

func (p *programs) of(batch int) (*graph.Program, error) {
	if made := p.made[batch]; made != nil {
		return made, nil
	}
	p.spec.Batch = batch
	made, err := p.model.Compile(p.spec)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if p.made == nil {
		p.made = map[int]*graph.Program{}
	}
	p.made[batch] = made
	return made, nil
}
