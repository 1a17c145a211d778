package simd

import "sync"

const (
	doubleTile = 6 // rows of a tile
	doubleCols = 8

	// doubleK and doubleRows bound a packed block of A: 240 KB, in the second-level cache.
	doubleK    = 256
	doubleRows = 20 * doubleTile
)

// doubles are what a product in float64 needs: a packed block of A, a packed panel of B, and the sums of a tile.
type doubles struct {
	a    [doubleRows * doubleK]float64
	b    [doubleCols * doubleK]float64
	sums [doubleTile * doubleCols]float64
}

var idleDoubles = sync.Pool{New: func() any { return new(doubles) }}

// Gemm64 is Gemm in float64. An element's bits depend on neither its place nor on m and n.
func Gemm64(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	d := idleDoubles.Get().(*doubles)
	defer idleDoubles.Put(d)
	kc, mc := even(k, doubleK, 1), even(m, doubleRows, doubleTile)
	for k0 := 0; k0 < k; k0 += kc {
		depth := min(kc, k-k0)
		for i0 := 0; i0 < m; i0 += mc {
			rows := min(mc, m-i0)
			for i := 0; i < rows; i += doubleTile {
				packDouble(d.a[i*depth:], doubleTile, a, lda, transA, i0+i, min(doubleTile, rows-i), k0, depth)
			}
			for j := 0; j < n; j += doubleCols {
				cols := min(doubleCols, n-j)
				packDouble(d.b[:], doubleCols, b, ldb, !transB, j, cols, k0, depth)
				for i := 0; i < rows; i += doubleTile {
					double6x8(depth, &d.a[i*depth], &d.b[0], &d.sums[0])
					for r := range min(doubleTile, rows-i) {
						to, sums := c[(i0+i+r)*ldc+j:][:cols], d.sums[r*doubleCols:][:cols]
						if beta == 0 {
							for l, sum := range sums {
								to[l] = alpha * sum
							}
						} else {
							for l, sum := range sums {
								to[l] = alpha*sum + beta*to[l]
							}
						}
					}
				}
			}
		}
		beta = 1
	}
}

// packDouble copies so many lines of a matrix, the one of that number and those after it, depth elements of each from k0 on, so that the elements of one place lie together, width of them; what
// lines lack is 0. A line is a row or, across, a column of x as it is stored.
func packDouble(dst []float64, width int, x []float64, ld int, across bool, from, lines, k0, depth int) {
	if across {
		for l := range depth {
			to := dst[l*width:][:width]
			clear(to[copy(to, x[(k0+l)*ld+from:][:lines]):])
		}
		return
	}
	for i := range width {
		if i >= lines {
			for l := range depth {
				dst[l*width+i] = 0
			}
			continue
		}
		for l, v := range x[(from+i)*ld+k0:][:depth] {
			dst[l*width+i] = v
		}
	}
}
