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

// Flow trains an experiment as far as the last of the steps at which its gradients are looked at; whole is false where it diverged before them, which it says.
func Flow(cmd *cobra.Command, e models.Experiment, trainSet, testSet datasets.Data, seed uint64, at []int) (f figure.Flow, whole bool, err error) {
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
	f.Name = e.Name
	scaled, _, _, err := e.Data(trainSet, testSet, seed)
	if err != nil {
		return f, false, err
	}
	model, err := e.Model(trainSet.Info(), seed)
	if err != nil {
		return f, false, err
	}
	bar := progress.New(cmd.ErrOrStderr(), e.Name)
	bar.Until = last + 1
	options := models.RunOptions{Seed: seed, Observers: []train.Observer{recorder, enough, bar}}
	config, err := e.Config(options)
	if err != nil {
		return f, false, err
	}
	history, err := train.Fit(cmd.Context(), model, scaled, config)
	var diverged *train.DivergedError
	if err != nil && !errors.As(err, &diverged) {
		return f, false, bar.Stopped(fmt.Errorf("%s: %w", e.Name, err))
	}
	f.Snapshots = recorder.Snapshots
	whole = true
	for _, at := range recorder.At {
		if diverged != nil && at >= history.Position.Step {
			usage.Say(cmd.ErrOrStderr(), "%s: there is no step %d: %v", e.Name, at, diverged)
			whole = false
		}
	}
	return f, whole, nil
}
