package blas

import (
	"testing"

	"gonum.org/v1/gonum/blas/testblas"
)

// What Gorgonia gets passes gonum's own suite, which is in float64 alone: in float32 it is compared with gonum's in TestImplementationAgreesWithGonum.
func TestGonumSuite(t *testing.T) {
	eachBLAS(t, func(t *testing.T, _ string) {
		testblas.TestDgemm(t, implementation{})
		testblas.DgemvTest(t, implementation{})
		testblas.DgerTest(t, implementation{})
	})
}
