package ops

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Normal is a tensor of the shape of x, [batch,…], of independent N(0, 1) numbers, other ones at each step (Box and Muller 1958). x gives nothing but
// its shape and element type; no gradient goes to it.
func Normal(x *gorgonia.Node, s Stream) (*gorgonia.Node, error) {
	if err := s.check("normal", x); err != nil {
		return nil, err
	}
	first := s.first(x)
	return apply(&op{
		name:  "normal",
		shape: x.Shape().Clone(),
		run32: func(out []float32, _ [][]float32) { normal(out, s.now(), first()) },
		run64: func(out []float64, _ [][]float64) { normal(out, s.now(), first()) },
	}, x)
}

// normal makes each element of two uniform numbers of its own, which the place of the element gives.
func normal[T float](out []T, seed, first uint64) {
	uniform := func(place uint64) float64 { // in (0, 1), 53 bits
		z := seed + place*0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return (float64((z^z>>31)>>11) + .5) / (1 << 53)
	}
	parallel.For(len(out), grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			place := 2 * (first + uint64(i))
			out[i] = T(math.Sqrt(-2*math.Log(uniform(place))) * math.Cos(2*math.Pi*uniform(place+1)))
		}
	})
}
