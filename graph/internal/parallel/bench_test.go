package parallel

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkForkJoin times an empty loop over all threads, with the given pause between two loops: back to back, as in
// a training step, and after a sleep that outlasts the workers' patience.
func BenchmarkForkJoin(b *testing.B) {
	for _, way := range []struct {
		name string
		loop func(n, grain int, f func(lo, hi int))
	}{{"pool", For}, {"waitgroup", forWaitGroup}} {
		for _, gap := range []time.Duration{0, 20 * time.Microsecond, 60 * time.Microsecond, time.Millisecond} {
			b.Run(fmt.Sprintf("%s/gap=%v", way.name, gap), func(b *testing.B) {
				b.ReportAllocs()
				var sink [1024]float32
				var took []time.Duration
				for b.Loop() {
					if gap >= time.Millisecond {
						time.Sleep(gap)
					} else {
						busy(gap)
					}
					start := time.Now()
					way.loop(2, 1, func(lo, hi int) { sink[lo*512]++; busy(20 * time.Microsecond) })
					took = append(took, time.Since(start)-20*time.Microsecond)
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "ns/join(median)")
				b.ReportMetric(float64(took[len(took)*9/10].Nanoseconds()), "ns/join(p90)")
			})
		}
	}
}

func busy(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// forWaitGroup is the plain way, for comparison: one new goroutine a piece.
func forWaitGroup(n, grain int, f func(lo, hi int)) {
	size := (n + Threads() - 1) / Threads()
	var wg sync.WaitGroup
	for lo := size; lo < n; lo += size {
		wg.Go(func() { f(lo, min(lo+size, n)) })
	}
	f(0, size)
	wg.Wait()
}
