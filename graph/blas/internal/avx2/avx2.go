// Package avx2 multiplies float32 matrices with AVX2 and FMA, on the calling goroutine.
//
// The product is done in tiles of 6 x 16 of C, whose sums sit in twelve vector registers while the kernel runs along k. The
// loops around it keep what the kernel reads in the caches, as Goto and van de Geijn describe (Anatomy of
// High-Performance Matrix Multiplication, ACM TOMS 34, 2008): a panel of 16 columns of B is packed, and a block of rows of A
// stays in the second-level cache. Three things are different here. The kernel takes A where it lies, transposed or not,
// since a broadcast does not mind strides: for a hundred rows, packing A would cost more than it saves. B is packed four
// panels at a time, just before they are used, while the kernels on the panels before bring its rows near. And one call of
// the kernel goes down all tiles of a panel, so that the first sums of a tile overlap with the last writes of the one
// before.
//
// Products with a side of 1 read each element of the matrix once and are bound by memory: they have kernels of their own.
//
// In float64, which checks gradients and is not trained in for speed, a tile is 6 x 8 and both sides are packed.
//
// The assembly is written by the generator in gen.
package avx2

//go:generate go run -C gen . -part tile -pkg avx2 -out ../tile_amd64.s -stubs ../tile_amd64.go
//go:generate go run -C gen . -part pack -pkg avx2 -out ../pack_amd64.s -stubs ../pack_amd64.go
//go:generate go run -C gen . -part vector -pkg avx2 -out ../vector_amd64.s -stubs ../vector_amd64.go
//go:generate go run -C gen . -part peak -pkg avx2 -out ../peak_amd64.s -stubs ../peak_amd64.go
//go:generate go run -C gen . -part double -pkg avx2 -out ../double_amd64.s -stubs ../double_amd64.go
