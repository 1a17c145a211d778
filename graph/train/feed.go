package train

import (
	"cmp"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// feed copies samples into a program's input and target.
type feed struct {
	data *datasets.Dataset
	wide []float32 // room to convert through, for programs in float64
}

func newFeed(data *datasets.Dataset) *feed { return &feed{data: data} }

// fill copies the rows into the program's input, and their classes, one-hot, into its target where it has one.
func (f *feed) fill(p *graph.Program, rows []int) {
	f.into(p.X(), rows, f.data.Fill)
	if p.Y() != nil {
		f.into(p.Y(), rows, f.data.OneHot)
	}
}

// fillGrain is the number of values that are worth another thread.
const fillGrain = 8 << 10

func (f *feed) into(t *tensor.Dense, rows []int, fill func(dst []float32, rows []int)) {
	if t.Dtype() == tensor.Float32 {
		dst, width := t.Float32s(), t.Shape()[1]
		parallel.For(len(rows), max(1, fillGrain/width), func(lo, hi int) { fill(dst[lo*width:hi*width], rows[lo:hi]) })
		return
	}
	dst := t.Float64s()
	if len(f.wide) < len(dst) {
		f.wide = make([]float32, len(dst))
	}
	fill(f.wide[:len(dst)], rows)
	for i, v := range f.wide[:len(dst)] {
		dst[i] = float64(v)
	}
}

// correct counts the rows whose class has the largest output.
func (f *feed) correct(p *graph.Program, rows []int) int {
	n := 0
	eachRow(p.Output(), func(i int, output []float64) {
		if argmax(output) == f.data.Label(rows[i]) {
			n++
		}
	})
	return n
}

// eachRow calls f with every row of a matrix, in float64; the row is good until f returns.
func eachRow(t *tensor.Dense, f func(i int, row []float64)) {
	n, width := t.Shape()[0], t.Shape()[1]
	row := make([]float64, width)
	for i := range n {
		if t.Dtype() == tensor.Float64 {
			copy(row, t.Float64s()[i*width:])
		} else {
			for j, v := range t.Float32s()[i*width : (i+1)*width] {
				row[j] = float64(v)
			}
		}
		f(i, row)
	}
}

// argmax is the first index of the largest element, NaN being the smallest: the class whose rank is 0.
func argmax(x []float64) int {
	at := 0
	for i, v := range x {
		if cmp.Less(x[at], v) {
			at = i
		}
	}
	return at
}
