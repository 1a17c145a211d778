package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	"github.com/stheno-ml/stheno/models"
)

// A Checked is what a change would make of a run.
type Checked struct {
	Layers  []Layer     `json:"layers"`
	Params  int         `json:"params"`
	Rate    look.Number `json:"rate"`    // the learning rate that there would be, said by the optimizer's words where by nothing else
	AtOnce  []string    `json:"at_once"` // settings that act on the run under way; the batch from the next epoch on
	Restart []string    `json:"restart"` // settings that need a run from the beginning
}

// A Layer is one of a network, in a line.
type Layer struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Nested int    `json:"nested"` // layers that it is within
	Shape  []int  `json:"shape"`  // of its output for a sample
	Params int    `json:"params"`
}

// changed are a run's settings with a change, and what takes it on.
type changed struct {
	experiment      models.Experiment
	seed            uint64
	size            graph.Size
	model           *graph.Model
	atOnce, restart []string
}

// with looks at everything before anything is done: whether the words are words, there is room for the network, the layers fit the samples, and the loss the layers. It is to take the place of a run, if that is
// not nil.
func (s *Session) with(r *run, was models.Experiment, c look.Change, but *run) (*changed, error) {
	e, seed, err := c.On(was, r.seed, r.material.info())
	if err != nil {
		return nil, err
	}
	d := &changed{experiment: e, seed: seed}
	m := r.material
	if !sameSamples(was, e, r.seed, seed) {
		if m, err = m.source.material(e, seed); err != nil {
			return nil, err
		}
	}
	if d.size, err = measured(e, m.info()); err != nil {
		return nil, err
	}
	if err := s.room(d.size, e, m, but); err != nil {
		return nil, err
	}
	if d.model, err = e.Model(m.info(), seed); err != nil {
		return nil, ofSample(err)
	}
	if _, err := optim.New(e.Optimizer, e.LearningRate); err != nil {
		return nil, err
	}
	if !sameLoss(was.Loss, e.Loss) || !sameNetwork(was, e) {
		if _, err := train.NewBatch(d.model, e.Loss, m.fit, []int{0}); err != nil {
			return nil, ofSample(err)
		}
		if _, err := d.model.Compile(graph.Spec{Mode: graph.Train, Batch: 1, Loss: e.Loss}); err != nil {
			return nil, ofSample(err)
		}
	}
	d.atOnce, d.restart = changes(was, e, r.seed, seed)
	return d, nil
}

// ofSample is an error of a network in the shapes of a sample, and without the name of a package that begins it.
func ofSample(err error) error {
	s := err.Error()
	for _, p := range []string{"graph: ", "train: ", "models: "} {
		s = strings.TrimPrefix(s, p)
	}
	return usage.OfSample(errors.New(s))
}

// changes are the names of the settings in which two experiments differ: those that act on a run under way, and those that do not.
func changes(a, b models.Experiment, seedA, seedB uint64) (atOnce, restart []string) {
	atOnce, restart = []string{}, []string{}
	add := func(to *[]string, name string, differs bool) {
		if differs {
			*to = append(*to, name)
		}
	}
	alike := a.Layers == nil && b.Layers == nil && slices.Equal(a.Hidden, b.Hidden)
	add(&restart, "layers", !alike && !sameNetwork(a, b))
	add(&restart, "seed", seedA != seedB)
	add(&restart, "train_samples", a.TrainSamples != b.TrainSamples)
	add(&restart, "validation", a.Validation != b.Validation)
	add(&restart, "scale", a.Scale != b.Scale)
	add(&atOnce, "activation", alike && a.Activation != b.Activation)
	add(&atOnce, "dropout", alike && a.Dropout != b.Dropout)
	add(&atOnce, "loss", !sameLoss(a.Loss, b.Loss))
	add(&atOnce, "optimizer", a.Optimizer != b.Optimizer)
	add(&atOnce, "rate", a.LearningRate != b.LearningRate)
	add(&atOnce, "batch", a.BatchSize != b.BatchSize)
	add(&atOnce, "epochs", a.Epochs != b.Epochs)
	return atOnce, restart
}

// check says what a change would make of the run, and what is wrong with it.
func (s *Session) check(_ context.Context, r *run, c Command) (any, error) {
	if c.Change == nil {
		return nil, errors.New("got no change to check")
	}
	d, err := s.with(r, r.experiment(), *c.Change, r)
	if err != nil {
		return nil, err
	}
	told := Checked{Params: d.model.ParamCount(), Rate: settingsOf(d.experiment, d.seed, r.material).Rate, AtOnce: d.atOnce, Restart: d.restart, Layers: []Layer{}}
	for _, l := range d.model.Layers() {
		told.Layers = append(told.Layers, Layer{Name: l.Name, Kind: l.Kind, Nested: l.Nested, Shape: l.Output, Params: l.Params})
	}
	return told, nil
}

func (s *Session) doChange(ctx context.Context, r *run, c Command) (*run, error) {
	if c.Change == nil {
		return nil, errors.New("got no change to make")
	}
	return s.change(ctx, r, r.step(), *c.Change, false)
}

// change changes a run at one of its steps: the run itself at its head, a branch of it in its past, or where branch says so, and a new one where the change needs that.
func (s *Session) change(ctx context.Context, r *run, step uint64, c look.Change, branch bool) (*run, error) {
	was := r.segmentAt(step).experiment
	d, err := s.with(r, was, c, r)
	if err != nil {
		return nil, err
	}
	playing := s.playing && r == s.current
	to := r
	switch {
	case len(d.restart) > 0 && (r.head > 0 || r.kept || branch):
		to, err = s.anew(r, d.experiment, d.seed)
	case len(d.restart) > 0 || r.head == 0 && !branch && !r.kept:
		if len(d.restart)+len(d.atOnce) == 0 {
			return r, nil
		}
		if err = r.replace(d, c); err == nil {
			s.entitle(r)
		}
		s.owes.all()
	case len(d.atOnce) == 0 && !branch:
		return r, nil
	default:
		if branch || step < r.head || r.kept {
			if to, err = s.fork(ctx, r, step); err != nil {
				return nil, err
			}
		}
		if to != r {
			err = s.room(d.size, d.experiment, to.material, to)
		}
		if err == nil {
			err = to.alter(c, d.experiment)
		}
		if err == nil {
			to.size = d.size
			err = s.seek(ctx, to, to.step(), pauses) // into the settings of now
		}
		switch {
		case err == nil:
			s.entitle(to)
		case to != r: // what is refused leaves no branch behind
			s.runs = slices.DeleteFunc(s.runs, func(o *run) bool { return o == to })
			s.tellState()
		}
	}
	if err != nil {
		return nil, err
	}
	if to != r {
		s.choose(to)
		if playing && !branch {
			s.playing, s.until = true, never
		}
	}
	return to, nil
}

// anew is a new run from the beginning, with other settings.
func (s *Session) anew(of *run, e models.Experiment, seed uint64) (*run, error) {
	r, err := s.make(of.material.source, e, seed)
	if err != nil {
		return nil, err
	}
	r.parent, r.begunShort, r.root, r.cameFrom = of.id, of.begunShort, of.root, of.cameFrom
	if of.end == nil || of.end.condition != Diverged {
		r.cameFrom = settingsOf(of.experiment(), of.seed, of.material)
	}
	s.add(r)
	return r, nil
}

// doRestart is the same run from step 0 on.
func (s *Session) doRestart(r *run) (*run, error) {
	if r.head == 0 && !r.kept {
		return r, nil
	}
	playing := s.playing && r == s.current
	n, err := s.anew(r, r.segments[0].experiment, r.seed)
	if err != nil {
		return nil, err
	}
	n.segments = slices.Clone(r.segments) // what was changed on its way is changed at the same steps
	s.entitle(n)
	s.choose(n)
	s.playing, s.until = playing, never
	return n, nil
}

// replace gives a run that has made no step other settings. What is to be changed on its way is, if its steps are what they were.
func (r *run) replace(d *changed, c look.Change) error {
	each := r.stepsPerEpoch()
	m := r.material
	if !sameSamples(r.segments[0].experiment, d.experiment, r.seed, d.seed) {
		var err error
		if m, err = m.source.material(d.experiment, d.seed); err != nil {
			return err
		}
	}
	r.material, r.seed, r.params, r.size = m, d.seed, d.model.ParamCount(), d.size
	later := r.segments[1:]
	r.segments = []*segment{{experiment: d.experiment}}
	for _, s := range later {
		e, _, err := c.On(s.experiment, r.seed, m.info())
		if err != nil || r.stepsPerEpoch() != each {
			break
		}
		if what := difference(settingsOf(r.segments[len(r.segments)-1].experiment, r.seed, m), settingsOf(e, r.seed, m)); what != "" {
			r.segments = append(r.segments, &segment{from: s.from, asked: s.asked, experiment: e, what: what})
		}
	}
	r.snapshots, r.snapped, r.end = nil, snapped{}, nil
	return r.begin()
}

// alter changes a run from where it is on: the batch from its next epoch on, since a position in an epoch is one of its batches.
func (r *run) alter(c look.Change, now models.Experiment) error {
	step, was := r.step(), r.experiment()
	over := r.at.Epoch
	if r.at.Batch > 0 {
		over++
	}
	if now.Epochs != was.Epochs && now.Epochs < over {
		return fmt.Errorf("epochs: got %d, and this is epoch %d: want at least %d", now.Epochs, over, over)
	}
	at := slices.IndexFunc(r.segments, func(s *segment) bool { return s.from > step })
	later := []*segment{}
	if at >= 0 {
		later = r.segments[at:]
	}
	all := slices.Clone(r.segments[:len(r.segments)-len(later)])
	add := func(from uint64, e models.Experiment) {
		before := all[len(all)-1].experiment
		if what := difference(settingsOf(before, r.seed, r.material), settingsOf(e, r.seed, r.material)); what != "" {
			all = append(all, &segment{from: from, asked: step, experiment: e, what: what})
		}
	}
	next, first := step+uint64(r.stepsPerEpoch()-r.at.Batch), now
	if r.at.Batch > 0 {
		first.BatchSize = was.BatchSize
	}
	add(step, first)
	if r.at.Batch > 0 && now.BatchSize != was.BatchSize && len(later) == 0 {
		add(next, now)
	}
	for _, s := range later { // a batch that was to come
		e, _, err := c.On(s.experiment, r.seed, r.material.info())
		if err != nil {
			return err
		}
		add(s.from, e)
	}
	r.segments = all
	if r.ended() {
		r.end, r.result, r.inBand = nil, nil, nil
	}
	return nil
}

// doMend begins the run anew with the remedy of one of its last findings.
func (s *Session) doMend(r *run, c Command) (*run, error) {
	at := slices.IndexFunc(r.findings, func(f look.Finding) bool { return string(f.Code) == c.Code })
	if at < 0 {
		return nil, fmt.Errorf("%s has no finding %.40q by now: look at those that it has", r.name, c.Code)
	}
	mends := r.findings[at].Mends
	if c.Mend < 0 || c.Mend >= len(mends) {
		return nil, fmt.Errorf("the finding %s has %d remedies, got number %d, from 0", c.Code, len(mends), c.Mend)
	}
	d, err := s.with(r, r.experiment(), mends[c.Mend].Change, nil)
	if err != nil {
		return nil, err
	}
	n, err := s.anew(r, d.experiment, d.seed)
	if err != nil {
		return nil, err
	}
	s.choose(n)
	s.playing, s.until = true, never
	return n, nil
}
