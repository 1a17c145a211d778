package models

import (
	"fmt"
	"reflect"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// RunConfig describes, for run.Create, a run of the experiment on data as they come; see run.NewConfig for dataset.
func (e Experiment) RunConfig(seed uint64, dataset string, data *datasets.Dataset) run.Config {
	return run.NewConfig(e.named(), seed, dataset, data)
}

// named is the experiment in names and numbers.
func (e Experiment) named() run.Experiment {
	loss := ""
	if e.Loss != nil {
		loss = e.Loss.Name()
	}
	return run.Experiment{
		Name: e.Name, Hidden: append([]int{}, e.Hidden...), Activation: e.Activation.String(), Dropout: e.Dropout, Loss: loss,
		Optimizer: e.Optimizer, LearningRate: e.LearningRate, BatchSize: e.BatchSize, Epochs: e.Epochs, TrainSamples: e.TrainSamples,
		Scale: e.Scale, Noise: e.Noise,
	}
}

// OfRun is the experiment that a run was started with, RunConfig's inverse. What the lecture has of an experiment of that name is filled in, its band
// only where nothing was changed. A loss or an activation whose name nothing is called by is an error.
func OfRun(c run.Config) (Experiment, error) {
	fail := func(err error) (Experiment, error) {
		return Experiment{}, fmt.Errorf("models: the run's experiment %s: %w", c.Experiment.Name, err)
	}
	loss, err := losses.Parse(c.Experiment.Loss)
	if err != nil {
		return fail(err)
	}
	activation, err := layers.ParseActivation(c.Experiment.Activation)
	if err != nil {
		return fail(err)
	}
	was := c.Experiment
	e := Experiment{
		Name: was.Name, Hidden: append([]int{}, was.Hidden...), Activation: activation, Dropout: was.Dropout, Loss: loss,
		Optimizer: was.Optimizer, LearningRate: was.LearningRate, BatchSize: was.BatchSize, Epochs: was.Epochs, TrainSamples: was.TrainSamples,
		Scale: was.Scale, Noise: was.Noise,
	}
	if original, err := Find(e.Name); err == nil {
		e.Changes, e.Lecture = original.Changes, original.Lecture
		if reflect.DeepEqual(e.named(), original.named()) {
			e.Band = original.Band
		}
	}
	return e, nil
}

// RunModel makes a run's network with the weights that it began with, for run.Load and run.Folder.Model. The errors are OfRun's, and MLP's of a layer
// that does not fit.
func RunModel(c run.Config) (*graph.Model, error) {
	e, err := OfRun(c)
	if err != nil {
		return nil, err
	}
	return e.Model(c.Inputs(), len(c.Classes), c.Seed)
}

// RunResult is what run.Recorder.Finish keeps of the result.
func (r *Result) RunResult() run.Result {
	if r == nil {
		return run.Result{}
	}
	out := run.Result{Train: metrics(r.Train), Test: metrics(r.Test), NoisyTest: metrics(r.NoisyTest), Diverged: r.Diverged}
	if r.Test != nil {
		out.PredictedClasses = r.Test.PredictedClasses()
	}
	if r.History != nil {
		out.Stopped = r.History.Stopped
	}
	return out
}

func metrics(e *train.Evaluation) *train.Metrics {
	if e == nil {
		return nil
	}
	return &e.Metrics
}
