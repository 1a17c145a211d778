package bench

import (
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
)

// floor is the matrix products of a step: for each weight matrix x·W, and in training xᵀ·dz and, but for the first, dz·Wᵀ.
type floor struct {
	batch    int
	backward bool
	layers   []floorLayer
}

type floorLayer struct {
	in, out         int
	x, w, y, dx, dw []float32
}

func newFloor(m *graph.Model, batch int, backward bool) *floor {
	f := &floor{batch: batch, backward: backward}
	var x []float32
	for _, p := range m.Params() {
		if s := p.Value.Shape(); len(s) == 2 && strings.HasSuffix(p.Name, ".weight") { // an embedding's table is looked up
			if x == nil {
				x = ones(batch * s[0])
			}
			l := floorLayer{in: s[0], out: s[1], x: x, w: p.Value.Float32s(), y: ones(batch * s[1]), dx: ones(batch * s[0]), dw: ones(s[0] * s[1])}
			f.layers = append(f.layers, l)
			x = l.y
		}
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
		sum += products * 2 * f.batch * l.in * l.out
	}
	return float64(sum)
}

func (f *floor) step() {
	if f == nil {
		return
	}
	for _, l := range f.layers {
		blas.Gemm32(false, false, f.batch, l.out, l.in, 1, l.x, l.in, l.w, l.out, 0, l.y, l.out)
	}
	if !f.backward {
		return
	}
	for i := len(f.layers) - 1; i >= 0; i-- {
		l := f.layers[i]
		blas.Gemm32(true, false, l.in, l.out, f.batch, 1, l.x, l.in, l.y, l.out, 0, l.dw, l.out)
		if i > 0 {
			blas.Gemm32(false, true, f.batch, l.in, l.out, 1, l.y, l.out, l.w, l.out, 0, l.dx, l.in)
		}
	}
}
