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
	Ranks     train.Ranks      // that share the work; nil for this process alone
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
//
// Data other than a datasets.Dataset, such as a table that was prepared, are divided but not changed: of those, no experiment may want a scale or noise.
func (e Experiment) Data(train, test datasets.Data, seed uint64) (trainSet, testSet, noisy datasets.Data, err error) {
	if none(train) || none(test) {
		return nil, nil, nil, errors.New("got nil as training or test set, want both: look at the error of the function that loaded them")
	}
	fit, _, err := e.divide(train, seed)
	if err != nil {
		return nil, nil, nil, err
	}
	if test, err = e.scaled(test); err != nil {
		return nil, nil, nil, err
	}
	trainSet, testSet = fit, test
	if e.Noise != 0 {
		set, ok := test.(*datasets.Dataset)
		if !ok {
			return nil, nil, nil, fmt.Errorf("noise on a second test set is for labelled samples of one shape, which %s are not", test.Info().Name)
		}
		noisy = set.WithNoise(e.Noise, seed)
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
func (e Experiment) Held(train datasets.Data, seed uint64) (datasets.Data, error) {
	if none(train) {
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

// Divided are training samples of which it is settled which are held out, such as whole groups of them, or the latest: an experiment that holds out a share takes these, and all others if it holds
// out none.
type Divided struct {
	datasets.Data               // all of them
	Fit, Held     datasets.Data // that are learnt from, and held out
}

func (e Experiment) divide(train datasets.Data, seed uint64) (fit, held datasets.Data, err error) {
	if d, ok := train.(*Divided); ok {
		train = d.Data
		if e.Validation != 0 && e.TrainSamples == 0 && e.Mislabelled == 0 {
			if fit, err = e.scaled(d.Fit); err == nil {
				held, err = e.scaled(d.Held)
			}
			return fit, held, err
		}
	}
	if fit, err = e.first(train); err != nil {
		return nil, nil, err
	}
	if fit, err = e.scaled(fit); err != nil {
		return nil, nil, err
	}
	if e.Mislabelled != 0 {
		set, ok := fit.(*datasets.Dataset)
		if !ok || !(e.Mislabelled >= 0 && e.Mislabelled <= 1) {
			return nil, nil, fmt.Errorf("got a share of %v of the samples of %s to mislabel, want at most 1, and labelled samples of one shape", e.Mislabelled, fit.Info().Name)
		}
		fit = set.Mislabelled(e.Mislabelled, seed)
	}
	if e.Validation == 0 {
		return fit, nil, nil
	}
	if set, ok := fit.(*datasets.Dataset); ok {
		fit, held, err := set.Split(1-e.Validation, seed)
		if err != nil {
			return nil, nil, err
		}
		return fit, held, nil
	}
	return datasets.Split(fit, 1-e.Validation, seed)
}

// first are the samples that the experiment uses.
func (e Experiment) first(data datasets.Data) (datasets.Data, error) {
	if e.TrainSamples == 0 {
		return data, nil
	}
	if set, ok := data.(*datasets.Dataset); ok {
		set, err := set.Slice(0, e.TrainSamples)
		if err != nil {
			return nil, err
		}
		return set, nil
	}
	if e.TrainSamples > data.Len() {
		return nil, fmt.Errorf("cannot take %d samples of %s, which has %d", e.TrainSamples, data.Info().Name, data.Len())
	}
	rows := make([]int, e.TrainSamples)
	for i := range rows {
		rows[i] = i
	}
	return datasets.Rows(data, rows)
}

// scaled are data as the experiment scales them.
func (e Experiment) scaled(data datasets.Data) (datasets.Data, error) {
	if set, ok := data.(*datasets.Dataset); ok {
		return set.Scaled(e.Scale), nil
	}
	if e.Scale != 1 && e.Scale != 0 {
		return nil, fmt.Errorf("a scale is for labelled samples of one shape, which %s are not", data.Info().Name)
	}
	return data, nil
}

// none sees a nil Dataset within the interface, too.
func none(data datasets.Data) bool {
	set, ok := data.(*datasets.Dataset)
	return data == nil || ok && set == nil
}

// Config is how the experiment trains. The error is of an optimizer that is none, or whose learning rate is out of range.
func (e Experiment) Config(o RunOptions) (train.Config, error) {
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return train.Config{}, err
	}
	return train.Config{
		Loss: e.Loss, Metrics: e.Metrics, Optimizer: optimizer, BatchSize: e.BatchSize, Epochs: e.Epochs, Shards: e.Shards, Seed: o.Seed, Observers: o.Observers, Start: o.Start, Ranks: o.Ranks,
	}, nil
}

// Run trains the experiment's network on trainSet, as it comes (0 to 255 for pixels), and evaluates it on both sets. A loss that is not finite
// ends the training; that is a result, in Diverged, not an error. Where the context is cancelled, the result has the history
// so far and the error is the context's.
func (e Experiment) Run(ctx context.Context, trainSet, testSet datasets.Data, o RunOptions) (*Result, error) {
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
		if r.Model, err = e.Model(trainSet.Info(), o.Seed); err != nil {
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
	if e.Patience > 0 && (o.Ranks == nil || o.Ranks.Rank() == 0) { // which stops the others too
		stopping := &train.EarlyStopping{Patience: e.Patience, Restore: true, Before: o.Before, Weights: o.Weights}
		config.Observers = slices.Concat([]train.Observer{stopping}, config.Observers)
	}
	r.History, err = train.Fit(ctx, r.Model, scaled, config)
	if err != nil && !errors.As(err, &r.Diverged) {
		return r, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	return r, r.evaluate(ctx, o.Ranks, scaled, test, noisy, held)
}

func (r *Result) evaluate(ctx context.Context, ranks train.Ranks, trainSet, testSet, noisy, held datasets.Data) error {
	for _, set := range []struct {
		data datasets.Data
		into **train.Evaluation
	}{{trainSet, &r.Train}, {testSet, &r.Test}, {noisy, &r.NoisyTest}, {held, &r.Validation}} {
		if set.data == nil {
			continue
		}
		var err error
		if *set.into, err = train.Evaluate(ctx, r.Model, set.data, train.Config{Loss: r.Experiment.Loss, Metrics: r.Experiment.Metrics, Ranks: ranks}); err != nil {
			return fmt.Errorf("models: experiment %s: %w", r.Experiment.Name, err)
		}
	}
	return nil
}
