package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// problem is one product to be checked, with the matrices' places in memory left open.
type problem struct {
	transA, transB   bool
	m, n, k          int
	padA, padB, padC int // how much longer the leading dimensions are than the rows
	alpha, beta      float64
}

func (p problem) String() string {
	return fmt.Sprintf("transA=%v transB=%v %dx%dx%d pads %d,%d,%d alpha=%v beta=%v", p.transA, p.transB, p.m, p.n, p.k, p.padA, p.padB, p.padC, p.alpha, p.beta)
}

// stored is a matrix as it lies: rows of ld elements, of which the first cols count; the last row has no more than these.
type stored[T float] struct {
	rows, cols, ld int
	data           []T
}

// values are the elements of the matrix that was stored, transposed if trans, row after row.
func (s stored[T]) values(trans bool) []float64 {
	rows, cols, down, right := s.rows, s.cols, s.ld, 1
	if trans {
		rows, cols, down, right = cols, rows, right, down
	}
	list := make([]float64, 0, rows*cols)
	for i := range rows {
		for j := range cols {
			list = append(list, float64(s.data[i*down+j*right]))
		}
	}
	return list
}

// place makes the memory of a matrix: a slice of n elements.
type place[T float] func(n int) []T

func newStored[T float](rows, cols, pad int, trans bool, memory place[T], r *rand.Rand) stored[T] {
	if trans {
		rows, cols = cols, rows
	}
	s := stored[T]{rows: rows, cols: cols, ld: cols + pad}
	s.data = memory((rows-1)*s.ld + cols)
	for i := range s.data {
		s.data[i] = T(r.Float64()*2 - 1)
	}
	return s
}

// unit is the largest relative error of one rounding.
func unit[T float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 1.0 / (1 << 24)
	}
	return 1.0 / (1 << 53)
}

// verify multiplies by gemm and compares with a plain loop in float64 over every element, with the error bound of sums in any
// order; what lies between C's rows must stay. With beta 0, C is NaN before.
func verify[T float](t testing.TB, p problem, memory place[T], gemm func(p product[T])) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(p.m*1000003+p.n*1009+p.k), 7))
	a := newStored(p.m, p.k, p.padA, p.transA, memory, r)
	b := newStored(p.k, p.n, p.padB, p.transB, memory, r)
	c := newStored(p.m, p.n, p.padC, false, memory, r)
	before := make([]T, len(c.data))
	copy(before, c.data)
	if p.beta == 0 {
		for i := range c.data {
			if i%c.ld < c.cols {
				c.data[i] = T(math.NaN())
			}
		}
	}
	gemm(product[T]{p.transA, p.transB, p.m, p.n, p.k, T(p.alpha), a.data, a.ld, b.data, b.ld, T(p.beta), c.data, c.ld})
	rowsA, columnsB := a.values(p.transA), b.values(!p.transB)
	for i, got := range c.data {
		row, col := i/c.ld, i%c.ld
		if col >= c.cols {
			if got != before[i] {
				t.Fatalf("%v: wrote %v beside C, at row %d, column %d", p, got, row, col)
			}
			continue
		}
		sum, size := 0.0, 0.0
		columnB := columnsB[col*p.k:][:p.k]
		for l, x := range rowsA[row*p.k:][:p.k] {
			x *= columnB[l]
			sum += x
			size += math.Abs(x)
		}
		want := p.alpha*sum + p.beta*float64(before[i])
		size = math.Abs(p.alpha)*size + math.Abs(p.beta*float64(before[i]))
		if bound := float64(p.k+4) * 1.01 * unit[T]() * size; !(math.Abs(float64(got)-want) <= bound) {
			t.Fatalf("%v: C[%d,%d] is %v, want %v ± %.2g", p, row, col, got, want, bound)
		}
	}
}

// eachTranspose calls f with the four ways to store A and B.
func eachTranspose(f func(transA, transB bool)) {
	for _, transA := range []bool{false, true} {
		for _, transB := range []bool{false, true} {
			f(transA, transB)
		}
	}
}

// problems are the edges of every block that a BLAS here works in: the sizes around each, with the other sizes small or odd, in
// all four transposes, with leading dimensions of the rows or longer, and with alpha and beta in turn.
func problems() []problem {
	edges := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65}
	long := []int{95, 96, 97, 127, 128, 129, 191, 192, 193, 199, 200, 201, 255, 256, 257, 383, 384, 385, 399, 400, 401, 639, 640, 641, 648, 1199, 1200, 1201}
	var sizes [][3]int
	for _, e := range edges {
		sizes = append(sizes, [3]int{e, 17, 9}, [3]int{7, e, 13}, [3]int{13, 18, e}, [3]int{e, e, e}, [3]int{1, e, 21}, [3]int{1, 21, e},
			[3]int{e, 1, 21}, [3]int{21, 1, e}, [3]int{e, 19, 1}, [3]int{19, e, 1}, [3]int{1, e, 1}, [3]int{1, 1, e}, [3]int{e, 1, 1})
	}
	for _, e := range long {
		sizes = append(sizes, [3]int{e, 17, 5}, [3]int{7, e, 9}, [3]int{13, 25, e}, [3]int{1, e, 9}, [3]int{1, 9, e}, [3]int{e, 5, 1})
	}
	sizes = append(sizes, [3]int{100, 63, 784}, [3]int{201, 100, 405}, [3]int{64, 201, 130}, [3]int{1205, 9, 645})
	alphas, betas := []float64{1, 1, -0.5, 1, 3, 0}, []float64{0, 1, 0, -1.5, 1, 0.25, 0}
	var list []problem
	for i, s := range sizes {
		eachTranspose(func(transA, transB bool) {
			n := len(list)
			p := problem{transA: transA, transB: transB, m: s[0], n: s[1], k: s[2], alpha: alphas[n%len(alphas)], beta: betas[n%len(betas)]}
			if i%2 == 1 {
				p.padA, p.padB, p.padC = 1+n%7, 1+n%5, 1+n%3
			}
			list = append(list, p)
		})
	}
	if raceEnabled { // the plain loop is twenty times slower then
		return slices.DeleteFunc(list, func(p problem) bool { return (p.m+p.n+p.k)%11 > 0 || p.m*p.n*p.k > 50_000 })
	}
	return list
}
