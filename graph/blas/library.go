//go:build (linux || darwin) && (amd64 || arm64)

package blas

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is an open shared library with the Fortran interface of BLAS.
type library struct {
	handle       uintptr
	sgemm, dgemm uintptr // addresses of sgemm_ and dgemm_
}

var opened = map[string]*backend{} // a library stays open

// openLibrary returns a new backend, of a library that is opened once.
func openLibrary(name string) (*backend, error) {
	b := opened[name]
	if b == nil {
		var err error
		if b, err = load(name, fileNames(name)); err != nil {
			return nil, err
		}
		opened[name] = b
	}
	again := *b
	return &again, nil
}

func load(name string, files []string) (*backend, error) {
	beforeLoading(name)
	l, file, err := openFirst(name, files)
	if err != nil {
		return nil, err
	}
	l.sgemm, l.dgemm = l.symbol("sgemm_"), l.symbol("dgemm_")
	if l.sgemm == 0 || l.dgemm == 0 {
		return nil, fmt.Errorf("%s is no BLAS: it lacks sgemm_ or dgemm_", file)
	}
	info := Info{Name: name, Library: pathOf(l.sgemm, file)}
	if err := l.configure(&info); err != nil {
		return nil, fmt.Errorf("%s %w", info.Library, err)
	}
	return &backend{info: info, gemm32: l.gemm32, gemm64: l.gemm64}, nil
}

// openFirst opens the first of the files that can be opened. Else the error is of the first that is there, or of the first.
func openFirst(name string, files []string) (*library, string, error) {
	if len(files) == 0 {
		return nil, "", errors.New("there is none for this system")
	}
	mode := purego.RTLD_NOW | purego.RTLD_LOCAL
	if name == "mkl" {
		mode = purego.RTLD_NOW | purego.RTLD_GLOBAL // it opens more libraries, which look for its symbols
	}
	runtime.LockOSThread() // why one could not be opened is asked for afterwards, and known to its own thread alone
	defer runtime.UnlockOSThread()
	var first error
	for _, file := range files {
		handle, err := purego.Dlopen(file, mode)
		if err == nil {
			return &library{handle: handle}, file, nil
		}
		missing := strings.Contains(strings.ToLower(err.Error()), "no such file")
		if first == nil || !missing {
			first = err
		}
		if !missing {
			break
		}
	}
	return nil, "", first
}

// symbol is the address of a function, or 0 if the library does not have it.
func (l *library) symbol(name string) uintptr {
	f, err := purego.Dlsym(l.handle, name)
	if err != nil {
		return 0
	}
	return f
}

// text calls a function that returns a C string; it is "" if the library does not have it.
func (l *library) text(name string, args ...uintptr) string {
	f := l.symbol(name)
	if f == 0 {
		return ""
	}
	s, _, _ := purego.SyscallN(f, args...)
	return goString(s)
}

// integer calls a function that returns an int, or does nothing if the library does not have it.
func (l *library) integer(name string, args ...uintptr) int {
	f := l.symbol(name)
	if f == 0 {
		return 0
	}
	n, _, _ := purego.SyscallN(f, args...)
	return int(int32(n))
}

// pathOf is the file that the code at an address was loaded from, if the system can tell.
func pathOf(f uintptr, otherwise string) string {
	dladdr, err := purego.Dlsym(purego.RTLD_DEFAULT, "dladdr")
	if err != nil {
		return otherwise
	}
	info := new(struct{ file, base, symbol, address uintptr }) // Dl_info
	if ok, _, _ := purego.SyscallN(dladdr, f, uintptr(unsafe.Pointer(info))); int32(ok) == 0 {
		return otherwise
	}
	return goString(info.file)
}

// goString copies the C string at an address of the C heap or a library's data, which Go's collector does not move.
func goString(address uintptr) string {
	if address == 0 {
		return ""
	}
	p := *(**byte)(unsafe.Pointer(&address))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}
