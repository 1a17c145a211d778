package parallel

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// setThreads sets the number of threads until the test ends.
func setThreads(t testing.TB, n int) {
	t.Helper()
	before := Threads()
	SetThreads(n)
	t.Cleanup(func() { SetThreads(before) })
}

type interval struct{ lo, hi int }

// cut returns the ranges that For uses, in order.
func cut(n, grain int) []interval {
	var mu sync.Mutex
	var list []interval
	For(n, grain, func(lo, hi int) {
		mu.Lock()
		defer mu.Unlock()
		list = append(list, interval{lo, hi})
	})
	slices.SortFunc(list, func(a, b interval) int { return a.lo - b.lo })
	return list
}

func TestForCoversOnceInWholeGrains(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 7, 64} {
		setThreads(t, threads)
		for _, n := range []int{-1, 0, 1, 2, 3, 5, 7, 8, 9, 63, 64, 65, 100, 1000, 4097} {
			for _, grain := range []int{-1, 0, 1, 2, 3, 8, 64, 5000} {
				list := cut(n, grain)
				if len(list) > threads {
					t.Fatalf("n=%d grain=%d: %d ranges on %d threads", n, grain, len(list), threads)
				}
				next := 0
				for _, r := range list {
					if r.lo != next || r.hi <= r.lo || r.lo%max(grain, 1) != 0 {
						t.Fatalf("n=%d grain=%d threads=%d: %v", n, grain, threads, list)
					}
					next = r.hi
				}
				if next != max(n, 0) {
					t.Fatalf("n=%d grain=%d threads=%d: %v", n, grain, threads, list)
				}
				if n > 0 && n <= grain && len(list) != 1 {
					t.Fatalf("n=%d of grain %d is cut: %v", n, grain, list)
				}
			}
		}
	}
}

// The cut is the same when For runs alone, inside another For, and beside one.
func TestCutDoesNotDependOnWhoRuns(t *testing.T) {
	setThreads(t, 4)
	want := cut(1000, 7)
	For(4, 1, func(lo, hi int) {
		if got := cut(1000, 7); !slices.Equal(got, want) {
			t.Errorf("nested: %v, want %v", got, want)
		}
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := cut(1000, 7); !slices.Equal(got, want) {
					t.Errorf("concurrent: %v, want %v", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// What the pieces write is seen by the caller, job after job, from fresh goroutines, with workers awake and asleep.
func TestResultsAreVisible(t *testing.T) {
	setThreads(t, 3)
	data := make([]int, 999)
	for round := range 300 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			For(len(data), 10, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					data[i] += i
				}
			})
		}()
		<-done
		if round%100 == 99 {
			waitAsleep(t)
		}
	}
	for i, v := range data {
		if v != 300*i {
			t.Fatalf("element %d is %d, want %d", i, v, 300*i)
		}
	}
}

// waitAsleep returns when no worker uses the processor.
func waitAsleep(t *testing.T) {
	t.Helper()
	for !thePool.busy.CompareAndSwap(false, true) {
		runtime.Gosched()
	}
	workers := thePool.workers
	thePool.busy.Store(false)
	for _, w := range workers {
		for !w.asleep.Load() {
			runtime.Gosched()
		}
	}
}

// Workers that find nothing to do sleep: waitAsleep would never return if one went on looking.
func TestIdleWorkersSleep(t *testing.T) {
	setThreads(t, 8)
	For(8, 1, func(lo, hi int) {})
	waitAsleep(t)
}

func TestPanicReachesCaller(t *testing.T) {
	setThreads(t, 4)
	for bad := range 4 {
		var ended atomic.Int32
		got := func() (p any) {
			defer func() { p = recover() }()
			For(4, 1, func(lo, hi int) {
				if lo == bad {
					panic(fmt.Sprint("in piece ", bad))
				}
				ended.Add(1)
			})
			return nil
		}()
		if got != fmt.Sprint("in piece ", bad) {
			t.Fatalf("piece %d: recovered %v", bad, got)
		}
		if ended.Load() != 3 {
			t.Fatalf("piece %d: only %d others ended before the panic reached the caller", bad, ended.Load())
		}
		if list := cut(4, 1); len(list) != 4 {
			t.Fatalf("after a panic: %v", list)
		}
	}
}

func TestGoexitIsAPanic(t *testing.T) {
	setThreads(t, 2)
	for range 20 { // until both the caller and a worker had it
		done := make(chan any)
		go func() {
			var p any
			defer func() { done <- p }()
			defer func() { p = recover() }()
			For(2, 1, func(lo, hi int) {
				if lo == 1 {
					runtime.Goexit()
				}
			})
		}()
		if p := <-done; p != errGoexit {
			t.Fatalf("recovered %v", p)
		}
		if list := cut(2, 1); len(list) != 2 || thePool.busy.Load() {
			t.Fatalf("after a Goexit: %v", list)
		}
	}
}

func TestOneProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	setThreads(t, 4)
	for range 100 {
		if list := cut(100, 1); len(list) != 4 {
			t.Fatalf("%v", list)
		}
	}
	waitAsleep(t)
}

func TestSetThreads(t *testing.T) {
	defer SetThreads(Threads())
	for _, c := range [][2]int{{0, runtime.GOMAXPROCS(0)}, {-3, runtime.GOMAXPROCS(0)}, {1, 1}, {5, 5}, {1000, maxPieces}} {
		if SetThreads(c[0]); Threads() != min(c[1], maxPieces) {
			t.Errorf("SetThreads(%d): %d threads", c[0], Threads())
		}
	}
}

func TestForAllocatesNothing(t *testing.T) {
	setThreads(t, 2)
	f := func(lo, hi int) {}
	if n := testing.AllocsPerRun(100, func() { For(2, 1, f) }); n > 0 {
		t.Errorf("%v allocations a call, want none", n)
	}
}

func ExampleFor() {
	squares := make([]int, 10)
	For(len(squares), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			squares[i] = i * i
		}
	})
	fmt.Println(squares)
	// Output: [0 1 4 9 16 25 36 49 64 81]
}
