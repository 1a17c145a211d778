package models

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// RunConfig describes, for run.Create, a run of the experiment on data as they come. dataset is the name that datasets.Open takes; "" where the files are the user's own, whose place is not
// recorded. The error is of a network that does not suit the data, or of an optimizer that is none.
func (e Experiment) RunConfig(seed uint64, dataset string, data datasets.Data) (run.Config, error) {
	fail := func(err error) (run.Config, error) {
		return run.Config{}, fmt.Errorf("models: experiment %s: %w", e.Name, err)
	}
	if none(data) {
		return fail(fmt.Errorf("got nil data, want those that it is trained on"))
	}
	m, err := e.Model(data.Info(), seed)
	if err != nil {
		return fail(err)
	}
	how, err := e.Config(RunOptions{Seed: seed})
	if err != nil {
		return fail(err)
	}
	c, err := run.NewConfig(e.Name, m, data, how)
	if err != nil {
		return fail(err)
	}
	c.Dataset = dataset
	c.Experiment.BatchSize, c.Experiment.Epochs = e.BatchSize, e.Epochs // run.Create refuses 0, which train.Fit would take for a default
	c.Experiment.TrainSamples, c.Experiment.Scale, c.Experiment.Noise, c.Experiment.Reconstruct = e.TrainSamples, e.Scale, e.Noise, e.Reconstruct
	c.Experiment.Validation, c.Experiment.Patience, c.Experiment.Mislabelled = e.Validation, e.Patience, e.Mislabelled
	return c, nil
}

// OfRun is the experiment that a run was started with, RunConfig's inverse. A multilayer perceptron comes back as Hidden, Activation and Dropout, any other network as its Layers. What the lecture
// has of an experiment of that name, and its band, are filled in where nothing was changed and the data are its own. A run whose network, loss or optimizer has no words, or words that nothing is registered for, is an error.
func OfRun(c run.Config) (Experiment, error) {
	fail := func(err error) (Experiment, error) {
		return Experiment{}, fmt.Errorf("models: the run's experiment %s: %w", c.Experiment.Name, err)
	}
	was := c.Experiment
	if slices.Contains(was.Own, "network") {
		_, err := c.Model()
		return fail(err)
	}
	how, err := c.Training()
	if err != nil {
		return fail(err)
	}
	network, err := layers.Parse(was.Network)
	if err != nil {
		return fail(err)
	}
	e := Experiment{
		Name: was.Name, Layers: network, Loss: how.Loss, Metrics: how.Metrics, Shards: was.Shards, BatchSize: was.BatchSize, Epochs: was.Epochs, TrainSamples: was.TrainSamples, Scale: was.Scale, Noise: was.Noise,
		Validation: was.Validation, Patience: was.Patience, Frozen: was.Frozen, Mislabelled: was.Mislabelled, Reconstruct: was.Reconstruct,
	}
	if e.Scale == 0 {
		e.Scale = 1
	}
	if n, ok := perceptron(network); ok && n.Inputs == c.Inputs() && n.Classes == len(c.Classes) {
		e.Layers, e.Hidden, e.Activation, e.Dropout = nil, n.Hidden, n.Activation, n.Dropout
	}
	e.Optimizer, e.LearningRate = named(was.Optimizer, how.Optimizer)
	if original, err := Find(e.Name); err == nil {
		e.Changes, e.Dataset = original.Changes, original.Dataset
		if m, err := original.Model(c.Info(), 0); err == nil && original.Layers != nil {
			if words, err := layers.Format(m.Net()); err == nil && words == was.Network {
				e.Layers, e.Input = original.Layers, original.Input
			}
		}
		if c.Dataset == original.On() && e.as(original) {
			e.Lecture, e.Band = original.Lecture, original.Band
		}
	}
	return e, nil
}

// named takes an optimizer's words apart: its name and learning rate, where these are all that they say.
func named(words string, o optim.Optimizer) (name string, rate float64) {
	if plain, err := optim.New(o.Name(), o.Rate()); err == nil && words != o.Name() {
		if text, err := optim.Format(plain); err == nil && text == words {
			return o.Name(), o.Rate()
		}
	}
	return words, 0
}

// On is the name of the data set that the experiment is of, as datasets.Open takes it: its Dataset, or mnist.
func (e Experiment) On() string { return cmp.Or(e.Dataset, "mnist") }

// Unchanged says whether the experiment trains as the one that Find has for its name, so that what the lecture shows is of it, on the lecture's data.
func (e Experiment) Unchanged() bool {
	original, err := Find(e.Name)
	return err == nil && e.as(original)
}

// as says whether an experiment trains as another one does.
func (e Experiment) as(other Experiment) bool {
	a, err := losses.Format(e.Loss)
	b, err2 := losses.Format(other.Loss)
	if err != nil || err2 != nil || a != b {
		return false
	}
	if e.Layers != nil && other.Layers != nil { // initializers, being functions, are compared by their words
		a, err := layers.Format(e.Layers...)
		b, err2 := layers.Format(other.Layers...)
		if err != nil || err2 != nil || a != b {
			return false
		}
		e.Layers = other.Layers
	}
	e.Loss, e.Lecture, e.Band, e.Changes = other.Loss, other.Lecture, other.Band, other.Changes
	return reflect.DeepEqual(e, other)
}

// perceptron is the MLP that a network is; not ok where it is none, as MLP makes them.
func perceptron(network []graph.Layer) (n MLP, ok bool) {
	if len(network) != 1 {
		return n, false
	}
	net, ok := network[0].(*graph.Net)
	if !ok {
		return n, false
	}
	parts, err := net.Parts()
	if err != nil {
		return n, false
	}
	var chain []graph.Layer
	for i, p := range parts {
		switch {
		case i == 0 && p.Layer == nil && len(p.Input.Shape) == 1 && !p.Input.IDs:
			n.Inputs = p.Input.Shape[0]
		case p.Layer != nil && len(p.From) == 1 && p.From[0] == i-1:
			chain = append(chain, p.Layer)
		case i != len(parts)-1 || p.Layer != nil || p.Name != "output":
			return n, false
		}
	}
	inputs := n.Inputs
	n, ok = AsMLP(chain)
	n.Inputs = inputs
	return n, ok
}

// RunResult is what run.Recorder.Finish keeps of the result.
func (r *Result) RunResult() run.Result {
	if r == nil {
		return run.Result{}
	}
	out := run.Result{Train: metrics(r.Train), Test: metrics(r.Test), Validation: metrics(r.Validation), NoisyTest: metrics(r.NoisyTest), Diverged: r.Diverged}
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
