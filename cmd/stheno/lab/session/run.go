package session

import (
	"math"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/inspect"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A run is one training in memory. Only the goroutine of Serve touches it.
type run struct {
	id, name, parent string
	root             root
	cameFrom         look.Settings // of the run that it was made from, where that did not diverge with them
	parentStep       uint64
	color            int
	begunShort       bool         // with fewer epochs than its step of the ladder; or what it comes from was
	disk             *kept.Folder // whose checkpoints it may have
	kept             bool         // it was opened from there, and stays as it is
	folder           keptAs
	seed             uint64
	material         *material
	params           int
	size             graph.Size // of the network
	takes            Input      // what a sample is
	segments         []*segment // in order; the first is from step 0

	// Where it is. A run that was not looked at for long has no model, until somebody looks.
	model     *graph.Model
	optimizer optim.Optimizer
	in        *segment       // the settings that model and optimizer are of
	at        train.Position // as Fit has it, which counts the steps as if all batches had been of one size
	offset    int64          // of the run's own count
	aside     bool           // the model has not the weights of the last step, but the best: before it goes on, these are to be put back
	recorder  *inspect.Recorder
	looked    int          // when somebody looked at it last
	training  bool         // Fit is at work: the weights are those of the last step
	held      bool         // Fit waits, with the run at rest
	asked     *train.Batch // the sample that the model was asked about last

	// What is known of its way, up to head.
	head        uint64
	seconds     float64 // of training, up to where it is
	epochs      []epoch
	points      []Point
	stride      uint64 // of the points
	untold      int    // of the points
	toldEpoch   int    // how many epochs there were when one was told last
	epochAt     time.Time
	checkpoints []*checkpoint
	best        *checkpoint // of the best epoch, where the experiment has a Patience
	snapshots   []*inspect.Snapshot
	snapped     snapped
	end         *ending
	result      *models.Result // of the end
	inBand      *bool
	judged      judged
	findings    []look.Finding // the last
	was         *look.Figures  // the result that it was kept with
}

// epoch is one that is over.
type epoch struct {
	train.Epoch
	step    uint64 // after it
	seconds float64
}

// An ending is where a run cannot go on, and why.
type ending struct {
	condition, why string
	step           uint64
	diverged       *train.DivergedError
}

// step is how many steps are over where the run is.
func (r *run) step() uint64 { return uint64(int64(r.at.Step) + r.offset) }

// experiment is how the run trains its next step.
func (r *run) experiment() models.Experiment { return r.segmentAt(r.step()).experiment }

// segmentAt is the segment with which the step after so many is made.
func (r *run) segmentAt(step uint64) *segment {
	found := r.segments[0]
	for _, s := range r.segments {
		if s.from <= step {
			found = s
		}
	}
	return found
}

// ended says that the run is at its end.
func (r *run) ended() bool { return r.end != nil && r.end.step == r.step() }

// stopped is why the run ended by itself before its last epoch, there or further on; "" where it did not.
func (r *run) stopped() string {
	if r.end == nil || r.end.condition != Done {
		return ""
	}
	return r.end.why
}

// stepsPerEpoch is that of where the run is.
func (r *run) stepsPerEpoch() int { return steps(r.material.fit.Len(), r.experiment().BatchSize) }

// epochsUntil are those that are over at a step.
func (r *run) epochsUntil(step uint64) []train.Epoch {
	var all []train.Epoch
	for _, e := range r.epochs {
		if e.step <= step {
			all = append(all, e.Epoch)
		}
	}
	return all
}

// maxPoints are kept of a run's curves.
const maxPoints = 2000

// point keeps one, and says whether it did: of a long run every second one is dropped, again and again.
func (r *run) point(p Point) {
	if r.stride == 0 {
		r.stride = 1
	}
	if (p.Step-1)%r.stride != 0 {
		return
	}
	if len(r.points) >= maxPoints {
		r.flushed()
		r.stride *= 2
		r.points = slices.DeleteFunc(r.points, func(p Point) bool { return (p.Step-1)%r.stride != 0 })
		if (p.Step-1)%r.stride != 0 {
			return
		}
	}
	r.points = append(r.points, p)
	r.untold++
}

// flushed are the points that were not told yet.
func (r *run) flushed() []Point {
	n := min(r.untold, len(r.points))
	r.untold = 0
	return slices.Clone(r.points[len(r.points)-n:])
}

// branch is a run with the same past up to a step. It has no model yet.
func (r *run) branch(step uint64) *run {
	b := &run{
		name: r.name, root: r.root, cameFrom: r.cameFrom, parent: r.id, parentStep: step, begunShort: r.begunShort, seed: r.seed, material: r.material, params: r.params, size: r.size, takes: r.takes, disk: r.disk, head: step, stride: r.stride,
		checkpoints: slices.DeleteFunc(slices.Clone(r.checkpoints), func(c *checkpoint) bool { return c.step > step }),
		points:      slices.DeleteFunc(slices.Clone(r.points), func(p Point) bool { return p.Step > step }),
		epochs:      slices.DeleteFunc(slices.Clone(r.epochs), func(e epoch) bool { return e.step > step }),
		snapshots:   slices.DeleteFunc(slices.Clone(r.snapshots), func(s *inspect.Snapshot) bool { return s.Step >= step }),
	}
	for _, s := range r.segments {
		if s.asked <= step {
			b.segments = append(b.segments, s)
		}
	}
	b.snapped.first = r.snapped.first
	if r.best != nil && r.best.step <= step {
		b.best = r.best
	}
	return b
}

// metric is the name of what results are in.
func (r *run) metric() string {
	if e := r.segments[0].experiment; len(e.Metrics) > 0 {
		return e.Metrics[0].Name()
	}
	if targets := r.material.fit.Info().Targets; len(targets) > 0 && !targets[0].IDs {
		return "loss"
	}
	return "accuracy"
}

// figures of what was evaluated.
func (r *run) figures() *look.Figures {
	if r.result == nil {
		return r.was
	}
	of := func(e *train.Evaluation) *look.Number {
		if e == nil {
			return nil
		}
		v := e.Loss
		if name := r.metric(); name != "loss" {
			v = e.Score(name)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		n := look.Number(v)
		return &n
	}
	return &look.Figures{Train: of(r.result.Train), Test: of(r.result.Test), NoisyTest: of(r.result.NoisyTest)}
}
