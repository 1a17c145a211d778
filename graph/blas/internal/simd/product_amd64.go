package simd

import "unsafe"

const (
	// groupCols are packed at once: a row of B is in another page than the one before it, and finding the page costs as much
	// as copying some columns of it.
	groupCols = 64

	// maxK bounds the rows of a packed panel, which must stay near while the tiles of a block of A pass: 40 or 80 KB.
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
	*Kernel
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
	kc, mc := even(p.k, maxK, 8), even(m, maxRows, p.rows)
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
	a := block{p.at(i0, k0), p.rs, p.cs, uintptr(p.rows) * p.rs}
	if p.cs > p.rs && k > maxStrides {
		a = p.packA(buf.tiles(), i0, rows, k0, k)
	}
	part := even(rows, maxBlock/k, p.rows)
	for j0 := 0; j0 < p.n; j0 += groupCols {
		p.packB(buf, k0, k, j0)
		for i := 0; i < rows; i += part {
			last := i+part >= rows
			for j := j0; j < min(j0+groupCols, p.n); j += p.cols {
				p.column(a.from(i/p.rows), &buf.group[(j-j0)*panelRows], i0+i, min(part, rows-i), k0, k, j, beta, last)
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
	n := (rows + p.rows - 1) / p.rows
	tile := 4 * uintptr(p.rows*k+p.lanes-p.rows)
	p.packTiles(k, n, &dst[0], tile, p.at(i0, k0), p.cs, first(p.rows), first(rows-(n-1)*p.rows))
	return block{&dst[0], 4, 4 * uintptr(p.rows), tile}
}

// packB copies k rows of op(B) from row k0 on, 64 columns from column j0 on, into panels. Columns that B does not have get
// anything.
func (p *product) packB(buf *buffers, k0, k, j0 int) {
	dst, cols := &buf.group, min(groupCols, p.n-j0)
	if !p.transB {
		pack := p.packGroup
		if cols <= p.cols {
			pack = p.packRows
		}
		pack(k, &dst[0], 4*uintptr(panelRows*p.cols), &p.b[k0*p.ldb+j0], 4*uintptr(p.ldb), first(cols))
		return
	}
	rows := &buf.rows
	for j := 0; j < cols; j += 8 {
		for i := range rows {
			rows[i] = &p.b[(j0+min(j+i, cols-1))*p.ldb+k0]
		}
		p.packColumns(k, &dst[j/p.cols*p.cols*panelRows+j%p.cols], rows, first(k%8))
	}
	*rows = [8]*float32{} // keep no matrix alive
}

// column multiplies a block of A with a panel of B. Meanwhile the panel in the same place of the next group is brought near: of B
// as it is stored, one row for each 4 of k, or along its rows.
func (p *product) column(a block, b *float32, i0, rows, k0, k, j0 int, beta float32, last bool) {
	cols := min(p.cols, p.n-j0)
	tile, mask := p.tile[(cols-1)/p.lanes], (*[64]int32)(nil)
	if cols%p.lanes > 0 {
		mask = first(cols)
	}
	c, ldb, ldc := &p.c[i0*p.ldc+j0], 4*uintptr(p.ldb), 4*uintptr(p.ldc)
	tiles, done := rows/p.rows, 0
	if next := j0 + groupCols; last && next < p.n && tiles > 0 {
		ahead, stride, skip := k0*p.ldb+next, ldb, uintptr(0)
		done = min(tiles, 4)
		if p.transB {
			ahead, stride, skip, done = p.aheadOfRows(next, k0, k, tiles)
		}
		tile[p.rows-1](done, k, p.alpha, a.start, a.rs, a.cs, a.down, b, beta, c, ldc, mask, &p.b[ahead], stride, skip)
	}
	if done < tiles {
		tile[p.rows-1](tiles-done, k, p.alpha, a.from(done).start, a.rs, a.cs, a.down, b, beta, add(c, uintptr(done*p.rows)*ldc), ldc, mask, b, 0, 0)
	}
	if rest := rows % p.rows; rest > 0 {
		tile[rest-1](1, k, p.alpha, a.from(tiles).start, a.rs, a.cs, a.down, b, beta, add(c, uintptr(tiles*p.rows)*ldc), ldc, mask, b, 0, 0)
	}
}

// aheadOfRows spreads what is to be brought near of B's rows from next on over the tiles: where they lie close, as one stretch of memory, else one for each tile.
func (p *product) aheadOfRows(next, k0, k, tiles int) (ahead int, stride, skip uintptr, done int) {
	ahead = next*p.ldb + k0
	rows, steps := min(p.cols, p.n-next), k/4
	if p.ldb > k+k/2 || steps == 0 {
		return ahead, 16, uintptr(4*p.ldb - 16*steps), min(tiles, rows)
	}
	const line = 64
	bytes := 4 * ((rows-1)*p.ldb + k)
	stride = uintptr(min(2*line, (bytes/(tiles*steps)+line-1)/line*line))
	return ahead, max(line, stride), 0, min(tiles, bytes/(int(max(line, stride))*steps)+1)
}
