package blas

import (
	"time"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Peak measures what the threads that share a product can do at most, in GFLOP/s of float32: multiplications and additions fused in
// vector registers, with no memory in their way. It takes some milliseconds, and is what a product's rate compares with if both are measured by turns,
// since a processor's clock changes. It is 0 on a processor for which there is no such loop: those without AVX2 and FMA.
func Peak() float64 {
	fma := openPeak()
	if fma == nil {
		return 0
	}
	const flop = 1 << 28 // of a thread: three milliseconds of a core that does 80 GFLOP/s
	threads := parallel.Threads()
	work := func(lo, hi int) {
		for range hi - lo {
			fma(flop)
		}
	}
	parallel.For(threads, 1, func(int, int) { fma(flop >> 8) }) // wakes the threads
	start := time.Now()
	parallel.For(threads, 1, work)
	return float64(threads) * flop / float64(time.Since(start).Nanoseconds())
}
