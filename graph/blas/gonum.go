package blas

import (
	"runtime/debug"

	gonumblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

func openGonum() *backend {
	return &backend{
		info:   Info{Name: "gonum", Version: moduleVersion("gonum.org/v1/gonum")},
		gemm32: func(p product[float32]) { panels(p, gonum32) },
		gemm64: func(p product[float64]) { panels(p, gonum64) },
	}
}

func gonum32(p product[float32]) {
	gonum.Implementation{}.Sgemm(trans(p.transA), trans(p.transB), p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

func gonum64(p product[float64]) {
	gonum.Implementation{}.Dgemm(trans(p.transA), trans(p.transB), p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
}

// gonum starts goroutines of its own for a product of four or more blocks of 64 x 64 of C. Panels of three stay on the
// goroutine that asks, so that the pool alone decides who uses the cores.
const (
	panelRows = 64
	panelCols = 3 * 64
)

// panels calls f on one panel of C after the other.
func panels[T float](p product[T], f func(product[T])) {
	for i := 0; i < p.m; i += panelRows {
		for j := 0; j < p.n; j += panelCols {
			f(p.part(i, min(i+panelRows, p.m), j, min(j+panelCols, p.n)))
		}
	}
}

func trans(t bool) gonumblas.Transpose {
	if t {
		return gonumblas.Trans
	}
	return gonumblas.NoTrans
}

// moduleVersion is the version of a module that this program was built with, or "" if the build does not say.
func moduleVersion(path string) string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range build.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return ""
}
