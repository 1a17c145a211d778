package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Crop is x without so many elements before and after along each axis of a sample; axes that are not named stay whole. The gradient of what is cut off is 0.
func Crop(x *gorgonia.Node, before, after []int) (*gorgonia.Node, error) {
	shape, offset, err := box("crop", x, before, after, -1)
	if err != nil {
		return nil, err
	}
	from := x.Shape()
	return apply(&op{
		name:  fmt.Sprintf("crop %v %v", before, after),
		shape: shape,
		run32: func(out []float32, in [][]float32) { cropped(out, in[0], shape, from, offset) },
		run64: func(out []float64, in [][]float64) { cropped(out, in[0], shape, from, offset) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Pad(grad, before, after, 0)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// Pad puts so many elements of a value before and after x along each axis of a sample. Its gradient is that of x's own place.
func Pad(x *gorgonia.Node, before, after []int, value float64) (*gorgonia.Node, error) {
	shape, offset, err := box("pad", x, before, after, 1)
	if err != nil {
		return nil, err
	}
	from := x.Shape()
	return apply(&op{
		name:  fmt.Sprintf("pad %v %v", before, after),
		shape: shape,
		run32: func(out []float32, in [][]float32) { padded(out, in[0], shape, from, offset, float32(value)) },
		run64: func(out []float64, in [][]float64) { padded(out, in[0], shape, from, offset, value) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Crop(grad, before, after)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// box is the shape that is left or made, and where the smaller one begins in the larger one.
func box(name string, x *gorgonia.Node, before, after []int, sign int) (shape tensor.Shape, offset []int, err error) {
	if err := missing(name, x); err != nil {
		return nil, nil, err
	}
	axes := x.Dims() - 1
	if len(before) > axes || len(after) > axes {
		return nil, nil, fmt.Errorf("%s: got %v before and %v after for shape %v, want at most a number for each axis of a sample", name, before, after, x.Shape())
	}
	shape, offset = x.Shape().Clone(), make([]int, x.Dims())
	for i := range axes {
		at := func(all []int) int {
			if i < len(all) {
				return all[i]
			}
			return 0
		}
		offset[i+1] = at(before)
		shape[i+1] += sign * (at(before) + at(after))
		if at(before) < 0 || at(after) < 0 || shape[i+1] < 1 {
			return nil, nil, fmt.Errorf("%s: got %v before and %v after for shape %v, want numbers of at least 0 that leave something", name, before, after, x.Shape())
		}
	}
	return shape, offset, nil
}

func cropped[T float](out, x []T, shape, from tensor.Shape, offset []int) {
	size, whole := len(out)/shape[0], len(x)/shape[0]
	parallel.For(shape[0], max(1, grain/size), func(lo, hi int) {
		for ; lo < hi; lo++ {
			copyBox(out[lo*size:(lo+1)*size], x[lo*whole:(lo+1)*whole], shape[1:], make([]int, len(offset)-1), from[1:], offset[1:], shape[1:])
		}
	})
}

func padded[T float](out, x []T, shape, from tensor.Shape, offset []int, value T) {
	size, part := len(out)/shape[0], len(x)/shape[0]
	parallel.For(shape[0], max(1, grain/size), func(lo, hi int) {
		for ; lo < hi; lo++ {
			sample := out[lo*size : (lo+1)*size]
			for i := range sample {
				sample[i] = value
			}
			copyBox(sample, x[lo*part:(lo+1)*part], shape[1:], offset[1:], from[1:], make([]int, len(offset)-1), from[1:])
		}
	})
}

// copyBox copies a box of a size from a place in one tensor to a place in another.
func copyBox[T float](to, from []T, toShape, toAt, fromShape, fromAt, size []int) {
	if len(size) == 0 {
		copy(to, from)
		return
	}
	if len(size) == 1 {
		copy(to[toAt[0]:toAt[0]+size[0]], from[fromAt[0]:])
		return
	}
	toStep, fromStep := len(to)/toShape[0], len(from)/fromShape[0]
	for i := range size[0] {
		at, of := (toAt[0]+i)*toStep, (fromAt[0]+i)*fromStep
		copyBox(to[at:at+toStep], from[of:of+fromStep], toShape[1:], toAt[1:], fromShape[1:], fromAt[1:], size[1:])
	}
}

// Step is one time of x, [batch,time,…]: [batch,…]. A negative one counts from the end. The gradient of the others is 0.
func Step(x *gorgonia.Node, at int) (*gorgonia.Node, error) {
	if err := missing("step", x); err != nil {
		return nil, err
	}
	if x.Dims() < 2 || at >= x.Shape()[1] || at < -x.Shape()[1] {
		return nil, fmt.Errorf("step: got time %d of shape %v, want one of [batch,time,…], from 0 on, or from the end, -1", at, x.Shape())
	}
	times := x.Shape()[1]
	if at < 0 {
		at += times
	}
	y, err := Crop(x, []int{at}, []int{times - 1 - at})
	if err != nil {
		return nil, err
	}
	return Reshape(y, slices.Delete(slices.Clone([]int(x.Shape())), 1, 2)...)
}
