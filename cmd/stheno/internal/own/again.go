package own

import (
	"fmt"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Raw are the data of a run as they came; path is where they are now, "" for where they were.
func Raw(c run.Config, path string) (datasets.Data, error) {
	if path == "" {
		path = c.File
	}
	data, err := Again(path, c.Preparation.Source())
	if err != nil && missing(path) {
		return nil, fmt.Errorf("the data are no longer at %s: put them back, or give the place behind --resume", path)
	}
	return data, err
}

// OfData is Of, of data as they came.
func OfData(c run.Config, data datasets.Data) (Parts, error) {
	return divide(data, c.Experiment.Validation, c.Seed, c.Preparation)
}
