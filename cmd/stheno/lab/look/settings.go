package look

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/models"
)

// Settings are what may be changed of a run, in the words that the command line takes.
type Settings struct {
	Layers       string  `json:"layers"` // on one line, the last layer among them
	Loss         string  `json:"loss"`
	Optimizer    string  `json:"optimizer"` // without the learning rate, where it has words that leave it out
	Rate         Number  `json:"rate"`      // the learning rate; of a schedule that which it goes by
	Batch        int     `json:"batch"`
	Epochs       int     `json:"epochs"`
	Seed         Seed    `json:"seed"`
	TrainSamples int     `json:"train_samples"` // 0: all
	Validation   float64 `json:"validation"`    // the share that is held out
	Scale        float64 `json:"scale"`         // what the values of a sample are multiplied by

	Dropout    *float64 `json:"dropout"`    // after each hidden layer; null where the network is no multilayer perceptron
	Activation *string  `json:"activation"` // of the hidden layers; likewise
}

// A Change is settings that are to be others; nil is as it was.
type Change struct {
	Layers       *string  `json:"layers,omitempty"`
	Loss         *string  `json:"loss,omitempty"`
	Optimizer    *string  `json:"optimizer,omitempty"` // with its own learning rate, unless Rate says another
	Rate         *float64 `json:"rate,omitempty"`
	Batch        *int     `json:"batch,omitempty"`
	Epochs       *int     `json:"epochs,omitempty"`
	Seed         *Seed    `json:"seed,omitempty"`
	TrainSamples *int     `json:"train_samples,omitempty"`
	Validation   *float64 `json:"validation,omitempty"`
	Scale        *float64 `json:"scale,omitempty"`
	Dropout      *float64 `json:"dropout,omitempty"`
	Activation   *string  `json:"activation,omitempty"`
}

// SettingsOf are an experiment's, on data as info describes them, as they came.
func SettingsOf(e models.Experiment, seed uint64, info datasets.Info) (Settings, error) {
	s := Settings{Batch: e.BatchSize, Epochs: e.Epochs, Seed: Seed(seed), TrainSamples: e.TrainSamples, Validation: e.Validation, Scale: shortest(e.Scale), Optimizer: e.Optimizer}
	if e.Scale == 0 {
		s.Scale = 1
	}
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return s, err
	}
	s.Rate = Number(ownRate(o))
	if s.Loss, err = losses.Format(e.Loss); err != nil {
		return s, err
	}
	network := e.Layers
	if network == nil {
		dropout, activation := e.Dropout, e.Activation.String()
		s.Dropout, s.Activation = &dropout, &activation
		network = models.MLP{Hidden: e.Hidden, Activation: e.Activation, Dropout: e.Dropout, Classes: len(info.Classes)}.Layers()
	}
	words, err := layers.Format(network...)
	s.Layers = oneLine(words)
	return s, err
}

// shortest is the float64 that is written with as few digits as v.
func shortest(v float32) float64 {
	var w float64
	_, _ = fmt.Sscan(fmt.Sprint(v), &w)
	return w
}

// fields are those of a change that are set, by their names in JSON.
func (c Change) fields() []string {
	var names []string
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if !v.Field(i).IsNil() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}

// restarts are the settings that a run cannot change on its way: with others it is another run, from its beginning.
var restarts = []string{"layers", "seed", "train_samples", "validation", "scale"}

// AtOnce are the names of the settings of a change that act on a run under way.
func (c Change) AtOnce() []string {
	return slices.DeleteFunc(c.fields(), func(name string) bool { return slices.Contains(restarts, name) })
}

// Restart are the names of those that need a run from the beginning.
func (c Change) Restart() []string {
	return slices.DeleteFunc(c.fields(), func(name string) bool { return !slices.Contains(restarts, name) })
}

// On is the experiment with the change, and the seed. A multilayer perceptron that is given in words, with a softmax over as many classes as the data have, stays one. The error is of a value that is none; whether
// the layers suit the data is for Experiment.Model to say. What changes is no longer the lecture's, unless it is what Matches finds.
func (c Change) On(e models.Experiment, seed uint64, info datasets.Info) (models.Experiment, uint64, error) {
	fail := func(format string, args ...any) (models.Experiment, uint64, error) {
		return models.Experiment{}, 0, fmt.Errorf(format, args...)
	}
	if c.Layers != nil {
		network, err := layers.Parse(*c.Layers)
		if err != nil {
			return models.Experiment{}, 0, errors.New(strings.TrimPrefix(err.Error(), "layers: "))
		}
		if n, ok := models.AsMLP(network); ok && n.Classes == len(info.Classes) {
			e.Layers, e.Hidden, e.Activation, e.Dropout = nil, n.Hidden, n.Activation, n.Dropout
		} else if e.Layers == nil {
			e.Layers, e.Hidden, e.Activation, e.Dropout = network, nil, layers.Linear, 0
		} else {
			e.Layers = network
		}
	}
	if (c.Dropout != nil || c.Activation != nil) && e.Layers != nil {
		return fail("dropout and activation are those of a multilayer perceptron, which this network is not: change its layers")
	}
	if c.Dropout != nil {
		if e.Dropout = *c.Dropout; !(e.Dropout >= 0 && e.Dropout < 1) {
			return fail("dropout: got %v, want at least 0 and below 1", e.Dropout)
		}
	}
	if c.Activation != nil {
		a, err := layers.ParseActivation(*c.Activation)
		if err != nil {
			return models.Experiment{}, 0, err
		}
		e.Activation = a
	}
	if c.Loss != nil {
		was := e.Loss
		var err error
		if e.Loss, err = losses.Parse(*c.Loss); err != nil {
			return models.Experiment{}, 0, err
		}
		if was != nil && e.Loss.Name() != was.Name() && !sameMetrics(was, e.Loss) {
			e.Metrics = nil // those that suit it
		}
	}
	if c.Optimizer != nil && *c.Optimizer != e.Optimizer {
		e.Optimizer, e.LearningRate = *c.Optimizer, 0
	}
	if c.Rate != nil {
		if e.LearningRate = *c.Rate; !(e.LearningRate > 0) || math.IsInf(e.LearningRate, 0) {
			return fail("rate: got %v, want a number above 0", e.LearningRate)
		}
	}
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return fail("%s", strings.TrimPrefix(err.Error(), "optim: "))
	}
	if rate := ownRate(o); rate > 0 { // as the lecture's have them: a name, and a rate
		if plain, err := optim.New(o.Name(), rate); err == nil && sameOptimizer(plain, o) {
			e.Optimizer, e.LearningRate = o.Name(), rate
		}
	}
	for _, n := range []struct {
		name  string
		value *int
		into  *int
		least int
	}{{"batch", c.Batch, &e.BatchSize, 1}, {"epochs", c.Epochs, &e.Epochs, 1}, {"train_samples", c.TrainSamples, &e.TrainSamples, 0}} {
		if n.value == nil {
			continue
		}
		if *n.into = *n.value; *n.value < n.least {
			return fail("%s: got %d, want at least %d", n.name, *n.value, n.least)
		}
	}
	if c.Validation != nil {
		if e.Validation = *c.Validation; !(e.Validation >= 0 && e.Validation < 1) {
			return fail("validation: got %v, want a share from 0 to below 1", e.Validation)
		}
	}
	if c.Scale != nil {
		if e.Scale = float32(*c.Scale); !(e.Scale > 0) || math.IsInf(float64(e.Scale), 0) {
			return fail("scale: got %v, want a number above 0", *c.Scale)
		}
	}
	if c.Seed != nil {
		seed = uint64(*c.Seed)
	}
	return claimed(e), seed, nil
}

func sameMetrics(a, b any) bool {
	of := func(l any) []string {
		if m, ok := l.(interface{ Metrics() []string }); ok {
			return m.Metrics()
		}
		return nil
	}
	return slices.Equal(of(a), of(b))
}

// ownRate is an optimizer's learning rate; of one under a schedule that which the schedule goes by.
func ownRate(o optim.Optimizer) float64 {
	for {
		w, ok := o.(interface{ Unwrap() optim.Optimizer })
		if !ok {
			return o.Rate()
		}
		o = w.Unwrap()
	}
}

// sameOptimizer says whether two optimizers step alike, be their learning rate the default or said.
func sameOptimizer(a, b optim.Optimizer) bool {
	words := func(o optim.Optimizer) (string, error) {
		if rate := ownRate(o); rate != 0 {
			o.SetRate(rate)
		}
		return optim.Format(o)
	}
	x, err := words(a)
	y, err2 := words(b)
	return err == nil && err2 == nil && x == y
}

// claimed is an experiment with what the lecture shows of it, and its band, where its settings are those of one that has a name; else without.
func claimed(e models.Experiment) models.Experiment {
	if e.Unchanged() {
		original, _ := models.Find(e.Name) // which is what it was compared with
		e.Lecture, e.Band, e.Changes = original.Lecture, original.Band, original.Changes
		return e
	}
	e.Lecture, e.Band = models.Figures{}, models.Band{}
	if name := Matches(e); name != "" {
		original, _ := models.Find(name)
		e.Lecture, e.Band = original.Lecture, original.Band
	}
	return e
}

// Matches is the name of the lecture's experiment whose settings these are; "" of none.
func Matches(e models.Experiment) string {
	if e.Hidden != nil && len(e.Hidden) == 0 {
		e.Hidden = nil
	}
	for _, of := range models.Experiments() {
		e.Name = of.Name
		if e.Unchanged() {
			return of.Name
		}
	}
	return ""
}
