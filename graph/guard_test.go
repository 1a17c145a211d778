package graph_test

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
)

// spoils is an op of somebody's that doubles what it is given, in place, without saying so.
type spoils struct{ hashed }

func (spoils) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	t := in[0].(*tensor.Dense)
	for i := range t.Float32s() {
		t.Float32s()[i] *= 2
	}
	return t.Clone().(gorgonia.Value), nil
}

// TestGuard: what an op writes over, though it should not, is put back after the first run, which is an error.
func TestGuard(t *testing.T) {
	spoil := func(b builder, n node) node {
		return b.Node(gorgonia.ApplyOp(spoils{hashed{must(gorgonia.Tanh(n)).Op(), 7, 7}}, n))
	}
	for name, c := range map[string]struct {
		build func(b builder, x node) node
		want  string
	}{
		"parameter": {func(b builder, x node) node {
			return b.Node(gorgonia.BroadcastAdd(x, spoil(b, b.Param("w", graph.Ones, 3)), nil, []byte{0}))
		},
			"graph: an op of Gorgonia's wrote over custom_1.w of shape (3): put ops.Copy around it in the layer that reads it"},
		"state": {func(b builder, x node) node {
			return b.Node(gorgonia.BroadcastAdd(x, spoil(b, b.State("s", graph.Ones, 3)), nil, []byte{0}))
		},
			"graph: an op of Gorgonia's wrote over custom_1.s of shape (3): put ops.Copy around it in the layer that reads it"},
		"input": {func(b builder, x node) node { return spoil(b, x) },
			"graph: an op of Gorgonia's wrote over x of shape (2, 3): put ops.Copy around it in the layer that reads it"},
	} {
		m := model(t, graph.Config{Input: graph.Floats(3)}, layers.Linear, custom(c.build))
		p := compile(t, m, graph.Spec{Batch: 2})
		data := []float32{1, 2, 3, 4, 5, 6}
		copy(p.X().Float32s(), data)
		if err := p.Run(); err == nil || err.Error() != c.want {
			t.Errorf("%s: got  %v\nwant %s", name, err, c.want)
		}
		if !slices.Equal(p.X().Float32s(), data) {
			t.Errorf("%s: the input is %v", name, p.X())
		}
		for _, kept := range slices.Concat(m.Params(), m.States()) {
			if !slices.Equal(kept.Value.Float32s(), []float32{1, 1, 1}) {
				t.Errorf("%s: it is %v", name, kept.Value)
			}
		}
		// It is looked for until a run has shown that there is nothing to find.
		if err := p.Run(); err == nil || err.Error() != c.want {
			t.Errorf("%s, again: got  %v\nwant %s", name, err, c.want)
		}
	}
}
