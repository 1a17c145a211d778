package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// sumRows adds up the rows of a [b,n] matrix into a vector of n: the gradient of a bias.
func sumRows(x *gorgonia.Node) (*gorgonia.Node, error) {
	if x.Dims() != 2 {
		return nil, fmt.Errorf("sum of rows: got shape %v, want a matrix", x.Shape())
	}
	n := x.Shape()[1]
	return apply(&op{name: "sum of rows", shape: tensor.Shape{n}, run32: addUpRows[float32], run64: addUpRows[float64]}, x)
}

// addUpRows takes the rows in order for every column, so that its bits do not depend on the number of threads.
func addUpRows[T float](out []T, in [][]T) {
	x, n := in[0], len(out)
	parallel.For(n, max(16, grain*n/max(len(x), 1)), func(lo, hi int) {
		sum := out[lo:hi]
		clear(sum)
		for at := 0; at < len(x); at += n {
			vec.SumAccumulate(sum, x[at+lo:at+hi])
		}
	})
}
