package avx2

// A packed matrix is its panels of 16 columns, those of the first block of k before those of the next.

// depth is how many rows a panel has room for, of k: the kernel that packs columns writes eight at a time.
func depth(k int) int { return (k + 7) / 8 * 8 }

// Pack returns op(B), of k x n, packed for Multiply, in dst where there is room.
func Pack(dst []float32, transB bool, n, k int, b []float32, ldb int) []float32 {
	kc := even(k, maxK, 8)
	panels := (n + groupCols - 1) / groupCols * (groupCols / tileCols)
	size := 0
	for k0 := 0; k0 < k; k0 += kc {
		size += panels * depth(min(kc, k-k0)) * tileCols
	}
	if cap(dst) < size {
		dst = make([]float32, size)
	}
	dst = dst[:size]
	at := 0
	for k0 := 0; k0 < k; k0 += kc {
		rows := min(kc, k-k0)
		panel := depth(rows) * tileCols
		for j := 0; j < n; j += groupCols {
			packColumnsOf(dst[at:], panel, transB, b, ldb, k0, rows, j, min(groupCols, n-j))
			at += groupCols / tileCols * panel
		}
	}
	return dst
}

// packColumnsOf packs up to 64 columns of op(B) into four panels of so many elements each.
func packColumnsOf(dst []float32, panel int, transB bool, b []float32, ldb, k0, k, j0, cols int) {
	if !transB {
		pack := packRows4
		if cols <= tileCols {
			pack = packRows1
		}
		pack(k, &dst[0], 4*uintptr(panel), &b[k0*ldb+j0], 4*uintptr(ldb), first(cols))
		return
	}
	var rows [8]*float32
	for j := 0; j < cols; j += 8 {
		for i := range rows {
			rows[i] = &b[(j0+min(j+i, cols-1))*ldb+k0]
		}
		packColumns(k, &dst[j/tileCols*panel+j%tileCols], &rows, first(k%8))
	}
}

// Multiply computes C = A B + beta C, B being of k x n as Pack made it. All sizes are at least 1.
func Multiply(m, n, k int, a []float32, lda int, b []float32, beta float32, c []float32, ldc int) {
	kc := even(k, maxK, 8)
	panels := (n + groupCols - 1) / groupCols * (groupCols / tileCols)
	for k0 := 0; k0 < k; k0 += kc {
		rows := min(kc, k-k0)
		panel := depth(rows) * tileCols
		part := even(m, maxBlock/rows, tileRows)
		for i := 0; i < m; i += part {
			for j := 0; j < n; j += tileCols {
				packedColumn(min(part, m-i), min(tileCols, n-j), rows, &a[i*lda+k0], lda, &b[j/tileCols*panel], beta, &c[i*ldc+j], ldc)
			}
		}
		b = b[panels*panel:]
		beta = 1
	}
}

// packedColumn multiplies rows of A with one panel.
func packedColumn(m, cols, k int, a *float32, lda int, b *float32, beta float32, c *float32, ldc int) {
	kernel, mask := tile6x16, (*[64]int32)(nil)
	switch {
	case cols <= 8:
		kernel, mask = tile6x8, first(cols)
	case cols < tileCols:
		mask = first(cols)
	}
	row, out := 4*uintptr(lda), 4*uintptr(ldc)
	tiles := m / tileRows
	if tiles > 0 {
		kernel(tiles, k, 1, a, row, 4, tileRows*row, b, beta, c, out, mask, b, 0, 0)
	}
	if rest := m % tileRows; rest > 0 {
		done := uintptr(tiles * tileRows)
		partial[rest](1, k, 1, add(a, done*row), row, 4, tileRows*row, b, beta, add(c, done*out), out, mask, b, 0, 0)
	}
}
