package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
)

// A Command is what a user asks for. Which fields it needs depends on Do.
type Command struct {
	Do  string `json:"do"`
	Run string `json:"run,omitempty"` // "" is the current one

	Speed      *float64     `json:"speed,omitempty"`      // of play and speed: steps a second, 0 for as many as can be; nil as it was
	Step       *uint64      `json:"step,omitempty"`       // of goto, and of what is done from a step (branch, and change, play, epoch and step, before which the run goes there); nil is where it is
	Change     *look.Change `json:"change,omitempty"`     // of change, check and branch
	Code       string       `json:"code,omitempty"`       // of mend: the finding's
	Mend       int          `json:"mend,omitempty"`       // likewise: which of its remedies
	Experiment string       `json:"experiment,omitempty"` // of start
	Short      bool         `json:"short,omitempty"`      // likewise: fewer epochs

	Layer       string            `json:"layer,omitempty"`
	Sample      int               `json:"i,omitempty"`
	Set         string            `json:"set,omitempty"`
	Pixels      []float32         `json:"pixels,omitempty"`
	Picture     []byte            `json:"picture,omitempty"` // a file
	Row         map[string]string `json:"row,omitempty"`
	Text        string            `json:"text,omitempty"`
	Gradient    bool              `json:"gradient,omitempty"`
	Length      int               `json:"length,omitempty"`
	Temperature float64           `json:"temperature,omitempty"`
	Seed        uint64            `json:"seed,omitempty"` // of continue: another one writes another text

	// What open opens, for the server alone: no JSON of a page's can name a file.
	Brought string `json:"-"` // what who brought it calls the file
	Path    string `json:"-"`
	Targets string `json:"-"` // the file that the targets are in, where that is another one
	Target  string `json:"-"` // the column of a table that is to be learnt; "" where nobody said it
	opened  *run   // what Do has read of it
}

// interrupts says whether Fit has to end before a command is carried out.
func (s *Session) interrupts(w *walk, c Command) bool {
	r, err := s.run(c.Run)
	if err != nil {
		return false // which is all that is answered
	}
	_, looks := looks[c.Do]
	return c.Do != "speed" && (r != w.r || !looks && (!slices.Contains([]string{"play", "pause", "step", "epoch"}, c.Do) || r.elsewhere(c)))
}

// elsewhere says that a command is of another step than the one at which the run is.
func (r *run) elsewhere(c Command) bool { return c.Step != nil && *c.Step != r.step() }

// attend carries out what is asked for while Fit waits: for the next step to be due, or, with the run at rest, for somebody to play on, so that its programs need not be compiled anew for a step. It says whether Fit is to
// go on; else something is asked for before which it has to end.
func (s *Session) attend(w *walk, waits bool) (on bool, err error) {
	start := s.clock()
	for s.ctx.Err() == nil {
		if s.stepping == nil {
			if !s.playing && waits { // before anything is looked at, which is by the weights at rest
				if err := w.rest(); err != nil {
					return false, err
				}
			}
			q, other := s.queue.next(func(c Command) bool { return !s.interrupts(w, c) })
			if q != nil {
				s.answer(q)
			}
			if other || s.current != w.r { // a run that was kept goes on as another
				return false, nil
			}
			if q != nil {
				continue
			}
			if !s.playing && !waits {
				return false, nil
			}
			if !s.playing {
				if s.owes.any() {
					s.guard(w.r, false, func() error { return s.pay(s.ctx) })
				} else {
					s.queue.wait(s.ctx)
				}
				continue
			}
		}
		if w.resting {
			w.rise()
			s.next = s.clock()
			start = s.next
		}
		w.until, w.watch = s.until, s.stepping != nil
		if s.speed == 0 || s.stepping != nil {
			return true, nil
		}
		due := s.next.Add(time.Duration(float64(time.Second) / s.speed))
		if due.Before(start) {
			due = start
		}
		left := due.Sub(s.clock())
		if left <= 0 {
			s.next = due
			waited := s.clock().Sub(start)
			w.waited += waited
			s.account.trained += waited // in which nobody misses what is done beside it
			return true, nil
		}
		if left > flushEvery {
			s.tellPoints(w.r, true)
		}
		s.queue.waitFor(s.ctx, left)
	}
	return false, nil
}

// answer carries a command out.
func (s *Session) answer(q *request) {
	var value any
	err := protected(func() (err error) {
		value, err = s.do(q.ctx, q.command)
		return err
	})
	s.answered = time.Now()
	if _, is := value.(later); is && err == nil {
		s.stepping = q
		return
	}
	q.answer <- answer{value, err}
}

// later is the value of a command that is answered when its step is made.
type later struct{}

// An Answer is what most commands give: the run that they are of by now, which may be a new one.
type Answer struct {
	Run  string `json:"run"`
	Told uint64 `json:"told,omitempty"` // the state in which it is: those that are told later have it, too
}

// answerOf is of a run, by the state that was told last.
func (s *Session) answerOf(r *run) Answer { return Answer{Run: r.id, Told: s.states} }

func (s *Session) do(ctx context.Context, c Command) (any, error) {
	r, err := s.run(c.Run)
	if err != nil {
		return nil, err
	}
	if look, ok := looks[c.Do]; ok {
		if err := s.wake(ctx, r); err != nil {
			return nil, err
		}
		return look(s, ctx, r, c)
	}
	if slices.Contains([]string{"play", "epoch", "step", "change"}, c.Do) && r.elsewhere(c) {
		if err := s.goTo(ctx, r, *c.Step); err != nil {
			return nil, err
		}
	}
	switch c.Do {
	case "play":
		r, err = s.doPlay(ctx, r, c, never)
	case "speed":
		err = s.setSpeed(c)
	case "epoch":
		r, err = s.doPlay(ctx, r, c, r.step()+uint64(r.stepsPerEpoch()-r.at.Batch))
	case "pause":
		s.stop()
		r = s.current
	case "step":
		return s.doStep(ctx, r)
	case "goto":
		r, err = s.doGoto(ctx, r, c)
	case "restart":
		r, err = s.doRestart(r)
	case "branch":
		r, err = s.doBranch(ctx, r, c)
	case "change":
		r, err = s.doChange(ctx, r, c)
	case "mend":
		r, err = s.doMend(r, c)
	case "start":
		r, err = s.doStart(c)
	case "open":
		r, err = s.doOpen(c)
	case "select":
		s.choose(r)
	case "remove":
		r, err = s.doRemove(r)
	case "":
		err = errors.New("got no command, want one, such as play")
	default:
		err = fmt.Errorf("got the command %.40q, which there is not", c.Do)
	}
	if err != nil {
		return nil, err
	}
	s.tellState()
	return s.answerOf(r), nil
}

// stop pauses.
func (s *Session) stop() {
	if s.playing {
		s.playing = false
		s.owes.all()
	}
}

// choose makes a run the current one.
func (s *Session) choose(r *run) {
	if s.current != r {
		s.stop()
		s.current = r
		s.owes.all()
	}
}

// fastest is more steps a second than any step takes.
const fastest = 1e6

// setSpeed is of this run and those that come.
func (s *Session) setSpeed(c Command) error {
	if c.Speed == nil {
		return nil
	}
	if v := *c.Speed; !(v >= 0 && v <= fastest) {
		return fmt.Errorf("got a speed of %v steps a second, want 0 for as many as can be, to %v", v, fastest)
	}
	s.speed = *c.Speed
	return nil
}

func (s *Session) doPlay(ctx context.Context, r *run, c Command, until uint64) (*run, error) {
	if err := s.setSpeed(c); err != nil {
		return nil, err
	}
	r, err := s.goesOn(ctx, r)
	if err != nil {
		return nil, err
	}
	s.choose(r)
	s.playing, s.until = true, until
	if r.kept {
		s.until = min(until, r.head)
	}
	return r, nil
}

// Over is the error of a command to go on with a run that is at its end, in words for people: a page may offer it, so as to say what to do instead.
type Over string

func (o Over) Error() string { return string(o) }

func overf(format string, args ...any) Over { return Over(fmt.Sprintf(format, args...)) }

// goesOn is the run if it can, or the branch of one that was kept.
func (s *Session) goesOn(ctx context.Context, r *run) (*run, error) {
	if r.ended() {
		switch r.end.condition {
		case Diverged:
			return nil, overf("%s diverged: %s. Go back to a step before it and change something, such as the rate", r.name, r.end.why)
		case Failed:
			return nil, overf("%s failed: %s. Go back to a step before it, or restart it", r.name, r.end.why)
		case Done:
			return nil, overf("%s is over, after %d epochs: give it more of them, go back, or restart it", r.name, r.at.Epoch)
		}
	}
	if r.kept && r.step() == r.head {
		return s.fork(ctx, r, r.step())
	}
	return r, nil
}

// doStep has one step made, with a snapshot of it.
func (s *Session) doStep(ctx context.Context, r *run) (any, error) {
	r, err := s.goesOn(ctx, r)
	if err != nil {
		return nil, err
	}
	s.choose(r)
	s.stop()
	s.until = r.step() + 1
	return later{}, nil
}

// fork is a branch of a run, brought to where it branches off.
func (s *Session) fork(ctx context.Context, r *run, step uint64) (*run, error) {
	if step > r.head {
		return nil, fmt.Errorf("got step %d of %s, which was trained up to step %d: branch off no further than that", step, r.name, r.head)
	}
	if len(s.runs) >= maxRuns {
		return nil, fmt.Errorf("there are %d runs, which is as many as the lab keeps: remove some", len(s.runs))
	}
	if err := s.room(r.size, r.segmentAt(step).experiment, r.material, nil); err != nil {
		return nil, err
	}
	b := r.branch(step)
	if err := s.seek(ctx, b, step, pauses); err != nil {
		if errors.Is(err, ErrStopped) {
			err = fmt.Errorf("no branch of %s was made at step %d: %w", r.name, step, err)
		}
		return nil, err
	}
	s.add(b)
	if r.kept {
		said := look.Text{EN: r.name + " stays as it was kept: what follows is a branch of it, in memory.", ZH: r.name + " 保持存檔時的樣子：接下來的是它的一個分支，只在記憶體裡。"}
		if s.options.Out != "" {
			said = look.Text{EN: r.name + " stays as it was kept: what follows is a branch of it, in a folder of its own.", ZH: r.name + " 保持存檔時的樣子：接下來的是它的一個分支，存在自己的資料夾裡。"}
		}
		s.say("info", said)
	}
	s.tellState() // of which run the past is
	s.tellPast(b)
	return b, nil
}

func (s *Session) doBranch(ctx context.Context, r *run, c Command) (*run, error) {
	step := r.step()
	if c.Step != nil {
		step = *c.Step
	}
	if c.Change != nil {
		return s.change(ctx, r, step, *c.Change, true)
	}
	b, err := s.fork(ctx, r, step)
	if err != nil {
		return nil, err
	}
	s.choose(b)
	return b, nil
}
