package avx2

import "sync"

// panel holds a packed panel of B. It is longer than that, since 40 KB would put the panels of a group in the same places of the
// first-level cache.
type panel [(maxK + 8) * tileCols]float32

// group holds the panels that are packed at once.
type group [groupCols / tileCols]panel

// tiles holds a packed block of A. The last store to a tile writes two elements beyond it.
type tiles [maxRows / tileRows * (tileRows*maxK + 2)]float32

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
