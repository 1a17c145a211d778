package models

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// RunOptions are what differs from run to run of one experiment.
type RunOptions struct {
	Seed      uint64           // of weights, order, masks and noise
	Observers []train.Observer // told in this order
	Start     train.Position   // where to go on, as train.Config has it
	Model     *graph.Model     // that is trained, such as that of a run's configuration; the experiment's, of Seed, if nil
}

// Result is what an experiment showed.
type Result struct {
	Experiment Experiment           // that ran
	Seed       uint64               // with which
	Model      *graph.Model         // trained
	History    *train.History       // the epochs that this run ended
	Train      *train.Evaluation    // on the training samples, weights at rest
	Test       *train.Evaluation    // on the test set
	NoisyTest  *train.Evaluation    // nil where the experiment has no noise
	Diverged   *train.DivergedError // nil where the loss stayed finite
}

// Data applies the experiment's transforms: the training samples that it uses and the test set, scaled; and the noisy test
// set, nil where it has none. The noise of a seed is always the same. More training samples than there are is an error.
//
// Data other than a datasets.Dataset, such as a table that was prepared, are taken as they are: of those, no experiment may want a scale or noise.
func (e Experiment) Data(train, test datasets.Data, seed uint64) (trainSet, testSet, noisy datasets.Data, err error) {
	if trainSet, err = e.scaled(train, e.TrainSamples); err != nil {
		return nil, nil, nil, err
	}
	if testSet, err = e.scaled(test, 0); err != nil {
		return nil, nil, nil, err
	}
	if e.Noise != 0 {
		set, ok := testSet.(*datasets.Dataset)
		if !ok {
			return nil, nil, nil, fmt.Errorf("noise on a second test set is for labelled samples of one shape, which %s are not", test.Info().Name)
		}
		noisy = set.WithNoise(e.Noise, seed)
	}
	return trainSet, testSet, noisy, nil
}

// scaled are the first so many samples, or all of them if that is 0, as the experiment scales them.
func (e Experiment) scaled(data datasets.Data, most int) (datasets.Data, error) {
	set, ok := data.(*datasets.Dataset)
	switch {
	case !ok && e.Scale != 1 && e.Scale != 0:
		return nil, fmt.Errorf("a scale is for labelled samples of one shape, which %s are not", data.Info().Name)
	case !ok && most == 0:
		return data, nil
	case !ok:
		if most > data.Len() {
			return nil, fmt.Errorf("cannot take %d samples of %s, which has %d", most, data.Info().Name, data.Len())
		}
		first := make([]int, most)
		for i := range first {
			first[i] = i
		}
		return datasets.Rows(data, first)
	}
	if most != 0 {
		var err error
		if set, err = set.Slice(0, most); err != nil {
			return nil, err
		}
	}
	return set.Scaled(e.Scale), nil
}

// features is how many values a sample of data has.
func features(data datasets.Data) int {
	n := 1
	for _, d := range data.Info().Shape() {
		n *= d
	}
	return n
}

// Config is how the experiment trains. The error is of an optimizer that is none, or whose learning rate is out of range.
func (e Experiment) Config(o RunOptions) (train.Config, error) {
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return train.Config{}, err
	}
	return train.Config{
		Loss: e.Loss, Metrics: e.Metrics, Optimizer: optimizer, BatchSize: e.BatchSize, Epochs: e.Epochs, Shards: e.Shards, Seed: o.Seed, Observers: o.Observers, Start: o.Start,
	}, nil
}

// Run trains the experiment's network on trainSet, as it comes (0 to 255 for pixels), and evaluates it on both sets. A loss that is not finite
// ends the training; that is a result, in Diverged, not an error. Where the context is cancelled, the result has the history
// so far and the error is the context's.
func (e Experiment) Run(ctx context.Context, trainSet, testSet datasets.Data, o RunOptions) (*Result, error) {
	trainSet, testSet, noisy, err := e.Data(trainSet, testSet, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	r := &Result{Experiment: e, Seed: o.Seed, Model: o.Model}
	if r.Model == nil {
		if r.Model, err = e.Model(features(trainSet), len(trainSet.Info().Classes), o.Seed); err != nil {
			return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
		}
	}
	config, err := e.Config(o)
	if err != nil {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	r.History, err = train.Fit(ctx, r.Model, trainSet, config)
	if err != nil && !errors.As(err, &r.Diverged) {
		return r, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	return r, r.evaluate(ctx, trainSet, testSet, noisy)
}

func (r *Result) evaluate(ctx context.Context, trainSet, testSet, noisy datasets.Data) error {
	for _, set := range []struct {
		data datasets.Data
		into **train.Evaluation
	}{{trainSet, &r.Train}, {testSet, &r.Test}, {noisy, &r.NoisyTest}} {
		if set.data == nil {
			continue
		}
		var err error
		if *set.into, err = train.Evaluate(ctx, r.Model, set.data, train.Config{Loss: r.Experiment.Loss, Metrics: r.Experiment.Metrics}); err != nil {
			return fmt.Errorf("models: experiment %s: %w", r.Experiment.Name, err)
		}
	}
	return nil
}
