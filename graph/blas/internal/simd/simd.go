// Package simd multiplies float32 matrices with AVX2 and FMA, or with AVX-512, on the calling goroutine.
//
// The product is done in tiles of C, of 6 x 16 or 12 x 32, whose sums sit in vector registers while the kernel runs along k. The
// loops around it keep what the kernel reads in the caches, as Goto and van de Geijn describe (Anatomy of
// High-Performance Matrix Multiplication, ACM TOMS 34, 2008): a panel of 16 or 32 columns of B is packed, and a block of rows of A
// stays in the second-level cache. Three things are different here. The kernel takes A where it lies, transposed or not,
// since a broadcast does not mind strides: for a hundred rows, packing A would cost more than it saves. B is packed 64 columns
// at a time, just before they are used, while the kernels on the panels before bring its rows near. And one call of
// the kernel goes down all tiles of a panel, so that the first sums of a tile overlap with the last writes of the one
// before.
//
// Products with a side of 1 read each element of the matrix once and are bound by memory: they have kernels of their own.
//
// An element of C is the same sum in the same order whatever the vectors' width, so that both have the same bits.
//
// In float64, which checks gradients and is not trained in for speed, a tile is 6 x 8, in AVX2, and both sides are packed.
//
// The assembly is written by the generator in gen.
package simd

//go:generate go run -C gen . -isa avx2 -part tile -pkg simd -out ../tile_avx2_amd64.s -stubs ../tile_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part pack -pkg simd -out ../pack_avx2_amd64.s -stubs ../pack_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part vector -pkg simd -out ../vector_avx2_amd64.s -stubs ../vector_avx2_amd64.go
//go:generate go run -C gen . -isa avx2 -part peak -pkg simd -out ../peak_avx2_amd64.s -stubs ../peak_avx2_amd64.go
//go:generate go run -C gen . -isa avx512 -part tile -pkg simd -out ../tile_avx512_amd64.s -stubs ../tile_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part pack -pkg simd -out ../pack_avx512_amd64.s -stubs ../pack_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part vector -pkg simd -out ../vector_avx512_amd64.s -stubs ../vector_avx512_amd64.go
//go:generate go run -C gen . -isa avx512 -part peak -pkg simd -out ../peak_avx512_amd64.s -stubs ../peak_avx512_amd64.go
//go:generate go run -C gen . -part double -pkg simd -out ../double_amd64.s -stubs ../double_amd64.go
