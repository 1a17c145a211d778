package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/ops"
)

// Two names, found by search, whose vectors of 3 have one hash as parameters of custom_1.
const nameA, nameB = "xmexl", "fbfrz"

// TestHashCollision: Gorgonia lets a node stand for another of the same hash; that must not go unnoticed.
func TestHashCollision(t *testing.T) {
	sum := func(a, b string) graph.Layer {
		return custom(func(builder builder, x node) (node, error) {
			p, err := builder.Param(a, graph.Constant(1), 3)
			if err != nil {
				return nil, err
			}
			q, err := builder.Param(b, graph.Constant(2), 3)
			if err != nil {
				return nil, err
			}
			s, err := ops.Add(p, q)
			if err != nil {
				return nil, err
			}
			return gorgonia.BroadcastAdd(x, s, nil, []byte{0})
		})
	}
	p := compile(t, model(t, graph.Config{Inputs: 3}, sum(nameA, "other")), graph.Spec{Batch: 1})
	run(t, p)
	if got := p.Output().Float32s(); !slices.Equal(got, []float32{3, 3, 3}) {
		t.Errorf("got %v, want [3 3 3]", got)
	}
	_, err := model(t, graph.Config{Inputs: 3}, sum(nameA, nameB)).Compile(graph.Spec{Batch: 1})
	want := "graph: the nodes custom_1.xmexl and custom_1.fbfrz have one hash, 0xb8d6cc20, so that one would be taken for the other: give a parameter another name"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestHashCollisionOnce: nodes whose hashes are others at the next attempt are built anew.
func TestHashCollisionOnce(t *testing.T) {
	builds := 0
	m := model(t, graph.Config{Inputs: 3}, custom(func(b builder, x node) (node, error) {
		builds++
		names := []string{"custom_1." + nameA, "custom_1." + nameB}
		if builds > 2 { // once for the model, once in vain
			names[1] = "another"
		}
		for i, name := range names {
			v := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{1, 2, float32(i)}))
			n := gorgonia.NewVector(x.Graph(), tensor.Float32, gorgonia.WithShape(3), gorgonia.WithName(name), gorgonia.WithValue(v))
			var err error
			if x, err = gorgonia.BroadcastAdd(x, n, nil, []byte{0}); err != nil {
				return nil, err
			}
		}
		return x, nil
	}))
	p := compile(t, m, graph.Spec{Batch: 1})
	run(t, p)
	if got := fmt.Sprint(p.Output().Float32s(), builds); got != "[2 4 1] 3" {
		t.Errorf("got %s, want [2 4 1] after 3 builds", got)
	}
}
