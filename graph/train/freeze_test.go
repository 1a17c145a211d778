package train_test

import (
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/ops"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// decayed is a dense layer with a penalty on its weights.
func decayed(units int) graph.Layer {
	return graph.LayerFunc("decayed", func(b *graph.Builder, x *gorgonia.Node) *gorgonia.Node {
		w := b.Param("weight", graph.GlorotUniform, graph.Features(x), units)
		b.Penalty(b.Node(ops.Times(b.Node(ops.Total(b.Node(gorgonia.Square(w)))), b.Constant(.1))))
		return b.Node(ops.MatMul(x, w, false, false))
	})
}

// TestFitFrozen: whatever the optimizer, with penalties, weight decay and shards, frozen layers stay as they were to the bit, and the others learn.
func TestFitFrozen(t *testing.T) {
	data := blobs(t, 30)
	for _, name := range optim.Names() {
		for _, shards := range []int{1, 3} {
			m := model(t, graph.Config{Input: graph.Floats(2), Seed: 5}, layers.Dense{Units: 4, Activation: layers.Tanh}, decayed(4), layers.Dense{Units: 3, Activation: layers.Softmax})
			was := m.Clone()
			if err := m.Freeze("decayed_1", "dense_1"); err != nil {
				t.Fatal(err)
			}
			o, err := optim.New(name, .05)
			if err != nil {
				t.Fatal(err)
			}
			recorder := &inspect.Recorder{Every: 2}
			fit(t, m, data, train.Config{Optimizer: o, BatchSize: 8, Epochs: 2, Shards: shards, Observers: []train.Observer{recorder}})
			for i, p := range m.Params() {
				same := slices.Equal(p.Value.Float32s(), was.Params()[i].Value.Float32s())
				if frozen := !strings.HasPrefix(p.Name, "dense_2"); same != frozen {
					t.Errorf("%s, %d shards: %s: got unchanged %v", name, shards, p.Name, same)
				}
			}
			for _, s := range recorder.Snapshots {
				for _, l := range s.Layers {
					if l.Frozen != (l.Name != "dense_2") || (l.GradNorm() > 0) != (l.Name == "dense_2") || l.Params[0].Value.Norm == 0 || l.Frozen && l.Params[0].Update != 0 {
						t.Errorf("%s: got %+v of %s at step %d", name, l.Params, l.Name, s.Step)
					}
				}
			}
		}
	}
}

// TestUnfreezeWhileTraining: what is frozen may change between steps.
func TestUnfreezeWhileTraining(t *testing.T) {
	data := blobs(t, 30)
	for _, shards := range []int{1, 2} {
		m := small(t, 1)
		if err := m.Freeze("dense_1"); err != nil {
			t.Fatal(err)
		}
		body := slices.Clone(m.Params()[0].Value.Float32s())
		moved := map[uint64]bool{}
		fit(t, m, data, train.Config{Optimizer: &optim.Adam{}, BatchSize: 8, Epochs: 2, Shards: shards, Observers: []train.Observer{
			at(train.Step, func(e *train.Event) error {
				moved[e.Position.Step] = !slices.Equal(body, m.Params()[0].Value.Float32s())
				if e.Position.Step == 3 {
					return m.Unfreeze()
				}
				return nil
			}),
		}})
		if moved[3] || !moved[4] || len(moved) != 8 {
			t.Errorf("%d shards: got the body moved %v, want from step 4 on", shards, moved)
		}
	}
}
