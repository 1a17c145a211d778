package own

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Raw are the data of a run as they came. places are where they are now, and their targets where these are in a file of their own; none for where they were.
func Raw(c run.Config, places ...string) (datasets.Data, error) {
	path, targets := c.File, c.Targets
	switch {
	case len(places) == 1 && targets == "", len(places) == 2 && targets != "":
		path, targets = places[0], strings.Join(places[1:], "")
	case len(places) > 0 && targets == "":
		return nil, usage.Errorf("got %s, want one place: the run's data and targets are in one", strings.Join(places, " and "))
	case len(places) > 0:
		return nil, usage.Errorf("got %s alone, want two places: of the run's data, and of their targets", places[0])
	}
	data, err := Again(path, targets, c.Preparation.Source())
	for _, file := range []string{path, targets} {
		if err != nil && file != "" && missing(file) {
			return nil, fmt.Errorf("the data of the run are no longer at %s: put them back, or give the place behind --resume RUN", file)
		}
	}
	return data, err
}

// Of are the data of a run, as it has divided and prepared them, from where Raw reads them.
func Of(c run.Config, places ...string) (p Parts, err error) {
	data, err := Raw(c, places...)
	if err != nil {
		return p, err
	}
	return OfData(c, data)
}

// OfData is Of, of data as they came.
func OfData(c run.Config, data datasets.Data) (Parts, error) {
	e := c.Experiment
	return divide(data, Division{Held: e.Validation, Seed: c.Seed, Groups: e.Groups, ByTime: e.ByTime}, c.Preparation)
}
