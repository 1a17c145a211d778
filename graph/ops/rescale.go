package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Rescale is scale·x + offset of fixed numbers; dx = scale·dy.
func Rescale(x *gorgonia.Node, scale, offset float64) (*gorgonia.Node, error) {
	if err := missing("rescale", x); err != nil {
		return nil, err
	}
	f := func(x float64) float64 { return scale*x + offset }
	return apply(&op{
		name:  fmt.Sprintf("rescale %v %v", scale, offset),
		shape: x.Shape().Clone(),
		run32: func(out []float32, in [][]float32) { each1(out, in, f) },
		run64: func(out []float64, in [][]float64) { each1(out, in, f) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := Scale(grad, scale)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}
