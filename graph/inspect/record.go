package inspect

import (
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Record is what is known of a run that is over, or under way: what Diagnose judges, and a report shows. models.Experiment.Record trains and makes one; for a
// network of one's own, fill it in from what train.Fit, train.Evaluate and a Recorder gave.
type Record struct {
	Name         string               // for headings
	Seed         uint64               // of the weights and of the order of the samples
	Model        *graph.Model         // as the run left it
	Loss         graph.Loss           // that it was trained on
	Optimizer    string               // its name, as optim.New takes it
	LearningRate float64              // as given: 0 is the optimizer's default
	BatchSize    int                  // samples a step
	Steps        uint64               // updates made
	Ahead        uint64               // updates that are still to be made: of a run under way less is asked; 0 where it is over
	Epochs       []train.Epoch        // those that are over; Evaluated is on the first of Tests, or on what was Held out
	Held         bool                 // out of the training samples, to validate on
	Stopped      string               // why it ended before its last epoch, where it did so by itself, as under train.EarlyStopping: more epochs would end at the same one; "" where it did not
	Diverged     *train.DivergedError // nil where the loss stayed finite
	Snapshots    []*Snapshot          // in order; the last one with a whole pass, if there is one
	Train        Tested               // the training set
	Tests        []Tested             // the first one is of the training set's kind
	Asked        int                  // samples of each set whose answers are looked at, spread over all of it; 0 is 4,000, which is also the most
}

// Tested is a data set, scaled as the model takes it, and what the model made of it in the end.
type Tested struct {
	Name   string            // "test set"
	Data   datasets.Data     // as the model takes it
	Result *train.Evaluation // nil where it was not evaluated
}

// Set is the data as a Dataset, of samples with a class each; nil where they are of another kind.
func (t Tested) Set() *datasets.Dataset {
	set, _ := t.Data.(*datasets.Dataset)
	return set
}
