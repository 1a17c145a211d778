package training

import (
	"fmt"
	"math"
	"path/filepath"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/flags"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/ranks"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// Plan divides and prepares data of one's own, and finds the network and the rest, where the flags do not say it; what suits the data is given beside. The run is called as the file, unless name is another one.
func Plan(path, targets, name string, data datasets.Data, f *flags.Own) (*Own, own.Suit, error) {
	fail := func(err error) (*Own, own.Suit, error) { return nil, own.Suit{}, err }
	info, held := data.Info(), f.Training.Validation
	if err := enough(path, data, held); err != nil {
		return fail(err)
	}
	sequence := f.Reading.Sequence || info.Source != nil && info.Source.Window != nil
	suit, err := own.Suits(info, int(math.Round((1-held)*float64(data.Len()))), sequence)
	if err != nil {
		return fail(fmt.Errorf("train: %s: %w", path, err))
	}
	network, how, err := f.Suit(&suit)
	if err != nil {
		return fail(err)
	}
	if how.Shards <= 1 && ranks.Size() > 1 { // which goes on in the run, whatever the number of ranks
		how.Shards = ranks.Size()
	}
	o := &Own{How: how}
	if o.Parts, err = own.Divide(data, own.Division{Held: held, Seed: f.Seed, Groups: f.Reading.Groups, ByTime: f.Reading.ByTime}, suit.Steps...); err != nil {
		return fail(err)
	}
	if o.Findings, err = datasets.Check(o.Parts.RawFit, o.Parts.RawHeld); err != nil {
		return fail(err)
	}
	prepared := o.Parts.Fit.Info()
	if network == nil {
		if suit.Layers, err = own.Network(prepared, sequence); err != nil {
			return fail(fmt.Errorf("train: %s: %w", path, err))
		}
		if network, err = layers.Parse(suit.Layers); err != nil {
			return fail(err)
		}
	}
	config := graph.Config{Seed: f.Seed}
	if in := prepared.Inputs[0]; (models.Experiment{Layers: network}).Open() {
		config.Input = graph.Input{Shape: in.Shape, IDs: in.IDs}
	}
	if o.Model, err = graph.NewModel(config, network...); err != nil {
		return fail(fmt.Errorf("train: %s: %w", path, err))
	}
	if err := f.Training.Freeze(o.Model, "the network"); err != nil {
		return fail(err)
	}
	if name == "" {
		name = own.Name(path)
	} else {
		name = own.Called(name)
	}
	if _, err := models.Find(name); err == nil { // its run would be taken for the lecture's
		name = "data-" + name
	}
	if o.Config, err = run.NewConfig(name, o.Model, o.Parts.Fit, how); err != nil {
		return fail(err)
	}
	if o.Config.File, err = filepath.Abs(path); err == nil && targets != "" {
		o.Config.Targets, err = filepath.Abs(targets)
	}
	if err != nil {
		return fail(err)
	}
	e := &o.Config.Experiment
	e.Groups, e.ByTime, e.Validation, e.Patience = f.Reading.Groups, f.Reading.ByTime, held, suit.Patience
	return o, suit, nil
}

// enough refuses data of which nothing could be learnt.
func enough(path string, data datasets.Data, held float64) error {
	info := data.Info()
	said, same, err := own.Same(data)
	switch {
	case err != nil:
		return fmt.Errorf("train: %w", err)
	case same && info.Targets[0].IDs && info.Source != nil && info.Source.Columns == nil && info.Source.Pictures != nil:
		return fmt.Errorf("train: %s: every sample is of class %q, so that there is nothing to tell apart: put the pictures of each class in a folder of its own, and these beside one another", path, said)
	case same && info.Targets[0].IDs:
		return fmt.Errorf("train: %s: every sample is of class %q, so that there is nothing to tell apart: want at least two classes, or another target", path, said)
	}
	least := 2
	if held > 0 {
		least = 4
	}
	if data.Len() < least {
		return fmt.Errorf("train: %s has too few samples: %d, want at least %d, and many more to learn something", path, data.Len(), least)
	}
	if n := data.Len(); info.Targets[0].IDs && info.Targets[0].Size() == 1 && len(info.Classes) >= n {
		return fmt.Errorf("train: %s: each of the %d samples is of a class of its own, so that of none can anything be learnt for another: want another target", path, n)
	}
	if same {
		return fmt.Errorf("train: %s: %s is %s in every sample, so that there is nothing to foretell: want a target that varies", path, own.Output(info.Targets[0], 0), said)
	}
	return nil
}
