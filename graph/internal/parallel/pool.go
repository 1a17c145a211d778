package parallel

import (
	"errors"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// spinFor is how long a worker looks for the next job, and a caller for the end of its job, before it sleeps. It
// covers the gap between two parallel loops of a training step, and is short enough that an idle process uses no CPU.
const spinFor = 100 * time.Microsecond

// pool runs one job at a time. Its fields but free, left and busy are written by the holder of busy before it
// publishes the job in free, and read by those who claimed one of the job's pieces.
type pool struct {
	busy atomic.Bool // a job is being run

	_    [64]byte      // free and left change hands often: each has its own cache line
	free atomic.Uint64 // bit i: piece i of the job is claimed by nobody
	_    [56]byte
	left atomic.Int32 // pieces that have not ended
	_    [60]byte

	n, size int
	f       func(lo, hi int)

	waiting  atomic.Bool // the caller sleeps until left is 0
	finished chan struct{}
	workers  []*worker

	mu     sync.Mutex
	failed any // what f panicked with
}

// worker is a goroutine that lives as long as the process.
type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
}

var errGoexit = errors.New("parallel: f called runtime.Goexit")

var thePool = &pool{finished: make(chan struct{}, 1)}

// run does f on the pieces of [0, n), or returns false if the pool is busy.
func (p *pool) run(n, size, pieces int, f func(lo, hi int)) bool {
	if !p.busy.CompareAndSwap(false, true) {
		return false
	}
	for i := len(p.workers) + 1; i < pieces; i++ {
		w := &worker{wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
		go p.work(w, i)
	}
	p.n, p.size, p.f = n, size, f
	p.left.Store(int32(pieces))
	p.free.Store(^uint64(0) >> (maxPieces - pieces) &^ 1) // piece 0 is the caller's
	for _, w := range p.workers[:pieces-1] {
		if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	defer p.end()
	p.do(0)
	for i, ok := p.claim(0); ok; i, ok = p.claim(0) {
		p.do(i)
	}
	return true
}

// end waits for the job's last piece, frees the pool, and passes on a panic.
func (p *pool) end() {
	p.join()
	failed := p.failed
	p.f, p.failed = nil, nil
	p.busy.Store(false)
	if failed != nil {
		panic(failed)
	}
}

// work is the life of worker number i: it prefers piece i, which is the part of the data that its core has seen before.
func (p *pool) work(w *worker, i int) {
	defer func() { go p.work(w, i) }() // reached only if f ended this goroutine
	for {
		for s := newSpinner(); p.free.Load() == 0; {
			if s.again() {
				continue
			}
			w.asleep.Store(true)
			if p.free.Load() == 0 || !w.asleep.CompareAndSwap(true, false) {
				<-w.wake
				s = newSpinner()
			}
		}
		if piece, ok := p.claim(i); ok {
			p.do(piece)
		}
	}
}

// claim takes an unclaimed piece of the current job, the preferred one if it can be had.
func (p *pool) claim(prefer int) (piece int, ok bool) {
	for {
		free := p.free.Load()
		if free == 0 {
			return 0, false
		}
		piece = prefer
		if free>>prefer&1 == 0 {
			piece = bits.TrailingZeros64(free)
		}
		if p.free.CompareAndSwap(free, free&^(1<<piece)) {
			return piece, true
		}
	}
}

// do runs a claimed piece and counts it as ended whatever f did.
func (p *pool) do(piece int) {
	returned := false
	defer func() {
		if !returned {
			failed := recover()
			if failed == nil {
				failed = errGoexit
			}
			p.mu.Lock()
			p.failed = failed
			p.mu.Unlock()
		}
		if p.left.Add(-1) == 0 && p.waiting.CompareAndSwap(true, false) {
			p.finished <- struct{}{}
		}
	}()
	lo := piece * p.size
	p.f(lo, min(lo+p.size, p.n))
	returned = true
}

// join waits until every piece has ended.
func (p *pool) join() {
	for s := newSpinner(); p.left.Load() > 0; {
		if s.again() {
			continue
		}
		p.waiting.Store(true)
		if p.left.Load() > 0 || !p.waiting.CompareAndSwap(true, false) {
			<-p.finished
		}
	}
}

// spinner counts the time that a goroutine has looked for something in vain.
type spinner struct {
	rounds int
	start  time.Time
}

func newSpinner() spinner { return spinner{} }

// again waits a moment and reports whether to look again.
func (s *spinner) again() bool {
	s.rounds++
	if s.rounds%spinRounds != 0 {
		pause()
		return true
	}
	if s.start.IsZero() {
		if runtime.GOMAXPROCS(0) == 1 {
			return false // whom we wait for cannot run while we look
		}
		s.start = time.Now()
		return true
	}
	runtime.Gosched()
	return time.Since(s.start) < spinFor
}
