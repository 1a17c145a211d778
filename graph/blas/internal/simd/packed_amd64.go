package simd

// A packed matrix is its panels of a tile's columns, those of the first block of k before those of the next.

// panelOf is how many elements the panels of a block of k have: the kernel that packs columns writes eight rows at a time.
func (kn *Kernel) panelOf(k int) int { return (k + 7) / 8 * 8 * kn.cols }

// panelsOf is how many panels n columns have: as many as whole groups.
func (kn *Kernel) panelsOf(n int) int { return (n + groupCols - 1) / groupCols * (groupCols / kn.cols) }

// Pack returns op(B), of k x n, packed for Multiply, in dst where there is room.
func (kn *Kernel) Pack(dst []float32, transB bool, n, k int, b []float32, ldb int) []float32 {
	kc := even(k, maxK, 8)
	size := 0
	for k0 := 0; k0 < k; k0 += kc {
		size += kn.panelsOf(n) * kn.panelOf(min(kc, k-k0))
	}
	if cap(dst) < size {
		dst = make([]float32, size)
	}
	dst = dst[:size]
	at := 0
	buf := getBuffers()
	defer putBuffers(buf)
	for k0 := 0; k0 < k; k0 += kc {
		rows := min(kc, k-k0)
		panel := kn.panelOf(rows)
		for j := 0; j < n; j += groupCols {
			kn.packInto(dst[at:], &buf.rows, panel, transB, b, ldb, k0, rows, j, min(groupCols, n-j))
			at += groupCols / kn.cols * panel
		}
	}
	buf.rows = [8]*float32{} // keep no matrix alive
	return dst
}

// packInto packs up to 64 columns of op(B) into panels of so many elements each.
func (kn *Kernel) packInto(dst []float32, rows *[8]*float32, panel int, transB bool, b []float32, ldb, k0, k, j0, cols int) {
	if !transB {
		pack := kn.packGroup
		if cols <= kn.cols {
			pack = kn.packRows
		}
		pack(k, &dst[0], 4*uintptr(panel), &b[k0*ldb+j0], 4*uintptr(ldb), first(cols))
		return
	}
	for j := 0; j < cols; j += 8 {
		for i := range rows {
			rows[i] = &b[(j0+min(j+i, cols-1))*ldb+k0]
		}
		kn.packColumns(k, &dst[j/kn.cols*panel+j%kn.cols], rows, first(k%8))
	}
}

// Multiply computes C = A B + beta C, B being of k x n as Pack made it. All sizes are at least 1.
func (kn *Kernel) Multiply(m, n, k int, a []float32, lda int, b []float32, beta float32, c []float32, ldc int) {
	kc := even(k, maxK, 8)
	for k0 := 0; k0 < k; k0 += kc {
		depth := min(kc, k-k0)
		panel := kn.panelOf(depth)
		part := even(m, max(kn.rows, maxBlock/depth), kn.rows)
		for i := 0; i < m; i += part {
			for j := 0; j < n; j += kn.cols {
				kn.multiplyPanel(min(part, m-i), min(kn.cols, n-j), depth, &a[i*lda+k0], lda, &b[j/kn.cols*panel], beta, &c[i*ldc+j], ldc)
			}
		}
		b = b[kn.panelsOf(n)*panel:]
		beta = 1
	}
}

// multiplyPanel multiplies rows of A with one panel.
func (kn *Kernel) multiplyPanel(m, cols, k int, a *float32, lda int, b *float32, beta float32, c *float32, ldc int) {
	tile, mask := kn.tile[(cols-1)/kn.lanes], (*[64]int32)(nil)
	if cols%kn.lanes > 0 {
		mask = first(cols)
	}
	row, out := 4*uintptr(lda), 4*uintptr(ldc)
	tiles, rest := m/kn.rows, [2]int{m % kn.rows}
	if tiles > 0 && rest[0] > 0 && rest[0] < kn.rows/2 { // one of a row or two would wait for its own sums: it and the tile before it are two halves
		both := rest[0] + kn.rows
		tiles, rest = tiles-1, [2]int{both - both/2, both / 2}
	}
	if tiles > 0 {
		tile[kn.rows-1](tiles, k, 1, a, row, 4, uintptr(kn.rows)*row, b, beta, c, out, mask, b, 0, 0)
	}
	done := uintptr(tiles * kn.rows)
	for _, rows := range rest {
		if rows > 0 {
			tile[rows-1](1, k, 1, add(a, done*row), row, 4, 0, b, beta, add(c, done*out), out, mask, b, 0, 0)
			done += uintptr(rows)
		}
	}
}
