package session

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A walk trains a run from where it is, as the observer of Fit.
type walk struct {
	s     *Session
	r     *run
	until uint64 // the step to stop at
	quiet bool   // on the way to a step where it has been: nothing is told, kept or asked
	watch bool   // takes a snapshot of each step

	seeking context.Context // of a quiet one: who waits for its end
	told    time.Time       // when it was told last how far it has come
	telling bool            // that was told

	resting bool // Fit waits for somebody to play on

	waited time.Duration // for steps to be due, since the run was diagnosed

	segment  uint64    // where the next one begins
	asked    bool      // somebody wants the run to stop
	mark     time.Time // since when Fit works
	epoch    float64   // seconds of the epoch under way
	began    time.Time
	saved    time.Time     // when the last checkpoint was taken
	cost     time.Duration // of that
	taking   bool          // a snapshot of the step in hand
	kept     bool          // which the diagnosis judges by
	snapping time.Duration // what that has cost so far
}

const never = math.MaxUint64

// walked is a train.Stop's reason of ours.
const walked = "the lab"

// along trains until the step, the end of the run, or until somebody asks for something that Fit cannot wait for. Segments are changed on the way.
func (w *walk) along(ctx context.Context) error {
	return protected(func() error { return w.train(ctx) })
}

func (w *walk) train(ctx context.Context) error {
	r := w.r
	for {
		w.segment = never
		for _, s := range r.segments[r.index():] {
			if s.from > r.step() {
				w.segment = s.from
				break
			}
			if err := r.enter(s); err != nil {
				return err
			}
		}
		if r.step() >= w.until || r.at.Epoch >= r.in.experiment.Epochs || w.quiet && w.seeking.Err() != nil {
			break
		}
		stopped, err := w.fit(ctx)
		if err != nil || stopped || w.asked {
			return err
		}
	}
	if !w.quiet && r.at.Epoch >= r.in.experiment.Epochs {
		w.over(Done, "", nil)
	}
	return nil
}

// index is the place behind the segment that is in force.
func (r *run) index() int {
	for i, s := range r.segments {
		if s == r.in {
			return i + 1
		}
	}
	return 0
}

// fit trains in the settings in force; stopped says that it came to the run's end.
func (w *walk) fit(ctx context.Context) (stopped bool, err error) {
	r, e := w.r, w.r.in.experiment
	config, err := e.Config(models.RunOptions{Seed: r.seed, Start: r.at})
	if err != nil {
		return false, err
	}
	config.Optimizer = r.optimizer
	plateau := false
	if s, ok := optim.Find[*optim.Scheduled](r.optimizer); ok {
		plateau = s.Watches() != ""
	}
	if r.material.held != nil && (!w.quiet || plateau) {
		config.Validation = r.material.held
	}
	if e.Patience > 0 && !w.quiet {
		config.Observers = append(config.Observers, &train.EarlyStopping{Patience: e.Patience, Before: r.epochsUntil(r.step())})
	}
	config.Observers = append(config.Observers, w)
	r.training = true
	defer func() { r.training, r.held = false, false }()
	history, err := train.Fit(ctx, r.model, r.material.fit, config)
	r.at = cloned(history.Position)
	var diverged *train.DivergedError
	switch {
	case errors.As(err, &diverged):
		diverged.Step = uint64(int64(diverged.Step) + r.offset)
		w.over(Diverged, diverged.Error(), diverged)
		return true, nil
	case err != nil:
		return false, err
	case history.Stopped != "" && history.Stopped != walked:
		w.over(Done, history.Stopped, nil)
		return true, nil
	}
	return false, nil
}

// over marks the end of the run.
func (w *walk) over(condition, why string, diverged *train.DivergedError) {
	if w.quiet { // it was there already
		return
	}
	w.r.end = &ending{condition: condition, why: why, step: w.r.step(), diverged: diverged}
	w.s.playing = false
}

// Name is what errors call it.
func (w *walk) Name() string { return "lab" }

// Observe keeps and tells what happens, and stops where it is to stop.
func (w *walk) Observe(e *train.Event) error {
	now := w.s.clock()
	if e.Moment != train.Begin {
		d := now.Sub(w.mark).Seconds()
		w.r.seconds += d
		w.epoch += d
		if !w.quiet && !w.watch {
			w.s.account.trained += now.Sub(w.mark)
		}
	}
	defer func() { w.mark = w.s.clock() }()
	r := w.r
	switch e.Moment {
	case train.Begin:
		w.began, w.saved, w.epoch = now, now, r.epochSeconds()
	case train.Backward:
		if !w.quiet {
			return w.paid(now, w.snap(e))
		}
	case train.Step:
		r.at = e.Position
		if !w.quiet {
			if err := w.paid(now, w.step(e)); err != nil {
				return err
			}
		}
		if e.Position.Batch == e.Steps { // the end of the epoch comes next
			return nil
		}
		return w.pause(true)
	case train.Epochal:
		r.at = e.Position
		if !w.quiet {
			if err := w.paid(now, w.ended(e)); err != nil {
				return err
			}
		}
		w.epoch = 0
		if r.at.Epoch >= e.Config.Epochs && r.step() < w.segment { // the end of the run comes next
			return nil
		}
		return w.pause(r.in.experiment.Patience == 0)
	case train.End:
		r.at = cloned(e.Position)
		if !w.quiet && e.Err == nil && now.Sub(w.saved) > soon {
			w.save()
		}
	}
	return nil
}

// soon is how much training is quickly done again, so that no checkpoint is taken for it.
const soon = 200 * time.Millisecond

// spaced is how far checkpoints are apart, beside those of epochs.
const spaced = time.Second

// epochSeconds is how long the epoch under way has taken.
func (r *run) epochSeconds() float64 {
	before := 0.0
	for _, e := range r.epochs {
		if e.step <= r.step() {
			before = e.seconds
		}
	}
	return r.seconds - before
}

// pause stops Fit where the run is to change, or to be somewhere that it was before, and attends to what is asked. Where Fit may end by itself, which nobody would know, it does not wait for long.
func (w *walk) pause(waits bool) error {
	step := w.r.step()
	if step >= w.segment || step >= w.until && (w.quiet || !waits) {
		return train.Stop(walked)
	}
	if w.quiet {
		if !w.onward() {
			return train.Stop(walked)
		}
		return nil
	}
	if step >= w.until {
		w.s.playing = false
		if err := w.rest(); err != nil {
			return err
		}
	}
	on, err := w.s.attend(w, waits)
	if w.resting {
		w.rise()
		w.resting = true // which was told
	}
	if err != nil {
		return err
	}
	if !on {
		w.asked = true
		return train.Stop(walked)
	}
	return nil
}

// rest brings the run to rest within Fit.
func (w *walk) rest() error {
	if w.resting {
		return nil
	}
	w.resting = true
	w.r.training, w.r.held = false, true
	return w.s.settle(w)
}

// rise takes it up again, to the bit.
func (w *walk) rise() {
	w.r.working()
	w.r.training, w.r.held, w.resting = true, false, false
}

// paid writes down what was done beside training since then: not of a step that somebody asked for, who waits for its picture.
func (w *walk) paid(since time.Time, err error) error {
	if !w.watch {
		w.s.account.taken += w.s.clock().Sub(since)
	}
	return err
}

// step keeps what a step showed.
func (w *walk) step(e *train.Event) error {
	r, step := w.r, w.r.step()
	if step > r.head {
		r.head = step
		accuracy := math.NaN()
		if len(e.Running.Scores) > 0 {
			accuracy = e.Running.Scores[0].Value
		}
		r.point(Point{step, float64(e.Position.Epoch) + float64(e.Position.Batch)/float64(e.Steps), e.Loss, accuracy, e.Rate, r.seconds})
	}
	if err := w.snapped(e); err != nil {
		return err
	}
	w.s.tellPoints(r, false)
	if e.Position.Batch == e.Steps { // the end of the epoch comes next
		return nil
	}
	if w.s.clock().Sub(w.saved) > max(spaced, saving*w.cost) && w.s.account.affords(w.cost) {
		w.save()
	}
	w.store()
	w.diagnosis(false)
	return nil
}

// save takes a checkpoint.
func (w *walk) save() {
	start := w.s.clock()
	w.r.at = cloned(w.r.at)
	w.r.keep()
	w.s.thin()
	w.saved = w.s.clock()
	w.cost = w.saved.Sub(start)
}

// store keeps the run on disk at its first step, and from then on every so often. After a step that somebody asked for it rests, and is kept then.
func (w *walk) store() {
	r, s := w.r, w.s
	if s.options.Out == "" || r.kept || w.watch || r.step() != r.head || !r.folder.at.IsZero() && s.clock().Sub(r.folder.at) < keptApart(r.folder.cost) {
		return
	}
	w.save() // which is what it writes
	was := r.folder.name
	if s.store(r); r.folder.name != was {
		s.tellState()
	}
}

// ended keeps an epoch that is over, with a checkpoint, unless epochs are so short that this would cost too much: but always of the best one, where that is to be put back.
func (w *walk) ended(e *train.Event) error {
	r := w.r
	again := len(r.epochs) > 0 && r.epochs[len(r.epochs)-1].step >= r.step() // it was here before
	best := false
	if !again {
		done := e.History.Epochs[len(e.History.Epochs)-1]
		done.Seconds = w.epoch
		r.epochs = append(r.epochs, epoch{done, r.step(), r.seconds})
		if r.in.experiment.Patience > 0 {
			all := r.epochsUntil(r.step())
			best = train.Best(all, "loss") == len(all)-1
		}
	}
	if best || w.s.clock().Sub(w.saved) > saving*w.cost && w.s.account.affords(w.cost) {
		w.save()
	}
	if best {
		r.best = r.before(r.step())
	}
	w.store()
	if !again {
		w.s.tellPoints(r, false)
		w.s.tellEpochs(r, false)
	}
	w.diagnosis(true)
	return nil
}
