//go:build !amd64

package blas

import "errors"

func openBuiltin() (*backend, error) {
	return nil, errors.New("the built-in kernel is for amd64")
}

func builtin32(product[float32]) { panic("blas: no built-in kernel") }

func pack32([]float32, bool, int, int, []float32, int) []float32 { panic("blas: no built-in kernel") }

func multiplyPacked32(int, int, int, []float32, int, []float32, float32, []float32, int) {
	panic("blas: no built-in kernel")
}

func slim(product[float32]) bool { return false }

func openPeak() func(flop int) { return nil }

func addsLast(product[float32]) bool { return false }
