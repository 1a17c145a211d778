package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph/train"
)

// ErrFinished is what Resume wraps for a run that has nothing left to do.
var ErrFinished = errors.New("is finished")

// Resume opens a run to go on with it: from its latest checkpoint, or another if from names one (see Folder.Checkpoint); "" is the
// latest. A run without any begins again. The run's epochs are set to epochs, if that is not 0, and its options to those of o that
// are not their zero values.
//
// All of the checkpoint is verified, and what the run made after it is removed: it will be made again, in the same bits. Where the checkpoint is damaged,
// nothing is removed, and the error names the one before it. A run that is finished is ErrFinished, unless epochs are more
// than it has or from is given.
func Resume(dir, from string, epochs int, o Options) (*Recorder, error) {
	if _, err := Open(dir); err != nil {
		return nil, err
	}
	r := newRecorder(dir, o)
	err := r.open()
	if err != nil {
		return nil, err
	}
	if r.folder.Config, err = loadConfig(dir); err == nil { // again: whoever had the lock may have changed it
		err = r.resume(from, epochs)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Recorder) resume(from string, epochs int) error {
	all, err := r.folder.Checkpoints()
	if err != nil {
		return err
	}
	switch {
	case len(all) == 0 && from == "":
	case from == "":
		r.from = &all[len(all)-1]
	default:
		c, err := r.folder.Checkpoint(from)
		if err != nil {
			return err
		}
		r.from = &c
	}
	if r.from != nil {
		if r.resumed, err = r.folder.verify(*r.from); err != nil {
			if at := slices.Index(all, *r.from); at > 0 {
				err = fmt.Errorf("%w: the one before it is of step %d: to go on from there, give --resume-from %d", err, all[at-1].Step, all[at-1].Step)
			}
			return err
		}
		r.data = r.resumed.Data
	}
	if epochs == 0 {
		epochs = r.folder.Config.Experiment.Epochs
	}
	if epochs < r.Start().Epoch {
		return fmt.Errorf("run: %s has trained %d epochs, got %d to train in all: want at least as many", r.folder.Dir, r.Start().Epoch, epochs)
	}
	result := filepath.Join(r.folder.Dir, resultFile)
	if from == "" && r.Start().Epoch >= epochs && exists(result) {
		return fmt.Errorf("run: %s %w, after %d epochs: to train it further, give --epochs with more than that", r.folder.Dir, ErrFinished, r.Start().Epoch)
	}
	if err := r.goBack(all); err != nil {
		return err
	}
	if r.epochs, r.steps, err = readEpochs(r.folder.Dir); err != nil {
		return err
	}
	if len(r.epochs) != r.Start().Epoch {
		return fmt.Errorf("run: %s has %d epochs in %s%s, the checkpoint is after %d: put the file back, or go on from another checkpoint", r.folder.Dir, len(r.epochs), metricsLog, logSuffix, r.Start().Epoch)
	}
	if err := r.rewriteTimings(); err != nil {
		return err
	}
	return r.reconfigure(epochs)
}

// reconfigure changes run.json to what the resumed run was given anew.
func (r *Recorder) reconfigure(epochs int) error {
	c := r.folder.Config
	if r.options.Keep == 0 {
		r.options.Keep = c.Saving.Keep
	}
	if r.options.Every == (Every{}) {
		r.options.Every = c.Saving.Every
	}
	if epochs == c.Experiment.Epochs && r.options.Keep == c.Saving.Keep && r.options.Every == c.Saving.Every {
		return nil
	}
	c.Experiment.Epochs, c.Saving = epochs, r.options
	if err := c.save(r.options.disk, r.folder.Dir); err != nil {
		return err
	}
	r.folder.Config = c
	return nil
}

// goBack removes what the run made after the checkpoint: it will make it again. Every log is checked before anything is removed.
// Checkpoints go before the logs that they were taken with, the newest first, so that the latest always fits the logs.
func (r *Recorder) goBack(all []Checkpoint) error {
	dir, d := r.folder.Dir, r.options.disk
	names, err := logsIn(dir)
	if err != nil {
		return err
	}
	for name, to := range r.resumed.Logs {
		if !slices.Contains(names, name) {
			return fmt.Errorf("run: %s: it is not there, but was when the checkpoint was taken: put it back, or go on from an earlier checkpoint with --resume-from", filepath.Join(dir, name))
		}
		if r.logs[strings.TrimSuffix(name, logSuffix)], err = reopenLog(d, filepath.Join(dir, name), to); err != nil {
			return err
		}
	}
	remove := []string{filepath.Join(dir, resultFile)}
	for _, c := range slices.Backward(all) {
		if r.from != nil && c.Step > r.from.Step {
			remove = append(remove, c.Path)
		}
	}
	for _, name := range names {
		if _, ok := r.resumed.Logs[name]; !ok && name != timingsLog+logSuffix { // it began after the checkpoint
			remove = append(remove, filepath.Join(dir, name))
		}
	}
	for _, path := range remove {
		if err := d.remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run: removing %s: %w", path, bare(err))
		}
	}
	for name, to := range r.resumed.Logs {
		if err := d.truncate(filepath.Join(dir, name), to.Bytes); err != nil {
			return fmt.Errorf("run: %s: cutting it back to the checkpoint: %w", filepath.Join(dir, name), bare(err))
		}
	}
	return nil
}

// rewriteTimings leaves the seconds of the epochs before the checkpoint.
func (r *Recorder) rewriteTimings() error {
	var text []byte
	for _, e := range r.epochs {
		line, err := json.Marshal(timingsLine{e.Epoch, e.Seconds})
		if err != nil {
			return fmt.Errorf("run: %w", err)
		}
		text = append(append(text, line...), '\n')
	}
	return writeFile(r.options.disk, filepath.Join(r.folder.Dir, timingsLog+logSuffix), text)
}

// begin brings a resumed run's model and optimizer to where they were.
func (r *Recorder) begin(e *train.Event) error {
	if !e.Position.Equal(r.Start()) {
		return fmt.Errorf("run: the training starts at epoch %d, step %d, want epoch %d, step %d: set train.Config.Start to Recorder.Start()", e.Position.Epoch, e.Position.Step, r.Start().Epoch, r.Start().Step)
	}
	data, err := fingerprint(e.Data)
	if err != nil {
		return err
	}
	if r.from == nil {
		r.data = data
		return nil
	}
	if data != r.data {
		return fmt.Errorf("run: %s was trained on other samples than these (%q, %d of them): give it its own with --dataset or --data-dir", r.folder.Dir, e.Data.Info().Name, e.Data.Len())
	}
	return withTensors(r.from.Path, func(f *tensorFile) error { return f.restore(r.resumed, e.Model, e.Config.Optimizer) })
}
