package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Permute is x with its axes in another order: axis i of the result is axis axes[i] of x. The first, the batch, stays. Its gradient is the permutation back.
func Permute(x *gorgonia.Node, axes ...int) (*gorgonia.Node, error) {
	if err := missing("permute", x); err != nil {
		return nil, err
	}
	sorted := slices.Sorted(slices.Values(axes))
	for i, axis := range sorted {
		if axis != i {
			sorted = nil
			break
		}
	}
	if len(sorted) != x.Dims() || x.Dims() < 2 || axes[0] != 0 {
		return nil, fmt.Errorf("permute: got axes %v for shape %v, want 0, the batch, and then each of the others once", axes, x.Shape())
	}
	axes = slices.Clone(axes)
	from := x.Shape()
	shape, strides, back := make(tensor.Shape, len(axes)), make([]int, len(axes)), make([]int, len(axes))
	for i, axis := range axes {
		shape[i], strides[i], back[axis] = from[axis], from[axis+1:].TotalSize(), i
		if axis == len(axes)-1 {
			strides[i] = 1
		}
	}
	return apply(&op{
		name:  fmt.Sprintf("permute %v", axes),
		shape: shape,
		run32: func(out []float32, in [][]float32) { permute(out, in[0], shape, strides) },
		run64: func(out []float64, in [][]float64) { permute(out, in[0], shape, strides) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Permute(grad, back...)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func permute[T float](out, x []T, shape, strides []int) {
	size := len(out) / shape[0]
	parallel.For(shape[0], max(1, grain/size), func(lo, hi int) {
		for ; lo < hi; lo++ {
			strided(out[lo*size:(lo+1)*size], x[lo*size:(lo+1)*size], shape[1:], strides[1:])
		}
	})
}

// strided fills out with x, whose elements along each axis of out are so far apart.
func strided[T float](out, x []T, shape, strides []int) {
	size := len(out) / shape[0]
	for i := range shape[0] {
		if len(shape) == 1 {
			out[i] = x[i*strides[0]]
			continue
		}
		strided(out[i*size:(i+1)*size], x[i*strides[0]:], shape[1:], strides[1:])
	}
}
