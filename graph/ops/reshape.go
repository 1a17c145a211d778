package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Copy is x, of any shape, in storage of its own: for a node that an op of Gorgonia's would write over.
func Copy(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("copy", x); err != nil {
		return nil, err
	}
	if x.Dtype() == tensor.Int32 {
		return nil, fmt.Errorf("copy: got elements of int32, want floats: ids are read, never written")
	}
	return copied(x, x.Shape())
}

// Reshape is x's elements, in their order, under another shape of as many elements. Unlike Gorgonia's, which hands on a
// view that the next op may write through, it copies.
func Reshape(x *gorgonia.Node, shape ...int) (*gorgonia.Node, error) {
	if err := missing("reshape", x); err != nil {
		return nil, err
	}
	if tensor.Shape(shape).TotalSize() != x.Shape().TotalSize() || slices.ContainsFunc(shape, func(d int) bool { return d < 1 }) {
		return nil, fmt.Errorf("reshape: got shape %v, want one of the %d elements of %v", shape, x.Shape().TotalSize(), x.Shape())
	}
	return copied(x, shape)
}

func copied(x *gorgonia.Node, shape tensor.Shape) (*gorgonia.Node, error) {
	from := x.Shape()
	return apply(&op{
		name:  fmt.Sprintf("reshape %v", []int(shape)),
		same:  true,
		shape: slices.Clone(shape),
		run32: func(out []float32, in [][]float32) { copyAll(out, in[0]) },
		run64: func(out []float64, in [][]float64) { copyAll(out, in[0]) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := copied(grad, from)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// copyAll copies on all threads: each reads what it made, and finds what it will read.
func copyAll[T float](out, in []T) {
	parallel.For(len(out), grain, func(lo, hi int) { copy(out[lo:hi], in[lo:hi]) })
}

// Keep returns a node of x's value that stays as it is until the next run: x itself where no op can write over it, else a copy.
func Keep(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("keep", x); err != nil {
		return nil, err
	}
	if !Overwritten(x) {
		return x, nil
	}
	return Copy(x)
}

// Overwritten says whether a node's value may be gone at the end of a run: it is an op of Gorgonia's, whose register another may take, or one of Gorgonia's
// that works in place reads it. An op of this package owns its value.
func Overwritten(x *gorgonia.Node) bool {
	if x == nil {
		return false
	}
	if !Ours(x) {
		return true
	}
	for _, reader := range readers(x) {
		if at := reader.Op().OverwritesInput(); at >= 0 && Inputs(reader)[at] == x {
			return true
		}
	}
	return false
}
