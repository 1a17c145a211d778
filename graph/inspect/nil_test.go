package inspect

import (
	"context"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// What is missing is an error, not a panic.
func TestNil(t *testing.T) {
	m, ctx := network(t, 1, layers.Dense{Units: 3, Activation: layers.Softmax}), context.Background()
	s, err := Take(m, losses.CrossEntropy{}, randomBatch(3, 4, 3, 1), 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"no batch":     func() error { _, err := Take(m, losses.CrossEntropy{}, nil, 0); return err },
		"next of none": func() error { _, err := TakeNext(m, losses.CrossEntropy{}, nil, 1, 1, train.Position{}); return err },
		"next": func() error {
			_, err := TakeNext(nil, losses.CrossEntropy{}, data(t), 1, 1, train.Position{})
			return err
		},
		"pass":         func() error { return s.Pass(ctx, m, nil) },
		"pass of none": func() error { return (*Snapshot)(nil).Pass(ctx, m, data(t)) },
		"no context":   func() error { return s.Pass(context.Context(nil), m, data(t)) },
		"drawing":      func() error { _, err := (*Drawing)(nil).SVG(ctx); return err },
		"recorder":     func() error { return (&Recorder{}).Observe(nil) },
		"stopping":     func() error { return (&train.EarlyStopping{}).Observe(nil) },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), "got ") {
			t.Errorf("%s: got %v, want an error that says what is missing", name, err)
		}
	}
	if got := Summarize(nil); got.Count != 0 {
		t.Errorf("nothing has %d elements", got.Count)
	}
	if got := Summarize(tensor.New(tensor.WithShape(3), tensor.WithBacking([]int32{1, 2, 3}))); got.Count != 3 {
		t.Errorf("three ids have %d elements", got.Count)
	}
}
