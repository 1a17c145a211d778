package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A request is a command that waits for its answer.
type request struct {
	command Command
	ctx     context.Context
	answer  chan answer // has room for it
}

type answer struct {
	value any
	err   error
}

// maxWaiting are the requests that may wait: more come from no page.
const maxWaiting = 256

// errClosed is of a command to a lab that has ended.
var errClosed = errors.New("the lab is closed: start it again")

// queue is what is asked for, in order.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	bell    chan struct{} // has room for one: somebody has come
	served  bool
	closed  bool
	hurries []*hurry
	looks   func(Command) bool // says of a command that it moves nothing
}

// A hurry ends what is done until somebody asks for something of a kind.
type hurry struct {
	by  func(c Command, next bool) bool
	end context.CancelFunc
}

func (q *queue) init(looks func(Command) bool) { q.bell, q.looks = make(chan struct{}, 1), looks }

// serve marks the queue as served, once.
func (q *queue) serve() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.served {
		return errors.New("session: Serve was called a second time, want it once")
	}
	q.served = true
	return nil
}

// put adds a request.
func (q *queue) put(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return errClosed
	case len(q.waiting) >= maxWaiting:
		return errors.New("too much is asked for at once: wait a moment")
	}
	q.waiting = append(q.waiting, r)
	next := !slices.ContainsFunc(q.waiting[:len(q.waiting)-1], q.acts)
	for _, h := range q.hurries {
		if h.by(r.command, next) {
			h.end()
		}
	}
	select {
	case q.bell <- struct{}{}:
	default:
	}
	return nil
}

// next takes the first request whose sender still waits, if it is one to be taken; other says that it is not. Both are nothing where nobody waits.
func (q *queue) next(taken func(Command) bool) (r *request, other bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > 0 {
		r := q.waiting[0]
		gone := r.ctx.Err() != nil
		if !gone && !taken(r.command) {
			return nil, true
		}
		q.waiting = q.waiting[1:]
		if !gone {
			return r, false
		}
	}
	q.waiting = nil
	return nil, false
}

// later says whether such a one waits; next, which it is told, that nothing is done before it.
func (q *queue) later(is func(c Command, next bool) bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.has(is)
}

func (q *queue) has(is func(c Command, next bool) bool) bool {
	next := true
	for _, r := range q.waiting {
		if r.ctx.Err() == nil && is(r.command, next) {
			return true
		}
		next = next && !q.acts(r)
	}
	return false
}

// acts says whether a request is for more than a look.
func (q *queue) acts(r *request) bool { return !q.looks(r.command) && r.ctx.Err() == nil }

// wait waits for somebody to come, or the end.
func (q *queue) wait(ctx context.Context) {
	select {
	case <-q.bell:
	case <-ctx.Done():
	}
}

// waitFor is wait, for so long at most.
func (q *queue) waitFor(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-q.bell:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// unhurried is a context that ends as soon as somebody asks for something.
func (q *queue) unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	return q.hurried(ctx, func(Command, bool) bool { return true })
}

// hurried is a context that ends as soon as somebody asks for something of a kind.
func (q *queue) hurried(ctx context.Context, by func(c Command, next bool) bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	h := &hurry{by, cancel}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.has(by) {
		cancel()
	}
	q.hurries = append(q.hurries, h)
	return ctx, func() {
		q.mu.Lock()
		q.hurries = slices.DeleteFunc(q.hurries, func(o *hurry) bool { return o == h })
		q.mu.Unlock()
		cancel()
	}
}

// close refuses whoever waits and whoever comes.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, r := range q.waiting {
		r.answer <- answer{err: errClosed}
	}
	q.waiting = nil
}

// Do asks for a command to be carried out, between two steps, and waits for its answer. Data of one's own are read before that, here, for one command at a time. The error's text is for people. A command whose context ends while it waits is not carried out.
func (s *Session) Do(ctx context.Context, c Command) (any, error) {
	if ctx == nil {
		return nil, errors.New("session: got a nil context, want one, such as context.Background()")
	}
	if c.Do == "open" { // which takes as long as it takes: a run that plays goes on
		var err error
		if c.opened, err = s.read(ctx, c); err != nil {
			return nil, err
		}
	}
	r := &request{command: c, ctx: ctx, answer: make(chan answer, 1)}
	if err := s.queue.put(r); err != nil {
		return nil, err
	}
	select {
	case a := <-r.answer:
		if rest, ok := a.value.(beside); ok && a.err == nil {
			return s.beside(ctx, rest)
		}
		return a.value, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// beside is the value of a command of which the rest takes long and needs no more of the run: it is done by who asked, one at a time, while the run goes on.
type beside func(context.Context) (any, error)

func (s *Session) beside(ctx context.Context, rest beside) (value any, err error) {
	select {
	case s.resting <- struct{}{}:
		defer func() { <-s.resting }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	err = protected(func() (err error) {
		value, err = rest(ctx)
		return err
	})
	return value, err
}
