package avx2

import (
	"sync"
	"unsafe"
)

const (
	tileRows = 6
	tileCols = 16
)

var maxK, maxRows = 400, 192

// product is a product without its number of rows. rs and cs are the bytes from row to row and from column to column of op(A).
type product struct {
	n, k   int
	alpha  float32
	a      []float32
	rs, cs uintptr
	b      []float32
	ldb    int
	transB bool
	beta   float32
	c      []float32
	ldc    int
}

func (p *product) multiply(m int) {
	panel := getPanel()
	defer putPanel(panel)
	kc, mc := even(p.k, maxK, 8), even(m, maxRows, tileRows)
	for k0 := 0; k0 < p.k; k0 += kc {
		k := min(kc, p.k-k0)
		for i0 := 0; i0 < m; i0 += mc {
			rows := min(mc, m-i0)
			for j0 := 0; j0 < p.n; j0 += tileCols {
				p.pack(panel, k0, k, j0)
				p.column(panel, i0, rows, k0, k, j0)
			}
		}
		p.beta = 1
	}
}

// even cuts n into blocks of at most limit, all but the last of the same size, a multiple of unit.
func even(n, limit, unit int) int {
	blocks := (n + limit - 1) / limit
	size := (n + blocks - 1) / blocks
	return (size + unit - 1) / unit * unit
}

// pack copies k rows of B from row k0 on, 16 columns from column j0 on, into the panel. Columns that B does not have get anything.
func (p *product) pack(panel *panel, k0, k, j0 int) {
	cols := min(tileCols, p.n-j0)
	if !p.transB {
		var mask *[16]int32
		if cols < tileCols {
			mask = &masks[cols]
		}
		packRows(k, &panel[0], &p.b[k0*p.ldb+j0], 4*uintptr(p.ldb), p.alpha, mask)
		return
	}
	var rows [8]*float32
	for half := 0; half < cols; half += 8 {
		for i := range rows {
			rows[i] = &p.b[(j0+min(half+i, cols-1))*p.ldb+k0]
		}
		packColumns(k, &panel[half], &rows, p.alpha, &masks[k%8])
	}
}

// column multiplies a block of A with the panel.
func (p *product) column(panel *panel, i0, rows, k0, k, j0 int) {
	cols := min(tileCols, p.n-j0)
	full, wide := tile6x16, true
	if cols <= 8 {
		full, wide = tile6x8, false
	}
	var mask *[16]int32
	if cols < tileCols && (wide || cols < 8) {
		mask = &masks[cols]
	}
	b := &panel[0]
	ldc := 4 * uintptr(p.ldc)
	rowA := func(i int) *float32 {
		return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(p.a)), uintptr(i)*p.rs+uintptr(k0)*p.cs))
	}
	i, end := i0, i0+rows
	if next := j0 + tileCols; next < p.n && !p.transB {
		// Four tiles pass as many rows of the next panel as this one has.
		if tiles := min(rows/tileRows, 4); tiles > 0 {
			full(tiles, k, rowA(i), p.rs, p.cs, b, &p.c[i*p.ldc+j0], ldc, p.beta, mask, &p.b[k0*p.ldb+next], 4*uintptr(p.ldb))
			i += tiles * tileRows
		}
	}
	if tiles := (end - i) / tileRows; tiles > 0 {
		full(tiles, k, rowA(i), p.rs, p.cs, b, &p.c[i*p.ldc+j0], ldc, p.beta, mask, b, 0)
		i += tiles * tileRows
	}
	if i < end {
		if cols < tileCols {
			mask = &masks[cols]
		}
		partial[end-i](1, k, rowA(i), p.rs, p.cs, b, &p.c[i*p.ldc+j0], ldc, p.beta, mask, b, 0)
	}
}

var partial = [tileRows]func(tiles, k int, a *float32, rs, cs uintptr, b, c *float32, ldc uintptr, beta float32, mask *[16]int32, ahead *float32, stride uintptr){
	1: tile1x16, 2: tile2x16, 3: tile3x16, 4: tile4x16, 5: tile5x16,
}

// panel holds a panel of B.
type panel [(400 + 8) * tileCols]float32

var (
	panelsDoor sync.Mutex
	panels     []*panel // to use again
)

func getPanel() *panel {
	panelsDoor.Lock()
	defer panelsDoor.Unlock()
	if n := len(panels); n > 0 {
		p := panels[n-1]
		panels = panels[:n-1]
		return p
	}
	return new(panel)
}

func putPanel(p *panel) {
	panelsDoor.Lock()
	defer panelsDoor.Unlock()
	panels = append(panels, p)
}
