package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Reverse turns the steps of x, [batch,time,…], round: the last one comes first. With lengths, int32 [batch], only a sample's own steps are turned, and those after them stay in their
// places. The gradient is turned round in the same way.
func Reverse(x, lengths *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("reverse", x); err != nil {
		return nil, err
	}
	if x.Dims() < 2 {
		return nil, fmt.Errorf("reverse: got shape %v, want [batch,time,…]", x.Shape())
	}
	batch, time := x.Shape()[0], x.Shape()[1]
	size := x.Shape().TotalSize() / (batch * time)
	o := &op{name: "reverse", shape: x.Shape().Clone()}
	in := gorgonia.Nodes{x}
	if lengths != nil {
		if s := lengths.Shape(); len(s) != 1 || s[0] != batch || lengths.Dtype() != tensor.Int32 {
			return nil, fmt.Errorf("reverse: got lengths of shape %v of %v, want int32 [%d], one a sample", s, lengths.Dtype(), batch)
		}
		in, o.ids = append(in, lengths), [][]int32{nil, noIDs}
	}
	o.run32 = func(y []float32, v [][]float32) { reverse(y, v[0], o, batch, time, size) }
	o.run64 = func(y []float64, v [][]float64) { reverse(y, v[0], o, batch, time, size) }
	o.differ = func(v gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
		dx, err := Reverse(dy, lengths)
		return append(gorgonia.Nodes{dx}, v[1:]...), err // lengths have none
	}
	return apply(o, in...)
}

func reverse[T float](y, x []T, o *op, batch, time, size int) {
	if o.ids != nil {
		checkLengths(o.ids[1], time)
	}
	parallel.For(batch, max(1, grain/(time*size)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			n := time
			if o.ids != nil {
				n = int(o.ids[1][i])
			}
			from, to := x[i*time*size:(i+1)*time*size], y[i*time*size:(i+1)*time*size]
			for t := range n {
				copy(to[t*size:(t+1)*size], from[(n-1-t)*size:])
			}
			copy(to[n*size:], from[n*size:])
		}
	})
}
