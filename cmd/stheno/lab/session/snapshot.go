package session

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// What looking at a run may cost: one part of so many of the time since it was looked at last, or diagnosed. With checkpoints that comes to less than 5 %.
const (
	looking    = 50
	diagnosing = 100
)

// snapped is when a run was looked at, and what that cost.
type snapped struct {
	first *inspect.Snapshot // of the network as it began
	last  *inspect.Snapshot // that was told
	of    *segment          // in which it was taken
	at    time.Time         // when that was
	cost  time.Duration     // of it

	diagnosed     time.Time // when it was diagnosed
	diagnosedCost time.Duration
}

// marks are the steps that are always looked at: they tell most of how a network begins.
var marks = []uint64{0, 1, 10, 100}

// markedEpochs begin with a step that is looked at, too, spread over all.
const markedEpochs = 10

// marked says whether a run of so many epochs is looked at at a step whatever that costs. The diagnosis judges by these steps alone: what it says of a run is the same each time, however fast that is trained.
func marked(epochs int, step uint64, at train.Position) bool {
	return slices.Contains(marks, step) || at.Batch == 0 && at.Epoch%((max(1, epochs)-1)/markedEpochs+1) == 0
}

// snap takes a snapshot of the step in hand, where one is due.
func (w *walk) snap(e *train.Event) error {
	r, step := w.r, w.r.step()
	since := time.Since(r.snapped.at)
	if !w.watch && !(step >= r.head && marked(r.in.experiment.Epochs, step, e.Position)) && (r.snapped.cost == 0 || since < looking*r.snapped.cost || since < flushEvery) {
		return nil
	}
	start := time.Now()
	r.recorded()
	w.taking, w.kept = true, marked(r.in.experiment.Epochs, step, e.Position)
	err := r.recorder.Observe(e)
	w.snapping = time.Since(start)
	return err
}

// snapped adds what the step did, and tells.
func (w *walk) snapped(e *train.Event) error {
	if !w.taking {
		return nil
	}
	w.taking = false
	start, r := time.Now(), w.r
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
	r.snapped.at = time.Now()
	r.snapped.cost = w.snapping + r.snapped.at.Sub(start)
	return nil
}

// maxSnapshots are kept of a run, without their tensors: one from disk may have recorded each of its steps.
const maxSnapshots = 200

// remember keeps a snapshot for the diagnosis. Of many every second one is dropped, but for the first steps'.
func (r *run) remember(s *inspect.Snapshot) {
	if r.snapped.first == nil {
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
}

// record is what is known of a run where it is, and what the diagnosis says of that.
func (r *run) record(ctx context.Context) (*inspect.Record, []inspect.Finding, error) {
	result, err := r.evaluate(ctx)
	if err != nil {
		return nil, nil, err
	}
	var snapshots []*inspect.Snapshot
	for _, o := range r.snapshots {
		if o.Step < r.step() && len(o.Layers) == len(r.model.Layers()) { // of the network that it is by now
			snapshots = append(snapshots, o)
		}
	}
	held := r.material.held != nil
	result.Experiment = r.material.whole(result.Experiment)
	record, err := result.Record(ctx, r.material.train, r.material.test, snapshots)
	if err != nil {
		return nil, nil, err
	}
	record.Name, record.Steps, record.Held = r.name, r.step(), held
	record.Snapshots[len(record.Snapshots)-1].Step = r.step()
	if e := r.experiment(); !r.ended() {
		record.Ahead = uint64(max(0, r.stepsPerEpoch()*(e.Epochs-r.at.Epoch)-r.at.Batch))
	}
	found, err := inspect.Diagnose(ctx, record)
	return record, found, err
}

// diagnose tells what is wrong with a run where it is.
func (s *Session) diagnose(ctx context.Context, r *run) error {
	start := time.Now()
	r.snapped.diagnosed = start
	_, found, err := r.record(ctx)
	if err != nil {
		return err
	}
	r.findings = look.Findings(found, r.subject())
	s.tell("findings", Found{r.id, r.step(), r.findings})
	r.snapped.diagnosed = time.Now()
	r.snapped.diagnosedCost = r.snapped.diagnosed.Sub(start)
	return nil
}

// diagnosis diagnoses at the end of an epoch, where that costs little of the time since it was done last. Averages of the weights, with which the run is evaluated, are not in their place then.
func (w *walk) diagnosis() {
	r := w.r
	if _, averaged := optim.Find[*optim.EMA](r.optimizer); averaged {
		return
	}
	cost := r.snapped.diagnosedCost
	if cost == 0 { // as long as nobody knows, that of an epoch, and of as much time for each sample that it is tested on
		cost = time.Duration(w.epoch * (1 + float64(r.material.tests.Len())/float64(r.material.fit.Len())) * float64(time.Second))
	}
	if r.snapped.diagnosed.IsZero() {
		r.snapped.diagnosed = w.began
	}
	if time.Since(r.snapped.diagnosed) < diagnosing*cost {
		return
	}
	ctx, done := w.s.queue.unhurried(w.s.ctx)
	defer done()
	w.s.guard(r, false, func() error { return broken(ctx, w.s.diagnose(ctx, r)) })
}
