package run

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// ErrFinished is what Resume wraps for a run that has nothing left to do.
var ErrFinished = errors.New("is finished")

// Resume opens a run to go on with it: from its latest checkpoint, or another if from names one (see Folder.Checkpoint); "" is the
// latest. A run without any begins again, unless it had some and lost them. The run's epochs are set to epochs, if that is not 0, and its options to
// those of o that are not their zero values.
//
// Resume reads and checks all that going on needs, and changes nothing; Recorder.Observe does, at train.Begin, once it has found that model, settings and
// samples are the run's too and that there is room. What the run made after the checkpoint is removed then: it will be made again, in the same bits. A stop
// in the midst of that leaves the run as it was or as it is to be. Where the checkpoint is damaged the error names the one before it. A run that is
// finished is ErrFinished, unless epochs are more than it has or from is given.
func Resume(dir, from string, epochs int, o Options) (*Recorder, error) {
	if _, err := Open(dir); err != nil {
		return nil, err
	}
	r, err := lockedRecorder(dir, o)
	if err != nil {
		return nil, err
	}
	r.plan = &plan{}
	if err = r.folder.load(r.root); err == nil { // again: whoever had the lock may have changed it
		err = r.resume(from, epochs)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// resume makes the plan.
func (r *Recorder) resume(from string, epochs int) error {
	all, err := r.folder.checkpoints(r.root)
	if err != nil {
		return err
	}
	switch {
	case len(all) == 0:
		if err := r.folder.lost(); err != nil {
			return err
		}
		if from != "" {
			return fmt.Errorf("run: %s has no checkpoint yet: leave out --resume-from, and it begins again", r.folder.Dir)
		}
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
	c := r.folder.Config
	if epochs != 0 {
		c.Experiment.Epochs = epochs
	}
	if epochs = c.Experiment.Epochs; epochs < r.Start().Epoch {
		return fmt.Errorf("run: %s has trained %d epochs, got %d to train in all: want at least as many", r.folder.Dir, r.Start().Epoch, epochs)
	}
	finished, err := r.planResult()
	if err != nil {
		return err
	}
	if finished && from == "" && r.Start().Epoch >= epochs {
		return fmt.Errorf("run: %s %w, after %d epochs: to train it further, give --epochs with more than that", r.folder.Dir, ErrFinished, r.Start().Epoch)
	}
	if r.options.Keep == 0 {
		r.options.Keep = c.Saving.Keep
	}
	if r.options.Every == (Every{}) {
		r.options.Every = c.Saving.Every
	}
	c.Saving = r.options
	if _, err := c.encode(); err != nil {
		return err
	}
	r.folder.Config = c
	if err := r.planCheckpoints(); err != nil {
		return err
	}
	return r.planLogs()
}

// begin checks what a run is to be trained with, brings a resumed one's model and optimizer to where they were, and carries out what Resume planned.
func (r *Recorder) begin(e *train.Event) error {
	if r.begun {
		return fmt.Errorf("run: %s: the recorder has recorded a training already, want one of Create or Resume for each", r.folder.Dir)
	}
	if !e.Position.Equal(r.Start()) {
		return fmt.Errorf("run: %s: the training starts at epoch %d, step %d, want epoch %d, step %d: set train.Config.Start to Recorder.Start()", r.folder.Dir, e.Position.Epoch, e.Position.Step, r.Start().Epoch, r.Start().Step)
	}
	if err := r.suits(e); err != nil {
		return err
	}
	data, err := fingerprint(e.Data)
	if err != nil {
		return err
	}
	if r.from != nil && data != r.data {
		return fmt.Errorf("run: %s was trained on other samples than these (%q, %d of them): give it its own with --dataset or --data-dir", r.folder.Dir, e.Data.Info().Name, e.Data.Len())
	}
	r.data = data
	if r.from != nil {
		if err := r.folder.open(*r.from, func(f *tensorFile) error { return f.restore(r.resumed, e.Model, e.Config.Optimizer) }); err != nil {
			return err
		}
	}
	if err := r.carryOut(sizeOf(e.Model.Params())); err != nil {
		return err
	}
	about := e.Model.About()
	about.Run = r.folder.Config.id
	e.Model.SetAbout(about)
	r.begun = true
	return nil
}

// suits refuses a training that is not the configuration's, which whoever opens the folder makes the network of.
func (r *Recorder) suits(e *train.Event) error {
	c := r.folder.Config
	refuse := func(what string, got, want any) error {
		return fmt.Errorf("run: %s: the training's %s is %v, the run's %v in its configuration: train what the run was created or resumed with, or create one for this", r.folder.Dir, what, got, want)
	}
	width, got, k := c.Inputs(), e.Model.Tensors(), 0
	for i, n := range append(slices.Clone(c.Experiment.Hidden), len(c.Classes)) {
		for _, p := range []struct {
			name  string
			shape []int
		}{{fmt.Sprintf("dense_%d.weight", i+1), []int{width, n}}, {fmt.Sprintf("dense_%d.bias", i+1), []int{n}}} {
			if k >= len(got) {
				return refuse("number of parameters", len(got), "more, with "+p.name)
			}
			if g := got[k]; g.Name != p.name || !slices.Equal([]int(g.Value.Shape()), p.shape) {
				return refuse(fmt.Sprintf("parameter %d", k+1), fmt.Sprintf("%s of %v", g.Name, []int(g.Value.Shape())), fmt.Sprintf("%s of %v", p.name, p.shape))
			}
			k++
		}
		width = n
	}
	if len(got) > k {
		return refuse("number of parameters and states", len(got), k)
	}
	optimizer, err := optim.New(c.Experiment.Optimizer, c.Experiment.LearningRate)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	model, o := e.Model.Config(), e.Config.Optimizer
	batch := min(c.Experiment.BatchSize, e.Data.Len()) // as Fit takes one beyond the data
	switch {
	case model.Float64:
		return refuse("precision", "float64", "float32")
	case model.Seed != c.Seed:
		return refuse("model's seed", model.Seed, c.Seed)
	case e.Config.Seed != c.Seed:
		return refuse("seed", e.Config.Seed, c.Seed)
	case e.Config.BatchSize != batch:
		return refuse("batch size", e.Config.BatchSize, batch)
	case e.Config.Epochs != c.Experiment.Epochs:
		return refuse("number of epochs", e.Config.Epochs, c.Experiment.Epochs)
	case o.Name() != optimizer.Name():
		return refuse("optimizer", o.Name(), optimizer.Name())
	case r.from == nil && o.Rate() != optimizer.Rate():
		return refuse("learning rate", o.Rate(), optimizer.Rate())
	}
	return nil
}
