package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Copy is x, of any shape, in storage of its own: for a node that an op of Gorgonia's would write over.
func Copy(x *gorgonia.Node) (*gorgonia.Node, error) { return Reshape(x, x.Shape()...) }

// Reshape is x's elements, in their order, under another shape of as many elements. Unlike Gorgonia's, which hands on a
// view that the next op may write through, it copies.
func Reshape(x *gorgonia.Node, shape ...int) (*gorgonia.Node, error) {
	if tensor.Shape(shape).TotalSize() != x.Shape().TotalSize() || slices.ContainsFunc(shape, func(d int) bool { return d < 1 }) {
		return nil, fmt.Errorf("reshape: got shape %v, want one of the %d elements of %v", shape, x.Shape().TotalSize(), x.Shape())
	}
	from := x.Shape()
	return apply(&op{
		name:  fmt.Sprintf("reshape %v", shape),
		shape: slices.Clone(shape),
		run32: func(out []float32, in [][]float32) { copy(out, in[0]) },
		run64: func(out []float64, in [][]float64) { copy(out, in[0]) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Reshape(grad, from...)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// Keep returns a node of x's value that stays as it is until the next run: x itself where x is an op of this package and the
// gradient of an input, which Gorgonia protects, else a copy. Of other nodes the register may be written over.
func Keep(x *gorgonia.Node) (*gorgonia.Node, error) {
	if Ours(x) {
		for _, n := range x.DerivOf() {
			if n.Op() == nil {
				return x, nil
			}
		}
	}
	return Copy(x)
}
