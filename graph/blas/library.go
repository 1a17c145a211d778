//go:build (linux || darwin) && (amd64 || arm64)

package blas

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// library is an open shared library with the Fortran interface of BLAS: every argument by address, column-major.
type library struct {
	handle       uintptr
	sgemm, dgemm uintptr
}

var openLibraries = map[string]*backend{} // a library stays open; guarded by door

func openLibrary(name string) (*backend, error) {
	if b := openLibraries[name]; b != nil {
		copied := *b
		return &copied, nil
	}
	b, err := loadLibrary(name)
	if err != nil {
		return nil, err
	}
	openLibraries[name] = b
	copied := *b
	return &copied, nil
}

func loadLibrary(name string) (*backend, error) {
	var errs []error
	for _, file := range files[name] {
		handle, err := purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		l := &library{handle: handle, sgemm: symbol(handle, "sgemm_"), dgemm: symbol(handle, "dgemm_")}
		if l.sgemm == 0 || l.dgemm == 0 {
			return nil, fmt.Errorf("%s has no sgemm_ or no dgemm_", file)
		}
		info := Info{Name: name, Library: path(l.sgemm, file)}
		if err := l.ready(&info); err != nil {
			return nil, fmt.Errorf("%s: %w", info.Library, err)
		}
		return &backend{info: info, gemm32: l.gemm32, gemm64: l.gemm64}, nil
	}
	if errs == nil {
		return nil, errPlatform
	}
	return nil, errors.Join(errs...)
}

// files are the names to try, by BLAS.
var files = map[string][]string{
	"openblas": {"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0"},
	"mkl":      {"libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so"},
	"blis":     {"libblis.so.4", "libblis.so.5", "libblis.so.3", "libblis.so", "libblis-mt.so"},
}

// ready brings the library to one thread and asks what it is.
func (l *library) ready(info *Info) error {
	switch info.Name {
	case "openblas":
		config := l.text("openblas_get_config")
		if strings.Contains(config, "USE64BITINT") {
			return errors.New("it takes 64-bit integers (ILP64); the usual build with 32-bit ones is needed")
		}
		if fields := strings.Fields(config); len(fields) > 1 {
			info.Version = fields[1]
		}
		info.Kernel = l.text("openblas_get_corename")
		l.call("openblas_set_num_threads", 1)
	case "blis":
		info.Version = l.text("bli_info_get_version_str")
		l.call("bli_thread_set_num_threads", 1)
	}
	return nil
}

// text calls a function that returns a C string; "" if the library does not have it.
func (l *library) text(name string) string {
	f := symbol(l.handle, name)
	if f == 0 {
		return ""
	}
	var get func() string
	purego.RegisterFunc(&get, f)
	return get()
}

// call calls a function of integers that returns nothing of interest, if the library has it.
func (l *library) call(name string, args ...uintptr) {
	if f := symbol(l.handle, name); f != 0 {
		purego.SyscallN(f, args...)
	}
}

func symbol(handle uintptr, name string) uintptr {
	f, err := purego.Dlsym(handle, name)
	if err != nil {
		return 0
	}
	return f
}

// path is where the code at address f was loaded from, if the system can tell.
func path(f uintptr, otherwise string) string {
	dladdr := symbol(purego.RTLD_DEFAULT, "dladdr")
	if dladdr == 0 {
		return otherwise
	}
	var dlInfo struct {
		file  *byte
		base  uintptr
		name  *byte
		start uintptr
	}
	if ok, _, _ := purego.SyscallN(dladdr, f, uintptr(unsafe.Pointer(&dlInfo))); int32(ok) == 0 || dlInfo.file == nil {
		return otherwise
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(dlInfo.file), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(dlInfo.file, n))
}

// fortran holds the scalars of one call, which Fortran takes by address.
type fortran[T float] struct {
	transA, transB         byte
	m, n, k, lda, ldb, ldc int32
	alpha, beta            T
}

var (
	args32 = sync.Pool{New: func() any { return new(fortran[float32]) }}
	args64 = sync.Pool{New: func() any { return new(fortran[float64]) }}
)

func (l *library) gemm32(p *product[float32]) {
	if !fits(p) {
		gonum32(p)
		return
	}
	split(p, func(q product[float32]) { gemmFortran(l.sgemm, &args32, &q) })
}

func (l *library) gemm64(p *product[float64]) {
	if !fits(p) {
		gonum64(p)
		return
	}
	split(p, func(q product[float64]) { gemmFortran(l.dgemm, &args64, &q) })
}

// fits reports whether the sizes fit Fortran's 32-bit integers.
func fits[T float](p *product[T]) bool {
	return max(p.m, p.n, p.k, p.lda, p.ldb, p.ldc) <= math.MaxInt32
}

// split cuts C over the pool, along the side where the operand that every piece has to read is the smaller one.
func split[T float](p *product[T], f func(product[T])) {
	if p.m <= p.n {
		parallel.For(p.n, 32, func(lo, hi int) { f(p.cols(lo, hi)) })
	} else {
		parallel.For(p.m, 32, func(lo, hi int) { f(p.rows(lo, hi)) })
	}
}

// gemmFortran does a row-major product by the column-major sgemm_ or dgemm_: read so, every matrix is its transpose, and
// transpose(C) = transpose(op(B)) transpose(op(A)).
func gemmFortran[T float](f uintptr, pool *sync.Pool, p *product[T]) {
	x := pool.Get().(*fortran[T])
	*x = fortran[T]{letter(p.transB), letter(p.transA), int32(p.n), int32(p.m), int32(p.k), int32(p.ldb), int32(p.lda), int32(p.ldc), p.alpha, p.beta}
	purego.SyscallN(f,
		uintptr(unsafe.Pointer(&x.transA)), uintptr(unsafe.Pointer(&x.transB)),
		uintptr(unsafe.Pointer(&x.m)), uintptr(unsafe.Pointer(&x.n)), uintptr(unsafe.Pointer(&x.k)),
		uintptr(unsafe.Pointer(&x.alpha)),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.b))), uintptr(unsafe.Pointer(&x.lda)),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.a))), uintptr(unsafe.Pointer(&x.ldb)),
		uintptr(unsafe.Pointer(&x.beta)),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.c))), uintptr(unsafe.Pointer(&x.ldc)),
		1, 1)
	pool.Put(x)
}

func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}
