//go:build linux && (amd64 || arm64)

package blas

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestLoadErrors(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "libopenblas.so.0")
	if err := os.WriteFile(broken, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files []string
		want  string
	}{
		{nil, "there is none for this system"},
		{[]string{"libnotthere.so.1", "libnotthere.so"}, "libnotthere.so.1: cannot open"},
		{[]string{"libnotthere.so.1", broken}, broken},
		{[]string{"libc.so.6"}, "libc.so.6 is no BLAS: it lacks sgemm_ or dgemm_"},
	} {
		if _, err := load("openblas", c.files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("load %v: %v, want %q", c.files, err, c.want)
		}
	}
}

// Why a library cannot be opened is known though other goroutines want the processors: an empty reason had no further file tried.
func TestLoadErrorsAmongOthers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 4 * runtime.GOMAXPROCS(0) {
		go func() {
			for ctx.Err() == nil {
				runtime.Gosched()
			}
		}()
	}
	for range 2000 {
		if _, _, err := openFirst("openblas", []string{"libnotthere.so.1"}); err == nil || !strings.Contains(err.Error(), "libnotthere.so.1") {
			t.Fatalf("got %v", err)
		}
	}
}

func TestOpenBLASVersion(t *testing.T) {
	for _, c := range []struct{ config, version, err string }{
		{"OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64", "0.3.21", ""},
		{"OpenBLAS 0.3.26 USE64BITINT DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64", "", "ILP64"},
		{"", "", ""},
		{"something else", "", ""},
	} {
		version, err := openblasVersion(c.config)
		if version != c.version || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %q, %v", c.config, version, err)
		}
	}
}

func TestMKLVersion(t *testing.T) {
	for text, want := range map[string]string{
		"Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 20240605 for Intel(R) 64 architecture applications": "2024.2",
		"Intel(R) Math Kernel Library Version 2019.0.4 Product Build 20190411 for Intel(R) 64 architecture applications":      "2019.0.4",
		"\x00\x00": "",
	} {
		if got := mklVersion(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// pip and conda put libraries into lib of the environment that is active, and without one where the system does not look.
func TestFilesOfPython(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "python3"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("HOME", "/home/lee")
	t.Setenv("CONDA_PREFIX", "relative")
	for _, environment := range []string{"", "/env"} {
		t.Setenv("VIRTUAL_ENV", environment)
		got := fileNames("mkl")
		var places []string // of the newest version, in order
		for _, file := range got {
			if filepath.Base(file) == "libmkl_rt.so.3" {
				places = append(places, filepath.Dir(file))
			}
			if strings.Contains(file, "relative") || strings.Contains(file, "//") {
				t.Errorf("in the environment %q MKL's files are %v", environment, got)
			}
		}
		want := []string{".", filepath.Join(filepath.Dir(bin), "lib"), "/home/lee/.local/lib", "/usr/local/lib"}
		if environment != "" {
			want = append([]string{"/env/lib"}, want...)
		}
		if !slices.Equal(places, want) {
			t.Errorf("in the environment %q MKL is looked for in %v, want %v", environment, places, want)
		}
	}
}
