package blas

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas/gonum"
)

// panicOf returns what f panics with, or nil.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// What is wrong with the arguments panics before any C code sees them, with gonum's words.
func TestWrongArguments(t *testing.T) {
	type arguments struct{ m, n, k, lda, ldb, ldc, lenA, lenB, lenC int }
	right := arguments{4, 5, 6, 7, 8, 9, 3*7 + 6, 5*8 + 5, 3*9 + 5}
	rightT := arguments{4, 5, 6, 7, 8, 9, 5*7 + 4, 4*8 + 6, 3*9 + 5}
	for _, wrong := range []func(*arguments){
		func(a *arguments) { a.m = -1 }, func(a *arguments) { a.n = -1 }, func(a *arguments) { a.k = -1 },
		func(a *arguments) { a.lda = 3 }, func(a *arguments) { a.ldb = 4 }, func(a *arguments) { a.ldc = 4 },
		func(a *arguments) { a.lenA-- }, func(a *arguments) { a.lenB-- }, func(a *arguments) { a.lenC-- },
		func(a *arguments) { a.lenA = 0 }, func(a *arguments) { a.lenB = 0 }, func(a *arguments) { a.lenC = 0 },
		func(a *arguments) { a.m, a.ldc = 0, 0 }, func(a *arguments) { a.k, a.lda, a.ldb = 0, 0, 0 },
	} {
		for _, trans := range []bool{false, true} {
			a := right
			if trans {
				a = rightT
			}
			wrong(&a)
			x, y, z := make([]float32, a.lenA), make([]float32, a.lenB), make([]float32, a.lenC)
			want := panicOf(func() {
				gonum.Implementation{}.Sgemm(gonumTrans(trans), gonumTrans(trans), a.m, a.n, a.k, 1, x, a.lda, y, a.ldb, 0, z, a.ldc)
			})
			got := panicOf(func() { Gemm32(trans, trans, a.m, a.n, a.k, 1, x, a.lda, y, a.ldb, 0, z, a.ldc) })
			if got == nil || got != want {
				t.Errorf("%+v trans=%v: Gemm32 panics with %v, want %v", a, trans, got, want)
			}
			u, v, w := make([]float64, a.lenA), make([]float64, a.lenB), make([]float64, a.lenC)
			if got := panicOf(func() { Gemm64(trans, trans, a.m, a.n, a.k, 1, u, a.lda, v, a.ldb, 0, w, a.ldc) }); got != want {
				t.Errorf("%+v trans=%v: Gemm64 panics with %v, want %v", a, trans, got, want)
			}
		}
	}
	for _, a := range []arguments{right, rightT} {
		x, y, z := make([]float32, a.lenA), make([]float32, a.lenB), make([]float32, a.lenC)
		if p := panicOf(func() { Gemm32(a == rightT, a == rightT, a.m, a.n, a.k, 1, x, a.lda, y, a.ldb, 0, z, a.ldc) }); p != nil {
			t.Errorf("%+v: panics with %v", a, p)
		}
	}
}

// Sizes whose product is more than an int do not pass for small ones.
func TestOverflowingSizes(t *testing.T) {
	const huge = math.MaxInt/2 + 2
	for _, f := range []func(){
		func() {
			Gemm32(false, false, 3, 1, 1, 1, make([]float32, 9), huge, []float32{1}, 1, 0, make([]float32, 9), 1)
		},
		func() {
			Gemm32(false, false, 3, 1, 1, 1, make([]float32, 9), 1, []float32{1}, 1, 0, make([]float32, 9), huge)
		},
		func() {
			Gemm32(false, true, 1, 3, 1, 1, []float32{1}, 1, make([]float32, 9), huge, 0, make([]float32, 9), 3)
		},
	} {
		if panicOf(f) == nil {
			t.Error("no panic")
		}
	}
}
