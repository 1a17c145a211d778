package blas

import (
	"runtime/debug"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	gonumblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

func openGonum() *backend {
	return &backend{info: Info{Name: "gonum", Version: moduleVersion("gonum.org/v1/gonum")}, gemm32: gonum32, gemm64: gonum64}
}

// gonum starts goroutines of its own for a product of four or more blocks of 64 x 64 of C. Panels of three stay on the
// goroutine that asks, so that the pool alone decides who uses the cores.
const (
	gonumRows = 64
	gonumCols = 3 * 64
)

func gonum32(p *product[float32]) {
	panels(p, func(q product[float32]) {
		gonum.Implementation{}.Sgemm(trans(q.transA), trans(q.transB), q.m, q.n, q.k, q.alpha, q.a, q.lda, q.b, q.ldb, q.beta, q.c, q.ldc)
	})
}

func gonum64(p *product[float64]) {
	panels(p, func(q product[float64]) {
		gonum.Implementation{}.Dgemm(trans(q.transA), trans(q.transB), q.m, q.n, q.k, q.alpha, q.a, q.lda, q.b, q.ldb, q.beta, q.c, q.ldc)
	})
}

// panels calls f on the panels of C, spread over the pool.
func panels[T float](p *product[T], f func(q product[T])) {
	across := (p.n + gonumCols - 1) / gonumCols
	down := (p.m + gonumRows - 1) / gonumRows
	grain := 1 + 1<<16/(gonumRows*gonumCols*p.k) // a panel or more, of a tenth of a millisecond or more
	parallel.For(across*down, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r, c := i/across*gonumRows, i%across*gonumCols
			q := p.rows(r, min(r+gonumRows, p.m))
			f(q.cols(c, min(c+gonumCols, p.n)))
		}
	})
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
