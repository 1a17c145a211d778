package simd

// Gemm computes C = alpha op(A) op(B) + beta C in row-major order: op(A) is m x k, stored k x m if transA; op(B) is k x n,
// stored n x k if transB; lda, ldb and ldc count elements from row to row as stored. With beta 0, C is only written. The sizes must be at
// least 1 and the slices long enough: they are not checked.
func (kn *Kernel) Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	switch {
	case k == 1 && (!transB || ldb == 1):
		incx := lda
		if transA {
			incx = 1
		}
		kn.outer(m, n, alpha, &a[0], 4*uintptr(incx), &b[0], beta, &c[0], 4*uintptr(ldc), first(n%kn.lanes))
	case m == 1 && (!transA || lda == 1):
		kn.vectorMatrix(transB, n, k, alpha, a, b, ldb, beta, c)
	case n == 1 && ldc == 1 && (transB || ldb == 1):
		kn.vectorMatrix(!transA, m, k, alpha, b, a, lda, beta, c)
	default:
		p := product{Kernel: kn, n: n, k: k, alpha: alpha, a: a, rs: 4 * uintptr(lda), cs: 4, b: b, ldb: ldb, transB: transB, c: c, ldc: ldc}
		if transA {
			p.rs, p.cs = p.cs, p.rs
		}
		p.multiply(m, beta)
	}
}

// AddsLast reports whether Gemm, of aᵀ stored k x m and b stored k x n, rounds each element of op(A) op(B), then alpha times that, then the sum with beta C: the bits of
// three passes. Else C goes into the sums earlier.
func AddsLast(m, n, k int) bool { return k == 1 || min(m, n) > 1 && k <= maxK }

// vectorMatrix computes y = alpha x op(B) + beta y, with x of k elements and y of n.
func (kn *Kernel) vectorMatrix(transB bool, n, k int, alpha float32, x, b []float32, ldb int, beta float32, y []float32) {
	ld := 4 * uintptr(ldb)
	if transB {
		if groups := n / 4; groups > 0 {
			kn.dots4(groups, k, &y[0], alpha, beta, &x[0], &b[0], ld, first(k%kn.lanes))
		}
		if done := n &^ 3; done < n {
			kn.dots1(n-done, k, &y[done], alpha, beta, &x[0], &b[done*ldb], ld, first(k%kn.lanes))
		}
		return
	}
	buf := getBuffers()
	defer putBuffers(buf)
	scaled := &buf.scaled
	for l := 0; l < k; {
		if k-l >= 8 {
			for i, v := range x[l : l+8] {
				scaled[i] = alpha * v
			}
			kn.combine8(n, &y[0], beta, &scaled[0], &b[l*ldb], ld, first(n%kn.lanes))
			l += 8
		} else {
			scaled[0] = alpha * x[l]
			kn.combine1(n, &y[0], beta, &scaled[0], &b[l*ldb], ld, first(n%kn.lanes))
			l++
		}
		beta = 1
	}
}

// lanes are 64 lanes that are set and 64 that are not.
var lanes = func() (l [128]int32) {
	for i := range 64 {
		l[i] = -1
	}
	return l
}()

// first is the mask of the first n of 64 lanes, of which a kernel looks at as many as its vectors have.
func first(n int) *[64]int32 { return (*[64]int32)(lanes[64-n:]) }
