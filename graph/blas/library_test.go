//go:build linux && (amd64 || arm64)

package blas

import (
	"os"
	"path/filepath"
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

// pip and conda put libraries into lib of the environment that is active.
func TestFilesOfVirtualEnvironment(t *testing.T) {
	t.Setenv("CONDA_PREFIX", "")
	t.Setenv("VIRTUAL_ENV", "")
	usual := fileNames("mkl")
	if usual[0] != "libmkl_rt.so.3" {
		t.Errorf("MKL's files are %v", usual)
	}
	t.Setenv("CONDA_PREFIX", "relative")
	t.Setenv("VIRTUAL_ENV", "/env")
	got := fileNames("mkl")
	if got[0] != "/env/lib/libmkl_rt.so.3" || !slices.Equal(got[len(got)-len(usual):], usual) {
		t.Errorf("in an environment MKL's files are %v", got)
	}
	for _, file := range got {
		if strings.Contains(file, "relative") || strings.Contains(file, "/env/lib//") {
			t.Errorf("in an environment MKL's files are %v", got)
		}
	}
}
