package blas

import "github.com/stheno-ml/stheno/graph/internal/parallel"

// task is a product cut into cells, a grid of rows and columns of C, one a thread.
type task[T float] struct {
	product[T]
	gemm          func(product[T]) // of a cell, on the calling thread
	height, width int              // of a cell
	across        int              // how many cells lie side by side
	do            func(lo, hi int) // method cells, bound once
}

func newTask[T float]() *task[T] {
	t := new(task[T])
	t.do = t.cells
	return t
}

const (
	// A cell's sides are multiples of what the kernels take at once.
	cellRows = 6
	cellCols = 16

	// cellWork is how many multiplications are worth the waking of a thread: some microseconds.
	cellWork = 1 << 17

	// borderWork is what it costs, in multiplications, that two threads write to one cache line.
	borderWork = 1000
)

func (t *task[T]) run() {
	cells := t.cut(parallel.Threads())
	parallel.For(cells, 1, t.do)
}

// cut chooses the grid of at most that many cells whose largest costs least, and returns how many there are. What a
// cell costs is its share of C and, since it reads its rows of A and packs its columns of B by itself, something for
// each of both; and something for each row if there is a border in it.
func (t *task[T]) cut(threads int) int {
	threads = max(1, int(min(float64(threads), float64(t.m)*float64(t.n)*float64(t.k)/cellWork)))
	least := 0
	for across := 1; across <= threads; across++ {
		width := share(t.n, across, cellCols)
		height := share(t.m, threads/across, cellRows)
		for t.m > 1 && t.m%height == 1 { // a row by itself is added up in another order
			height += cellRows
		}
		cost := height*width + height + 4*width
		if width < t.n {
			cost += height * borderWork / t.k
		}
		if across == 1 || cost < least {
			least, t.height, t.width = cost, height, width
		}
	}
	t.across = (t.n + t.width - 1) / t.width
	return (t.m + t.height - 1) / t.height * t.across
}

// share is a part of n, a multiple of unit, such that at most that many parts make n.
func share(n, parts, unit int) int {
	units := (n + unit - 1) / unit
	return (units + parts - 1) / parts * unit
}

func (t *task[T]) cells(lo, hi int) {
	for i := lo; i < hi; i++ {
		i0, j0 := i/t.across*t.height, i%t.across*t.width
		t.gemm(t.part(i0, min(i0+t.height, t.m), j0, min(j0+t.width, t.n)))
	}
}
