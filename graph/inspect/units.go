package inspect

import (
	"context"
	"errors"
	"fmt"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// units counts what the units of a layer do, batch after batch.
type units struct {
	activation layers.Activation
	outputs    int // seen
	flat       int // outputs where the slope is under 4 % of its largest
	alive      []bool
}

func newUnits(a layers.Activation, n int) *units {
	return &units{activation: a, alive: make([]bool, n)}
}

// add counts a batch of outputs, [batch,units].
func (u *units) add(t *tensor.Dense) {
	switch u.activation {
	case layers.Sigmoid, layers.Tanh, layers.ReLU:
	default:
		return
	}
	if t.Dtype() == tensor.Float64 {
		addUnits(u, t.Float64s())
	} else {
		addUnits(u, t.Float32s())
	}
}

func addUnits[T float](u *units, outputs []T) {
	u.outputs += len(outputs)
	switch u.activation {
	case layers.Sigmoid: // y(1−y) is at most 1/4
		for _, y := range outputs {
			if y*(1-y) < .01 {
				u.flat++
			}
		}
	case layers.Tanh: // 1−y² is at most 1
		for _, y := range outputs {
			if 1-y*y < .04 {
				u.flat++
			}
		}
	case layers.ReLU:
		for at := 0; at < len(outputs); at += len(u.alive) {
			for i, y := range outputs[at : at+len(u.alive)] {
				if y != 0 {
					u.alive[i] = true
				}
			}
		}
	}
}

func (u *units) saturated() float64 { return float64(u.flat) / float64(max(1, u.outputs)) }

func (u *units) dead() float64 {
	if u.activation != layers.ReLU || u.outputs == 0 {
		return 0
	}
	n := 0
	for _, alive := range u.alive {
		if !alive {
			n++
		}
	}
	return float64(n) / float64(len(u.alive))
}

// stopped is an error where the context has ended.
func stopped(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("inspect: stopped: %w", context.Cause(ctx))
	}
	return nil
}

// passBatch is a pass's batch: large enough for the products to run at full speed.
const passBatch = 500

// Pass runs a model over a whole data set, weights at rest and nothing random, and puts the share of saturated and dead units
// that it found into the snapshot's layers. Run it with the weights that the snapshot was taken of. Data or a model that do not fit, and a cancelled
// context, are errors.
func (s *Snapshot) Pass(ctx context.Context, m *graph.Model, data datasets.Data) error {
	if s == nil || ctx == nil || m == nil || data == nil {
		return errors.New("inspect: pass: got a nil snapshot, context, model or data set, want all of them")
	}
	infos := m.Layers()
	if len(infos) != len(s.Layers) {
		return fmt.Errorf("inspect: a snapshot of %d layers and a model of %d: want those of one model", len(s.Layers), len(infos))
	}
	counts := make([]*units, len(infos))
	for i, l := range infos {
		counts[i] = newUnits(layers.ActivationOf(l.Layer), l.Output.TotalSize())
	}
	order := make([]int, data.Len())
	for i := range order {
		order[i] = i
	}
	programs := map[int]*graph.Program{}
	for _, rows := range datasets.Batches(order, passBatch) {
		if err := stopped(ctx); err != nil {
			return err
		}
		p := programs[len(rows)]
		if p == nil {
			var err error
			if p, err = m.Compile(graph.Spec{Mode: graph.Predict, Batch: len(rows), Inspect: true}); err != nil {
				return err
			}
			programs[len(rows)] = p
		}
		batch, err := train.NewBatch(m, nil, data, rows)
		if err == nil {
			err = batch.Feed(p)
		}
		if err != nil {
			return err
		}
		if err := p.Run(); err != nil {
			return err
		}
		for i, r := range p.Recordings() {
			if r.Layer {
				counts[i].add(r.Value)
			}
		}
	}
	for i, u := range counts {
		s.Layers[i].Saturated, s.Layers[i].Dead, s.Layers[i].Pass = u.saturated(), u.dead(), true
	}
	return nil
}
