//go:build (linux || darwin) && (amd64 || arm64)

package blas

import (
	"math"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

func (l *library) gemm32(p product[float32]) {
	switch {
	case slim(p):
		builtin32(p)
	case fits(p):
		fortranGemm(l.sgemm, &arguments32, p)
	default:
		panels(p, gonum32)
	}
}

func (l *library) gemm64(p product[float64]) {
	if fits(p) {
		fortranGemm(l.dgemm, &arguments64, p)
	} else {
		panels(p, gonum64)
	}
}

// fits reports whether the library's 32-bit integers can hold the sizes.
func fits[T float](p product[T]) bool {
	return max(p.m, p.n, p.k, p.lda, p.ldb, p.ldc) <= math.MaxInt32
}

// arguments are the scalars of a call, which Fortran takes by address. They are kept, so that a call does not allocate them.
type arguments[T float] struct {
	transA, transB         byte
	m, n, k, lda, ldb, ldc int32
	alpha, beta            T
}

var (
	arguments32 = sync.Pool{New: func() any { return new(arguments[float32]) }}
	arguments64 = sync.Pool{New: func() any { return new(arguments[float64]) }}
)

// fortranGemm calls sgemm_ or dgemm_, for which matrices are column-major: it reads and writes each of ours as its transpose, and
// the transpose of op(A) op(B) is the product of their transposes in the other order. The two lengths at the end are those of
// the character arguments, which some compilers' Fortran expects.
func fortranGemm[T float](f uintptr, kept *sync.Pool, p product[T]) {
	x := kept.Get().(*arguments[T])
	*x = arguments[T]{letter(p.transA), letter(p.transB), int32(p.m), int32(p.n), int32(p.k), int32(p.lda), int32(p.ldb), int32(p.ldc), p.alpha, p.beta}
	purego.SyscallN(f,
		uintptr(unsafe.Pointer(&x.transB)), uintptr(unsafe.Pointer(&x.transA)),
		uintptr(unsafe.Pointer(&x.n)), uintptr(unsafe.Pointer(&x.m)), uintptr(unsafe.Pointer(&x.k)),
		uintptr(unsafe.Pointer(&x.alpha)),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.b))), uintptr(unsafe.Pointer(&x.ldb)),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.a))), uintptr(unsafe.Pointer(&x.lda)),
		uintptr(unsafe.Pointer(&x.beta)),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.c))), uintptr(unsafe.Pointer(&x.ldc)),
		1, 1)
	kept.Put(x)
}

func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}
