package blas

import (
	"context"
	"slices"
	"time"
)

// A Rate is how fast one BLAS does the products of a training step here.
type Rate struct {
	BLAS, Version string
	Batch         int     // samples a step
	GFLOPS        float64 // the median of some steps, in float32
}

// Measure times the products of a training step of a network of 784, 633, 633, 633 and 10 units, at batches of 1, 100 and 1000, with every
// BLAS that can be used here, by turns, on the threads that Use chose, and takes their Peak in each turn: the best of these is what they could have done. It takes
// seconds and changes nothing. The rates are by batch, and of a batch in the order of Names. An error is the context's.
func Measure(ctx context.Context) (rates []Rate, peak float64, err error) {
	return measure(ctx, []int{1, 100, 1000})
}

func measure(ctx context.Context, batches []int) (rates []Rate, peak float64, err error) {
	current() // sets the threads
	all := here()
	for _, batch := range batches {
		s := newStep([]int{784, 633, 633, 633, 10}, batch)
		took := make([][]float64, len(all))
		for round := range 10 {
			peak = max(peak, Peak())
			for i, b := range all {
				if ctx.Err() != nil {
					return nil, 0, context.Cause(ctx)
				}
				if t := s.time(b); round > 0 { // the first one warms up
					took[i] = append(took[i], t)
				}
			}
		}
		for i, b := range all {
			slices.Sort(took[i])
			rates = append(rates, Rate{b.info.Name, b.info.Version, batch, s.flop() / took[i][len(took[i])/2]})
		}
	}
	return rates, peak, nil
}

// here opens every BLAS that can be used.
func here() (all []*backend) {
	door.Lock()
	defer door.Unlock()
	for _, name := range Names()[1:] {
		if b, err := open(name); err == nil {
			all = append(all, b)
		}
	}
	return all
}

// step holds what the products of a training step read and write.
type step struct {
	widths   []int
	batch    int
	x, w, dw [][]float32 // activations from the input on, weights, their gradients
}

func newStep(widths []int, batch int) *step {
	s := &step{widths: widths, batch: batch}
	filled := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i%7) / 64
		}
		return x
	}
	for i, n := range widths {
		s.x = append(s.x, filled(batch*n))
		if i > 0 {
			s.w, s.dw = append(s.w, filled(widths[i-1]*n)), append(s.dw, filled(widths[i-1]*n))
		}
	}
	return s
}

// flop counts the operations of a step. The input needs no gradient.
func (s *step) flop() float64 {
	sum := 0
	for i := range s.w {
		products := 3
		if i == 0 {
			products = 2
		}
		sum += products * 2 * s.batch * s.widths[i] * s.widths[i+1]
	}
	return float64(sum)
}

// time is how many nanoseconds a step takes: the mean of some, where it is short.
func (s *step) time(b *backend) float64 {
	const least = 10 * time.Millisecond
	n, start := 0, time.Now()
	for n == 0 || time.Since(start) < least {
		s.run(b)
		n++
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

func (s *step) run(b *backend) {
	multiply := func(transA, transB bool, m, n, k int, x []float32, ldx int, y []float32, ldy int, z []float32) {
		multiply32(b, product[float32]{transA, transB, m, n, k, 1, x, ldx, y, ldy, 0, z, n})
	}
	for i, w := range s.w {
		in, out := s.widths[i], s.widths[i+1]
		multiply(false, false, s.batch, out, in, s.x[i], in, w, out, s.x[i+1])
	}
	for i := len(s.w) - 1; i >= 0; i-- {
		in, out := s.widths[i], s.widths[i+1]
		multiply(true, false, in, out, s.batch, s.x[i], in, s.x[i+1], out, s.dw[i])
		if i > 0 {
			multiply(false, true, s.batch, in, out, s.x[i+1], out, s.w[i], out, s.x[i])
		}
	}
}
