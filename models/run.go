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
// set, nil where it has none. The noise of a seed is always the same. Where it reconstructs, the target of a sample is the sample, without the noise. More training samples than there are is an
// error.
func (e Experiment) Data(train, test *datasets.Dataset, seed uint64) (trainSet, testSet, noisy datasets.Data, err error) {
	if train == nil || test == nil {
		return nil, nil, nil, errors.New("got nil as training or test set, want both: look at the error of the function that loaded them")
	}
	fit, _, err := e.divide(train, seed)
	if err != nil {
		return nil, nil, nil, err
	}
	test = test.Scaled(e.Scale)
	trainSet, testSet = fit, test
	if e.Noise != 0 {
		noisy = test.WithNoise(e.Noise, seed)
	}
	if !e.Reconstruct {
		return trainSet, testSet, noisy, nil
	}
	if trainSet, err = datasets.Reconstruct(fit, nil); err == nil {
		testSet, err = datasets.Reconstruct(test, nil)
	}
	if err == nil && noisy != nil {
		noisy, err = datasets.Reconstruct(noisy, test)
	}
	return trainSet, testSet, noisy, err
}

// Held is what is held out of the training samples, scaled: the same for a seed; nil where nothing is.
func (e Experiment) Held(train *datasets.Dataset, seed uint64) (datasets.Data, error) {
	if train == nil {
		return nil, errors.New("got a nil training set, want one: look at the error of the function that loaded it")
	}
	_, held, err := e.divide(train, seed)
	switch {
	case err != nil || held == nil:
		return nil, err
	case e.Reconstruct:
		return datasets.Reconstruct(held, nil)
	}
	return held, nil
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
	scaled, test, noisy, err := e.Data(trainSet, testSet, o.Seed)
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
	r.History, err = train.Fit(ctx, r.Model, scaled, config)
	if err != nil && !errors.As(err, &r.Diverged) {
		return r, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	return r, r.evaluate(ctx, scaled, test, noisy, held)
}

func (r *Result) evaluate(ctx context.Context, trainSet, testSet, noisy, held datasets.Data) error {
	for _, set := range []struct {
		data datasets.Data
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
