package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// TestFitRefuses: what does not fit is refused before anything moves, in these words.
func TestFitRefuses(t *testing.T) {
	flat := dataset(t, []int{3}, make([]float32, 12), []int{0, 1, 2, 0})
	two := dataset(t, []int{2}, make([]float32, 8), []int{0, 1, 3, 1})
	for _, c := range []struct {
		config train.Config
		want   string
	}{
		{train.Config{BatchSize: -1}, "train: got batch size -1, want at least 1, or 0 for 32"},
		{train.Config{BatchSize: 4, Shards: 5}, "train: got 5 shards, want 1 to 4, the samples of a batch"},
		{train.Config{BatchSize: 4, Shards: -1}, "train: got -1 shards, want 1 to 4, the samples of a batch"},
		{train.Config{BatchSize: 4, Metrics: []train.Metric{nil}}, "train: got nil as metric 1 of 1, want a metric, such as train.Accuracy{}"},
		{train.Config{BatchSize: 4, Epochs: -2}, "train: got -2 epochs, want at least 1"},
		{train.Config{BatchSize: 4, Start: train.Position{Batch: 4, Step: 4, Seen: 10}}, "train: got a start after 0 epochs and 4 batches, with 10 samples seen and 4 steps made, which does not fit 3 batches of 4 in an epoch of 10 samples: start with the batch size and data of the run that is to go on"},
		{train.Config{BatchSize: 4, Start: train.Position{Epoch: 1, Step: 5}}, "train: got a start after 1 epochs and 0 batches, with 0 samples seen and 5 steps made, which does not fit 3 batches of 4 in an epoch of 10 samples: start with the batch size and data of the run that is to go on"},
		{train.Config{BatchSize: 4, Start: train.Position{Batch: 1, Step: 1, Seen: 4, Sums: [][]float64{{1, 4}, {2, 4}}}}, "train: got a start with the sums of 2 metrics, and 1 metrics: start with the metrics of the run that is to go on"},
		{train.Config{BatchSize: 4, Optimizer: &optim.SGD{LearningRate: math.NaN()}}, "train: optim: sgd: LearningRate is NaN, want a finite number, 0 or more"},
		{train.Config{BatchSize: 4, Optimizer: &optim.Adam{LearningRate: math.Inf(1)}}, "train: optim: adam: LearningRate is +Inf, want a finite number, 0 or more"},
		{train.Config{BatchSize: 4, Optimizer: &optim.SGD{LearningRate: -1}}, "train: optim: sgd: LearningRate is -1, want a finite number, 0 or more"},
		{train.Config{BatchSize: 4, Validation: flat}, `train: validation data: data set "points" has 3 values a sample (shape [3]), the model takes 2: set graph.Config.Input to graph.Floats(3)`},
		{train.Config{BatchSize: 4, Validation: two}, `train: validation data: data set "points" has 4 classes, the model 3 outputs: give its last layer 4 units`},
	} {
		m := small(t, 1)
		before := bits(m)
		told := false
		c.config.Observers = []train.Observer{train.ObserverFunc("test", func(*train.Event) error { told = true; return nil })}
		history, err := train.Fit(context.Background(), m, blobs(t, 10), c.config)
		if err == nil || err.Error() != c.want {
			t.Errorf("got error\n\t%v\nwant\n\t%s", err, c.want)
		}
		if told || history == nil || !history.Position.Equal(c.config.Start) || !slices.Equal(before, bits(m)) {
			t.Errorf("%s: something moved: told %v, history %+v", c.want, told, history)
		}
	}
}

func TestDataThatDoNotFit(t *testing.T) {
	m := small(t, 1)
	shape := dataset(t, []int{3, 1}, make([]float32, 12), []int{0, 1, 2, 0})
	classes := dataset(t, []int{2}, make([]float32, 8), []int{0, 1, 2, 3})
	const wrongShape = `train: data set "points" has 3 values a sample (shape [3 1]), the model takes 2: set graph.Config.Input to graph.Floats(3, 1)`
	const wrongClasses = `train: data set "points" has 4 classes, the model 3 outputs: give its last layer 4 units`
	ctx := context.Background()
	for want, f := range map[string]func() error{
		wrongShape:         func() error { _, err := train.Fit(ctx, m, shape, train.Config{BatchSize: 2}); return err },
		wrongClasses:       func() error { _, err := train.Fit(ctx, m, classes, train.Config{BatchSize: 2}); return err },
		wrongShape + " ":   func() error { _, err := train.Evaluate(ctx, m, shape, train.Config{}); return err },
		wrongClasses + " ": func() error { _, err := train.Evaluate(ctx, m, classes, train.Config{}); return err },
		wrongShape + "  ":  func() error { _, err := train.Predict(ctx, m, shape); return err },
		"train: got batch size -3, want at least 1, or 0 for 500": func() error { _, err := train.Evaluate(ctx, m, blobs(t, 9), train.Config{BatchSize: -3}); return err },
	} {
		if err := f(); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("got error\n\t%v\nwant\n\t%s", err, want)
		}
	}
}

// TestNil: what is missing is an error, not a panic.
func TestNil(t *testing.T) {
	const noModel = "train: got a model that is nil or empty, want one: look at the error of graph.NewModel, or of what else made it"
	const noData = "train: got a nil data set, want one: look at the error of the function that loaded it"
	m, d, ctx := small(t, 1), blobs(t, 9), context.Background()
	observe := func(o ...train.Observer) error {
		history, err := train.Fit(ctx, m, d, train.Config{BatchSize: 3, Observers: o})
		if history == nil || !history.Position.Equal(train.Position{}) {
			t.Errorf("got history %+v, want one of no steps", history)
		}
		return err
	}
	for i, c := range []struct {
		want string
		f    func() error
	}{
		{noModel, func() error { _, err := train.Fit(ctx, nil, d, train.Config{}); return err }},
		{noData, func() error { _, err := train.Fit(ctx, m, nil, train.Config{}); return err }},
		{noModel, func() error { _, err := train.Evaluate(ctx, nil, d, train.Config{}); return err }},
		{noData, func() error { _, err := train.Evaluate(ctx, m, nil, train.Config{}); return err }},
		{noModel, func() error { _, err := train.Predict(ctx, nil, d); return err }},
		{noData, func() error { _, err := train.Predict(ctx, m, nil); return err }},
		{"train: got a nil context, want one, such as context.Background()", func() error { _, err := train.Fit(nil, m, d, train.Config{}); return err }}, //lint:ignore SA1012 this is the point
		{noModel, func() error { _, err := train.Evaluate(ctx, &graph.Model{}, d, train.Config{}); return err }},
		{"train: observer early stopping at begin of epoch 1, step 0: got Patience -1, want at least 1, or 0 for 1", func() error { return observe(&train.EarlyStopping{Patience: -1}) }},
		{"train: observer early stopping at begin of epoch 1, step 0: got MinDelta NaN, want a finite number of at least 0", func() error { return observe(&train.EarlyStopping{MinDelta: math.NaN()}) }},
		{"train: got nil as observer 1 of 1, want an observer", func() error { return observe((*train.EarlyStopping)(nil)) }},
		{"train: got a nil pointer as Loss or Optimizer, losses.CrossEntropy and *optim.Adam, want neither: leave them out for the default", func() error {
			_, err := train.Fit(ctx, m, d, train.Config{Optimizer: (*optim.Adam)(nil)})
			return err
		}},
		{"train: got nil as observer 2 of 2, want an observer", func() error { return observe(&train.EarlyStopping{}, nil) }},
		{"train: observer mine at begin of epoch 1, step 0: got no function: give ObserverFunc one", func() error { return observe(train.ObserverFunc("mine", nil)) }},
	} {
		if err := c.f(); err == nil || err.Error() != c.want {
			t.Errorf("case %d: got error\n\t%v\nwant\n\t%s", i, err, c.want)
		}
	}
}

// TestLossThatCannotBeBuilt: the error of the loss comes out of Fit and Evaluate.
func TestLossThatCannotBeBuilt(t *testing.T) {
	broken := errors.New("no such loss")
	loss := graph.LossFunc("broken", func(b *graph.Builder, _, _ *gorgonia.Node) *gorgonia.Node { return b.Node(nil, broken) })
	if _, err := train.Fit(context.Background(), small(t, 1), blobs(t, 9), train.Config{Loss: loss, BatchSize: 3}); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "train: graph: loss broken") {
		t.Errorf("Fit: %v", err)
	}
	if _, err := train.Evaluate(context.Background(), small(t, 1), blobs(t, 9), train.Config{Loss: loss}); !errors.Is(err, broken) {
		t.Errorf("Evaluate: %v", err)
	}
}

// TestOptimizerError: what the optimizer refuses ends the run, with the place.
func TestOptimizerError(t *testing.T) {
	o := &optim.Adam{}
	fit(t, small(t, 1), blobs(t, 9), train.Config{Optimizer: o, BatchSize: 3})
	if err := o.SetState(o.State()); err != nil {
		t.Fatal(err)
	}
	other := model(t, graph.Config{Input: graph.Floats(2)}, layers.Dense{Units: 3, Activation: layers.Softmax})
	_, err := train.Fit(context.Background(), other, blobs(t, 9), train.Config{Optimizer: o, BatchSize: 3})
	if err == nil || !strings.HasPrefix(err.Error(), "train: epoch 1, step 1: optim: adam: ") {
		t.Errorf("an optimizer with another model's state: %v", err)
	}
}
