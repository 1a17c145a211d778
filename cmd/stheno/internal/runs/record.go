package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// GradientsLog is the log of a run's folder that holds its snapshots, where they were asked for.
const GradientsLog = "gradients"

// Is says whether a name is a run's folder, rather than an experiment. Where it could be both it is the experiment: ./relu is the
// folder.
func Is(name string) bool {
	if _, err := models.Find(name); err == nil {
		return false
	}
	info, err := os.Stat(Locate(name))
	return err == nil && info.IsDir()
}

// Experiment is what a run trains, on data that may be others than its own: of fewer samples than its share, it takes all.
func Experiment(folder *run.Folder, trainSet datasets.Data) (models.Experiment, error) {
	e, err := models.OfRun(folder.Config)
	if e.TrainSamples > trainSet.Len() {
		e.TrainSamples = 0
	}
	return e, err
}

// Record reads a run's folder: the checkpoint that it has come to, or, where it keeps its best weights, these, evaluated on the run's data; its steps, its epochs, and its snapshots, if it has any, to the end that it came to.
func Record(ctx context.Context, folder *run.Folder, trainSet, testSet datasets.Data) (*inspect.Record, error) {
	checkpoint, err := folder.Checkpoint("")
	if err != nil {
		return nil, err
	}
	model, position, err := folder.Model(checkpoint, nil)
	if err != nil {
		return nil, err
	}
	epochs, err := folder.Epochs()
	if err != nil {
		return nil, err
	}
	for folder.Config.Experiment.Patience == 0 && len(epochs) > 0 && epochs[len(epochs)-1].Epoch > position.Epoch { // after the checkpoint
		epochs = epochs[:len(epochs)-1]
	}
	made := position
	if folder.Config.Experiment.Patience > 0 {
		latest, err := folder.Checkpoint("latest")
		if err != nil {
			return nil, err
		}
		made.Step = max(made.Step, latest.Step)
	}
	e, err := Experiment(folder, trainSet)
	if err != nil {
		return nil, err
	}
	result := &models.Result{
		Experiment: e, Seed: folder.Config.Seed, Model: model, History: &train.History{Epochs: epochs, Position: position},
	}
	ended, err := folder.Result()
	if err != nil {
		return nil, err
	}
	if ended != nil {
		result.Diverged, result.History.Stopped = ended.Diverged, ended.Stopped
	}
	snapshots, err := Snapshots(ctx, folder, made, trainSet, testSet)
	if err != nil {
		return nil, err
	}
	record, err := result.Record(ctx, trainSet, testSet, snapshots)
	if err != nil {
		return nil, err
	}
	record.Name, record.Steps, record.Snapshots[len(record.Snapshots)-1].Step = Title(folder.Dir), made.Step, made.Step
	if ended == nil { // it is still trained, or was stopped
		each := (record.Train.Data.Len()-1)/record.BatchSize + 1
		record.Ahead = uint64(max(0, each*e.Epochs-int(record.Steps)))
	}
	return record, nil
}

// Snapshots are those that the run recorded up to a position, and the first step, which is made again where it was not recorded.
func Snapshots(ctx context.Context, folder *run.Folder, until train.Position, trainSet, testSet datasets.Data) ([]*inspect.Snapshot, error) {
	var snapshots []*inspect.Snapshot
	for line, err := range folder.Log(GradientsLog) {
		if err != nil {
			return nil, err
		}
		var s inspect.Snapshot
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w: remove the file to do without the recorded gradients", filepath.Join(folder.Dir, GradientsLog+".jsonl"), len(snapshots)+1, err)
		}
		if s.Step < until.Step {
			snapshots = append(snapshots, &s)
		}
	}
	if len(snapshots) > 0 && snapshots[0].Step == 0 {
		return snapshots, nil
	}
	e, err := Experiment(folder, trainSet)
	if err != nil {
		return nil, err
	}
	scaled, _, _, err := e.Data(trainSet, testSet, folder.Config.Seed)
	if err != nil {
		return nil, err
	}
	model, err := folder.Config.Model()
	if err != nil {
		return nil, err
	}
	recorder := &inspect.Recorder{At: []uint64{0}}
	once := train.ObserverFunc("once", func(ev *train.Event) error {
		if ev.Moment == train.Step {
			return train.Stop("the first step is made")
		}
		return nil
	})
	config, err := e.Config(models.RunOptions{Seed: folder.Config.Seed, Observers: []train.Observer{recorder, once}})
	if err != nil {
		return nil, err
	}
	_, err = train.Fit(ctx, model, scaled, config)
	var diverged *train.DivergedError
	if err != nil && !errors.As(err, &diverged) {
		return nil, err
	}
	return append(recorder.Snapshots, snapshots...), nil
}
