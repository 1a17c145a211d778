// Package parallel is the one place that decides who uses the cores: every GEMM, elementwise pass and optimizer
// update of Stheno is cut into pieces here, and the BLAS libraries are kept to one thread.
//
// A training step forks and joins some fifty times, for 20 to 500 microseconds each, and waking a sleeping
// thread may take 50. So the workers live as long as the process and, when they run out of work, look for more for
// a moment before they sleep. Pieces are claimed, not dealt: one that its worker has not begun yet is done by
// whoever is free, so a worker that is late to wake costs nothing but its help.
package parallel

import (
	"runtime"
	"sync/atomic"
)

// maxPieces is the number of bits in the mask of unclaimed pieces.
const maxPieces = 64

var threads atomic.Int32

func init() { SetThreads(0) }

// SetThreads sets how many threads For may use; n < 1 means all of GOMAXPROCS. More than 64 are not used.
func SetThreads(n int) {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	threads.Store(int32(min(n, maxPieces)))
}

// Threads returns how many threads For may use.
func Threads() int { return int(threads.Load()) }

// For calls f on disjoint ranges that cover [0, n), from up to Threads() goroutines, and returns when all are
// done. Ranges start at multiples of grain, so an n of at most grain runs on the caller. The cut depends on n,
// grain and Threads() alone, never on timing; a call made while another runs, from inside f or from another
// goroutine, does the same ranges in order on its caller. A panic in f reaches the caller once every range has
// ended; of several, one.
func For(n, grain int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	grain = max(grain, 1)
	units := (n + grain - 1) / grain
	pieces := min(Threads(), units)
	if pieces <= 1 {
		f(0, n)
		return
	}
	size := (units + pieces - 1) / pieces * grain
	pieces = (n + size - 1) / size // rounding up may leave the last ones empty
	if !thePool.run(n, size, pieces, f) {
		for lo := 0; lo < n; lo += size {
			f(lo, min(lo+size, n))
		}
	}
}
