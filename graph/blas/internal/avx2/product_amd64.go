package avx2

import "unsafe"

const (
	tileRows = 6
	tileCols = 16

	// groupCols are packed at once: a row of B is in another page than the one before it, and finding the page costs as much
	// as copying 16 columns.
	groupCols = 4 * tileCols

	// maxK bounds the rows of a packed panel, which must stay near while the tiles of a block of A pass: 40 KB.
	maxK = 640

	// maxBlock bounds the elements of a block of A that is read anew for each panel of a group: 300 of the second-level
	// cache's 512 KB.
	maxBlock = 76800

	// maxRows bounds the rows for which a group is packed once, and so the memory for a packed block of A: 3 MB.
	maxRows = 1200

	// maxStrides is how many columns a block of A that is stored transposed may have before packing it pays: each lies in
	// another page, and the processor knows the places of 64.
	maxStrides = 64
)

// product is a product without its number of rows. rs and cs are the bytes from row to row and from column to column of op(A).
type product struct {
	n, k   int
	alpha  float32
	a      []float32
	rs, cs uintptr
	b      []float32
	ldb    int
	transB bool
	c      []float32
	ldc    int
}

func (p *product) multiply(m int, beta float32) {
	buf := getBuffers()
	defer putBuffers(buf)
	kc, mc := even(p.k, maxK, 8), even(m, maxRows, tileRows)
	for i0 := 0; i0 < m; i0 += mc {
		scale := beta
		for k0 := 0; k0 < p.k; k0 += kc {
			p.block(buf, i0, min(mc, m-i0), k0, min(kc, p.k-k0), scale)
			scale = 1
		}
	}
}

// block adds the product of a block of A, of rows from i0 on and k columns from k0 on, and the k rows of B.
func (p *product) block(buf *buffers, i0, rows, k0, k int, beta float32) {
	a := block{p.at(i0, k0), p.rs, p.cs, tileRows * p.rs}
	if p.cs > p.rs && k > maxStrides {
		a = p.packA(buf.tiles(), i0, rows, k0, k)
	}
	part := even(rows, maxBlock/k, tileRows)
	for j0 := 0; j0 < p.n; j0 += groupCols {
		p.packB(&buf.group, k0, k, j0)
		for i := 0; i < rows; i += part {
			last := i+part >= rows
			for j := j0; j < min(j0+groupCols, p.n); j += tileCols {
				p.column(a.from(i/tileRows), &buf.group[(j-j0)/tileCols], i0+i, min(part, rows-i), k0, k, j, beta, last)
			}
		}
	}
}

// even cuts n into blocks of at most limit, all but the last of the same size, a multiple of unit.
func even(n, limit, unit int) int {
	blocks := (n + limit - 1) / limit
	size := (n + blocks - 1) / blocks
	return (size + unit - 1) / unit * unit
}

// at is the address of an element of op(A).
func (p *product) at(i, l int) *float32 {
	return add(unsafe.SliceData(p.a), uintptr(i)*p.rs+uintptr(l)*p.cs)
}

// block is a block of op(A) where it lies: rs bytes from row to row, cs from column to column, down from tile to tile.
type block struct {
	start        *float32
	rs, cs, down uintptr
}

// from is the block without its first tiles.
func (b block) from(tile int) block {
	b.start = add(b.start, uintptr(tile)*b.down)
	return b
}

func add(p *float32, bytes uintptr) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), bytes)) }

// packA copies a block of A, stored transposed, so that each tile's elements lie together.
func (p *product) packA(dst *tiles, i0, rows, k0, k int) block {
	n := (rows + tileRows - 1) / tileRows
	tile := 4 * uintptr(tileRows*k+2)
	packTiles(k, n, &dst[0], tile, p.at(i0, k0), p.cs, first(tileRows), first(rows-(n-1)*tileRows))
	return block{&dst[0], 4, 4 * tileRows, tile}
}

// packB copies k rows of op(B) from row k0 on, 64 columns from column j0 on, into four panels. Columns that B does not have get
// anything.
func (p *product) packB(dst *group, k0, k, j0 int) {
	cols := min(groupCols, p.n-j0)
	if !p.transB {
		pack := packRows4
		if cols <= tileCols {
			pack = packRows1
		}
		pack(k, &dst[0][0], unsafe.Sizeof(dst[0]), &p.b[k0*p.ldb+j0], 4*uintptr(p.ldb), first(cols))
		return
	}
	var rows [8]*float32
	for j := 0; j < cols; j += 8 {
		for i := range rows {
			rows[i] = &p.b[(j0+min(j+i, cols-1))*p.ldb+k0]
		}
		packColumns(k, &dst[j/tileCols][j%tileCols], &rows, first(k%8))
	}
}

// column multiplies a block of A with a panel of B. Meanwhile the panel in the same place of the next group is brought near: of B
// as it is stored, one row for each 4 of k, or along one row for each tile.
func (p *product) column(a block, b *panel, i0, rows, k0, k, j0 int, beta float32, last bool) {
	cols := min(tileCols, p.n-j0)
	kernel, mask := tile6x16, (*[64]int32)(nil)
	switch {
	case cols <= 8:
		kernel, mask = tile6x8, first(cols)
	case cols < tileCols:
		mask = first(cols)
	}
	c, ldb, ldc := &p.c[i0*p.ldc+j0], 4*uintptr(p.ldb), 4*uintptr(p.ldc)
	tiles, done := rows/tileRows, 0
	if next := j0 + groupCols; last && next < p.n && tiles > 0 {
		ahead, stride, skip := k0*p.ldb+next, ldb, uintptr(0)
		done = min(tiles, 4)
		if p.transB {
			ahead, stride, skip = next*p.ldb+k0, 16, ldb-16*uintptr(k/4)
			done = min(tiles, tileCols, p.n-next)
		}
		kernel(done, k, p.alpha, a.start, a.rs, a.cs, a.down, &b[0], beta, c, ldc, mask, &p.b[ahead], stride, skip)
	}
	if done < tiles {
		kernel(tiles-done, k, p.alpha, a.from(done).start, a.rs, a.cs, a.down, &b[0], beta, add(c, uintptr(done*tileRows)*ldc), ldc, mask, &b[0], 0, 0)
	}
	if rest := rows % tileRows; rest > 0 {
		partial[rest](1, k, p.alpha, a.from(tiles).start, a.rs, a.cs, a.down, &b[0], beta, add(c, uintptr(tiles*tileRows)*ldc), ldc, mask, &b[0], 0, 0)
	}
}

// partial are the kernels for the rows that do not fill a tile.
var partial = [tileRows]func(tiles, k int, alpha float32, a *float32, rs, cs, down uintptr, b *float32, beta float32, c *float32, ldc uintptr, mask *[64]int32, ahead *float32, stride, skip uintptr){
	1: tile1x16, 2: tile2x16, 3: tile3x16, 4: tile4x16, 5: tile5x16,
}
