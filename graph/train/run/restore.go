package run

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// Restore brings a model and an optimizer, such as Config.Model and Config.Training make them, to where they were at a checkpoint, and says where in the run that was: train.Fit goes on from there, on
// the run's data, as if it had never stopped. Unlike Resume it locks nothing and writes nothing. Samples other than the run's are an error, and so is all that Resume refuses of a checkpoint; the model is then as it was. Where
// data is nil they are not looked at.
func (f *Folder) Restore(c Checkpoint, m *graph.Model, o optim.Optimizer, data datasets.Data) (at train.Position, err error) {
	if m == nil || o == nil {
		return at, errors.New("run: got a nil model or optimizer, want both, such as Config.Model and Config.Training make")
	}
	described, err := f.verify(c)
	if err != nil {
		return at, err
	}
	if data != nil {
		is, err := Fingerprint(data)
		if err != nil {
			return at, err
		}
		if is != described.Data {
			return at, fmt.Errorf("run: %s was trained on other samples than these (%q, %d of them)", f.Dir, data.Info().Name, data.Len())
		}
	}
	if frozen := f.Config.Experiment.Frozen; len(frozen) > 0 && slices.Equal(m.Frozen(), frozen) { // as Config.Model has it: the checkpoint says what it is by now
		if err := m.Unfreeze(); err != nil {
			return at, fmt.Errorf("run: %w", err)
		}
	}
	return described.Position, f.open(c, func(file *tensorFile) error { return file.restore(described, m, o) })
}
