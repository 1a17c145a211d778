package blas

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"gorgonia.org/gorgonia"
)

// Info says which BLAS multiplies, on what, and why that one.
type Info struct {
	Name    string   // one of Names, never "auto"
	Version string   // as the library gives it; of the Go module for gonum
	Kernel  string   // what the library chose for this processor; "" if it does not say
	Library string   // path of the shared library; "" for builtin and gonum
	Threads int      // how many goroutines share one product; the library itself has one thread
	CPU     []string // the processor's vector extensions that matter here
	Why     string   // why this one, in words
}

// Names returns what Use takes: "auto", then each BLAS in the order in which auto tries them on Linux.
func Names() []string {
	return []string{"auto", "openblas", "mkl", "blis", "accelerate", "builtin", "gonum"}
}

// A backend is one BLAS. Its functions work on row-major matrices whose sizes have been checked and are not zero,
// alpha not zero, and on all threads of the pool.
type backend struct {
	info   Info
	gemm32 func(*product[float32])
	gemm64 func(*product[float64])
}

var (
	door   sync.Mutex // held while a BLAS is being chosen
	chosen atomic.Pointer[backend]
)

// Use chooses the BLAS for Stheno's ops and, through gorgonia.Use, for Gorgonia's own. It sets how many threads the
// pool may use: 0 takes STHENO_THREADS, or all cores. The name "" takes STHENO_BLAS, or auto; auto is the first that is
// there of OpenBLAS, MKL and BLIS (on macOS, Accelerate before them), else the built-in kernel if the processor has AVX2
// and FMA, else gonum. An unknown name, a BLAS that is not there, a negative count, or an environment variable that is
// neither is an error, which says what to do, and nothing changes. Call Use before the first product, not during one.
func Use(name string, threads int) (Info, error) {
	door.Lock()
	defer door.Unlock()
	name, threads, err := fromEnvironment(name, threads)
	if err != nil {
		return Info{}, err
	}
	b, err := find(name)
	if err != nil {
		return Info{}, err
	}
	return install(b, threads), nil
}

// Current tells which BLAS is in use. Without a call of Use before it or before the first product, it does Use("", 0); should
// that fail, for an environment variable that asks for what is not there, it takes auto and says so in Why.
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
	name, threads, err := fromEnvironment("", 0)
	var b *backend
	if err == nil {
		b, err = find(name)
	}
	if err != nil {
		b, _ = find("auto") // ends at gonum, which is always there
		b.info.Why += "; not as asked: " + err.Error()
		threads = max(threads, 0)
	}
	install(b, threads)
	return b
}

func install(b *backend, threads int) Info {
	parallel.SetThreads(threads)
	b.info.Threads = parallel.Threads()
	chosen.Store(b)
	gorgonia.Use(implementation{})
	return b.info
}

// fromEnvironment fills in what the caller left open.
func fromEnvironment(name string, threads int) (string, int, error) {
	if name == "" {
		if name = os.Getenv("STHENO_BLAS"); name == "" {
			name = "auto"
		}
		if !known(name) {
			return "", 0, fmt.Errorf("blas: STHENO_BLAS: %w", unknownName(name))
		}
	}
	if threads < 0 {
		return "", 0, fmt.Errorf("blas: %d threads: want 1 or more, or 0 for all cores", threads)
	}
	if s := os.Getenv("STHENO_THREADS"); threads == 0 && s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return "", 0, fmt.Errorf("blas: STHENO_THREADS is %q: want a whole number, 1 or more, or 0 for all cores", s)
		}
		threads = n
	}
	return name, threads, nil
}

func known(name string) bool {
	for _, n := range Names() {
		if n == name {
			return true
		}
	}
	return false
}

func unknownName(name string) error {
	return fmt.Errorf("unknown BLAS %q: want one of %s", name, strings.Join(Names(), ", "))
}

// find opens the BLAS of that name, or for auto the first that is there.
func find(name string) (*backend, error) {
	switch name {
	case "auto":
		return findAuto(), nil
	case "builtin", "gonum":
		b, err := open(name)
		if err != nil {
			return nil, fmt.Errorf("blas: %w", err)
		}
		b.info.Why = "asked for"
		return b, nil
	}
	if !known(name) {
		return nil, fmt.Errorf("blas: %w", unknownName(name))
	}
	b, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("blas: %s was asked for but cannot be used: %w; %s", name, err, howToGet(name))
	}
	b.info.Why = "asked for"
	return b, nil
}

var errPlatform = errors.New("no shared libraries are opened on this platform")
