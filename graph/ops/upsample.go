package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Upsample repeats each place of x, [batch,rows,columns,channels] with two factors or [batch,time,channels] with one, that many times along each axis (nearest neighbour). The gradient of a
// place is the sum of those of its copies.
func Upsample(x *gorgonia.Node, factors ...int) (*gorgonia.Node, error) {
	if err := missing("upsample", x); err != nil {
		return nil, err
	}
	if d := x.Dims() - 2; d < 1 || d > 2 || d != len(factors) || slices.Min(factors) < 1 || slices.Max(factors) > 1<<20 {
		return nil, fmt.Errorf("upsample: got shape %v and factors %v, want [batch,time,channels] and one, or [batch,rows,columns,channels] and two, each of 1 to %d", x.Shape(), factors, 1<<20)
	}
	shape := x.Shape().Clone()
	for i, f := range factors {
		shape[i+1] *= f
	}
	down, across := 1, factors[len(factors)-1] // of rows, and of columns
	if len(factors) == 2 {
		down = factors[0]
	}
	channels := features(x)
	row := x.Shape()[x.Dims()-2] * channels
	return apply(&op{
		name:  "upsample",
		shape: shape,
		run32: func(out []float32, in [][]float32) { repeated(out, in[0], row, channels, down, across) },
		run64: func(out []float64, in [][]float64) { repeated(out, in[0], row, channels, down, across) },
		differ: func(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := apply(&op{
				name:  "∂upsample",
				shape: in[0].Shape().Clone(),
				run32: func(dx []float32, in [][]float32) { gathered(dx, in[0], row, channels, down, across) },
				run64: func(dx []float64, in [][]float64) { gathered(dx, in[0], row, channels, down, across) },
			}, dy)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

// repeated writes each row down times, each of its places across times.
func repeated[T float](out, in []T, row, channels, down, across int) {
	parallel.For(len(in)/row, max(1, grain/(row*down*across)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			to := out[r*down*row*across:][:down*row*across]
			first := to[:row*across]
			for at := 0; at < row; at += channels {
				for i := range across {
					copy(first[at*across+i*channels:][:channels], in[r*row+at:])
				}
			}
			for i := 1; i < down; i++ {
				copy(to[i*len(first):], first)
			}
		}
	})
}

// gathered adds up what repeated spread.
func gathered[T float](dx, dy []T, row, channels, down, across int) {
	parallel.For(len(dx)/row, max(1, grain/(row*down*across)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			to, from := dx[r*row:][:row], dy[r*down*row*across:]
			clear(to)
			for i := range down {
				for at := 0; at < row; at += channels {
					for j := range across {
						sum := to[at:][:channels]
						for c, d := range from[(i*row+at)*across+j*channels:][:channels] {
							sum[c] += d
						}
					}
				}
			}
		}
	})
}
