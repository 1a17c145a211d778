package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/models"
)

// Options say what the lab begins with.
type Options struct {
	Name    string      // an experiment, a run, or a file or folder with data of one's own; "" is the first of the ladder
	Targets string      // of data of one's own: the file that they are in, where that is another one
	Reading own.Reading // how data of one's own are read
	Brought string      // what the user calls what is at Name, where that lies there for the lab alone
	Seed    uint64      // of every random number

	Change  func(*models.Experiment) error                                 // what the flags change of the experiment, or of what suits data of one's own; may be nil
	Open    func(models.Experiment) (train, test datasets.Data, err error) // the data of an experiment, where flags name others than its own; may be nil
	Dataset string                                                         // the name of those, as datasets.Open takes it
	Dir     string                                                         // or the folder of their IDX files

	Out    string       // the folder in which every run is kept, a folder each, and from which those are opened that lie there; "" keeps none
	Remark func(string) // is told what of that could not be opened; may be nil

	Free func(file string) // removes data that a page brought, of which a file is, as no run uses them any more; may be nil

	Tell func(Message) // is told what happens, in the order in which it does; it must not block
}

// defaultBudget is what all checkpoints may take in memory.
const defaultBudget = 256 << 20

// A Session is the lab's runs. Its methods may be called from any goroutine.
type Session struct {
	options Options
	limit   int64   // bytes of all, but for the data that it begins with
	begun   *source // with which it begins
	budget  int64   // bytes of checkpoints

	seekEvery time.Duration
	queue     queue
	clock     func() time.Time // by which time is paid for what is done beside training
	reading   chan struct{}    // has room for who reads data of one's own
	resting   chan struct{}    // has room for who does the rest of a command beside
	openOwn   func(path, targets string, r own.Reading) (datasets.Data, error)

	mu    sync.Mutex
	state State // as it was last told

	// What follows is of the goroutine of Serve.
	ctx      context.Context
	runs     []*run
	current  *run
	sources  map[string]*source // data sets that are open
	numbered int                // runs so far
	looked   int                // times that a run was looked at
	playing  bool
	stepping *request // who asked for one step, and waits for it; nil if nobody does
	until    uint64   // the step to play to
	speed    float64
	next     time.Time // when the next step is due, at a speed
	flushed  time.Time // when points were last told
	answered time.Time // when somebody last asked for something
	owes     debts
	account  account
	states   uint64             // that were told
	reached  map[string]reached // by each step of the ladder, be its run here or not
}

// New opens what the options name. Nothing is trained before Serve.
func New(o Options) (*Session, error) {
	if o.Tell == nil {
		o.Tell = func(Message) {}
	}
	s := &Session{options: o, clock: time.Now, limit: mostMemory, budget: defaultBudget, seekEvery: seekEvery, sources: map[string]*source{}, reached: map[string]reached{}, reading: make(chan struct{}, 1), resting: make(chan struct{}, 1), openOwn: own.Open, ctx: context.Background()}
	s.queue.init(func(c Command) bool {
		_, is := looks[c.Do]
		return is || c.Do == "speed"
	})
	if err := s.openOut(); err != nil {
		return nil, err
	}
	if o.Name == "" && len(s.runs) > 0 {
		s.current = s.runs[len(s.runs)-1]
	} else {
		r, err := s.open(o.Name, o.Targets)
		if err != nil {
			return nil, err
		}
		s.add(r)
		s.current = r
	}
	s.begun = s.current.material.source
	s.owes.all()
	s.publish()
	return s, nil
}

// Serve trains, and carries out what is asked for, until the context ends. Call it once. Faults are told as messages.
func (s *Session) Serve(ctx context.Context) error {
	if ctx == nil {
		return errors.New("session: got a nil context, want one, such as context.Background()")
	}
	if err := s.queue.serve(); err != nil {
		return err
	}
	s.ctx = ctx
	s.tellState()
	for _, r := range s.runs {
		s.tellPast(r)
	}
	defer s.stepped(errClosed)
	defer func() {
		s.queue.close()
		s.ctx = context.WithoutCancel(ctx)
		s.keepAll()
	}()
	for ctx.Err() == nil {
		if s.stepping == nil {
			if q, _ := s.queue.next(func(Command) bool { return true }); q != nil {
				s.answer(q)
				continue
			}
		}
		switch {
		case s.playing, s.stepping != nil:
			s.guard(s.current, true, func() error { return s.play(ctx) })
			if ctx.Err() == nil {
				s.stepped(nil)
			}
		case s.owes.any():
			s.guard(s.current, false, func() error { return s.pay(ctx) })
		default:
			s.queue.wait(ctx)
		}
	}
	return nil
}

// guard does something for a run. A fault is told; one of its training ends the run, whose weights are no longer to be relied on: it is a checkpoint from which it goes on.
func (s *Session) guard(r *run, training bool, do func() error) {
	err := protected(do)
	if err == nil || s.ctx.Err() != nil || errors.Is(err, ErrStopped) {
		return
	}
	s.owes = debts{}
	if !training {
		s.say("error", look.Text{EN: fmt.Sprintf("%s cannot be looked at here: %v", r.name, err), ZH: fmt.Sprintf("%s 在這裡無法檢視：%v", r.name, err)})
		return
	}
	s.playing = false
	r.end, r.aside = &ending{condition: Failed, why: err.Error(), step: r.step()}, true
	s.say("error", look.Text{EN: fmt.Sprintf("%s failed: %v. Go back to a step before it, or restart it.", r.name, err), ZH: fmt.Sprintf("%s 失敗了：%v。請回到之前的步，或重新開始。", r.name, err)})
	s.tellState()
}

// protected makes an error of a panic, whose place goes to standard error.
func protected(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal fault: %v", p)
			fmt.Fprintf(os.Stderr, "stheno lab: %v\n%s", err, debug.Stack())
		}
	}()
	return do()
}

// add takes a run in.
func (s *Session) add(r *run) {
	s.numbered++
	r.id = fmt.Sprintf("r%d", s.numbered)
	used := map[int]int{}
	for _, o := range s.runs {
		used[o.color]++
	}
	for c := range colors { // the first of those that fewest have
		if used[c] < used[r.color] {
			r.color = c
		}
	}
	s.entitle(r)
	s.runs = append(s.runs, r)
}

// colors are those that the page tells apart, by a colour and a mark: one for each run that there may be.
const colors = maxRuns

// run is the one of that id, the current one if it is "".
func (s *Session) run(id string) (*run, error) {
	if id == "" {
		return s.current, nil
	}
	for _, r := range s.runs {
		if r.id == id {
			return r, nil
		}
	}
	return nil, Gone(id)
}

// Gone is the error of a command to a run that was removed, by its id: a page may have asked before it was told.
type Gone string

func (id Gone) Error() string {
	return fmt.Sprintf("there is no run %q any more: it was removed", string(id))
}

// play trains the current run, until it is over or something is asked for that Fit cannot wait for.
func (s *Session) play(ctx context.Context) error {
	r := s.current
	if err := s.goOnFrom(ctx, r); err != nil {
		if errors.Is(err, ErrStopped) {
			s.stepped(err)
		}
		return err
	}
	s.next = s.clock()
	w := &walk{s: s, r: r, until: s.until, watch: s.stepping != nil}
	err := w.along(ctx)
	switch {
	case err != nil:
		s.tellPoints(r, true)
		s.tellEpochs(r, true)
		return err
	case w.resting: // which was told
		return s.atRest(r)
	case !w.asked:
		s.playing = false
	}
	return s.settle(w)
}

// goOnFrom gives a run the weights that it goes on from.
func (s *Session) goOnFrom(ctx context.Context, r *run) error {
	if s.stepping != nil {
		ctx = s.stepping.ctx
	}
	err := s.wake(ctx, r)
	if err == nil && r.aside {
		err = s.again(ctx, r)
	}
	return err
}

// settle brings a run to rest that is trained no further for now, and tells.
func (s *Session) settle(w *walk) error {
	r := w.r
	s.tellPoints(r, true)
	s.tellEpochs(r, true)
	if err := s.atRest(r); err != nil {
		return err
	}
	if !s.playing {
		s.owes.all()
		s.owes.layers = !w.watch // the layers of a step that was watched were told with it
	}
	s.tellState()
	s.stepped(nil)
	return nil
}

// stepped answers who asked for a step, if somebody did.
func (s *Session) stepped(err error) {
	q := s.stepping
	if q == nil {
		return
	}
	s.stepping, s.answered = nil, time.Now()
	if err != nil {
		q.answer <- answer{err: err}
		return
	}
	q.answer <- answer{value: s.answerOf(s.current)}
}

// words are those that settings may be made of.
func words() Words {
	return Words{Optimizers: optim.Names(), Losses: text.Words[graph.Loss](), Activations: layers.ActivationNames()}
}

// State is what a new reader is told first.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.state
	state.Runs = slices.Clone(state.Runs)
	return state
}
