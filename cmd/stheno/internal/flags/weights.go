package flags

import (
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/complete"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
)

// Weights choose the weights of a run.
type Weights struct{ checkpoint string }

// Add gives the flags to a command.
func (f *Weights) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.checkpoint, "checkpoint", "latest", "whose weights: `CHECKPOINT` is latest, previous, best, or the number of a step")
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

// Load is the run that a user means and its model.
func (f *Weights) Load(name string) (*run.Folder, *graph.Model, train.Position, error) {
	if err := isCheckpoint("--checkpoint", f.checkpoint); err != nil {
		return nil, nil, train.Position{}, err
	}
	folder, err := runs.Open(name)
	if err != nil {
		return nil, nil, train.Position{}, err
	}
	c, err := folder.Checkpoint(f.checkpoint)
	if err != nil {
		return nil, nil, train.Position{}, err
	}
	m, at, err := folder.Model(c, nil)
	return folder, m, at, err
}
