package simd

import "sync"

// panelRows is how many rows a packed panel has room for. It is more than maxK, since 40 KB would put the panels of a group in the same places of the
// first-level cache.
const panelRows = maxK + 8

// tiles holds a packed block of A. The last store to a tile writes up to four elements beyond it.
type tiles [maxRows*maxK + 4*maxRows/12]float32

// buffers are what one goroutine needs for a product.
type buffers struct {
	group  [groupCols * panelRows]float32 // the panels that are packed at once
	rows   [8]*float32
	scaled [8]float32
	a      *tiles // made when it is first needed
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
