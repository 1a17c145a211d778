package optim

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph/text"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Scheduled is an optimizer whose learning rate follows a schedule, step by step.
//
//	&optim.Scheduled{Optimizer: &optim.Adam{LearningRate: 0.001}, Schedule: optim.Sequence{optim.Warmup{Length: optim.Steps(100)}, optim.Cosine{}}}
//
// train.Fit tells it how long the run is to be. A run that is made longer after it was resumed keeps the schedule that it had, whose last rate stays.
type Scheduled struct {
	Optimizer Optimizer // SGD if nil
	Schedule  Schedule  // Constant if nil

	steps  int
	owners []*tensor.Dense // the parameters that steps counts for; nil where the next step is to say
	plan   Plan            // but for Rate
	told   Plan            // by Plan, for the next beginning
	wait   waiting
	wishes wishes
}

// waiting is how a figure has done so far.
type waiting struct {
	best      float64
	seen      bool
	bad, cool int // epochs without a better one; and those that do not count yet
}

// Name returns "scheduled".
func (s *Scheduled) Name() string { return "scheduled" }

// Unwrap returns the optimizer that it wraps.
func (s *Scheduled) Unwrap() Optimizer { return wrapped(&s.Optimizer) }

// Plan tells of the run: its epochs, and the steps of one. A schedule that has begun keeps what it was told before.
func (s *Scheduled) Plan(epochs, perEpoch int) {
	s.told = Plan{Epoch: max(0, perEpoch)}
	if epochs > 0 && perEpoch > 0 && epochs <= maxLength/perEpoch {
		s.told.Steps = epochs * perEpoch
	}
	if s.steps == 0 || s.plan == (Plan{}) {
		s.plan.Epoch, s.plan.Steps = s.told.Epoch, s.told.Steps
	}
}

func (s *Scheduled) schedule() Schedule {
	if s.Schedule == nil {
		return Constant{}
	}
	return s.Schedule
}

// current is the plan of the next step.
func (s *Scheduled) current() Plan {
	p := s.plan
	p.Rate = s.Unwrap().Rate()
	return p
}

// Rate returns the learning rate of the next step; that of the optimizer within where the schedule wants to know what nobody has told it.
func (s *Scheduled) Rate() float64 {
	p := s.current()
	if checkSchedule(s.schedule()) != nil || suits(s.schedule(), p) != nil {
		return p.Rate
	}
	return s.schedule().At(s.steps, p)
}

// SetRate sets the learning rate of the optimizer within, which the schedule begins with where it names no other; 0 trains nothing there.
func (s *Scheduled) SetRate(lr float64) { s.Unwrap().SetRate(lr) }

// Validate refuses settings out of range.
func (s *Scheduled) Validate() error {
	if err := checkSchedule(s.schedule()); err != nil {
		return err
	}
	return checkWrapped(s)
}

// Step makes a step of the optimizer within at the schedule's learning rate; an error says what is wrong, and nothing has changed.
func (s *Scheduled) Step(model []gorgonia.ValueGrad) error {
	if err := s.Validate(); err != nil {
		return err
	}
	weights := make([]*tensor.Dense, len(model))
	for i, p := range model {
		var err error
		if p == nil {
			return fmt.Errorf("optim: scheduled: parameter %d: it is nil", i)
		}
		if weights[i], err = dense(p.Value()); err != nil {
			return fmt.Errorf("optim: scheduled: parameter %d: its value %w", i, err)
		}
	}
	plan, at, afresh := s.current(), s.steps, s.owners != nil && !same(s.owners, weights)
	if afresh { // another model's
		plan, at = Plan{Rate: plan.Rate, Epoch: plan.Epoch, Steps: plan.Steps}, 0
		if s.told != (Plan{}) {
			plan.Epoch, plan.Steps = s.told.Epoch, s.told.Steps
		}
	}
	if err := suits(s.schedule(), plan); err != nil {
		return err
	}
	rate := s.schedule().At(at, plan)
	if !(rate >= 0 && rate < infinity) {
		return fmt.Errorf("optim: scheduled: got a learning rate of %v for step %d, want a finite number, 0 or more", rate, at+1)
	}
	if err := s.stepAt(rate, model); err != nil {
		return err
	}
	if afresh {
		s.wait = waiting{}
	}
	s.steps, s.plan = at+1, plan
	s.owners = append(s.owners[:0], weights...)
	return nil
}

// stepAt leaves the setting of the optimizer within as it is: it is where the schedule begins.
func (s *Scheduled) stepAt(rate float64, model []gorgonia.ValueGrad) error {
	inner := s.Optimizer
	if fulfils(inner) {
		to := s.wishes.of(model)
		for i := range s.wishes.all {
			s.wishes.all[i].rate, s.wishes.all[i].set = rate, true
		}
		return inner.Step(to)
	}
	before := inner.Rate()
	inner.SetRate(rate)
	defer inner.SetRate(before)
	return inner.Step(model)
}

// plateau is the schedule's, if it has one.
func (s *Scheduled) plateau() (p Plateau, ok bool) {
	all, _ := s.schedule().(Sequence)
	for _, one := range append(slices.Clone(all), s.schedule()) {
		if p, ok := one.(Plateau); ok {
			return p, true
		}
	}
	return p, false
}

// Watches is the figure that the schedule goes by, "loss" or a metric's name; "" if it goes by none.
func (s *Scheduled) Watches() string {
	switch p, ok := s.plateau(); {
	case !ok:
		return ""
	case p.Of == "":
		return "loss"
	default:
		return p.Of
	}
}

// Watch tells of an epoch's figure, of which more is better, or less. train.Fit does.
func (s *Scheduled) Watch(figure float64, moreIsBetter bool) {
	p, ok := s.plateau()
	if !ok {
		return
	}
	w, threshold := &s.wait, text.Value(p.Threshold, 0.0001)
	better := !w.seen && figure == figure
	if w.seen {
		better = figure < w.best*(1-threshold)
		if moreIsBetter {
			better = figure > w.best*(1+threshold)
		}
	}
	if w.bad++; better {
		w.best, w.seen, w.bad = figure, true, 0
	}
	if w.cool > 0 {
		w.cool--
		w.bad = 0
	}
	patience := p.Patience
	if patience == 0 {
		patience = 10
	}
	if w.bad >= patience {
		s.plan.Drops++
		w.bad, w.cool = 0, p.Cooldown
	}
}

const scheduleNumbers = "schedule"

// State returns a copy of the running values, those of the optimizer within, and how far the schedule has come.
func (s *Scheduled) State() State {
	seen := 0.0
	if s.wait.seen {
		seen = 1
	}
	state := s.Unwrap().State()
	return state.withNumbers(scheduleNumbers, []float64{s.Unwrap().Rate(), float64(s.plan.Steps), float64(s.plan.Epoch), float64(s.plan.Drops),
		s.wait.best, seen, float64(s.wait.bad), float64(s.wait.cool), float64(s.steps)})
}

// SetState replaces the running values by a copy of state; those of another optimizer, or of other shapes, are an error.
func (s *Scheduled) SetState(state State) error {
	numbers, err := state.takeNumbers("scheduled", scheduleNumbers, 9)
	if err != nil {
		return err
	}
	for i, x := range numbers {
		if i != 4 && !(x >= 0 && x <= math.MaxInt64) || i > 0 && i != 4 && x != math.Trunc(x) {
			return errors.New("optim: scheduled: the state's numbers are out of range: it is damaged, or another optimizer's")
		}
	}
	if err := s.Unwrap().SetState(state); err != nil {
		return err
	}
	s.steps, s.owners, s.wait, s.plan.Drops = 0, nil, waiting{}, 0
	if numbers != nil {
		s.Unwrap().SetRate(numbers[0])
		s.plan = Plan{Steps: int(numbers[1]), Epoch: int(numbers[2]), Drops: int(numbers[3])}
		s.wait = waiting{best: numbers[4], seen: numbers[5] == 1, bad: int(numbers[6]), cool: int(numbers[7])}
		s.steps = int(numbers[8])
	}
	return nil
}
