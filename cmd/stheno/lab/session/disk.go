package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// resume makes a run of one that was kept, with its epochs, recorded gradients and checkpoints. Its folder is never written to: it goes on as a branch.
func (s *Session) resume(dir string) (*run, error) {
	folder, err := kept.Open(dir)
	if err != nil {
		return nil, err
	}
	c := folder.Config
	e, err := models.OfRun(c)
	if err != nil {
		return nil, err
	}
	unnamed(&e, c)
	if c.ModelSeed != c.Seed {
		return nil, fmt.Errorf("%s: its network was drawn from the seed %d and its samples from %d, which only the program that trained it does: look at it by stheno report", dir, c.ModelSeed, c.Seed)
	}
	from, err := s.sourceOf(folder)
	if err != nil {
		return nil, err
	}
	r, err := s.make(from, e, c.Seed)
	if err != nil {
		return nil, err
	}
	r.root.name, r.disk, r.kept = runs.Title(dir), folder, true
	r.root.settings = settingsOf(e, c.Seed, r.material)
	return r, r.read()
}

// sourceOf are the data of a run that was kept.
func (s *Session) sourceOf(f *kept.Folder) (*source, error) {
	c := f.Config
	switch {
	case c.File != "":
		data, err := own.Raw(c)
		if err != nil {
			return nil, err
		}
		from := &source{name: filepath.Base(c.File), data: data, config: c}
		from.size = from.bytes()
		return from, nil
	case s.options.Open == nil && c.Dataset == "":
		return nil, fmt.Errorf("%s was trained on files of your own, whose place is not recorded: give their folder with --data-dir", f.Dir)
	case s.options.Open == nil:
		return s.source(models.Experiment{Dataset: c.Dataset})
	}
	return s.source(models.Experiment{})
}

// read takes over what the folder has.
func (r *run) read() error {
	all, err := r.disk.Checkpoints()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := r.disk.Checkpoint("") // says what to do
		return err
	}
	data := r.material.fit
	if r.material.data != nil {
		data = r.material.prepared
	}
	e := r.segments[0].experiment
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	last := all[len(all)-1]
	r.at, err = r.disk.Restore(last, r.model, optimizer, data)              // looks at the samples, too
	for tries := 0; tries < 10 && errors.Is(err, fs.ErrNotExist); tries++ { // it is still trained elsewhere, by a process that keeps the newest checkpoints only
		if all, err = r.disk.Checkpoints(); err == nil && len(all) > 0 {
			last = all[len(all)-1]
			r.at, err = r.disk.Restore(last, r.model, optimizer, data)
		}
	}
	if err != nil {
		return err
	}
	for _, c := range all {
		r.checkpoints = append(r.checkpoints, &checkpoint{step: c.Step, in: r.segments[0], file: &c})
	}
	r.head, r.optimizer = last.Step, optimizer
	if err := r.readEpochs(); err != nil {
		return err
	}
	for line, err := range r.disk.Log(runs.GradientsLog) {
		var s inspect.Snapshot
		if err == nil {
			err = json.Unmarshal(line, &s)
		}
		if err != nil {
			return fmt.Errorf("%s: %w: remove the file to do without the recorded gradients", filepath.Join(r.disk.Dir, runs.GradientsLog+".jsonl"), err)
		}
		if s.Step < r.head {
			r.remember(&s)
		}
	}
	result, err := r.disk.Result()
	if err != nil || result == nil {
		return err
	}
	r.end = &ending{condition: Done, why: result.Stopped, step: r.head}
	if result.Diverged != nil {
		r.end.condition, r.end.why, r.end.diverged = Diverged, result.Diverged.Error(), result.Diverged
	}
	return nil
}

// readEpochs takes the epochs over, and makes a point of each, since a run keeps no others.
func (r *run) readEpochs() error {
	epochs, err := r.disk.Epochs()
	if err != nil {
		return err
	}
	each := r.stepsPerEpoch()
	for _, o := range epochs {
		step := uint64(o.Epoch * each)
		if step > r.head {
			break
		}
		r.seconds += o.Seconds
		r.epochs = append(r.epochs, epoch{o, step, r.seconds})
		accuracy := math.NaN()
		if len(o.Running.Scores) > 0 {
			accuracy = o.Running.Scores[0].Value
		}
		r.points = append(r.points, Point{step, float64(o.Epoch), o.Running.Loss, accuracy, math.NaN(), r.seconds})
	}
	r.stride = 1
	if r.segments[0].experiment.Patience == 0 || len(r.epochs) == 0 {
		return nil
	}
	best, err := r.disk.Checkpoint("best")
	if err != nil {
		return err
	}
	e := r.segments[0].experiment
	model, err := r.build(e)
	if err != nil {
		return err
	}
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	if _, err := r.disk.Restore(best, model, optimizer, nil); errors.Is(err, fs.ErrNotExist) { // it is still trained elsewhere, and has a better one by now
		return nil
	} else if err != nil {
		return err
	}
	r.best = &checkpoint{step: best.Step, in: r.segments[0], tensors: tensorsOf(model), state: optimizer.State()}
	return nil
}
