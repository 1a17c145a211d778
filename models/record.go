package models

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
)

// Record trains the experiment as Run does, and keeps what inspect.Diagnose and reports need: a snapshot of the first steps
// and of the first step of each epoch, and the test set evaluated after each epoch.
func (e Experiment) Record(ctx context.Context, trainSet, testSet datasets.Data, o RunOptions) (*inspect.Record, error) {
	fail := func(err error) (*inspect.Record, error) {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	scaled, test, _, err := e.Data(trainSet, testSet, o.Seed)
	if err != nil {
		return fail(err)
	}
	model, err := e.Model(scaled.Info(), o.Seed)
	if err != nil {
		return fail(err)
	}
	recorder := &inspect.Recorder{Epochs: true, At: []uint64{1, 10, 100}}
	o.Observers = append([]train.Observer{recorder}, o.Observers...)
	config, err := e.Config(o)
	if err != nil {
		return fail(err)
	}
	if config.Validation = test; e.Validation != 0 {
		if config.Validation, err = e.Held(trainSet, o.Seed); err != nil {
			return fail(err)
		}
	}
	history, err := train.Fit(ctx, model, scaled, config)
	result := &Result{Experiment: e, Seed: o.Seed, Model: model, History: history}
	if err != nil && !errors.As(err, &result.Diverged) {
		return fail(err)
	}
	return result.Record(ctx, trainSet, testSet, recorder.Snapshots)
}

// Record puts together what is known of a run: its result, evaluated if it is not yet, the data as they came, and the snapshots
// that were taken. One of the weights as they are, with a whole pass over the training samples, is added.
func (r *Result) Record(ctx context.Context, trainSet, testSet datasets.Data, snapshots []*inspect.Snapshot) (*inspect.Record, error) {
	e := r.Experiment
	fail := func(err error) (*inspect.Record, error) {
		return nil, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	scaled, test, noisy, err := e.Data(trainSet, testSet, r.Seed)
	if err != nil {
		return fail(err)
	}
	if r.Train == nil {
		if err := r.evaluate(ctx, nil, scaled, test, noisy, nil); err != nil {
			return nil, err
		}
	}
	last, err := inspect.TakeNext(r.Model, e.Loss, scaled, e.BatchSize, r.Seed, r.History.Position)
	if err != nil {
		return fail(err)
	}
	if err := last.Pass(ctx, r.Model, scaled); err != nil {
		return fail(err)
	}
	record := &inspect.Record{
		Name: e.Name, Seed: r.Seed, Model: r.Model, Loss: e.Loss, Optimizer: e.Optimizer, LearningRate: e.LearningRate, BatchSize: min(e.BatchSize, scaled.Len()),
		Steps: r.History.Position.Step, Epochs: r.History.Epochs, Held: e.Validation != 0, Diverged: r.Diverged, Snapshots: append(snapshots, last),
		Train: inspect.Tested{Name: "training set", Data: scaled, Result: r.Train},
		Tests: []inspect.Tested{{Name: "test set", Data: test, Result: r.Test}},
	}
	if r.Diverged == nil {
		record.Stopped = r.History.Stopped
	}
	if noisy != nil {
		record.Tests = append(record.Tests, inspect.Tested{Name: "noisy test set", Data: noisy, Result: r.NoisyTest})
	}
	return record, nil
}
