package simd

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph/internal/cpu"
)

// A Kernel multiplies by one set of instructions.
type Kernel struct {
	name       string
	lanes      int // float32 of a vector
	rows, cols int // of a tile; the columns are two vectors

	tile                [2][]tile // by vectors and by rows, from 1 on
	packRows, packGroup func(k int, dst *float32, panel uintptr, src *float32, ld uintptr, mask *[64]int32)
	packColumns         func(k int, dst *float32, src *[8]*float32, mask *[64]int32)
	packTiles           func(k int, tiles int, dst *float32, tile uintptr, src *float32, ld uintptr, all, mask *[64]int32)
	combine8, combine1  func(n int, y *float32, beta float32, x, row *float32, ld uintptr, mask *[64]int32)
	dots4, dots1        func(groups, n int, y *float32, alpha, beta float32, x, row *float32, ld uintptr, mask *[64]int32)
	outer               func(m, n int, alpha float32, x *float32, incx uintptr, y *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32)
	fma                 func(turns int)
}

// tile is a kernel for a tile of C; the generator has its words.
type tile = func(tiles, k int, alpha float32, a *float32, rs, cs, down uintptr, b *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32, ahead *float32, stride, skip uintptr)

// Kernels are those that this processor and its operating system can run, the best one first.
func Kernels() []*Kernel { return kernels }

// Best is the first of Kernels; nil where there is none.
func Best() *Kernel {
	if len(kernels) == 0 {
		return nil
	}
	return kernels[0]
}

var kernels = func() (all []*Kernel) {
	if !cpu.AVX2 {
		return nil
	}
	if cpu.AVX512 {
		all = append(all, &Kernel{
			name: "AVX512", lanes: 16, rows: 12, cols: 32,
			tile: [2][]tile{
				{tile1x16AVX512, tile2x16AVX512, tile3x16AVX512, tile4x16AVX512, tile5x16AVX512, tile6x16AVX512,
					tile7x16AVX512, tile8x16AVX512, tile9x16AVX512, tile10x16AVX512, tile11x16AVX512, tile12x16AVX512},
				{tile1x32AVX512, tile2x32AVX512, tile3x32AVX512, tile4x32AVX512, tile5x32AVX512, tile6x32AVX512,
					tile7x32AVX512, tile8x32AVX512, tile9x32AVX512, tile10x32AVX512, tile11x32AVX512, tile12x32AVX512},
			},
			packRows: packRows1AVX512, packGroup: packRows2AVX512, packColumns: packColumnsAVX512, packTiles: packTilesAVX512,
			combine8: combine8AVX512, combine1: combine1AVX512, dots4: dots4AVX512, dots1: dots1AVX512, outer: outerAVX512, fma: fmaAVX512,
		})
	}
	return append(all, &Kernel{
		name: "AVX2", lanes: 8, rows: 6, cols: 16,
		tile: [2][]tile{
			{tile1x8AVX2, tile2x8AVX2, tile3x8AVX2, tile4x8AVX2, tile5x8AVX2, tile6x8AVX2},
			{tile1x16AVX2, tile2x16AVX2, tile3x16AVX2, tile4x16AVX2, tile5x16AVX2, tile6x16AVX2},
		},
		packRows: packRows1AVX2, packGroup: packRows4AVX2, packColumns: packColumnsAVX2, packTiles: packTilesAVX2,
		combine8: combine8AVX2, combine1: combine1AVX2, dots4: dots4AVX2, dots1: dots1AVX2, outer: outerAVX2, fma: fmaAVX2,
	})
}()

// String names the instructions and the size of a tile, as in "AVX2 FMA 6x16".
func (kn *Kernel) String() string { return fmt.Sprintf("%s FMA %dx%d", kn.name, kn.rows, kn.cols) }

// FMA does that many floating-point operations, or a few more, as fast as one core can: fused multiplications and additions of registers, of
// which each element counts two.
func (kn *Kernel) FMA(flop int) {
	turn := 12 * kn.lanes * 2 // vectors, elements, operations
	kn.fma(flop/turn + 1)
}
