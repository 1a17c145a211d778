package models

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	Before    []train.Epoch    // of the same run, ended before Start
	Weights   []graph.Param    // of the best of these, as run.Recorder.BestWeights gives them; wanted where the experiment has a Patience
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
	Validation *train.Evaluation    // on what is held out; nil where nothing is
	NoisyTest  *train.Evaluation    // nil where the experiment has no noise
	Diverged   *train.DivergedError // nil where the loss stayed finite
}

// Data applies the experiment's transforms: the training samples that it uses, without those that are Held out, and the test set, scaled; and the noisy test
// set, nil where it has none. The noise of a seed is always the same. More training samples than there are is an error.
func (e Experiment) Data(train, test *datasets.Dataset, seed uint64) (trainSet, testSet, noisy *datasets.Dataset, err error) {
	if trainSet, _, err = e.divide(train, seed); err != nil {
		return nil, nil, nil, err
	}
	testSet = test.Scaled(e.Scale)
	if e.Noise != 0 {
		noisy = testSet.WithNoise(e.Noise, seed)
	}
	return trainSet, testSet, noisy, nil
}

// Held is what is held out of the training samples, scaled: the same for a seed; nil where nothing is.
func (e Experiment) Held(train *datasets.Dataset, seed uint64) (*datasets.Dataset, error) {
	_, held, err := e.divide(train, seed)
	return held, err
}

func (e Experiment) divide(train *datasets.Dataset, seed uint64) (fit, held *datasets.Dataset, err error) {
	fit = train
	if e.TrainSamples != 0 {
		if fit, err = train.Slice(0, e.TrainSamples); err != nil {
			return nil, nil, err
		}
	}
	if e.Validation == 0 {
		return fit.Scaled(e.Scale), nil, nil
	}
	if fit, held, err = fit.Split(1-e.Validation, seed); err != nil {
		return nil, nil, err
	}
	return fit.Scaled(e.Scale), held.Scaled(e.Scale), nil
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
func (e Experiment) Run(ctx context.Context, trainSet, testSet *datasets.Dataset, o RunOptions) (*Result, error) {
	held, err := e.Held(trainSet, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	trainSet, testSet, noisy, err := e.Data(trainSet, testSet, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	r := &Result{Experiment: e, Seed: o.Seed, Model: o.Model}
	if r.Model == nil {
		if r.Model, err = e.Model(trainSet.Features(), len(trainSet.Classes), o.Seed); err != nil {
			return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
		}
	}
	config, err := e.Config(o)
	if err != nil {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	if held != nil {
		config.Validation = held
	}
	if e.Patience > 0 {
		stopping := &train.EarlyStopping{Patience: e.Patience, Restore: true, Before: o.Before, Weights: o.Weights}
		config.Observers = slices.Concat([]train.Observer{stopping}, config.Observers)
	}
	r.History, err = train.Fit(ctx, r.Model, trainSet, config)
	if err != nil && !errors.As(err, &r.Diverged) {
		return r, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	return r, r.evaluate(ctx, trainSet, testSet, noisy, held)
}

func (r *Result) evaluate(ctx context.Context, trainSet, testSet, noisy, held *datasets.Dataset) error {
	for _, set := range []struct {
		data *datasets.Dataset
		into **train.Evaluation
	}{{trainSet, &r.Train}, {testSet, &r.Test}, {noisy, &r.NoisyTest}, {held, &r.Validation}} {
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
