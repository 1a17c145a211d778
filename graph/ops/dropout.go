package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// A Stream gives a layer its random numbers: they are a function of the seed, the step and the element's place in the whole batch,
// so a run can be taken up again from its step alone, and neither the cut over the cores nor that over shards shows.
type Stream struct {
	Seed uint64 // another one for each random node of a graph
	At   *Place // of the program, set by whoever runs it

	Times int // how many rows of the node one of the batch's has become; 0: 1
}

// A Place is where in a training a run stands.
type Place struct {
	Step uint64 // steps made before
	Row  int    // of the whole batch, that the first row of this run is
}

// first is the place in the whole batch of the first element of a node.
func (s Stream) first(x *gorgonia.Node) func() uint64 {
	size := uint64(x.Shape().TotalSize() / max(1, x.Shape()[0]) * max(1, s.Times))
	return func() uint64 { return uint64(s.At.Row) * size }
}

// now is the seed of this step's numbers (Weyl sequence, then the 64-bit finaliser of splitmix).
func (s Stream) now() uint64 {
	z := s.Seed + s.At.Step*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Dropout sets each element of x to zero with probability rate, in [0, 1), and divides the others by 1−rate (inverted dropout,
// Srivastava et al. 2014), so that the mean stays and nothing need be done outside training. The gradient takes the same mask.
func Dropout(x *gorgonia.Node, rate float64, s Stream) (*gorgonia.Node, error) {
	if !(rate >= 0 && rate < 1) {
		return nil, fmt.Errorf("dropout: got rate %v, want at least 0 and below 1", rate)
	}
	if err := s.check("dropout", x); err != nil {
		return nil, err
	}
	return dropout(x, rate, s)
}

// dropout makes the mask in the pass that multiplies by it, forward and backward: it costs less to make than to keep.
func dropout(x *gorgonia.Node, rate float64, s Stream) (*gorgonia.Node, error) {
	first := s.first(x)
	return apply(&op{
		name:  fmt.Sprintf("dropout %v", rate),
		shape: x.Shape().Clone(),
		run32: func(y []float32, in [][]float32) { masked(y, in[0], s.now(), first(), rate) },
		run64: func(y []float64, in [][]float64) { masked(y, in[0], s.now(), first(), rate) },
		differ: func(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			dx, err := dropout(grad, rate, s)
			return gorgonia.Nodes{dx}, err
		},
	}, x)
}

func masked[T float](y, x []T, seed, first uint64, rate float64) {
	keep := T(float32(1 - rate)) // so that both types keep the same elements
	parallel.For(len(y), grain, func(lo, hi int) {
		vec.Mask(y[lo:hi], x[lo:hi], seed, first+uint64(lo), keep, T(1/(1-rate)))
	})
}

// check is an error where the stream stands nowhere, or the node is no batch.
func (s Stream) check(name string, x *gorgonia.Node) error {
	if err := missing(name, x); err != nil {
		return err
	}
	if s.At == nil {
		return fmt.Errorf("%s: got a Stream without At, want one, such as graph.Builder.Stream gives", name)
	}
	if x.Dims() < 1 {
		return fmt.Errorf("%s: got a scalar, want [batch,…]", name)
	}
	return nil
}
