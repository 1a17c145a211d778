package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/own"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// resume makes a run of one that was kept, with its epochs, recorded gradients and checkpoints. Its folder is never written to: it goes on as a branch.
func (s *Session) resume(dir string) (*run, error) {
	r, k, err := s.fromDisk(dir)
	if err != nil {
		return nil, err
	}
	r.root = root{runs.Title(dir), settingsOf(r.segments[0].experiment, r.seed, r.material), true}
	if err := r.read(k, true); err != nil {
		return nil, err
	}
	return r, s.atRest(r)
}

// reopen makes a run of one in Options.Out, and gives the folder of the one that it came from.
func (s *Session) reopen(dir string) (_ *run, parent string, err error) {
	r, k, err := s.fromDisk(dir)
	if err != nil {
		return nil, "", err
	}
	r.root = root{runs.Title(dir), settingsOf(r.segments[0].experiment, r.seed, r.material), true}
	r.folder.name = filepath.Base(dir)
	if k != nil {
		r.root = root{name: k.Name, settings: k.Settings}
		r.begunShort, r.parentStep = k.Short, k.ParentStep
		parent = k.Parent
	}
	if err := r.read(k, s.options.Open != nil || r.disk.Config.Dataset == ""); err != nil { // the data that have a name are the same each evening
		return nil, "", err
	}
	if k != nil && r.head == k.Step && r.ended() {
		r.was, r.inBand = k.Result, k.InBand
	}
	return r, parent, s.atRest(r)
}

// fromDisk makes the run of a folder, at its beginning; the keepsake is nil of one that the lab did not train.
func (s *Session) fromDisk(dir string) (*run, *keepsake, error) {
	r, k, err := s.beginning(dir)
	if err != nil {
		return nil, nil, err
	}
	r.kept = true
	if k != nil && len(k.Segments) > 1 {
		if r.segments, err = k.segments(r.segments[0].experiment, r.seed, r.material.info()); err != nil {
			return nil, nil, fmt.Errorf("%s: the settings that it was changed to: %w", dir, err)
		}
	}
	return r, k, nil
}

func (s *Session) beginning(dir string) (*run, *keepsake, error) {
	folder, err := kept.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	c := folder.Config
	e, err := models.OfRun(c)
	if err != nil {
		return nil, nil, err
	}
	unnamed(&e, c)
	if c.ModelSeed != c.Seed {
		return nil, nil, fmt.Errorf("%s: its network was drawn from the seed %d and its samples from %d, which only the program that trained it does: look at it by stheno report", dir, c.ModelSeed, c.Seed)
	}
	from, err := s.sourceOf(folder)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.make(from, e, c.Seed)
	if err != nil {
		return nil, nil, err
	}
	r.disk = folder
	for line, err := range folder.Log(runs.LabLog) {
		k := &keepsake{}
		if err == nil {
			err = json.Unmarshal(line, k)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w: remove the file to do without what the lab knew of the run", filepath.Join(dir, runs.LabLog+".jsonl"), err)
		}
		r.material.ours = k.Ours
		return r, k, nil
	}
	return r, nil, nil
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
		from := &source{name: filepath.Base(c.File), data: data, config: c, again: true}
		from.size = from.bytes()
		return from, nil
	case s.options.Open == nil && c.Dataset == "":
		return nil, fmt.Errorf("%s was trained on files of your own, whose place is not recorded: give their folder with --data-dir", f.Dir)
	case s.options.Open == nil:
		return s.source(models.Experiment{Dataset: c.Dataset})
	}
	return s.source(models.Experiment{})
}

// read takes over what the folder has, and looks whether the samples are the run's. The keepsake is nil of a run that the lab did not train.
func (r *run) read(k *keepsake, samples bool) error {
	all, err := r.disk.Checkpoints()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := r.disk.Checkpoint("") // says what to do
		return err
	}
	var data datasets.Data
	if samples {
		if data = r.material.fit; r.material.data != nil {
			data = r.material.prepared
		}
	}
	in := r.segments[len(r.segments)-1] // that the folder's configuration is
	for in != r.segments[0] && k != nil && in.from > k.Step {
		in = r.segments[slices.Index(r.segments, in)-1]
	}
	e := in.experiment
	if r.model, err = r.build(e); err != nil {
		return err
	}
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
	if k != nil {
		r.offset = k.Offset
	}
	r.in, r.optimizer, r.head = in, optimizer, uint64(int64(last.Step)+r.offset)
	for _, c := range all {
		if step := uint64(int64(c.Step) + r.offset); step >= in.from && step > 0 { // those from before were made with other settings
			r.checkpoints = append(r.checkpoints, &checkpoint{step: step, offset: r.offset, in: in, file: &c})
		}
	}
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
	if err := r.readPoints(); err != nil {
		return err
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

// readEpochs takes the epochs over, and makes a point of each: most runs keep no others.
func (r *run) readEpochs() error {
	epochs, err := r.disk.Epochs()
	if err != nil {
		return err
	}
	step := uint64(0)
	for _, o := range epochs {
		step += uint64(steps(r.material.fit.Len(), r.segmentAt(step).experiment.BatchSize))
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
	e := r.in.experiment
	if e.Patience == 0 || len(r.epochs) == 0 {
		return nil
	}
	best, err := r.disk.Checkpoint("best")
	if err != nil {
		return err
	}
	model, err := r.build(e)
	if err != nil {
		return err
	}
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	at, err := r.disk.Restore(best, model, optimizer, nil)
	if errors.Is(err, fs.ErrNotExist) { // it is still trained elsewhere, and has a better one by now
		return nil
	} else if err != nil && len(r.segments) > 1 { // of another optimizer, before it was changed
		return nil
	} else if err != nil {
		return err
	}
	r.best = &checkpoint{step: r.epochs[train.Best(r.epochsUntil(r.head), "loss")].step, at: at, in: r.in, tensors: tensorsOf(model), state: optimizer.State()}
	return nil
}

// readPoints takes the curves over that the lab has kept, in the place of the points of their epochs.
func (r *run) readPoints() error {
	var points []Point
	for line, err := range r.disk.Log(pointsLog) {
		var p Point
		if err == nil {
			err = json.Unmarshal(line, &p)
		}
		if err != nil {
			return fmt.Errorf("%s: %w: remove the file to do without the curves", filepath.Join(r.disk.Dir, pointsLog+".jsonl"), err)
		}
		if p.Step <= r.head {
			points = append(points, p)
		}
	}
	if len(points) == 0 {
		return nil
	}
	last := points[len(points)-1]
	for _, p := range r.points { // it was trained further elsewhere
		if p.Step > last.Step {
			points = append(points, p)
		}
	}
	if n := len(points); n > 1 {
		for r.stride = 1; r.stride < points[n-1].Step-points[n-2].Step && len(points) > maxPoints/2; r.stride *= 2 {
		}
	}
	r.points, r.seconds = points, max(r.seconds, last.Seconds)
	return nil
}
