package conv

import (
	"math"
	"unsafe"

	"github.com/stheno-ml/stheno/graph/internal/cpu"
)

//go:generate go run -C gen . -part tile -pkg conv -out ../tile_amd64.s -stubs ../tile_amd64.go
//go:generate go run -C gen . -part tile512 -pkg conv -out ../tile512_amd64.s -stubs ../tile512_amd64.go
//go:generate go run -C gen . -part sparse -pkg conv -out ../sparse_amd64.s -stubs ../sparse_amd64.go
//go:generate go run -C gen . -part sparse512 -pkg conv -out ../sparse512_amd64.s -stubs ../sparse512_amd64.go
//go:generate go run -C gen . -part winograd -pkg conv -out ../winograd_transform_amd64.s -stubs ../winograd_transform_amd64.go
//go:generate go run -C gen . -part winograd512 -pkg conv -out ../winograd_transform512_amd64.s -stubs ../winograd_transform512_amd64.go
//go:generate go run -C gen . -part along -pkg conv -out ../along_amd64.s -stubs ../along_amd64.go
//go:generate go run -C gen . -part pool -pkg conv -out ../pool_amd64.s -stubs ../pool_amd64.go
//go:generate go run -C gen . -part mean -pkg conv -out ../mean_amd64.s -stubs ../mean_amd64.go

// A segment is where a stretch of columns of A and of rows of B begin, in bytes.
type segment = [2]uintptr

type tile[T Float] = func(segs int, table *segment, k int, a *T, rs, cs uintptr, b *T, ldb uintptr, bias *T, low T, c *T, ldc uintptr, mask *[16]int32)

type pair[T Float] = func(segs int, table *segment, k int, a *T, rs, cs, second uintptr, b *T, ldb uintptr, c *T, ldc uintptr)

var (
	pairs32 = []pair[float32]{2: pair2x8, 3: pair3x8, 4: pair4x8, 5: pair5x8, 6: pair6x8}
	pairs64 = []pair[float64]{2: pair2x4Double, 3: pair3x4Double, 4: pair4x4Double, 5: pair5x4Double, 6: pair6x4Double}
)

func pairsOf[T Float]() []pair[T] {
	if p, ok := any(pairs32).([]pair[T]); ok {
		return p
	}
	return any(pairs64).([]pair[T])
}

// tiles are those of so many vectors and rows.
type tiles[T Float] [5][]tile[T]

var (
	tiles32, tiles64 = widest(narrow32, wide32), widest(narrow64, wide64)

	narrow32 = tiles[float32]{
		1: {nil, tile1x8, tile2x8, tile3x8, tile4x8, tile5x8, tile6x8, tile7x8, tile8x8, tile9x8, tile10x8, tile11x8, tile12x8},
		2: {nil, tile1x16, tile2x16, tile3x16, tile4x16, tile5x16, tile6x16},
		4: {nil, tile1x32, tile2x32, tile3x32},
	}
	narrow64 = tiles[float64]{
		1: {nil, tile1x4Double, tile2x4Double, tile3x4Double, tile4x4Double, tile5x4Double, tile6x4Double, tile7x4Double, tile8x4Double, tile9x4Double, tile10x4Double, tile11x4Double, tile12x4Double},
		2: {nil, tile1x8Double, tile2x8Double, tile3x8Double, tile4x8Double, tile5x8Double, tile6x8Double},
		4: {nil, tile1x16Double, tile2x16Double, tile3x16Double},
	}
	wide32 = tiles[float32]{
		2: {nil, tile1x16AVX512, tile2x16AVX512, tile3x16AVX512, tile4x16AVX512, tile5x16AVX512, tile6x16AVX512, tile7x16AVX512, tile8x16AVX512, tile9x16AVX512, tile10x16AVX512, tile11x16AVX512, tile12x16AVX512},
		4: {nil, tile1x32AVX512, tile2x32AVX512, tile3x32AVX512, tile4x32AVX512, tile5x32AVX512, tile6x32AVX512, tile7x32AVX512, tile8x32AVX512, tile9x32AVX512, tile10x32AVX512, tile11x32AVX512, tile12x32AVX512},
	}
	wide64 = tiles[float64]{
		2: {nil, tile1x8AVX512Double, tile2x8AVX512Double, tile3x8AVX512Double, tile4x8AVX512Double, tile5x8AVX512Double, tile6x8AVX512Double, tile7x8AVX512Double, tile8x8AVX512Double, tile9x8AVX512Double, tile10x8AVX512Double, tile11x8AVX512Double, tile12x8AVX512Double},
		4: {nil, tile1x16AVX512Double, tile2x16AVX512Double, tile3x16AVX512Double, tile4x16AVX512Double, tile5x16AVX512Double, tile6x16AVX512Double, tile7x16AVX512Double, tile8x16AVX512Double, tile9x16AVX512Double, tile10x16AVX512Double, tile11x16AVX512Double, tile12x16AVX512Double},
	}
)

// widest has those of AVX-512, where there are any and the processor has it: higher, of the same bits.
func widest[T Float](narrow, wide tiles[T]) tiles[T] {
	if cpu.AVX512 {
		for v, t := range wide {
			if t != nil {
				narrow[v] = t
			}
		}
	}
	return narrow
}

func tilesOf[T Float]() *tiles[T] {
	if t, ok := any(&tiles32).(*tiles[T]); ok {
		return t
	}
	return any(&tiles64).(*tiles[T])
}

// sizeOf is an element's size in bytes, and lane how many a vector has.
func sizeOf[T Float]() uintptr { return unsafe.Sizeof(*new(T)) }
func lane[T Float]() int       { return int(32 / sizeOf[T]()) }

// lanes are 16 lanes that are set and 16 that are not.
var lanes = func() (l [32]int32) {
	for i := range 16 {
		l[i] = -1
	}
	return l
}()

// first is the mask of the first n elements of so many vectors; nil where these are all.
func first[T Float](n, vectors int) *[16]int32 {
	if n == lane[T]()*vectors {
		return nil
	}
	return (*[16]int32)(lanes[16-n*8/lane[T]():])
}

// A correlation is a convolution without its turning, of packed kernels: the forward pass, or the one that makes x's gradient of y's.
//
// Channels last, a kernel's row is one stretch of columns×channels elements of the image, and the next place of the output a fixed step further. So the matrix of all patches is there already, as strides and
// a segment for each row of the kernel, and nothing is packed but the kernels: rows of the tiles are places of the output, columns its channels.
type correlation[T Float] struct {
	image[T]
	kernels      *tiles[T]
	winograd     *winograd[T] // makes it, if it is not nil
	per          int          // segments a kernel's row
	k            int          // columns of a segment
	tables       [3][]segment // for panels of so many vectors
	panels       []panel
	packed       []T
	bias         []T    // with slack
	first, every int    // the row that the first output row goes to, and how many the next is further
	to           int    // where the first output goes
	out          [2]int // elements from one output to the next, along rows and columns
	low          T
}

// A panel is one or two vectors of the kernels' columns.
type panel struct {
	group, col, cols, vectors int
	at                        int // in packed
}

// newCorrelation makes a convolution, of which only the outputs of the shape seen are read.
func newCorrelation[T Float](s, seen *Shape, w, bias []T, relu bool) *correlation[T] {
	return correlate(s, seen, w, bias, relu, func(to []T, group, tap, c, col int) {
		copy(to, w[(tap*s.In/s.Groups+c)*s.Out+col:])
	})
}

// A turned is what makes dx of dy: a correlation for each class of places that the same taps see.
type turned[T Float] []*correlation[T]

func newTurned[T Float](s *Shape, w, bias []T, relu bool) turned[T] {
	in, out := s.In/s.Groups, s.Out/s.Groups
	var all turned[T]
	for _, r := range s.Rows.classes() {
		for _, q := range s.Cols.classes() {
			t := &Shape{Batch: s.Batch, Rows: r.Axis, Cols: q.Axis, In: s.Out, Out: s.In, Groups: s.Groups}
			c := correlate(t, t, w, bias, relu, func(to []T, group, tap, c, col int) {
				k, l := r.tap+r.step*(r.Size-1-tap/q.Size), q.tap+q.step*(q.Size-1-tap%q.Size)
				at := ((k*s.Cols.Size+l)*in+col-group*in)*s.Out + group*out + c
				for j := range to {
					to[j] = w[at]
					at += s.Out
				}
			})
			if c == nil {
				return nil
			}
			c.first, c.every = r.first, s.Rows.Stride
			c.to, c.out = r.first*s.row()+q.first*s.In, [2]int{s.Rows.Stride * s.row(), s.Cols.Stride * s.In}
			all = append(all, c)
		}
	}
	return all
}

func (t turned[T]) run(dx, dy []T, from, to int, buf *scratch[T]) {
	for _, c := range t {
		c.run(dx, dy, from, to, buf)
	}
}

func (t turned[T]) free() {
	for _, c := range t {
		c.free()
	}
}

// correlate makes one, packing by pack: the kernels' columns from col on, of a tap and a channel of a group. Nil where plain Go is to do it.
func correlate[T Float](s, seen *Shape, w, bias []T, relu bool, pack func(to []T, group, tap, c, col int)) *correlation[T] {
	in, out, taps := s.In/s.Groups, s.Out/s.Groups, s.Rows.Size*s.Cols.Size
	if !fast || in*out < 4 {
		return nil
	}
	lane := lane[T]()
	c := &correlation[T]{image: newImage[T](seen), kernels: tilesOf[T](), low: T(math.Inf(-1)), every: 1, out: [2]int{s.outRow(), s.Out}}
	if relu {
		c.low = 0
	}
	if patched[T](s) {
		c.image, c.winograd = newImage[T](seen.even()), newWinograd(seen, c.kernels, pack)
		if c.bias = bias; bias == nil {
			c.bias = make([]T, s.Out)
		}
		return c
	}
	c.per, c.k = s.Cols.Size, in
	if s.Groups == 1 && s.Cols.Dilation == 1 {
		c.per, c.k = 1, s.Cols.Size*in
	}
	size := 0
	for g := range s.Groups {
		for at := 0; at < out; {
			p := panel{group: g, col: g*out + at, vectors: 1, at: size}
			if out-at > lane {
				p.vectors = 2
			}
			p.cols = min(out-at, lane*p.vectors)
			at += p.cols
			size += taps * in * lane * p.vectors
			c.panels = append(c.panels, p)
		}
	}
	c.packed = sumsOf[T](size + s.Out + slack)
	c.bias = c.packed[size:]
	clear(c.bias)
	copy(c.bias, bias)
	c.packed = c.packed[:size]
	for _, p := range c.panels {
		to := c.packed[p.at:]
		for tap := range taps {
			for ch := range in {
				row := to[(tap*in+ch)*lane*p.vectors:][:lane*p.vectors]
				pack(row[:p.cols], p.group, tap, ch, p.col)
				clear(row[p.cols:])
			}
		}
	}
	for v := 1; v <= 2; v++ {
		for k := range s.Rows.Size {
			for l := range c.per {
				c.tables[v] = append(c.tables[v], segment{
					sizeOf[T]() * uintptr(k*s.Rows.Dilation*c.row+l*s.Cols.Dilation*s.In), 32 * uintptr(v*(k*s.Cols.Size*in+l*c.k)),
				})
			}
		}
	}
	return c
}

func (c *correlation[T]) free() {
	if c.winograd != nil {
		putSums(c.winograd.packed)
		return
	}
	putSums(c.packed)
}

// run makes those of a sample's outputs that go into rows from one up to another.
func (c *correlation[T]) run(y, x []T, from, to int, buf *scratch[T]) {
	s, size := c.s, sizeOf[T]()
	o0, o1 := max(0, from-c.first+c.every-1)/c.every, max(0, to-c.first+c.every-1)/c.every
	if c.winograd != nil {
		c.winograd.run(c, y, x, o0, o1, buf)
		return
	}
	if s.Rows.Size*s.Cols.Size == 0 { // no tap sees these places
		for o := o0; o < o1; o++ {
			for q := range s.Cols.Out {
				for j, v := range c.bias[:s.Out] {
					y[c.to+o*c.out[0]+q*c.out[1]+j] = max(c.low, v)
				}
			}
		}
		return
	}
	img, step := c.of(x, &buf.image), s.Cols.Stride*s.In
	for _, p := range c.panels {
		mask, most := first[T](p.cols, p.vectors), len(c.kernels[p.vectors])-1
		for o := o0; o < o1; o++ {
			k0, k1 := 0, s.Rows.Size
			if lo, hi := s.Rows.taps(o); lo < hi { // rows of nothing but padding are left out
				k0, k1 = lo, hi
			}
			table := &c.tables[p.vectors][k0*c.per]
			at, to := o*s.Rows.Stride*c.row+p.group*c.s.In/s.Groups, c.to+o*c.out[0]+p.col
			for q, left := 0, (s.Cols.Out+most-1)/most; left > 0; left-- {
				n := (s.Cols.Out - q + left - 1) / left
				c.kernels[p.vectors][n]((k1-k0)*c.per, table, c.k, &img[at+q*step], size*uintptr(step), size, &c.packed[p.at], 32*uintptr(p.vectors), &c.bias[p.col], c.low, &y[to+q*c.out[1]], size*uintptr(c.out[1]), mask)
				q += n
			}
		}
	}
}
