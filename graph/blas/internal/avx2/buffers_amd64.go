package avx2

import "sync"

// panel holds a packed panel of B: 16 columns, of which the transposing copy writes up to 7 rows too many.
type panel [(800 + 8) * tileCols]float32

type group [groupCols / tileCols]panel

// tiles holds a packed block of A, and what the last store writes beyond it.
type tiles [1200 * 642]float32

// buffers are what one goroutine needs for a product.
type buffers struct {
	group group
	a     *tiles // made when it is first needed
}

func (b *buffers) tiles() *tiles {
	if b.a == nil {
		b.a = new(tiles)
	}
	return b.a
}

// idle are the buffers that nobody uses: as many as there were products at once, and never more.
var idle struct {
	sync.Mutex
	list []*buffers
}

func getBuffers() *buffers {
	idle.Lock()
	defer idle.Unlock()
	if n := len(idle.list); n > 0 {
		b := idle.list[n-1]
		idle.list = idle.list[:n-1]
		return b
	}
	return new(buffers)
}

func putBuffers(b *buffers) {
	idle.Lock()
	defer idle.Unlock()
	idle.list = append(idle.list, b)
}
