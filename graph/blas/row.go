package blas

import (
	"sync"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// rowTask is a row times a matrix, y = alpha x B + beta y, cut along the rows of B into stretches, whose sums are added in order: as many for any number of threads.
// In a training step of one sample each thread then reads the rows of the weights that it updates, and that it multiplies the gradient by, and they stay in its own caches.
// Cut along the columns, as other products are, such a step took twice as long.
type rowTask struct {
	product[float32]
	gemm   func(product[float32])
	length int       // of a stretch
	sums   []float32 // of all stretches but the first
	do     func(lo, hi int)
}

var rowTasks = sync.Pool{New: func() any {
	t := new(rowTask)
	t.do = t.run
	return t
}}

// stretchesOf is how many stretches a product is cut into; 0 for one that is no row times a matrix, or too short to be worth a second thread.
func stretchesOf(p *product[float32]) int {
	work := float64(p.k) * float64(p.n)
	if p.m != 1 || p.transB || p.transA && p.lda != 1 || p.k < 128 || work < 2*cellWork {
		return 0
	}
	n := 4
	for n < 16 && work >= float64(n)*cellWork {
		n *= 2
	}
	return n
}

func multiplyRow(gemm func(product[float32]), p product[float32], stretches int) {
	t := rowTasks.Get().(*rowTask)
	t.product, t.gemm = p, gemm
	t.length = (p.k + 8*stretches - 1) / (8 * stretches) * 8
	if need := (stretches - 1) * p.n; cap(t.sums) < need {
		t.sums = make([]float32, need)
	}
	n := (p.k + t.length - 1) / t.length
	parallel.For(n, 1, t.do)
	for i := range n - 1 {
		vec.SumAccumulate(p.c[:p.n], t.sums[i*p.n:][:p.n])
	}
	t.product, t.gemm = product[float32]{}, nil // keep no matrix alive
	rowTasks.Put(t)
}

func (t *rowTask) run(lo, hi int) {
	for i := lo; i < hi; i++ {
		p, from := t.product, i*t.length
		p.k = min(t.length, p.k-from)
		p.a, p.b = p.a[from:], p.b[from*p.ldb:]
		if i > 0 {
			p.c, p.beta = t.sums[(i-1)*p.n:][:p.n], 0
		}
		t.gemm(p)
	}
}
