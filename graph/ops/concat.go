package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Concat puts [batch,n1], [batch,n2], … side by side: [batch,n1+n2+…]. The gradient of each is its own columns of the result's.
func Concat(xs ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(xs) == 0 {
		return nil, fmt.Errorf("concat: got nothing, want at least one matrix")
	}
	widths, total := make([]int, len(xs)), 0
	for i, x := range xs {
		if x.Dims() != 2 || x.Shape()[0] != xs[0].Shape()[0] {
			return nil, fmt.Errorf("concat: got shape %v as part %d, want a matrix of as many rows as part 0, %v", x.Shape(), i, xs[0].Shape())
		}
		widths[i] = x.Shape()[1]
		total += widths[i]
	}
	return apply(&op{
		name:  "concat",
		shape: tensor.Shape{xs[0].Shape()[0], total},
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

// Columns is columns lo to hi (exclusive) of a matrix. Its gradient is zero in the other columns.
func Columns(x *gorgonia.Node, lo, hi int) (*gorgonia.Node, error) {
	if x.Dims() != 2 || lo < 0 || lo >= hi || hi > x.Shape()[1] {
		return nil, fmt.Errorf("columns: got columns %d to %d of shape %v, want a range within a matrix", lo, hi, x.Shape())
	}
	batch, total, width := x.Shape()[0], x.Shape()[1], hi-lo
	return apply(&op{
		name:  fmt.Sprintf("columns %d:%d", lo, hi),
		shape: tensor.Shape{batch, width},
		run32: func(out []float32, in [][]float32) { moveColumns(out, width, 0, in[0], total, lo, width) },
		run64: func(out []float64, in [][]float64) { moveColumns(out, width, 0, in[0], total, lo, width) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  fmt.Sprintf("∂columns %d:%d", lo, hi),
				shape: tensor.Shape{batch, total},
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
