package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/stheno-ml/stheno/cmd/stheno/internal/runs"
	"github.com/stheno-ml/stheno/cmd/stheno/internal/usage"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models"
)

// first is what the lab opens where it is told nothing.
const first = "mse"

// open makes a run of what a name means: an experiment, a run that was kept, or data of one's own.
func (s *Session) open(name, targets string) (*run, error) {
	if name == "" {
		name = first
	}
	e, err := models.Find(name)
	if err == nil {
		if s.options.Change != nil {
			if err := s.options.Change(&e); err != nil {
				return nil, err
			}
		}
		return s.experiment(e, s.options.Seed)
	}
	if dir := runs.Locate(name); runs.IsRun(dir) {
		return s.resume(dir)
	}
	if _, missing := os.Stat(name); missing != nil && filepath.Base(name) == name {
		return nil, usage.Errorf("there is no experiment, no run and no file %s: see `stheno list` and `stheno runs`%s", name, usage.DidYouMean(name, append(models.Names(), runs.Names()...)))
	}
	f := suiting(s.options.Seed)
	f.Reading = s.options.Reading
	f.Reading.SkipDamaged = true
	r, err := s.own(name, targets, f, s.options.Change)
	if err != nil {
		return nil, err
	}
	r.material.brought, r.material.ours = s.options.Brought, s.options.Brought != ""
	return r, nil
}

// experiment makes a run of an experiment, on the data that it is of.
func (s *Session) experiment(e models.Experiment, seed uint64) (*run, error) {
	from, err := s.source(e)
	if err != nil {
		return nil, err
	}
	if from.name != e.On() || !e.Unchanged() { // the lecture shows nothing of other data, or settings
		e.Lecture, e.Band = models.Figures{}, models.Band{}
	}
	r, err := s.make(from, e, seed)
	if err != nil {
		return nil, err
	}
	r.root = s.rootOf(r)
	return r, nil
}

// source is the data of an experiment, which are read once.
func (s *Session) source(e models.Experiment) (*source, error) {
	name := e.On()
	if s.options.Open != nil {
		name = s.options.Dataset
	}
	if from := s.sources[name]; from != nil {
		return from, nil
	}
	open := s.options.Open
	if open == nil {
		open = func(e models.Experiment) (datasets.Data, datasets.Data, error) { return datasets.Open(e.On(), "") }
	}
	from := &source{name: name}
	if s.options.Open != nil && s.options.Dir != "" {
		from.name, from.dir = filepath.Base(s.options.Dir), s.options.Dir
	}
	var err error
	if from.train, from.test, err = open(e); err != nil {
		return nil, err
	}
	from.size = from.bytes()
	s.sources[name] = from
	return from, nil
}

// material is what an experiment makes of a source: that of a run with the same settings of the samples, where there is one.
func (s *Session) material(from *source, e models.Experiment, seed uint64) (*material, error) {
	for _, r := range s.runs {
		if r.material.source == from && sameSamples(r.segments[0].experiment, e, r.seed, seed) {
			return r.material, nil
		}
	}
	return from.material(e, seed)
}

// maxRuns is how many there may be: each has curves, and a network while it is looked at.
const maxRuns = 60

// make makes a run, which is at its beginning.
func (s *Session) make(from *source, e models.Experiment, seed uint64) (*run, error) {
	if len(s.runs) >= maxRuns {
		return nil, fmt.Errorf("there are %d runs, which is as many as the lab keeps: remove some", len(s.runs))
	}
	m, err := s.material(from, e, seed)
	if err != nil {
		return nil, err
	}
	size, err := measured(e, m.info())
	if err == nil {
		err = s.room(size, e, m, nil)
	}
	if err != nil {
		return nil, err
	}
	return newRun(m, e, seed, size)
}

// newRun makes a run of a material.
func newRun(m *material, e models.Experiment, seed uint64, size graph.Size) (*run, error) {
	r := &run{name: e.Name, seed: seed, material: m, size: size, segments: []*segment{{experiment: e}}}
	r.root = root{name: e.Name, settings: settingsOf(e, seed, m)}
	if err := r.begin(); err != nil {
		return nil, err
	}
	r.params, r.takes = r.model.ParamCount(), r.input()
	return r, nil
}

// shortEpochs are as many as it takes until what an experiment shows is seen: on all of its samples, since on few the deep network with relu
// learns as little as that with sigmoid does, and dropout harms.
func shortEpochs(e models.Experiment) int {
	switch e.Name {
	case "mse", "cross-entropy", "batch-10000": // a network of sigmoids is slow to begin, and what mends the one or the other has as many
		return min(e.Epochs, 10)
	case "batch-1": // has a hundred times the steps
		return min(e.Epochs, 2)
	}
	return min(e.Epochs, 3)
}

func (s *Session) doStart(c Command) (*run, error) {
	e, err := models.Find(c.Experiment)
	if err != nil {
		return nil, err
	}
	if c.Short {
		e.Epochs = shortEpochs(e)
	}
	r, err := s.experiment(e, s.options.Seed)
	if err != nil {
		return nil, err
	}
	if r.begunShort = c.Short; c.Short {
		r.root.settings = settingsOf(e, r.seed, r.material)
	}
	if same := s.ready(r); same != nil {
		r = same
	} else {
		s.add(r)
	}
	s.choose(r)
	s.playing, s.until = true, never
	return r, nil
}

// ready is a run like another one that has not begun: the current one, if it is such, else the first; nil if there is none.
func (s *Session) ready(like *run) *run {
	is := func(r *run) bool {
		return r.head == 0 && !r.kept && r.parent == "" && len(r.segments) == 1 && r.begunShort == like.begunShort && r.material.source == like.material.source && r.root.name == like.root.name &&
			reflect.DeepEqual(settingsOf(r.experiment(), r.seed, r.material), settingsOf(like.experiment(), like.seed, like.material))
	}
	if is(s.current) {
		return s.current
	}
	for _, r := range s.runs {
		if is(r) {
			return r
		}
	}
	return nil
}

// read makes a run of data of one's own, in the goroutine of who asks for it.
func (s *Session) read(ctx context.Context, c Command) (r *run, err error) {
	if c.Path == "" {
		return nil, errors.New("got no file to open")
	}
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	f := suiting(s.options.Seed)
	f.Reading.SkipDamaged = true // which the page was told of
	if f.Reading.Columns.Target = LastColumn(c.Path); c.Target != "" {
		f.Reading.Columns.Target = []string{c.Target}
	}
	err = protected(func() (err error) {
		r, err = s.own(c.Path, c.Targets, f, nil)
		return err
	})
	if err != nil {
		return nil, named(err, c.Path)
	}
	r.material.ours = true
	r.material.brought = cmp.Or(c.Brought, filepath.Base(c.Path))
	return r, nil
}

// doOpen takes in what was read.
func (s *Session) doOpen(c Command) (*run, error) {
	if len(s.runs) >= maxRuns {
		return nil, fmt.Errorf("there are %d runs, which is as many as the lab keeps: remove some", len(s.runs))
	}
	r := c.opened
	if err := s.room(r.size, r.experiment(), r.material, nil); err != nil {
		return nil, err
	}
	s.add(r)
	s.choose(r)
	return r, nil
}
