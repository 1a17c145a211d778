package run

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	if r.options.Best == "" {
		r.options.Best = c.Saving.Best
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
	data := r.options.Data
	if data == "" {
		var err error
		if data, err = Fingerprint(e.Data); err != nil {
			return err
		}
	}
	if r.from != nil && data != r.data {
		return fmt.Errorf("run: %s was trained on other samples than these (%q, %d of them): give it its own with --dataset or --data-dir", r.folder.Dir, e.Data.Info().Name, e.Data.Len())
	}
	r.data = data
	if r.from != nil {
		if frozen := r.folder.Config.Experiment.Frozen; len(frozen) > 0 && slices.Equal(e.Model.Frozen(), frozen) { // as Config.Model has it: the checkpoint says what it is by now
			if err := e.Model.Unfreeze(); err != nil {
				return fmt.Errorf("run: %w", err)
			}
		}
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

// suits refuses a training that is not the configuration's: nothing could be made of the folder then, or not the same again.
func (r *Recorder) suits(e *train.Event) error {
	c := r.folder.Config
	refuse := func(what string, got, want any) error {
		return fmt.Errorf("run: %s: the training's %s is %v, the run's %v in its configuration: train what the run was created or resumed with, or create one for this", r.folder.Dir, what, got, want)
	}
	now, err := NewConfig(c.Experiment.Name, e.Model, e.Data, *e.Config)
	if err != nil {
		return err
	}
	got, want := now.Experiment, c.Experiment
	if got.Network != want.Network {
		of, item, was := difference(got.Network, want.Network)
		return refuse(of, item, was)
	}
	batch := min(want.BatchSize, e.Data.Len()) // as Fit takes one beyond the data
	switch {
	case got.Float64 != want.Float64:
		return refuse("precision", precision(got.Float64), precision(want.Float64))
	case now.ModelSeed != c.ModelSeed:
		return refuse("model's seed", now.ModelSeed, c.ModelSeed)
	case now.Seed != c.Seed:
		return refuse("seed", now.Seed, c.Seed)
	case got.BatchSize != batch:
		return refuse("batch size", got.BatchSize, batch)
	case got.Epochs != want.Epochs:
		return refuse("number of epochs", got.Epochs, want.Epochs)
	case max(1, got.Shards) != max(1, want.Shards):
		return refuse("number of shards", max(1, got.Shards), max(1, want.Shards))
	case got.Loss != want.Loss:
		return refuse("loss", got.Loss, want.Loss)
	case want.Metrics != nil && !slices.Equal(got.Metrics, want.Metrics):
		return refuse("list of metrics", strings.Join(got.Metrics, ", "), strings.Join(want.Metrics, ", "))
	case got.Optimizer == want.Optimizer:
		return nil
	}
	if r.from != nil && !slices.Contains(want.Own, ownOptimizer) { // whose checkpoint has the learning rate
		if o, err := optim.New(want.Optimizer, e.Config.Optimizer.Rate()); err == nil {
			if text, err := optim.Format(o); err == nil && text == got.Optimizer {
				return nil
			}
		}
	}
	return refuse("optimizer", got.Optimizer, want.Optimizer)
}

func precision(wide bool) string {
	if wide {
		return "float64"
	}
	return "float32"
}

// difference is the first line in which the words of two networks differ.
func difference(got, want string) (of, a, b string) {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	line := func(of []string, i int) string {
		if i >= len(of) {
			return "nothing"
		}
		return strconv.Quote(of[i])
	}
	i := 0
	for i < len(g) && i < len(w) && g[i] == w[i] {
		i++
	}
	return fmt.Sprintf("network in line %d", i+1), line(g, i), line(w, i)
}
