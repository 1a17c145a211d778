package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
)

// Gather is the rows of a table, [n,k], that ids name, int32 [batch,…]: [batch,…,k]. It is what an embedding is made of. An id that is not 0 to n−1 is
// an error of the run. The gradient of a row is the sum of those of its places, added up in their order: its bits do not depend on the number of threads.
func Gather(table, ids *gorgonia.Node) (*gorgonia.Node, error) {
	if err := missing("gather", table, ids); err != nil {
		return nil, err
	}
	if table.Dims() != 2 || ids.Dims() < 1 {
		return nil, fmt.Errorf("gather: got a table of shape %v and ids of shape %v, want [n,k] and [batch,…]", table.Shape(), ids.Shape())
	}
	n, k := table.Shape()[0], table.Shape()[1]
	o := &op{name: "gather", shape: append(ids.Shape().Clone(), k), ids: [][]int32{nil, noIDs}}
	o.run32 = func(out []float32, in [][]float32) { gather(out, in[0], o.ids[1], n, k) }
	o.run64 = func(out []float64, in [][]float64) { gather(out, in[0], o.ids[1], n, k) }
	o.differ = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		back := &op{name: "∂gather", shape: in[0].Shape().Clone(), ids: [][]int32{nil, noIDs}}
		back.run32 = func(out []float32, in [][]float32) { scatter(out, in[0], back.ids[1], k) }
		back.run64 = func(out []float64, in [][]float64) { scatter(out, in[0], back.ids[1], k) }
		dtable, err := apply(back, grad, in[1])
		return gorgonia.Nodes{dtable, in[1]}, err // ids have none
	}
	return apply(o, table, ids)
}

func gather[T float](out, table []T, ids []int32, n, k int) {
	for place, id := range ids {
		if id < 0 || int(id) >= n {
			panic(fmt.Sprintf("got id %d at place %d, want 0 to %d: the table has %d rows", id, place, n-1, n))
		}
	}
	parallel.For(len(ids), max(1, grain/k), func(lo, hi int) {
		for place := lo; place < hi; place++ {
			copy(out[place*k:(place+1)*k], table[int(ids[place])*k:])
		}
	})
}

// scatter shares out the columns, not the places, so that each sum has one order.
func scatter[T float](table, grad []T, ids []int32, k int) {
	clear(table)
	parallel.For(k, max(16, grain/max(1, len(ids))), func(lo, hi int) {
		for place, id := range ids {
			row, from := table[int(id)*k:(int(id)+1)*k], grad[place*k:(place+1)*k]
			for j := lo; j < hi; j++ {
				row[j] += from[j]
			}
		}
	})
}
