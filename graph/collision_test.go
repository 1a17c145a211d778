package graph_test

import (
	"fmt"
	"hash"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Two names, found by search, whose vectors of 3 have one hash as parameters of custom_1.
const nameA, nameB = "xmexl", "fbfrz"

// TestHashCollision: Gorgonia lets a node stand for another of the same hash; that must not go unnoticed.
func TestHashCollision(t *testing.T) {
	sum := func(a, b string) graph.Layer {
		return custom(func(build builder, x node) node {
			s := build.Node(ops.Add(build.Param(a, graph.Constant(1), 3), build.Param(b, graph.Constant(2), 3)))
			return build.Node(ops.AddRow(x, s))
		})
	}
	p := compile(t, model(t, graph.Config{Input: graph.Floats(3)}, sum(nameA, "other")), graph.Spec{Batch: 1})
	run(t, p)
	if got := p.Output().Float32s(); !slices.Equal(got, []float32{3, 3, 3}) {
		t.Errorf("got %v, want [3 3 3]", got)
	}
	_, err := model(t, graph.Config{Input: graph.Floats(3)}, sum(nameA, nameB)).Compile(graph.Spec{Batch: 1})
	want := "graph: the nodes custom_1.xmexl and custom_1.fbfrz have one hash, 0xb8d6cc20, so that one would be taken for the other: give a parameter another name"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// hashed is an op whose node has a hash of our choice, which need not be its own.
type hashed struct {
	gorgonia.Op
	own, node uint32
}

func (h hashed) Hashcode() uint32      { return h.own }
func (h hashed) WriteHash(w hash.Hash) { fmt.Fprint(w, "hashed ", h.node) }

// TestHashCollisionOnce: nodes whose hashes are others at the next attempt are built anew.
func TestHashCollisionOnce(t *testing.T) {
	builds := 0
	m := model(t, graph.Config{Input: graph.Floats(3)}, custom(func(b builder, x node) node {
		builds++
		second := uint32(1)
		if builds > 2 { // once for the model, once in vain
			second = 2
		}
		negative := b.Node(gorgonia.ApplyOp(hashed{must(gorgonia.Neg(x)).Op(), 1, 1}, x))
		square := b.Node(gorgonia.ApplyOp(hashed{must(gorgonia.Square(x)).Op(), 2, second}, x))
		return b.Node(ops.Add(negative, square))
	}))
	p := compile(t, m, graph.Spec{Batch: 1})
	copy(p.X().Float32s(), []float32{1, 2, 3})
	run(t, p)
	if got := fmt.Sprint(p.Output().Float32s(), builds); got != "[0 2 6] 3" {
		t.Errorf("got %s, want [0 2 6] after 3 builds", got)
	}
}
