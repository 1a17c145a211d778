package blas

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// unchosen makes the package forget its BLAS, as at the start of a program, until the test ends.
func unchosen(t *testing.T) {
	t.Helper()
	before := Current()
	chosen.Store(nil)
	t.Cleanup(func() {
		if _, err := Use(before.Name, before.Threads); err != nil {
			t.Error(err)
		}
	})
}

func TestUse(t *testing.T) {
	for _, name := range available() {
		useFor(t, name, 3)
		info := Current()
		if info.Name != name || info.Threads != 3 || info.Why != "asked for" {
			t.Errorf("after Use(%q, 3): %+v", name, info)
		}
		library := name != "builtin" && name != "gonum"
		if library != strings.Contains(info.Library, name) || library && info.Version == "" {
			t.Errorf("%s: library %q, version %q", name, info.Library, info.Version)
		}
		if _, ok := gorgonia.WhichBLAS().(implementation); !ok {
			t.Errorf("%s: Gorgonia has %T", name, gorgonia.WhichBLAS())
		}
	}
}

func TestAuto(t *testing.T) {
	for _, name := range []string{"auto", ""} {
		t.Setenv("STHENO_BLAS", "")
		noThreads(t)
		useFor(t, name, 0)
		info := Current()
		order := []string{"builtin", "openblas", "mkl", "blis", "gonum"}
		if runtime.GOOS == "darwin" {
			order = append([]string{"builtin", "accelerate"}, order[1:]...)
		}
		list := available()
		first := order[slices.IndexFunc(order, func(n string) bool { return slices.Contains(list, n) })]
		if info.Name != first || !strings.HasPrefix(info.Why, "auto: ") || info.Threads != runtime.GOMAXPROCS(0) {
			t.Errorf("Use(%q, 0): %+v, want %s on %d threads", name, info, first, runtime.GOMAXPROCS(0))
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("STHENO_BLAS", "gonum")
	t.Setenv("STHENO_THREADS", "3")
	unchosen(t)
	if info := Current(); info.Name != "gonum" || info.Threads != 3 || info.Why != "asked for by STHENO_BLAS" {
		t.Errorf("Current: %+v", info)
	}
	info, err := Use("auto", 2)
	if err != nil || !strings.HasPrefix(info.Why, "auto: ") || info.Threads != 2 {
		t.Errorf("what is passed goes before the environment, got %+v, %v", info, err)
	}
}

// noThreads leaves the number of threads to the cores.
func noThreads(t *testing.T) {
	for _, name := range []string{"STHENO_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"} {
		t.Setenv(name, "")
	}
}

// A list is OpenMP's; what is no count is another program's affair.
func TestThreadsOfOtherVariables(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, c := range []struct {
		env     string
		threads int
		by      string
	}{
		{"OMP_NUM_THREADS=1", 1, "OMP_NUM_THREADS"},
		{"OMP_NUM_THREADS=3,1", 3, "OMP_NUM_THREADS"},
		{"OMP_NUM_THREADS=64", 4, "OMP_NUM_THREADS"},
		{"OMP_NUM_THREADS=3 OPENBLAS_NUM_THREADS=2", 2, "OPENBLAS_NUM_THREADS"},
		{"OMP_NUM_THREADS=3 MKL_NUM_THREADS=2", 2, "MKL_NUM_THREADS"},
		{"OMP_NUM_THREADS=1 STHENO_THREADS=5", 5, "STHENO_THREADS"},
		{"OMP_NUM_THREADS=1 STHENO_THREADS=0", 4, "STHENO_THREADS"},
		{"OMP_NUM_THREADS=many OPENBLAS_NUM_THREADS=0 MKL_NUM_THREADS=-1", 4, ""},
	} {
		noThreads(t)
		for _, set := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(set, "=")
			t.Setenv(name, value)
		}
		useFor(t, "gonum", 0)
		if info := Current(); info.Threads != c.threads || info.ThreadsBy != c.by {
			t.Errorf("%s: %d threads by %q, want %d by %q", c.env, info.Threads, info.ThreadsBy, c.threads, c.by)
		}
		useFor(t, "gonum", 2)
		if info := Current(); info.Threads != 2 || info.ThreadsBy != "" {
			t.Errorf("%s: asked for 2 threads, got %d by %q", c.env, info.Threads, info.ThreadsBy)
		}
	}
}

func TestUseErrors(t *testing.T) {
	absent := ""
	for _, name := range []string{"accelerate", "mkl", "blis", "openblas"} {
		if !slices.Contains(available(), name) {
			absent = name
		}
	}
	if absent == "" {
		t.Fatal("every BLAS of every system is here")
	}
	for _, c := range []struct {
		name, env, envThreads string
		threads               int
		want                  []string
	}{
		{"atlas", "", "", 0, []string{`blas: "atlas" is not a BLAS: want one of auto, openblas`}},
		{"", "atlas", "", 0, []string{`blas: STHENO_BLAS: "atlas" is not a BLAS: want one of auto, openblas`}},
		{absent, "", "", 0, []string{"blas: " + absent + " cannot be used: ", "use auto"}},
		{"", absent, "", 0, []string{"blas: STHENO_BLAS: " + absent + " cannot be used: ", "use auto"}},
		{"gonum", "", "", -1, []string{"blas: -1 threads: want 1 or more, or 0 for all cores"}},
		{"gonum", "", "many", 0, []string{`blas: STHENO_THREADS is "many": want a whole number, 1 or more, or 0 for all cores`}},
		{"gonum", "", "-2", 0, []string{`blas: STHENO_THREADS is "-2": want`}},
	} {
		t.Setenv("STHENO_BLAS", c.env)
		t.Setenv("STHENO_THREADS", c.envThreads)
		before := Current()
		info, err := Use(c.name, c.threads)
		if err == nil {
			t.Errorf("%+v: no error, %+v", c, info)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %q lacks %q", c, err, want)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %q is more than a line", c, err)
		}
		if after := Current(); after.Name != before.Name || after.Threads != before.Threads {
			t.Errorf("%+v: the error changed %+v to %+v", c, before, after)
		}
		// The same at the first product, which has no error to return.
		if c.name == "" {
			unchosen(t)
			if info := Current(); !strings.HasPrefix(info.Why, "auto: ") || !strings.Contains(info.Why, "STHENO_BLAS: ") {
				t.Errorf("%+v: Current is %+v", c, info)
			}
		}
	}
}

func TestRemedy(t *testing.T) {
	for _, name := range Names()[1:] {
		if s := remedy(name); !strings.HasSuffix(s, "use auto") {
			t.Errorf("%s: %q", name, s)
		}
	}
	if s := remedy("openblas"); runtime.GOOS == "linux" && !strings.Contains(s, "apt-get install libopenblas0") {
		t.Errorf("openblas: %q", s)
	}
}
