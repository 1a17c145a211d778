package inspect

import (
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Record is what is known of a run that is over: what Diagnose judges, and a report shows.
type Record struct {
	Name         string
	Seed         uint64
	Model        *graph.Model // as the run left it
	Loss         graph.Loss
	Optimizer    string
	LearningRate float64 // as given: 0 is the optimizer's default
	BatchSize    int
	Steps        uint64               // updates made
	Epochs       []train.Epoch        // those that are over; Evaluated is on the first of Tests
	Diverged     *train.DivergedError // nil where the loss stayed finite
	Snapshots    []*Snapshot          // in order; the last one with a whole pass, if there is one
	Train        Tested
	Tests        []Tested // the first one is of the training set's kind
}

// Tested is a data set, scaled as the model takes it, and what the model made of it in the end.
type Tested struct {
	Name   string
	Data   *datasets.Dataset
	Result *train.Evaluation
}
