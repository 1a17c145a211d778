// Package flags are the groups of flags that several commands share: the experiment's, the data's, the BLAS', a run's.
package flags

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/optim"
	words "github.com/stheno-ml/stheno/graph/text"
	"github.com/stheno-ml/stheno/models"
)

// Experiment change an experiment from what the lecture has.
type Experiment struct {
	Fit
	trainSamples   int
	dropout, noise float64
	mislabelled    float64
	activation     string
	hidden         []int
	Network        Network
}

// Add gives the flags to a command.
func (f *Experiment) Add(cmd *cobra.Command) {
	f.Fit.add(cmd)
	f.flags.StringVar(&f.activation, "activation", "", "of the hidden layers: one of "+strings.Join(layers.ActivationNames(), ", "))
	Ints(f.flags, &f.hidden, "hidden", nil, "widths of the hidden layers, such as 633,633,633")
	f.flags.Float64Var(&f.dropout, "dropout", 0, "dropout rate after each hidden layer, 0 to below 1")
	f.flags.Float64Var(&f.noise, "noise", 0, "σ of the noise on a second test set; 0 is none")
	f.flags.Float64Var(&f.mislabelled, "mislabelled", 0, "give this `SHARE` of the training samples a wrong label, such as 0.2")
	f.flags.IntVar(&f.trainSamples, "train-samples", 0, "train on the first so many samples only")
	f.Network.Add(cmd)
	complete.With(cmd, "activation", layers.ActivationNames())
}

// Find is the one of that name with the flags' changes.
func (f *Experiment) Find(name string) (models.Experiment, error) {
	e, err := models.Find(name)
	if err != nil {
		return e, noExperiment(name)
	}
	err = f.Apply(&e)
	return e, err
}

// Trained puts the flags of a training into an experiment.
func (f *Training) Trained(e *models.Experiment) error {
	if len(f.Changed()) == 0 {
		return nil
	}
	on := f.flags.Changed
	if on("shards") {
		if f.Shards > e.BatchSize {
			return usage.Errorf("--shards: got %d, want at most %d, the samples of a batch of %s", f.Shards, e.BatchSize, e.Name)
		}
		if e.Shards = f.Shards; e.Shards == 1 {
			e.Shards = 0
		}
	}
	if on("validation") {
		e.Validation = f.Validation
	}
	if on("early-stopping") {
		e.Patience = f.Patience
	}
	if err := f.Stops(e.Patience, e.Validation); err != nil {
		return err
	}
	if on("freeze") {
		e.Frozen = f.Frozen
	}
	if len(given(f.flags, "schedule", "clip", "weight-decay", "ema")) == 0 {
		return nil
	}
	o, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	if o, err = f.Optimizer(o); err != nil {
		return err
	}
	e.LearningRate = 0
	e.Optimizer, err = optim.Format(o)
	return err
}

func noExperiment(name string) error {
	return usage.Errorf("no experiment is called %q: see `stheno list`%s", name, usage.DidYouMean(name, models.Names()))
}

// FindAll is what the arguments name: experiments, or all of the lecture's.
func (f *Experiment) FindAll(names []string) ([]models.Experiment, error) {
	if slices.Contains(names, "all") {
		for _, name := range names { // which, misspelt, was not meant to be overlooked
			if _, err := models.Find(name); err != nil && name != "all" {
				return nil, noExperiment(name)
			}
		}
		names = nil
		for _, e := range models.Experiments() {
			names = append(names, e.Name)
		}
	}
	var all []models.Experiment
	for _, name := range names {
		e, err := f.Find(name)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// Apply makes the changes that were asked for.
func (f *Experiment) Apply(e *models.Experiment) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	f.flags.Visit(func(flag *pflag.Flag) {
		if err != nil {
			return
		}
		switch flag.Name {
		case "epochs":
			e.Epochs = f.Epochs
		case "batch-size":
			e.BatchSize = f.batchSize
		case "train-samples":
			e.TrainSamples = f.trainSamples
			err = require(f.trainSamples >= 1, flag, "at least 1")
		case "learning-rate":
			e.LearningRate = f.learningRate
		case "dropout":
			e.Dropout = f.dropout
			err = require(f.dropout >= 0 && f.dropout < 1, flag, "at least 0 and below 1")
		case "noise":
			e.Noise = f.noise
			err = require(f.noise >= 0 && !math.IsInf(f.noise, 0), flag, "at least 0")
		case "mislabelled":
			e.Mislabelled = f.mislabelled
			err = require(f.mislabelled >= 0 && f.mislabelled <= 1, flag, "a share from 0 to 1")
		case "hidden":
			e.Hidden = f.hidden
			err = require(!slices.ContainsFunc(f.hidden, func(w int) bool { return w < 1 }), flag, "widths of at least 1")
		case "optimizer":
			if e.Optimizer != f.optimizer {
				e.Optimizer, e.LearningRate = f.optimizer, 0 // another optimizer's learning rate would not suit it
				if f.flags.Changed("learning-rate") {
					e.LearningRate = f.learningRate
				}
			}
			_, err = optimizerOf(e.Optimizer, e.LearningRate)
		case "loss":
			e.Loss, err = LossOf(f.loss)
		case "activation":
			if err = usage.Known("--activation", f.activation, layers.ActivationNames()); err == nil {
				e.Activation, err = layers.ParseActivation(f.activation)
			}
		}
	})
	if err != nil {
		return err
	}
	return f.apply(e)
}

// inWords is a wrong command line where a flag's text is none that read reads.
func inWords(flag, text string, known []string, read func() error) error {
	if !strings.ContainsAny(text, " (,\n") {
		if err := usage.Known(flag, text, known); err != nil {
			return err
		}
	}
	err := read()
	var place *words.Error
	if errors.As(err, &place) {
		err = place
	}
	if err != nil {
		return usage.Errorf("%s: got %q: %s", flag, text, strings.TrimPrefix(err.Error(), "optim: "))
	}
	return nil
}

// Changed lists the flags that make an experiment another than the lecture's.
func (f *Experiment) Changed() []string {
	var names []string
	f.flags.Visit(func(flag *pflag.Flag) {
		if slices.Contains([]string{"epochs", "batch-size", "train-samples", "learning-rate", "dropout", "noise", "mislabelled", "hidden", "optimizer", "loss", "activation", "layers", "input"}, flag.Name) {
			names = append(names, "--"+flag.Name)
		}
	})
	return names
}

// require is an error where a flag's value is none that it takes.
func require(ok bool, flag *pflag.Flag, want string) error {
	if ok {
		return nil
	}
	return usage.Errorf("--%s: got %s, want %s", flag.Name, flag.Value, want)
}

// Data choose a data set.
type Data struct {
	Dataset, Dir string
	flags        *pflag.FlagSet
}

// Add gives the flags to a command.
func (f *Data) Add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	cmd.Flags().StringVar(&f.Dataset, "dataset", "mnist", "one of "+strings.Join(datasets.Names(), ", "))
	cmd.Flags().StringVar(&f.Dir, "data-dir", "", "a `FOLDER` with IDX files of a training and a test set, gzipped or not, to use instead")
	complete.With(cmd, "dataset", datasets.Names())
	_ = cmd.MarkFlagDirname("data-dir")
}

// Of are the flags, with an experiment's own data where they name none.
func (f *Data) Of(e models.Experiment) *Data {
	own := *f
	if f.Dir == "" && (f.flags == nil || !f.flags.Changed("dataset")) {
		own.Dataset = e.On()
	}
	return &own
}

// Open opens the data that the flags name.
func (f *Data) Open() (train, test datasets.Data, err error) {
	if f.Dir == "" {
		if err := usage.Known("--dataset", f.Dataset, datasets.Names()); err != nil {
			return nil, nil, err
		}
	}
	return datasets.Open(f.Dataset, f.Dir)
}

// Name is what a run calls the data; "" of files of the user's own, whose place it does not record.
func (f *Data) Name() string {
	if f.Dir != "" {
		return ""
	}
	return f.Dataset
}

// OpenTo opens the data that an experiment is to be trained on: more samples than there are cannot be asked for.
func (f *Data) OpenTo(e *Experiment) (train, test datasets.Data, err error) {
	train, test, err = f.Open()
	if err == nil && e.trainSamples > train.Len() {
		err = usage.Errorf("--train-samples: got %d, want at most %d, the samples of %s", e.trainSamples, train.Len(), train.Info().Name)
	}
	return train, test, err
}

// Sets are what an experiment learns from and is tested on.
type Sets struct{ Train, Test datasets.Data }

// Each opens the data of experiments, by their names: those that the flags name, or each its own.
func (f *Data) Each(of *Experiment, all []models.Experiment) (map[string]Sets, error) {
	sets, opened := map[string]Sets{}, map[string]Sets{}
	for _, e := range all {
		own := f.Of(e)
		s, ok := opened[own.Dataset]
		if !ok {
			var err error
			if s.Train, s.Test, err = own.OpenTo(of); err != nil {
				return nil, err
			}
			opened[own.Dataset] = s
		}
		sets[e.Name] = s
	}
	return sets, nil
}

// BLAS choose what multiplies matrices.
type BLAS struct {
	name    string
	threads int
}

// Add gives the flags to a command.
func (f *BLAS) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "blas", "", "what multiplies matrices: one of "+strings.Join(blas.Names(), ", ")+" (default $STHENO_BLAS, or auto)")
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads to compute with (default $STHENO_THREADS, or one a core)")
	complete.With(cmd, "blas", blas.Names())
}

// Use has the matrices multiplied as the flags say.
func (f *BLAS) Use() (blas.Info, error) {
	if f.name != "" {
		if err := usage.Known("--blas", f.name, blas.Names()); err != nil {
			return blas.Info{}, err
		}
	}
	if f.threads < 0 {
		return blas.Info{}, usage.Errorf("--threads: got %d, want 1 or more, or 0 for one a core", f.threads)
	}
	threads := f.threads
	if threads == 0 {
		threads = ranks.Threads()
	}
	return blas.Use(f.name, threads)
}
