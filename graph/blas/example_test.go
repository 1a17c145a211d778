package blas_test

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph/blas"
)

// A 2 x 3 matrix times the transpose of another.
func ExampleGemm32() {
	a := []float32{
		1, 2, 3,
		4, 5, 6,
	}
	b := []float32{
		1, 0, 1,
		0, 1, 0,
	}
	c := make([]float32, 4)
	blas.Gemm32(false, true, 2, 2, 3, 1, a, 3, b, 3, 0, c, 2)
	fmt.Println(c[:2])
	fmt.Println(c[2:])
	// Output:
	// [4 2]
	// [10 5]
}

// Without a call of Use it is the choice of "auto" on all cores, or of the environment.
func ExampleCurrent() {
	info := blas.Current()
	fmt.Println("one of Names:", slices.Contains(blas.Names(), info.Name))
	fmt.Println("on some threads:", info.Threads > 0)
	fmt.Println("for a reason:", info.Why != "")
	// Output:
	// one of Names: true
	// on some threads: true
	// for a reason: true
}

// A name that is none, or a BLAS that is not there, changes nothing.
func ExampleUse() {
	info, err := blas.Use("gonum", 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Name, "on", info.Threads, "thread:", info.Why)

	_, err = blas.Use("atlas", 1)
	fmt.Println(err)
	// Output:
	// gonum on 1 thread: asked for
	// blas: "atlas" is not a BLAS: want one of auto, openblas, mkl, blis, accelerate, builtin, gonum
}
