package training

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/progress"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/inspect/figure"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// Flow trains an experiment as far as the last of the steps at which its gradients are looked at, and says where it does not come so far.
func Flow(cmd *cobra.Command, e models.Experiment, trainSet, testSet *datasets.Dataset, seed uint64, at []int) (figure.Flow, error) {
	recorder := &inspect.Recorder{Pass: true}
	for _, step := range at {
		recorder.At = append(recorder.At, uint64(step))
	}
	last := slices.Max(recorder.At)
	enough := train.ObserverFunc("gradients", func(ev *train.Event) error {
		if ev.Moment == train.Step && ev.Position.Step > last {
			return train.Stop("all snapshots are taken")
		}
		return nil
	})
	f := figure.Flow{Name: e.Name}
	trainSet, _, _, err := e.Data(trainSet, testSet, seed)
	if err != nil {
		return f, err
	}
	model, err := e.Model(trainSet.Features(), len(trainSet.Classes), seed)
	if err != nil {
		return f, err
	}
	bar := progress.New(cmd.ErrOrStderr(), e.Name)
	bar.Until = last + 1
	options := models.RunOptions{Seed: seed, Observers: []train.Observer{recorder, enough, bar}}
	config, err := e.Config(options)
	if err != nil {
		return f, err
	}
	history, err := train.Fit(cmd.Context(), model, trainSet, config)
	var diverged *train.DivergedError
	if err != nil && !errors.As(err, &diverged) {
		return f, bar.Stopped(fmt.Errorf("%s: %w", e.Name, err))
	}
	f.Snapshots = recorder.Snapshots
	for _, at := range recorder.At {
		if at >= history.Position.Step {
			reason := fmt.Sprintf("its %d epochs of %d samples are %d steps of %d: --epochs makes more", e.Epochs, trainSet.Len(), history.Position.Step, e.BatchSize)
			if diverged != nil {
				reason = usage.OneLine(diverged)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "stheno: %s: there is no step %d: %s\n", e.Name, at, reason)
		}
	}
	return f, nil
}
