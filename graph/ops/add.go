package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Add is a + b, of one shape, which is nowhere broadcast. It writes neither operand, whatever they are. The gradient of each is the result's.
func Add(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	if !slices.Equal(a.Shape(), b.Shape()) { // Shape.Eq takes (3) for (3, 1)
		return nil, fmt.Errorf("add: got shapes %v and %v, want them equal", a.Shape(), b.Shape())
	}
	return apply(&op{
		name:  "add",
		shape: a.Shape(),
		run32: addUp[float32],
		run64: addUp[float64],
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			return gorgonia.Nodes{grad, grad}, nil
		},
	}, a, b)
}

func addUp[T float](out []T, in [][]T) {
	parallel.For(len(out), grain, func(lo, hi int) { vec.Add(out[lo:hi], in[0][lo:hi], in[1][lo:hi]) })
}
