//go:build (linux || darwin) && (amd64 || arm64)

package blas

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// fileNames are the files to try: those of an active virtual environment of Python or Conda, where pip and conda put them; then bare names, which are
// looked for where the system keeps its libraries, and places of its own; last those of a Python that is not active but in the PATH, and where pip puts
// them without an environment: the system does not look there.
func fileNames(name string) []string {
	files := usualNames(name)
	all := append(within(os.Getenv("VIRTUAL_ENV"), files), within(os.Getenv("CONDA_PREFIX"), files)...)
	all = append(all, files...)
	if python, err := exec.LookPath("python3"); err == nil {
		all = append(all, within(filepath.Dir(filepath.Dir(python)), files)...)
	}
	if home, err := os.UserHomeDir(); err == nil {
		all = append(all, within(filepath.Join(home, ".local"), files)...) // pip install --user
	}
	return append(all, within("/usr/local", files)...)
}

// within are the files in lib of a Python's prefix.
func within(prefix string, files []string) []string {
	var all []string
	for _, file := range files {
		if filepath.IsAbs(prefix) && !filepath.IsAbs(file) {
			all = append(all, filepath.Join(prefix, "lib", file))
		}
	}
	return all
}

func usualNames(name string) []string {
	if runtime.GOOS == "darwin" {
		return map[string][]string{
			"accelerate": {"/System/Library/Frameworks/Accelerate.framework/Accelerate"},
			"openblas":   {"libopenblas.0.dylib", "libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib"},
			"mkl":        {"libmkl_rt.3.dylib", "libmkl_rt.2.dylib", "libmkl_rt.1.dylib", "/opt/intel/oneapi/mkl/latest/lib/libmkl_rt.2.dylib"},
			"blis":       {"libblis.4.dylib", "libblis.dylib", "/opt/homebrew/opt/blis/lib/libblis.dylib", "/usr/local/opt/blis/lib/libblis.dylib"},
		}[name]
	}
	return map[string][]string{
		"openblas": {"libopenblas.so.0", "libopenblas.so"},
		"mkl":      {"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so", "/opt/intel/oneapi/mkl/latest/lib/libmkl_rt.so"},
		"blis":     {"libblis.so.4", "libblis.so.5", "libblis.so.3", "libblis.so", "libblis-mt.so"},
	}[name]
}

// beforeLoading sets what a library reads when it is loaded. Accelerate has a function for the number of its threads on new
// systems alone.
func beforeLoading(name string) {
	if name != "accelerate" {
		return
	}
	if setenv, err := purego.Dlsym(purego.RTLD_DEFAULT, "setenv"); err == nil {
		purego.SyscallN(setenv, cString("VECLIB_MAXIMUM_THREADS"), cString("1"), 1)
	}
}

// configure brings the library to one thread, and asks what it is.
func (l *library) configure(info *Info) error {
	switch info.Name {
	case "openblas":
		var err error
		if info.Version, err = openblasVersion(l.text("openblas_get_config")); err != nil {
			return err
		}
		info.Kernel = l.text("openblas_get_corename")
		l.integer("openblas_set_num_threads", 1)
	case "mkl":
		const lp64, sequential = 0, 1
		l.integer("MKL_Set_Interface_Layer", lp64)
		l.integer("MKL_Set_Threading_Layer", sequential)
		l.integer("MKL_Set_Num_Threads", 1)
		var text [200]byte
		l.integer("MKL_Get_Version_String", uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
		info.Version = mklVersion(string(text[:]))
	case "blis":
		if l.integer("bli_info_get_blas_int_type_size") == 64 {
			return errWide
		}
		info.Version = l.text("bli_info_get_version_str")
		info.Kernel = l.text("bli_arch_string", uintptr(l.integer("bli_arch_query_id")))
		l.integer("bli_thread_set_num_threads", 1)
	case "accelerate":
		const single = 1
		l.integer("BLASSetThreading", single)
	}
	return nil
}

var errWide = errors.New("takes integers of 64 bits (ILP64); the build with 32 is needed")

// openblasVersion reads a description such as "OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64".
func openblasVersion(config string) (string, error) {
	words := strings.Fields(config)
	switch {
	case slices.Contains(words, "USE64BITINT"):
		return "", errWide
	case len(words) > 1 && words[0] == "OpenBLAS":
		return words[1], nil
	}
	return "", nil
}

// mklVersion reads a description such as "Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 20240605 for …".
func mklVersion(text string) string {
	_, version, _ := strings.Cut(text, "Version ")
	version, _, _ = strings.Cut(version, " ")
	version, _, _ = strings.Cut(version, "-")
	return version
}

// cString is the address of a copy of s for C, which is never freed.
func cString(s string) uintptr {
	strdup, err := purego.Dlsym(purego.RTLD_DEFAULT, "strdup")
	if err != nil {
		return 0
	}
	text := append([]byte(s), 0)
	p, _, _ := purego.SyscallN(strdup, uintptr(unsafe.Pointer(&text[0])))
	return p
}
