package run

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// small says what a run of a few milliseconds trains.
type small struct {
	Hidden                       []int
	Dropout, LearningRate, Noise float64
	Optimizer, Activation        string
	BatchSize, Epochs            int
}

// tiny is 3 epochs of 5 steps, the last of 4 samples.
func tiny(optimizer string, dropout float64) small {
	return small{Hidden: []int{5, 4}, Activation: "tanh", Dropout: dropout, Optimizer: optimizer, LearningRate: .05, BatchSize: 8, Epochs: 3, Noise: .5}
}

// words are a network's, of layers of those widths between so many inputs and the classes.
func (e small) words(inputs, classes int) string {
	text := fmt.Sprintf("x = input %d\n", inputs)
	for _, width := range e.Hidden {
		text += fmt.Sprintf("dense %d %s\n", width, e.Activation)
		if e.Dropout != 0 {
			text += fmt.Sprintf("dropout %v\n", e.Dropout)
		}
	}
	return text + fmt.Sprintf("dense %d softmax", classes)
}

// config describes a run of it.
func (e small) config(t testing.TB, seed uint64, data *datasets.Dataset) Config {
	t.Helper()
	network, err := layers.Parse(e.words(data.Features(), len(data.Classes)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := graph.NewModel(graph.Config{Seed: seed}, network...)
	if err != nil {
		t.Fatal(err)
	}
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewConfig("tiny", m, data, train.Config{Optimizer: o, BatchSize: e.BatchSize, Epochs: e.Epochs, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	c.Experiment.Noise, c.Experiment.Scale = e.Noise, 1
	return c
}

// outcome is what a training came to.
type outcome struct {
	Result
	model   *graph.Model
	history *train.History
}

// follow trains as a run's configuration says, from start on, and evaluates.
func follow(ctx context.Context, c Config, start train.Position, trainSet, testSet *datasets.Dataset, observers ...train.Observer) (*outcome, error) {
	m, err := c.Model()
	if err != nil {
		return nil, err
	}
	how, err := c.Training()
	if err != nil {
		return nil, err
	}
	how.Start, how.Observers = start, observers
	o := &outcome{model: m}
	if o.history, err = train.Fit(ctx, m, trainSet, how); err != nil && !errors.As(err, &o.Diverged) {
		return o, err
	}
	o.Stopped = o.history.Stopped
	for _, set := range []struct {
		data *datasets.Dataset
		into **train.Metrics
	}{{trainSet, &o.Train}, {testSet, &o.Test}, {testSet.WithNoise(c.Experiment.Noise, c.Seed), &o.NoisyTest}} {
		e, err := train.Evaluate(ctx, m, set.data, train.Config{Loss: how.Loss})
		if err != nil {
			return o, err
		}
		if *set.into = &e.Metrics; set.data == testSet {
			o.PredictedClasses = e.PredictedClasses()
		}
	}
	return o, nil
}

// trained runs e in dir to its end, or to where stop, an observer, ends it.
func trained(t testing.TB, dir string, e small, o Options, stop ...train.Observer) *outcome {
	t.Helper()
	if o.disk == nil {
		o.disk = unsynced{}
	}
	rec, err := Create(dir, e.config(t, 7, samples(t, 1)), o)
	if err != nil {
		t.Fatal(err)
	}
	return finish(t, rec, stop...)
}

// resumed goes on with the run in dir to its end.
func resumed(t testing.TB, dir, from string, epochs int, o Options, stop ...train.Observer) *outcome {
	t.Helper()
	if o.disk == nil {
		o.disk = unsynced{}
	}
	rec, err := Resume(dir, from, epochs, o)
	if err != nil {
		t.Fatal(err)
	}
	return finish(t, rec, stop...)
}

func finish(t testing.TB, rec *Recorder, stop ...train.Observer) *outcome {
	t.Helper()
	result, err := follow(context.Background(), rec.Folder().Config, rec.Start(), samples(t, 1), samples(t, 2), append(stop, rec)...)
	var stopped *stopped
	switch {
	case errors.As(err, &stopped):
	case err != nil:
		t.Fatal(err)
	default:
		if err := rec.Finish(result.Result); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	return result
}

type stopped struct{}

func (*stopped) Error() string { return "stopped by the test" }

// stopAt ends a run after a step, as an interruption does.
func stopAt(step uint64) train.Observer {
	return train.ObserverFunc("stop", func(e *train.Event) error {
		if e.Moment == train.Step && e.Position.Step == step {
			return &stopped{}
		}
		return nil
	})
}

// stopAtBackward ends a run within its first step, once its recorder has begun.
func stopAtBackward() train.Observer {
	return train.ObserverFunc("stop", func(e *train.Event) error {
		if e.Moment == train.Backward {
			return &stopped{}
		}
		return nil
	})
}
