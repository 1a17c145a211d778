package flags

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/models"
)

// Weights choose the weights of a run.
type Weights struct {
	checkpoint string
	flag       *pflag.Flag
}

// Add gives the flags to a command.
func (f *Weights) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.checkpoint, "checkpoint", "", "whose weights: `CHECKPOINT` is latest, previous, best, or the number of a step (default those that the run ended with: the best after --early-stopping, else the latest)")
	f.flag = cmd.Flags().Lookup("checkpoint")
	complete.With(cmd, "checkpoint", []string{"latest", "previous", "best"})
}

// isCheckpoint is an error where a flag's value can be no checkpoint of any run.
func isCheckpoint(flag, value string) error {
	names := []string{"latest", "previous", "best"}
	if _, err := strconv.ParseUint(value, 10, 64); err == nil || slices.Contains(names, value) {
		return nil
	}
	return usage.Errorf("%s: got %q, want latest, previous, best, or the number of a step%s", flag, value, usage.DidYouMean(value, names))
}

// Load is the model of the run that a user means, or of a model file.
func (f *Weights) Load(name string) (*Trained, error) {
	if f.flag != nil && f.flag.Changed {
		if err := isCheckpoint("--checkpoint", f.checkpoint); err != nil {
			return nil, err
		}
	}
	if IsFile(name) {
		if f.flag != nil && f.flag.Changed {
			return nil, usage.Errorf("--checkpoint: %s is a model file, which has none: leave it out", name)
		}
		return OpenFile(name)
	}
	folder, err := runs.Open(name)
	if err != nil {
		return nil, err
	}
	which := f.checkpoint
	if f.flag == nil || !f.flag.Changed {
		which = "" // those that the run ended with
	}
	c, err := folder.Checkpoint(which)
	if err != nil {
		return nil, err
	}
	t := &Trained{Name: folder.Dir, Folder: folder, Seed: folder.Config.Seed, Classes: folder.Config.Classes, Prepare: folder.Config.Preparation}
	if t.Model, t.At, err = folder.Model(c, nil); err != nil {
		return nil, err
	}
	if t.Experiment, err = models.OfRun(folder.Config); err != nil { // what it was trained with has no words: its model answers all the same
		e := folder.Config.Experiment
		t.Experiment = models.Experiment{Name: e.Name, BatchSize: e.BatchSize, Epochs: e.Epochs, TrainSamples: e.TrainSamples, Scale: cmp.Or(e.Scale, 1), Noise: e.Noise}
	}
	return t, nil
}
