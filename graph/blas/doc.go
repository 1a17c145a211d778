// Package blas decides which BLAS multiplies Stheno's matrices, and multiplies them.
//
//	info, err := blas.Use("auto", 0) // or "openblas", "gonum", …; 0 threads are all cores
//	fmt.Println(info.Name, info.Threads, info.Why)
//
// Nobody need call it: the first product makes the same choice. The variables STHENO_BLAS and STHENO_THREADS say what the choice is where the
// program does not.
//
// It is a built-in kernel where the processor is an amd64 with AVX2 and FMA, or with AVX-512 beside them, which gives the same bits; else OpenBLAS, MKL, BLIS or
// Accelerate, if the machine has one, found at run time and opened without cgo; else gonum. Nothing is timed to choose: the same machine gives the same bits.
// GODEBUG=cpu.avx512f=off leaves AVX-512 alone. Measure times all that are here.
//
// Whichever it is works on one thread, and the product is cut over the goroutines of one pool, because a library that spins threads of its own starves the Go loops
// between two products. Cuts depend on the sizes and on the number of threads, never on timing, so a product has the same bits each time; by the built-in kernel it has
// them on any number of threads.
package blas
