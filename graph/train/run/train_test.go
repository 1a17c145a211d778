package run

import (
	"context"
	"errors"
	"testing"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// tiny is an experiment of a few milliseconds: 3 epochs of 5 steps, the last of 4 samples.
func tiny(optimizer string, dropout float64) Experiment {
	return Experiment{
		Name: "tiny", Hidden: []int{5, 4}, Activation: "tanh", Dropout: dropout, Loss: "cross-entropy",
		Optimizer: optimizer, LearningRate: .05, BatchSize: 8, Epochs: 3, Scale: 1, Noise: .5,
	}
}

// network makes the network of a configuration: what package models does, which stands above this one.
func network(c Config) (*graph.Model, error) {
	activation, err := layers.ParseActivation(c.Experiment.Activation)
	if err != nil {
		return nil, err
	}
	var stack []graph.Layer
	for _, width := range c.Experiment.Hidden {
		stack = append(stack, layers.Dense{Units: width, Activation: activation})
		if c.Experiment.Dropout != 0 {
			stack = append(stack, layers.Dropout{Rate: c.Experiment.Dropout})
		}
	}
	stack = append(stack, layers.Dense{Units: len(c.Classes), Activation: layers.Softmax})
	return graph.NewModel(graph.Config{Input: graph.Floats(c.Inputs()), Seed: c.Seed}, stack...)
}

// outcome is what a training came to.
type outcome struct {
	Result
	model   *graph.Model
	history *train.History
}

// follow trains as a run's configuration says, from start on, and evaluates.
func follow(ctx context.Context, c Config, start train.Position, trainSet, testSet *datasets.Dataset, observers ...train.Observer) (*outcome, error) {
	m, err := network(c)
	if err != nil {
		return nil, err
	}
	optimizer, err := optim.New(c.Experiment.Optimizer, c.Experiment.LearningRate)
	if err != nil {
		return nil, err
	}
	loss, err := losses.Parse(c.Experiment.Loss)
	if err != nil {
		return nil, err
	}
	o := &outcome{model: m}
	o.history, err = train.Fit(ctx, m, trainSet, train.Config{
		Loss: loss, Optimizer: optimizer, BatchSize: c.Experiment.BatchSize, Epochs: c.Experiment.Epochs, Seed: c.Seed, Observers: observers, Start: start,
	})
	if err != nil && !errors.As(err, &o.Diverged) {
		return o, err
	}
	o.Stopped = o.history.Stopped
	for _, set := range []struct {
		data *datasets.Dataset
		into **train.Metrics
	}{{trainSet, &o.Train}, {testSet, &o.Test}, {testSet.WithNoise(c.Experiment.Noise, c.Seed), &o.NoisyTest}} {
		e, err := train.Evaluate(ctx, m, set.data, train.Config{Loss: loss})
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
func trained(t testing.TB, dir string, e Experiment, o Options, stop ...train.Observer) *outcome {
	t.Helper()
	if o.disk == nil {
		o.disk = unsynced{}
	}
	rec, err := Create(dir, NewConfig(e, 7, "", samples(t, 1)), o)
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
