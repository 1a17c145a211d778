package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Penalty is the scalar Σ l1·|x| + l2·x² over all elements of x, of any shape, summed in float64; dx = dy·(l1·sign(x) + 2·l2·x), the sign of 0 being 0. Fixed
// stretches are added up, then their sums in order, so that its bits do not depend on the number of threads.
func Penalty(x *gorgonia.Node, l1, l2 float64) (*gorgonia.Node, error) {
	if err := missing("penalty", x); err != nil {
		return nil, err
	}
	for _, factor := range []float64{l1, l2} {
		if !(factor >= 0 && factor <= math.MaxFloat64) {
			return nil, fmt.Errorf("penalty: got the factors %v and %v, want finite numbers of at least 0", l1, l2)
		}
	}
	return apply(&op{
		name:  "penalty",
		shape: tensor.ScalarShape(),
		run32: func(out []float32, in [][]float32) { out[0] = float32(penalty(in[0], l1, l2)) },
		run64: func(out []float64, in [][]float64) { out[0] = penalty(in[0], l1, l2) },
		differ: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "penalty gradient",
				shape: x.Shape().Clone(),
				run32: func(out []float32, in [][]float32) { penaltyGradient(out, in[0], in[1][0], l1, l2) },
				run64: func(out []float64, in [][]float64) { penaltyGradient(out, in[0], in[1][0], l1, l2) },
			}, in[0], grad)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func penalty[T float](x []T, l1, l2 float64) float64 {
	const stretch = 4 << 10
	sums := make([]float64, (len(x)+stretch-1)/stretch)
	parallel.For(len(sums), max(1, grain/stretch), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			part := x[i*stretch : min((i+1)*stretch, len(x))]
			if l2 != 0 {
				sums[i] = l2 * vec.SumSquares(part)
			}
			if l1 != 0 {
				sum := 0.0
				for _, v := range part {
					sum += math.Abs(float64(v))
				}
				sums[i] += l1 * sum
			}
		}
	})
	total := 0.0
	for _, sum := range sums {
		total += sum
	}
	return total
}

func penaltyGradient[T float](out, x []T, dy T, l1, l2 float64) {
	up, slope := dy*T(l1), dy*T(2*l2)
	parallel.For(len(out), grain, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			g := slope * v
			switch {
			case v > 0:
				g += up
			case v < 0:
				g -= up
			}
			out[lo+i] = g
		}
	})
}
