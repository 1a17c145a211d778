package session

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// snapped is when a run was looked at, and what that cost.
type snapped struct {
	first *inspect.Snapshot // of the network as it began
	last  *inspect.Snapshot // that was told
	of    *segment          // in which it was taken
	at    time.Time         // when that was
	cost  time.Duration     // of it

	diagnosed     time.Time     // when it was diagnosed
	diagnosedCost time.Duration // of that while it plays; 0 as long as there was none
}

// marks are the steps that are always looked at: they tell most of how a network begins.
var marks = []uint64{0, 1, 10, 100}

// So many epochs begin with a step that is looked at, too, spread over all: one in so many steps of a run, which then takes about a fiftieth longer, but so many at the least, and no more than that.
const (
	leastMarked = 5
	mostMarked  = 10
	markedSteps = 200
)

// marked says whether a run of so many epochs, of so many steps each, is looked at at a step whatever that costs. The diagnosis judges by these steps alone: what it says of a run is the same each time, however fast that is trained.
func marked(epochs, steps int, step uint64, at train.Position) bool {
	most := min(max(epochs*steps/markedSteps, leastMarked), mostMarked)
	return slices.Contains(marks, step) || at.Batch == 0 && at.Epoch%((max(1, epochs)-1)/most+1) == 0
}

// snap takes a snapshot of the step in hand, where one is due.
func (w *walk) snap(e *train.Event) error {
	r, step := w.r, w.r.step()
	since, mark := w.s.clock().Sub(r.snapped.at), marked(r.in.experiment.Epochs, e.Steps, step, e.Position)
	if !w.watch && !(step >= r.head && mark) && (r.snapped.cost == 0 || since < looking*r.snapped.cost || since < flushEvery || !w.s.account.affords(r.snapped.cost)) {
		return nil
	}
	start := w.s.clock()
	r.recorded()
	w.taking, w.kept = true, mark
	err := r.recorder.Observe(e)
	w.snapping = w.s.clock().Sub(start)
	return err
}

// snapped adds what the step did, and tells.
func (w *walk) snapped(e *train.Event) error {
	if !w.taking {
		return nil
	}
	w.taking = false
	start, r := w.s.clock(), w.r
	if err := r.recorder.Observe(e); err != nil {
		return err
	}
	snapshot := r.recorder.Snapshots[0]
	r.recorder.Snapshots = nil
	if snapshot.Step = r.step() - 1; w.kept {
		r.remember(snapshot)
	}
	if err := w.s.tellLayers(r, snapshot); err != nil {
		return err
	}
	r.snapped.at = w.s.clock()
	r.snapped.cost = w.snapping + r.snapped.at.Sub(start)
	return nil
}

// maxSnapshots are kept of a run, without their tensors: one from disk may have recorded each of its steps.
const maxSnapshots = 200

// remember keeps a snapshot for the diagnosis. Of many every second one is dropped, but for the first steps'.
func (r *run) remember(s *inspect.Snapshot) {
	if r.snapped.first == nil && s.Step == 0 {
		r.snapped.first = s
	}
	at, found := slices.BinarySearchFunc(r.snapshots, s.Step, func(o *inspect.Snapshot, step uint64) int { return cmp.Compare(o.Step, step) })
	if found {
		return
	}
	r.snapshots = slices.Insert(r.snapshots, at, s)
	if len(r.snapshots) <= maxSnapshots {
		return
	}
	var all []*inspect.Snapshot
	for i, s := range r.snapshots {
		if i%2 == 0 || s.Step <= marks[len(marks)-1] || i == len(r.snapshots)-1 {
			all = append(all, s)
		}
	}
	r.snapshots = all
}

// first is a snapshot of the network as the run began: where none was recorded, or the run began elsewhere, it is made of the weights that the seed draws.
func (r *run) first() (*inspect.Snapshot, error) {
	if r.snapped.first != nil {
		return r.snapped.first, nil
	}
	e := r.segments[0].experiment
	model, err := r.build(e)
	if err != nil {
		return nil, err
	}
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return nil, err
	}
	if scheduled, ok := optim.Find[*optim.Scheduled](optimizer); ok {
		scheduled.Plan(e.Epochs, steps(r.material.fit.Len(), e.BatchSize))
	}
	first, err := (&inspect.Recorder{Every: 1}).Next(model, optimizer, e.Loss, r.material.fit, e.BatchSize, r.seed, train.Position{})
	if err != nil {
		return nil, err
	}
	light(first)
	r.remember(first)
	return first, nil
}

// subject is a run as package look takes it.
func (r *run) subject() *look.Subject {
	m := r.material
	return &look.Subject{Experiment: r.experiment(), Seed: r.seed, Model: r.model, Optimizer: r.optimizer, At: r.at, Fit: m.fit, Test: m.tests, RawFit: m.rawFit, RawTest: m.rawHeld, Prepare: m.prepare, Before: r.rateBefore()}
}

// rateBefore is the learning rate before it was changed to that of where the run is: of an earlier segment, else of the run that it was made from, else of the experiment that it comes from; 0 if there is none other.
func (r *run) rateBefore() float64 {
	now := settingsOf(r.experiment(), r.seed, r.material)
	var before []look.Settings
	for _, s := range slices.Backward(r.segments) {
		if s.from <= r.step() {
			before = append(before, settingsOf(s.experiment, r.seed, r.material))
		}
	}
	for _, s := range append(before, r.cameFrom, r.root.settings) {
		if s.Optimizer == now.Optimizer && s.Rate != now.Rate {
			return float64(s.Rate)
		}
	}
	return 0
}

// A Found is what the diagnosis says of a run where it is.
type Found struct {
	Run      string         `json:"run"`
	Step     uint64         `json:"step"`
	Findings []look.Finding `json:"findings"`
	Asked    int            `json:"asked"` // samples of each set at most, by which it is judged; 0 is all
}

// askedOnTheWay are the samples of each set by which a run is judged while it plays: as many as cost little, and as tell what is wrong.
const askedOnTheWay = 300

// record is what is known of a run where it is, and what the diagnosis says of that: by so many samples of each set at most, or by all.
func (s *Session) record(ctx context.Context, r *run, most int) (*inspect.Record, []inspect.Finding, error) {
	result, err := r.evaluate(ctx, most)
	if err != nil {
		return nil, nil, err
	}
	now, err := s.now(r)
	if err != nil {
		return nil, nil, err
	}
	m := r.material
	fit, err := part(m.fit, most)
	if err == nil {
		err = now.Pass(ctx, r.model, fit)
	}
	if err != nil {
		return nil, nil, err
	}
	if r.step() > 0 {
		if _, err := r.first(); err != nil { // of which the diagnosis knows, too
			return nil, nil, err
		}
	}
	var snapshots []*inspect.Snapshot
	for _, o := range r.snapshots {
		if o.Step < r.step() && len(o.Layers) == len(r.model.Layers()) { // of the network that it is by now
			snapshots = append(snapshots, o)
		}
	}
	e := r.experiment()
	record := &inspect.Record{
		Name: r.name, Seed: r.seed, Model: r.model, Loss: e.Loss, Optimizer: e.Optimizer, LearningRate: e.LearningRate, BatchSize: min(e.BatchSize, m.fit.Len()),
		Steps: r.step(), Epochs: result.History.Epochs, Held: m.held != nil, Stopped: r.stopped(), Diverged: result.Diverged, Snapshots: append(snapshots, now), Asked: most,
		Train: inspect.Tested{Name: "training set", Data: m.fit, Result: result.Train},
		Tests: []inspect.Tested{{Name: "test set", Data: m.tests, Result: result.Test}},
	}
	if m.noisy != nil {
		record.Tests = append(record.Tests, inspect.Tested{Name: "noisy test set", Data: m.noisy, Result: result.NoisyTest})
	}
	if !r.ended() {
		record.Ahead = uint64(max(0, r.stepsPerEpoch()*(e.Epochs-r.at.Epoch)-r.at.Batch))
	}
	found, err := inspect.Diagnose(ctx, record)
	return record, found, err
}

// now is a snapshot of the run where it is for the diagnosis: of weights at rest, on the batch that is shown beside it, and without an update that is not made.
func (s *Session) now(r *run) (*inspect.Snapshot, error) {
	if _, averaged := optim.Find[*optim.EMA](r.optimizer); averaged {
		e := r.experiment()
		now, err := inspect.TakeNext(r.model, e.Loss, r.material.fit, e.BatchSize, r.seed, r.place())
		if err != nil {
			return nil, err
		}
		light(now)
		now.Step = r.step()
		return now, nil
	}
	told, err := s.snapshot(r)
	if err != nil {
		return nil, err
	}
	now := *told // which is shown as it is
	now.Stepped, now.Layers = false, slices.Clone(told.Layers)
	for i := range now.Layers {
		l := &now.Layers[i]
		l.Params = slices.Clone(l.Params)
		for j := range l.Params {
			l.Params[j].Update = 0
		}
	}
	return &now, nil
}

// part is so many samples at most, spread over all of them; all where most is 0.
func part(data datasets.Data, most int) (datasets.Data, error) {
	if most == 0 || data.Len() <= most {
		return data, nil
	}
	rows := make([]int, most)
	for i := range rows {
		rows[i] = i * data.Len() / most
	}
	return datasets.Rows(data, rows)
}

// diagnose tells what is wrong with a run where it is, by so many samples at most.
func (s *Session) diagnose(ctx context.Context, r *run, most int) error {
	start := s.clock()
	r.snapped.diagnosed = start
	_, found, err := s.record(ctx, r, most)
	if err != nil {
		return err
	}
	r.findings = look.Findings(found, r.subject())
	s.tell("findings", Found{r.id, r.step(), r.findings, most})
	r.snapped.diagnosed = s.clock()
	if most == askedOnTheWay {
		r.snapped.diagnosedCost = r.snapped.diagnosed.Sub(start)
	}
	return nil
}

// When a run is diagnosed while it plays: as soon as its first epoch is over, or so long after it began, whatever that costs; and then no oftener than one can read.
const (
	firstWords = 5 * time.Second
	wordsApart = 2 * time.Second
	waiting    = 4 // or, where steps are waited for, once that took so many times as long: it costs nobody anything
)

// diagnosis diagnoses between two steps, or at the end of an epoch, where it is time to.
func (w *walk) diagnosis(epochal bool) {
	r, now := w.r, w.s.clock()
	cost := r.snapped.diagnosedCost
	switch {
	case w.watch: // it is diagnosed where it rests
		return
	case epochal && r.at.Epoch == 1, cost == 0 && (epochal || now.Sub(w.began) >= firstWords):
	case cost == 0, now.Sub(r.snapped.diagnosed) < wordsApart, now.Sub(r.snapped.diagnosed) < diagnosing*cost && w.waited < waiting*cost:
		return
	}
	w.waited = 0
	ctx, done := w.s.queue.unhurried(w.s.ctx)
	defer done()
	w.s.guard(r, false, func() error {
		if err := w.s.atRest(r); err != nil { // averages of the weights come in their place for it
			return err
		}
		defer r.working()
		return broken(ctx, w.s.diagnose(ctx, r, askedOnTheWay))
	})
}
