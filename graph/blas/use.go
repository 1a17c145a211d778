package blas

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Info says which BLAS multiplies, on what, and why that one.
type Info struct {
	Name      string   // one of Names, never "auto"
	Version   string   // as the library gives it, or of gonum's module; "" if it is not known
	Kernel    string   // what was chosen for this processor; "" if the library does not say
	Library   string   // path of the shared library; "" for builtin and gonum
	Threads   int      // how many threads share one product; a library itself has one
	ThreadsBy string   // the environment's variable that set Threads; "" if none did
	CPU       []string // the processor's vector extensions that matter here
	Why       string   // why this one, in words
}

// A backend is one BLAS. Its functions work on the calling thread, on products whose slices have been checked, with no
// size 0 and alpha not 0.
type backend struct {
	info   Info
	gemm32 func(product[float32])
	gemm64 func(product[float64])
	thin64 func(product[float64]) // in gemm64's place for a whole product with a side below thin; nil if there is no better one
	packs  bool                   // pack32 and multiplyPacked32 are its
}

// builtin reports whether the built-in kernel does this product.
func (b *backend) builtin(p product[float32]) bool {
	return b.info.Name == "builtin" || b.info.Library != "" && slim(p)
}

// thin is the side from which packing both sides pays.
const thin = 6

var (
	door   sync.Mutex // held while a BLAS is being chosen
	chosen atomic.Pointer[backend]
)

// Use chooses the BLAS for Stheno's ops and, through gorgonia.Use, for Gorgonia's own, and sets how many threads the pool
// may use. The name is one of Names; "" takes STHENO_BLAS, or auto. 0 threads takes the first of STHENO_THREADS, OPENBLAS_NUM_THREADS, MKL_NUM_THREADS
// and OMP_NUM_THREADS that is set, or all cores; the last three are other programs' too, so what is no count in them is passed over,
// and they give no more than the cores.
//
// Auto is the built-in kernel wherever it runs (a processor with AVX2 and FMA), else the first that is there of OpenBLAS, MKL and BLIS (on macOS,
// of Accelerate before them), else gonum. An unknown name, a BLAS that is not there, a negative count, or a variable of Stheno's
// with any of these is an error that says what to do, and nothing changes. Call Use before the first product, not during one.
func Use(name string, threads int) (Info, error) {
	door.Lock()
	defer door.Unlock()
	b, threads, err := choose(name, threads)
	if err != nil {
		return Info{}, fmt.Errorf("blas: %w", err)
	}
	install(b, threads)
	return b.info, nil
}

// Current tells which BLAS is in use. If neither Use nor a product came before, it does Use("", 0); should that fail, because
// of STHENO_BLAS or STHENO_THREADS, it takes auto on all cores and says so in Why.
func Current() Info { return current().info }

func current() *backend {
	if b := chosen.Load(); b != nil {
		return b
	}
	door.Lock()
	defer door.Unlock()
	if b := chosen.Load(); b != nil {
		return b
	}
	b, threads, err := choose("", 0)
	if err != nil {
		b, threads = findAuto(), 0
		b.info.Why += "; not as the environment asks: " + err.Error()
	}
	install(b, threads)
	return b
}

// choose finds the BLAS and the number of threads, without using them.
func choose(name string, threads int) (*backend, int, error) {
	threads, by, err := threadCount(threads)
	if err != nil {
		return nil, 0, err
	}
	from := ""
	if name == "" {
		name, from = os.Getenv("STHENO_BLAS"), "STHENO_BLAS: "
	}
	b, err := find(name)
	if err != nil {
		return nil, 0, fmt.Errorf("%s%w", from, err)
	}
	if b.info.Why == "" {
		b.info.Why = "asked for"
		if from != "" {
			b.info.Why = "asked for by STHENO_BLAS"
		}
	}
	b.info.ThreadsBy = by
	return b, threads, nil
}

// threadCount replaces 0 by what the environment says, and names the variable.
func threadCount(n int) (count int, by string, err error) {
	if n < 0 {
		return 0, "", fmt.Errorf("%d threads: want 1 or more, or 0 for all cores", n)
	}
	if n > 0 {
		return n, "", nil
	}
	if s := os.Getenv("STHENO_THREADS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return 0, "", fmt.Errorf("STHENO_THREADS is %q: want a whole number, 1 or more, or 0 for all cores", s)
		}
		return n, "STHENO_THREADS", nil
	}
	for _, name := range []string{"OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"} {
		first, _, _ := strings.Cut(os.Getenv(name), ",") // OpenMP takes a list, a count a level
		if n, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && n > 0 {
			return min(n, runtime.GOMAXPROCS(0)), name, nil
		}
	}
	return 0, "", nil
}

func install(b *backend, threads int) {
	parallel.SetThreads(threads)
	b.info.Threads = parallel.Threads()
	b.info.CPU = cpuFeatures()
	chosen.Store(b)
	gorgonia.Use(implementation{})
}
