package train

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/stheno-ml/stheno/datasets"
)

// isSlow says whether data ask to be read ahead.
func isSlow(data datasets.Data) bool {
	s, ok := data.(interface{ Slow() bool })
	return ok && s.Slow()
}

// An ahead reads the batches of an epoch before the steps want them: a ring of batches, each with a goroutine that reads every n-th one into it when it is free. So they are
// taken in order, and what is in them is what would have been read at the step: Read depends on nothing but its arguments.
type ahead struct {
	slots []*slot
	taken int
	quit  chan struct{}
	wait  sync.WaitGroup
}

// A slot is one batch of the ring.
type slot struct {
	feeder     *feeder
	batch      *Batch
	err        error
	panicked   any
	full, free chan struct{}
}

// newAhead begins to read batches, in their order.
func newAhead(f *feeder, batches [][]int, draw datasets.Draw) *ahead {
	a := &ahead{quit: make(chan struct{})}
	n := min(runtime.GOMAXPROCS(0)+1, len(batches))
	for first := range n {
		s := &slot{feeder: f.alone(), full: make(chan struct{}, 1), free: make(chan struct{}, 1)}
		s.free <- struct{}{}
		a.slots = append(a.slots, s)
		a.wait.Go(func() {
			for k := first; k < len(batches); k += n {
				select {
				case <-a.quit:
					return
				case <-s.free:
				}
				s.read(batches[k], draw)
				s.full <- struct{}{}
				if s.err != nil || s.panicked != nil {
					return
				}
			}
		})
	}
	return a
}

// read fills the slot.
func (s *slot) read(rows []int, draw datasets.Draw) {
	defer func() { s.panicked = recover() }()
	if s.batch == nil || s.batch.Len() != len(rows) {
		s.batch = s.feeder.room(len(rows))
	}
	s.err = s.feeder.read(s.batch, rows, draw)
}

// take is the next batch; it is good until the next call.
func (a *ahead) take() (*Batch, error) {
	if a.taken > 0 {
		a.slots[(a.taken-1)%len(a.slots)].free <- struct{}{}
	}
	s := a.slots[a.taken%len(a.slots)]
	<-s.full
	a.taken++
	if s.panicked != nil {
		panic(fmt.Sprintf("reading data set %q: %v", s.feeder.info.Name, s.panicked)) // where the caller of Fit can see it, as without a ring
	}
	return s.batch, s.err
}

// stop ends the goroutines, and waits for what they are reading.
func (a *ahead) stop() {
	close(a.quit)
	a.wait.Wait()
}

// alone is a feeder of the same data with room of its own, that reads in the goroutine that calls it.
func (f *feeder) alone() *feeder {
	return &feeder{data: f.data, info: f.info, model: f.model, targets: f.targets, inputs: f.inputs, answers: f.answers, single: true}
}

// read fills the batch in hand: with what was read ahead, or now.
func (s *stepper) read(b *Batch, rows []int, draw datasets.Draw) error {
	if s.ahead == nil {
		return s.feeder.read(b, rows, draw)
	}
	from, err := s.ahead.take()
	if err != nil {
		return err
	}
	if err := copyRows(b.Inputs, from.Inputs, "input", 0); err != nil {
		return err
	}
	b.Rows, b.Weights = rows, from.Weights
	return copyRows(b.Targets, from.Targets, "target", 0)
}
