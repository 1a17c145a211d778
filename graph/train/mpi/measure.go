package mpi

import (
	"fmt"
	"slices"
	"time"
)

// A Link is how fast ranks are joined, for messages of a size.
type Link struct {
	Bytes  int
	OneWay time.Duration // of a message from the first rank to the last: half of the way there and back
	Sum    time.Duration // what an Exchange and a Share take that bring gradients of so many bytes of every rank together and hand the sum out, without the adding
}

// Measure times messages of 8 bytes to 16 MiB, each many times, and takes the medians. Every rank calls it, and gets what rank 0 has seen.
func (w *World) Measure() ([]Link, error) {
	if w.size < 2 {
		return nil, fmt.Errorf("mpi: got one process, want two ranks or more to measure between: start it with mpirun")
	}
	var all []Link
	for bytes := 8; bytes <= 16<<20; bytes *= 8 {
		n := max(7, min(200, (32<<20)/bytes))
		oneWay, err := w.pingPong(bytes, n)
		if err != nil {
			return nil, err
		}
		parts := make([]int, w.size)
		for i := range parts {
			parts[i] = (i+1)*bytes/w.size - i*bytes/w.size
		}
		receives := slices.Repeat([]int{parts[w.rank]}, w.size)
		whole, receive := make([]byte, bytes), make([]byte, parts[w.rank]*w.size)
		sum, err := w.timed(n, func() error {
			if err := w.Exchange(whole, parts, receive, receives); err != nil {
				return err
			}
			return w.Share(whole, parts)
		})
		if err != nil {
			return nil, err
		}
		all = append(all, Link{bytes, oneWay, sum})
	}
	return all, nil
}

// timed is the median of so many calls, after some that are not counted.
func (w *World) timed(n int, f func() error) (time.Duration, error) {
	var all []time.Duration
	for i := range n + n/4 + 1 {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		if i > n/4 {
			all = append(all, time.Since(start))
		}
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// pingPong is the way of a message from the first rank to the last.
func (w *World) pingPong(bytes, n int) (time.Duration, error) {
	if err := w.Barrier(); err != nil {
		return 0, err
	}
	b, last := make([]byte, bytes), w.size-1
	way, err := w.timed(n, func() error {
		return w.do(func(l *library) error {
			switch w.rank {
			case 0:
				if err := l.send(last, b); err != nil {
					return err
				}
				return l.receive(last, b)
			case last:
				if err := l.receive(0, b); err != nil {
					return err
				}
				return l.send(0, b)
			}
			return nil
		})
	})
	return way / 2, err
}
