package ops

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Rotary turns neighbouring pairs of the first columns of x, [batch,time,n], by an angle that grows with the time (Su et al. 2021, RoFormer): a pair i of a head's size/2 at time t by
// t·10000^(−2i/size). A query and a key that are turned so have a product that depends on how far they are apart. The other columns stay. The gradient is turned back.
func Rotary(x *gorgonia.Node, size, columns int) (*gorgonia.Node, error) {
	if err := missing("rotary", x); err != nil {
		return nil, err
	}
	if x.Dims() != 3 || size < 2 || size%2 != 0 || columns < 0 || columns%size != 0 || columns > features(x) {
		return nil, fmt.Errorf("rotary: got %d columns of shape %v in heads of %d, want [batch,time,n], an even size of a head, and whole heads", columns, x.Shape(), size)
	}
	return rotary(x, size, columns, 1)
}

func rotary(x *gorgonia.Node, size, columns int, sign float64) (*gorgonia.Node, error) {
	time, n := x.Shape()[1], features(x)
	cos, sin := make([]float64, time*size/2), make([]float64, time*size/2)
	for t := range time {
		for i := range size / 2 {
			s, c := math.Sincos(float64(t) * math.Pow(10000, -2*float64(i)/float64(size)))
			cos[t*size/2+i], sin[t*size/2+i] = c, sign*s
		}
	}
	return apply(&op{
		name:  "rotary",
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { turn(y, in[0], cos, sin, time, n, size, columns) },
		run64: func(y []float64, in [][]float64) { turn(y, in[0], cos, sin, time, n, size, columns) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := rotary(grad, size, columns, -sign)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func turn[T float](y, x []T, cos, sin []float64, time, n, size, columns int) {
	half := size / 2
	parallel.For(len(x)/n, max(1, grain/n), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			from, to := x[r*n:(r+1)*n], y[r*n:(r+1)*n]
			at := r % time * half
			c, s := cos[at:at+half], sin[at:at+half]
			for j := 0; j < columns; j += size {
				for i := range half {
					a, b := float64(from[j+2*i]), float64(from[j+2*i+1])
					to[j+2*i], to[j+2*i+1] = T(a*c[i]-b*s[i]), T(a*s[i]+b*c[i])
				}
			}
			copy(to[columns:], from[columns:])
		}
	})
}
