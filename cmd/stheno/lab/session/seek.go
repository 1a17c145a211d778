package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
)

// ErrStopped is of a run that did not come to where it was to be: somebody asked for a pause or another step, or, which nobody is told, who asked for it has gone, or the lab ends.
var ErrStopped = errors.New("somebody asked for a pause, or for another step, meanwhile")

// pauses says whether a command that waits ends the way of a run to a step, which may be long. All others wait for its end.
func pauses(c Command, _ bool) bool { return c.Do == "pause" }

// leads says that of a command that goes somewhere itself, where nothing is done before: somebody drags a bar.
func leads(c Command, next bool) bool { return c.Do == "pause" || next && c.Do == "goto" }

// seekEvery is how often it is told where a run is on its way to a step.
const seekEvery = 500 * time.Millisecond

// seek brings a run to a step of its way, in the bits that it had there. It ends with ErrStopped, at rest at a step between, where the context ends, or somebody asks for what stops it.
func (s *Session) seek(ctx context.Context, r *run, step uint64, stops func(c Command, next bool) bool) error {
	if step > r.head {
		return fmt.Errorf("got step %d of %s, which was trained up to step %d: go no further than that", step, r.name, r.head)
	}
	ctx, done := s.queue.hurried(ctx, stops)
	defer done()
	defer context.AfterFunc(s.ctx, done)()
	if step != r.step() && ctx.Err() != nil {
		return ErrStopped
	}
	from := r.before(step)
	if r.model == nil || r.aside || r.step() > step || from != nil && from.step > r.step() {
		err := r.restore(from)
		for from != nil && from.file != nil && errors.Is(err, fs.ErrNotExist) { // whoever trains the run keeps the newest only: an earlier one leads there, too
			r.checkpoints = slices.DeleteFunc(r.checkpoints, func(c *checkpoint) bool { return c == from })
			from = r.before(step)
			err = r.restore(from)
		}
		if err != nil {
			return err
		}
	}
	w := &walk{s: s, r: r, until: step, quiet: true, seeking: ctx, told: time.Now()}
	err := w.along(context.WithoutCancel(ctx)) // it stops itself, between two steps
	if w.telling {
		s.tell("seek", w.way(true))
	}
	if err != nil {
		return err
	}
	if r.step() == step {
		return s.atRest(r)
	}
	if ctx.Err() == nil {
		return fmt.Errorf("%s came to step %d on its way to step %d", r.name, r.step(), step)
	}
	return cmp.Or(s.atRest(r), ErrStopped)
}

// way is how far a walk has come; over says that it goes no further.
func (w *walk) way(over bool) Seek {
	return Seek{Run: cmp.Or(w.r.id, w.r.parent), Step: w.r.step(), To: w.until, Over: over}
}

// onward tells how far the walk has come from time to time, and stops it where nobody waits for its end any more.
func (w *walk) onward() (on bool) {
	if time.Since(w.told) >= w.s.seekEvery {
		w.s.tell("seek", w.way(false))
		w.telling, w.told = true, time.Now()
	}
	return w.seeking.Err() == nil
}

// maxAwake is how many runs have a model in memory at a time.
const maxAwake = 4

// wake gives a run its model. Of the others those that were looked at longest ago lose theirs: it is made again from a checkpoint.
func (s *Session) wake(ctx context.Context, r *run) error {
	s.looked++
	r.looked = s.looked
	for {
		var first *run
		awake := 0
		for _, o := range s.runs {
			if o.model == nil {
				continue
			}
			awake++
			if o != r && !o.training && !o.held && (first == nil || o.looked < first.looked) {
				first = o
			}
		}
		if awake <= maxAwake || first == nil {
			break
		}
		first.sleep()
	}
	if r.model != nil {
		return nil
	}
	return s.again(ctx, r)
}

// again gives a run the weights of where it is, by training it up to there; where it is it stays in any case.
func (s *Session) again(ctx context.Context, r *run) error {
	at, offset, in, seconds := r.at, r.offset, r.in, r.seconds
	err := s.seek(ctx, r, r.step(), pauses)
	if err != nil {
		r.sleep()
		r.at, r.offset, r.in, r.seconds = at, offset, in, seconds
	}
	if errors.Is(err, ErrStopped) {
		return fmt.Errorf("%s is to be trained up to step %d again, where it is: %w", r.name, r.step(), err)
	}
	return err
}

// sleep lets go of the run's model, until somebody looks.
func (r *run) sleep() { r.model, r.optimizer, r.recorder, r.asked, r.aside = nil, nil, nil, nil, false }

func (s *Session) doGoto(ctx context.Context, r *run, c Command) (*run, error) {
	if c.Step == nil {
		return nil, errors.New("got no step to go to")
	}
	dragged := func() bool {
		return s.queue.later(func(l Command, next bool) bool { return next && l.Do == "goto" && l.Run == c.Run })
	}
	if dragged() {
		return r, nil // somebody drags a bar
	}
	s.choose(r)
	s.stop()
	err := s.seek(ctx, r, *c.Step, leads)
	s.owes.all()
	if errors.Is(err, ErrStopped) { // which is no mistake of who asked
		if ctx.Err() == nil && !dragged() {
			s.say("info", look.Said(fmt.Errorf("%s came to step %d, and not to step %d: %w", r.name, r.step(), *c.Step, err).Error()))
		}
		return r, nil
	}
	return r, err
}

// goTo makes a run the current one, at rest at a step of its way, from which something is to be done.
func (s *Session) goTo(ctx context.Context, r *run, step uint64) error {
	s.choose(r)
	s.stop()
	err := s.seek(ctx, r, step, pauses)
	s.owes.all()
	return err
}
