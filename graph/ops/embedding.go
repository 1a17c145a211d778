package ops

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
)

// Gather is the rows of a table, [n,k], that ids name, int32 [batch,…]: [batch,…,k]. An id that is not 0 to n−1 is an error of the run. The gradient of a row is the sum of those of
// its places, added up in their order: its bits do not depend on the number of threads.
func Gather(table, ids *gorgonia.Node) (*gorgonia.Node, error) {
	return lookup("gather", table, ids, noPadding, false, false)
}

// Embedding is Gather with an id of padding, whose row counts as zeros and has no gradient.
func Embedding(table, ids *gorgonia.Node, padding int) (*gorgonia.Node, error) {
	return lookup("embedding", table, ids, padding, false, false)
}

// EmbeddingBag is the sum of the rows of a table, [n,k], that the last axis of ids names, int32 [batch,…,m]: [batch,…,k]; or their mean. The id of padding counts nothing: a bag of
// nothing else is zeros. Gradients are added up as Gather's are.
func EmbeddingBag(table, ids *gorgonia.Node, padding int, mean bool) (*gorgonia.Node, error) {
	return lookup("embedding bag", table, ids, padding, true, mean)
}

// noPadding is no id.
const noPadding = 1 << 40

func lookup(name string, table, ids *gorgonia.Node, padding int, bag, mean bool) (*gorgonia.Node, error) {
	if err := missing(name, table, ids); err != nil {
		return nil, err
	}
	if table.Dims() != 2 || ids.Dims() < 1 || bag && ids.Dims() < 2 {
		return nil, fmt.Errorf("%s: got a table of shape %v and ids of shape %v, want [n,k] and %s", name, table.Shape(), ids.Shape(), map[bool]string{false: "[batch,…]", true: "[batch,…,m]"}[bag])
	}
	t := &tableLookup{n: table.Shape()[0], k: table.Shape()[1], padding: padding, size: 1, mean: mean}
	shape := ids.Shape().Clone()
	if bag {
		t.size, shape = shape[len(shape)-1], shape[:len(shape)-1]
	}
	o := &op{name: name, shape: append(shape, t.k), ids: [][]int32{nil, noIDs}}
	o.run32 = func(out []float32, in [][]float32) { lookUp(t, out, in[0], o.ids[1]) }
	o.run64 = func(out []float64, in [][]float64) { lookUp(t, out, in[0], o.ids[1]) }
	o.differ = func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
		back := &op{name: "∂" + name, shape: in[0].Shape().Clone(), ids: [][]int32{nil, noIDs}}
		back.run32 = func(out []float32, in [][]float32) { scatter(t, out, in[0], back.ids[1]) }
		back.run64 = func(out []float64, in [][]float64) { scatter(t, out, in[0], back.ids[1]) }
		dtable, err := apply(back, grad, in[1])
		return gorgonia.Nodes{dtable, in[1]}, err // ids have none
	}
	return apply(o, table, ids)
}

// A tableLookup is what an embedding looks up, and room for its gradient.
type tableLookup struct {
	n, k, padding int
	size          int // of a bag; 1 where there is none
	mean          bool
	starts        []int32 // of each row's places, in order; the last one's end
	places        []int32
	shares        []float64 // by which the gradient of each bag is multiplied
}

// check is a panic, which the op makes an error, at an id that there is not.
func (t *tableLookup) check(ids []int32) {
	for place, id := range ids {
		if (id < 0 || int(id) >= t.n) && int(id) != t.padding {
			if t.padding != noPadding {
				panic(fmt.Sprintf("got id %d at place %d, want 0 to %d, or %d for padding: the table has %d rows", id, place, t.n-1, t.padding, t.n))
			}
			panic(fmt.Sprintf("got id %d at place %d, want 0 to %d: the table has %d rows", id, place, t.n-1, t.n))
		}
	}
}

// share is by what a bag's sum is multiplied.
func (t *tableLookup) share(ids []int32) float64 {
	if !t.mean {
		return 1
	}
	count := 0
	for _, id := range ids {
		if int(id) != t.padding {
			count++
		}
	}
	return 1 / float64(max(1, count))
}

func lookUp[T float](t *tableLookup, out, table []T, ids []int32) {
	t.check(ids)
	k := t.k
	parallel.For(len(ids)/t.size, max(1, grain/k/t.size), func(lo, hi int) {
		for ; lo < hi; lo++ {
			row, bag := out[lo*k:(lo+1)*k], ids[lo*t.size:(lo+1)*t.size]
			first := true
			for _, id := range bag {
				switch {
				case int(id) == t.padding:
				case first:
					copy(row, table[int(id)*k:])
					first = false
				default:
					vec.SumAccumulate(row, table[int(id)*k:(int(id)+1)*k])
				}
			}
			if first {
				clear(row)
			}
			if t.mean {
				share := T(t.share(bag))
				for j := range row {
					row[j] *= share
				}
			}
		}
	})
}

// scatter sorts the places by their row of the table, so that each sum has one order, whoever makes it, and is written once.
func scatter[T float](t *tableLookup, dtable, grad []T, ids []int32) {
	t.sort(ids)
	k := t.k
	parallel.For(t.n, max(1, grain/k), func(lo, hi int) {
		for ; lo < hi; lo++ {
			row, places := dtable[lo*k:(lo+1)*k], t.places[t.starts[lo]:t.starts[lo+1]]
			clear(row)
			for _, place := range places {
				bag := int(place) / t.size
				from := grad[bag*k : (bag+1)*k]
				if t.mean {
					vec.Axpy(T(t.shares[bag]), from, row)
				} else {
					vec.SumAccumulate(row, from)
				}
			}
		}
	})
}

// sort counts how often each row is named, and lists where (a counting sort, which keeps the order of the places).
func (t *tableLookup) sort(ids []int32) {
	t.starts, t.places = resized(t.starts, t.n+1), resized(t.places, len(ids))
	clear(t.starts)
	for _, id := range ids {
		if int(id) != t.padding {
			t.starts[id+1]++
		}
	}
	for i := range t.n {
		t.starts[i+1] += t.starts[i]
	}
	for place := len(ids) - 1; place >= 0; place-- { // from the end, so that starts ends as the beginnings
		if id := ids[place]; int(id) != t.padding {
			t.starts[id+1]--
			t.places[t.starts[id+1]] = int32(place)
		}
	}
	// Each row's count was taken from its end, which is where it starts now.
	copy(t.starts, t.starts[1:])
	t.starts[t.n] = int32(len(ids)) - t.padded(ids)
	if t.mean {
		t.shares = resized(t.shares, len(ids)/t.size)
		for i := range t.shares {
			t.shares[i] = t.share(ids[i*t.size : (i+1)*t.size])
		}
	}
}

// padded is how many ids are padding.
func (t *tableLookup) padded(ids []int32) (n int32) {
	for _, id := range ids {
		if int(id) == t.padding {
			n++
		}
	}
	return n
}
