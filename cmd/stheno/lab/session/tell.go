package session

import (
	"math/bits"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/models"
)

func (s *Session) tell(kind string, data any) { s.options.Tell(Message{kind, data}) }

func (s *Session) say(level string, text look.Text) { s.tell("said", Said{level, text}) }

// flushEvery is how long points wait to be told with others.
const flushEvery = 100 * time.Millisecond

// tellPoints tells the points that were not told yet, ten times a second at most, or now.
func (s *Session) tellPoints(r *run, now bool) {
	if !now && s.clock().Sub(s.flushed) < flushEvery {
		return
	}
	points := r.flushed()
	if now && len(points) == 0 {
		return
	}
	s.flushed = s.clock()
	s.mu.Lock()
	if i := slices.IndexFunc(s.state.Runs, func(o Run) bool { return o.ID == r.id }); i >= 0 {
		s.state.Runs = slices.Clone(s.state.Runs)
		o := &s.state.Runs[i]
		o.Step, o.Head, o.Epoch = r.step(), r.head, r.at.Epoch
	}
	s.mu.Unlock()
	s.tell("points", Points{r.id, r.step(), points})
}

// everyEpoch is how many epochs are told one by one: of twice as many the second half is told every second, and so on.
const everyEpoch = 400

// tellEpochs tells the epochs that were not told yet: those that are shorter than points wait to be told together, and the last one in any case.
func (s *Session) tellEpochs(r *run, now bool) {
	n := len(r.epochs)
	if n == 0 || r.toldEpoch >= n || !now && s.clock().Sub(r.epochAt) < flushEvery/2 {
		return
	}
	for _, e := range r.epochs[r.toldEpoch:] {
		every := 1 << bits.Len(uint(e.Epoch.Epoch-1)/everyEpoch)
		if e.Epoch.Epoch%every == 0 || now && e.Epoch.Epoch == r.epochs[n-1].Epoch.Epoch {
			s.tellEpoch(r, e)
		}
	}
	r.toldEpoch, r.epochAt = n, s.clock()
}

func (s *Session) tellEpoch(r *run, e epoch) {
	told := Epoch{Run: r.id, Epoch: e.Epoch.Epoch, Step: e.step, Running: e.Running, Seconds: e.Seconds}
	if e.Evaluated != nil {
		told.Validation = *e.Evaluated
	}
	s.tell("epoch", told)
}

// tellPast tells the curves that a run has from before it was here.
func (s *Session) tellPast(r *run) {
	r.untold = 0
	if len(r.points) > 0 {
		s.tell("points", Points{r.id, r.step(), slices.Clone(r.points)})
	}
	for _, e := range r.epochs {
		s.tellEpoch(r, e)
	}
	r.toldEpoch = len(r.epochs)
}

// tellState tells all but the curves.
func (s *Session) tellState() {
	s.publish()
	s.tell("state", s.State())
}

// publish makes the state of how things are now.
func (s *Session) publish() {
	s.states++
	state := State{Told: s.states, Dataset: s.current.material.name, Out: s.outName(), Current: s.current.id, Playing: s.playing, Speed: s.speed, Words: words(), Ladder: look.Ladder(), Others: look.Others(), Runs: []Run{}}
	ranks := make([]int, len(state.Ladder)) // of the runs that the steps have by now
	for _, r := range s.runs {
		d := s.describe(r)
		state.Runs = append(state.Runs, d)
		for i := range state.Ladder {
			if rung, rank := &state.Ladder[i], rankOf(d); d.Matches == rung.Name && rank >= ranks[i] {
				rung.Run, ranks[i] = &d.ID, rank
			}
		}
		if was, ok := s.reached[d.Matches]; d.Matches != "" && d.Result != nil && (!d.Short || !ok || was.short) {
			s.reached[d.Matches] = reached{d.ID, d.Result, d.InBand, d.Short}
		}
	}
	for i := range state.Ladder {
		rung := &state.Ladder[i]
		was, ok := s.reached[rung.Name]
		if !ok {
			continue
		}
		rung.Result, rung.InBand, rung.Short = was.result, was.inBand, was.short
		here := slices.ContainsFunc(state.Runs, func(d Run) bool { return d.ID == was.run && d.Matches == rung.Name })
		if here && ranks[i] < rankPlaying { // else what is shown is how far that one is
			rung.Run = &was.run
		}
	}
	s.mu.Lock()
	s.state = state
	s.mu.Unlock()
}

// rankPlaying is that of a run that plays.
const rankPlaying = 4

// rankOf says how much a run has to show of its step, beside others of it: from one that was never played to one that plays; of two alike the later one.
func rankOf(d Run) int {
	switch {
	case d.Condition == Playing:
		return rankPlaying
	case d.Head > 0 && !d.Short:
		return 3
	case d.Head > 0:
		return 2
	case !d.Short:
		return 1
	}
	return 0
}

// reached is what a step of the ladder gave when it was played last, and in which run.
type reached struct {
	run    string
	result *look.Figures
	inBand *bool
	short  bool
}

// describe is a run as it is told.
func (s *Session) describe(r *run) Run {
	e, first := r.experiment(), r.segments[0].experiment
	info := r.material.info()
	d := Run{
		ID: r.id, Name: r.name, Parent: r.parent, ParentStep: r.parentStep, Color: r.color, Experiment: first.Name, Dataset: r.material.name, OwnData: r.material.data != nil, Short: r.short(), Folder: r.folder.name, OnDisk: r.kept,
		Settings: settingsOf(e, r.seed, r.material), Condition: Paused, Step: r.step(), Head: r.head, StepsPerEpoch: r.stepsPerEpoch(), Epoch: r.at.Epoch, Epochs: e.Epochs,
		Samples: r.material.fit.Len(), TestSamples: r.material.tests.Len(), Params: r.params, Metric: r.metric(), Checkpoints: []uint64{0}, Classes: info.Classes,
		Result: r.figures(), InBand: r.inBand, Matches: r.matches(), Lecture: look.FiguresOf(first.Lecture), Band: look.BandOf(first.Band),
		Kind: r.kind(), Input: r.takes,
	}
	for _, c := range r.checkpoints {
		if c.step != d.Checkpoints[len(d.Checkpoints)-1] {
			d.Checkpoints = append(d.Checkpoints, c.step)
		}
	}
	for i, g := range r.segments {
		told := Segment{Step: g.from, Settings: settingsOf(g.experiment, r.seed, r.material), What: g.what}
		if n := len(d.Segments); i > 0 && d.Segments[n-1].Step == told.Step {
			if told.What = d.Segments[n-1].What + ", " + told.What; n == 1 {
				told.What = ""
			}
			d.Segments[n-1] = told
			continue
		}
		d.Segments = append(d.Segments, told)
	}
	for i := range d.Segments {
		d.Segments[i].Changes = differences(d.Segments[max(0, i-1)].Settings, d.Segments[i].Settings)
	}
	switch {
	case s.playing && r == s.current:
		d.Condition = Playing
	case r.ended():
		d.Condition, d.Why = r.end.condition, look.Said(r.end.why)
		if r.bestKept() {
			d.KeptEpoch = r.best.at.Epoch
		}
	case r.head == 0:
		d.Condition = Ready
	}
	return d
}

// like is the experiment of the ladder that the run is from its beginning, of one that was begun short but for its length.
func (r *run) like() (models.Experiment, bool) {
	e := r.segments[0].experiment
	if r.material.data != nil || e.On() != r.material.name {
		return models.Experiment{}, false
	}
	for _, of := range models.Experiments() {
		if r.begunShort {
			e.Epochs, e.TrainSamples = of.Epochs, of.TrainSamples
		}
		if look.Matches(e) == of.Name {
			return of, true
		}
	}
	return models.Experiment{}, false
}

// whole is the experiment whose length the run has where it is not short: its step of the ladder's, else that of where it comes from.
func (r *run) whole() (models.Experiment, bool) {
	if of, ok := r.like(); ok {
		return of, true
	}
	of, err := models.Find(r.root.name)
	return of, err == nil && !r.root.folder
}

// short says whether the run, which was begun so, has fewer epochs or samples than its step: it may have come to all of them.
func (r *run) short() bool {
	if !r.begunShort {
		return false
	}
	of, ok := r.whole()
	e := r.experiment()
	return !ok || e.Epochs < of.Epochs || e.TrainSamples > 0 && (of.TrainSamples == 0 || e.TrainSamples < of.TrainSamples)
}

// matches is the experiment of the ladder that the run is; of a short one but for its length.
func (r *run) matches() string {
	if len(r.segments) > 1 {
		return ""
	}
	return r.begins()
}

// begins is the experiment of the ladder that the run was until its settings were changed on its way.
func (r *run) begins() string {
	of, ok := r.like()
	if !ok || !r.short() && look.Matches(r.segments[0].experiment) != of.Name { // longer than its step
		return ""
	}
	return of.Name
}
