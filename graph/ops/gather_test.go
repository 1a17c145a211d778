package ops_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/ops"
)

// TestGather: rows by their ids, of which some are named often and some never.
func TestGather(t *testing.T) {
	for _, c := range []struct {
		n, k int
		ids  tensor.Shape
	}{{1, 1, tensor.Shape{1}}, {5, 3, tensor.Shape{7}}, {4, 1, tensor.Shape{2, 3}}, {11, 70, tensor.Shape{3, 5, 2}}, {3, 40, tensor.Shape{500}}} {
		r := rand.New(rand.NewPCG(5, 6))
		ids := make([]int32, c.ids.TotalSize())
		for i := range ids {
			ids[i] = int32(r.IntN(max(1, c.n-1))) // the last is named by none, where there is another
		}
		fixture{
			name:   fmt.Sprintf("gather %v of [%d %d]", c.ids, c.n, c.k),
			shapes: []tensor.Shape{{c.n, c.k}},
			ids:    []*tensor.Dense{classesOf(c.ids, ids...)},
			build:  func(in gorgonia.Nodes) (*gorgonia.Node, error) { return ops.Gather(in[0], in[1]) },
			want: func(in [][]float64) []float64 {
				var out []float64
				for _, id := range ids {
					out = append(out, in[0][int(id)*c.k:(int(id)+1)*c.k]...)
				}
				return out
			},
		}.check(t)
	}
}

// TestGatherRefuses shapes when it is built, and ids that there are not when it runs.
func TestGatherRefuses(t *testing.T) {
	for _, id := range []int32{-1, 3, 1 << 30} {
		g := gorgonia.NewGraph()
		table := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(3, 2), gorgonia.WithName("table"), gorgonia.WithValue(tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(3, 2))))
		ids := gorgonia.NewVector(g, tensor.Int32, gorgonia.WithShape(2), gorgonia.WithName("ids"), gorgonia.WithValue(classesOf(tensor.Shape{2}, 0, id)))
		must(ops.Gather(table, ids))
		machine := gorgonia.NewTapeMachine(g)
		if err := machine.RunAll(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("gather: got id %d at place 1, want 0 to 2: the table has 3 rows", id)) {
			t.Errorf("id %d: got %v", id, err)
		}
		if _, err := ops.Gather(ids, ids); err == nil || !strings.Contains(err.Error(), "want [n,k] and [batch,…]") {
			t.Errorf("a table that is none: got %v", err)
		}
		if _, err := ops.Gather(table, table); err == nil || !strings.Contains(err.Error(), "want int32") {
			t.Errorf("ids that are none: got %v", err)
		}
		if _, err := ops.Gather(table, nil); err == nil || !strings.Contains(err.Error(), "got nil as input 1") {
			t.Errorf("no ids: got %v", err)
		}
	}
}
