package bench

import (
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
)

// floor is the matrix products of a step: for each weight matrix x·W, and in training xᵀ·dz and, but for the first, dz·Wᵀ. Those of a convolution have a row for each place of its output, and as many columns of x as
// its kernel has taps and channels.
type floor struct {
	backward bool
	layers   []floorLayer
}

type floorLayer struct {
	rows, in, out   int
	x, w, y, dx, dw []float32
}

func newFloor(m *graph.Model, batch int, backward bool) *floor {
	f := &floor{backward: backward}
	places := map[string]int{} // of a layer's output
	for _, l := range m.Layers() {
		places[l.Name] = l.Output[:len(l.Output)-1].TotalSize()
	}
	x := ones(batch * m.Config().Input.Size())
	for _, p := range m.Params() {
		s := p.Value.Shape()
		if len(s) < 2 || !strings.HasSuffix(p.Name, ".weight") { // an embedding's table is looked up
			continue
		}
		layer, _, _ := strings.Cut(p.Name, ".")
		last := len(s) - 1
		l := floorLayer{rows: batch * max(1, places[layer]), in: s[:last].TotalSize(), out: s[last], w: p.Value.Float32s()}
		if l.x = x; len(x) != l.rows*l.in {
			l.x = ones(l.rows * l.in)
		}
		l.y, l.dx, l.dw = ones(l.rows*l.out), ones(l.rows*l.in), ones(l.in*l.out)
		f.layers = append(f.layers, l)
		x = l.y
	}
	// A copy, so that the products write over no weight and read the same sizes from memory.
	for i := range f.layers {
		f.layers[i].w = slices.Clone(f.layers[i].w)
	}
	return f
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// flop counts the operations of a step.
func (f *floor) flop() float64 {
	sum := 0
	for i, l := range f.layers {
		products := 1
		if f.backward {
			products = 2 + min(i, 1)
		}
		sum += products * 2 * l.rows * l.in * l.out
	}
	return float64(sum)
}

func (f *floor) step() {
	if f == nil {
		return
	}
	for _, l := range f.layers {
		blas.Gemm32(false, false, l.rows, l.out, l.in, 1, l.x, l.in, l.w, l.out, 0, l.y, l.out)
	}
	if !f.backward {
		return
	}
	for i := len(f.layers) - 1; i >= 0; i-- {
		l := f.layers[i]
		blas.Gemm32(true, false, l.in, l.out, l.rows, 1, l.x, l.in, l.y, l.out, 0, l.dw, l.out)
		if i > 0 {
			blas.Gemm32(false, true, l.rows, l.in, l.out, 1, l.y, l.out, l.w, l.out, 0, l.dx, l.in)
		}
	}
}
