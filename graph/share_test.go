package graph_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// TestShareIsOfTheNet: a net that is added twice has two of everything, what it shares within itself included; one that is shared has one, and what an outer net shares is one wherever
// it stands, in an inner net too.
func TestShareIsOfTheNet(t *testing.T) {
	inner := func(given graph.Layer) *graph.Net {
		n := &graph.Net{}
		if given == nil {
			given = n.Share(layers.Dense{Units: 3})
		}
		n.Output("o", n.Add(given, n.Add(layers.Residual{given}, n.Input("x", graph.Floats(3)))))
		return n
	}
	for _, c := range []struct {
		name    string
		uses    func(n *graph.Net) graph.Layer
		tensors int
	}{
		{"added", func(*graph.Net) graph.Layer { return inner(nil) }, 4},
		{"within a layer", func(*graph.Net) graph.Layer { return layers.Sequence{inner(nil)} }, 4},
		{"shared", func(n *graph.Net) graph.Layer { return n.Share(inner(nil)) }, 2},
		{"shared within a layer", func(n *graph.Net) graph.Layer { return n.Share(layers.Sequence{inner(nil)}) }, 2},
		{"of the outer", func(n *graph.Net) graph.Layer { return inner(n.Share(layers.Dense{Units: 3})) }, 2},
		{"two deep", func(*graph.Net) graph.Layer {
			n := &graph.Net{}
			x := n.Input("x", graph.Floats(3))
			l := n.Share(inner(nil))
			n.Output("o", n.Add(l, n.Add(l, x)))
			return n
		}, 4},
	} {
		var n graph.Net
		l := c.uses(&n)
		n.Output("y", n.Add(l, n.Add(l, n.Input("x", graph.Floats(3)))))
		m, err := graph.NewModel(graph.Config{Seed: 1}, &n)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := len(m.Params()); got != c.tensors {
			t.Errorf("%s: got %d tensors, want %d", c.name, got, c.tensors)
		}
		if _, err := m.Compile(graph.Spec{Mode: graph.Predict, Batch: 3}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
