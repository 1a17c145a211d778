package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// Concat puts [batch,…,n1], [batch,…,n2], … side by side: [batch,…,n1+n2+…]. The gradient of each is its own part of the result's last axis.
func Concat(xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(xs) == 0 {
		return nil, fmt.Errorf("concat: got nothing, want at least one tensor")
	}
	if err := missing("concat", xs...); err != nil {
		return nil, err
	}
	widths, total := make([]int, len(xs)), 0
	first := xs[0].Shape()
	for i, x := range xs {
		if x.Dims() < 2 || x.Dims() != len(first) || !slices.Equal(x.Shape()[:x.Dims()-1], first[:len(first)-1]) {
			return nil, fmt.Errorf("concat: got shape %v as part %d, want that of part 0, %v, in all axes but the last", x.Shape(), i, first)
		}
		widths[i] = features(x)
		total += widths[i]
	}
	return apply(&op{
		name:  "concat",
		shape: withLast(first, total),
		run32: func(out []float32, in [][]float32) { concat(out, in, widths, total) },
		run64: func(out []float64, in [][]float64) { concat(out, in, widths, total) },
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			grads := make(gorgonia.Nodes, len(in))
			at := 0
			for i, width := range widths {
				var err error
				if grads[i], err = Columns(grad, at, at+width); err != nil {
					return nil, err
				}
				at += width
			}
			return grads, nil
		},
	}, xs...)
}

func concat[T float](out []T, in [][]T, widths []int, total int) {
	at := 0
	for i, part := range in {
		for row := range len(out) / total {
			copy(out[row*total+at:], part[row*widths[i]:(row+1)*widths[i]])
		}
		at += widths[i]
	}
}

// Columns is elements lo to hi (exclusive) of the last axis of x, [batch,…,n]. Its gradient is zero in the others.
func Columns(x *gorgonia.Node, lo, hi int) (*gorgonia.Node, error) {
	if err := missing("columns", x); err != nil {
		return nil, err
	}
	if x.Dims() < 2 || lo < 0 || lo >= hi || hi > features(x) {
		return nil, fmt.Errorf("columns: got columns %d to %d of shape %v, want a range within the last axis of [batch,…,n]", lo, hi, x.Shape())
	}
	shape, total, width := x.Shape(), features(x), hi-lo
	return apply(&op{
		name:  fmt.Sprintf("columns %d:%d", lo, hi),
		shape: withLast(shape, width),
		run32: func(out []float32, in [][]float32) { moveColumns(out, width, 0, in[0], total, lo, width) },
		run64: func(out []float64, in [][]float64) { moveColumns(out, width, 0, in[0], total, lo, width) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  fmt.Sprintf("∂columns %d:%d", lo, hi),
				shape: shape,
				run32: func(out []float32, in [][]float32) { spreadColumns(out, total, lo, in[0], width) },
				run64: func(out []float64, in [][]float64) { spreadColumns(out, total, lo, in[0], width) },
			}, grad)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// moveColumns copies width columns from column srcAt of src to column dstAt of dst; strides are row lengths.
func moveColumns[T float](dst []T, dstStride, dstAt int, src []T, srcStride, srcAt, width int) {
	for row := range len(dst) / dstStride {
		copy(dst[row*dstStride+dstAt:][:width], src[row*srcStride+srcAt:])
	}
}

// spreadColumns makes src the columns from at on of dst, and the others zero at each run: a Gorgonia op that adds two
// gradients may have written its sum into dst since the last.
func spreadColumns[T float](dst []T, stride, at int, src []T, width int) {
	clear(dst)
	moveColumns(dst, stride, at, src, width, 0, width)
}
