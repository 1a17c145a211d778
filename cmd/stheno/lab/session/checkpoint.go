package session

import (
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
	kept "github.com/stheno-ml/stheno/graph/train/run"
	"github.com/stheno-ml/stheno/models"
)

// A checkpoint is all that a run needs to go on from a step. Nothing in it changes: a branch has its parent's.
type checkpoint struct {
	step    uint64
	at      train.Position // as Fit has it
	offset  int64          // as run.offset
	in      *segment       // that was in force
	tensors []*tensor.Dense
	state   optim.State
	bytes   int64
	seconds float64 // of training, up to here

	file *kept.Checkpoint // on disk, in place of tensors and state; nil of one in memory
}

// checkpoint keeps where the run is. Fit may have put averages in the place of the weights once it is over, so this is for within it.
func (r *run) checkpoint() *checkpoint {
	c := &checkpoint{step: r.step(), at: cloned(r.at), offset: r.offset, in: r.in, state: r.optimizer.State(), seconds: r.seconds}
	for _, t := range tensorsOf(r.model) {
		c.tensors = append(c.tensors, t.Clone().(*tensor.Dense))
	}
	c.measure()
	return c
}

// measure says how many bytes it takes.
func (c *checkpoint) measure() {
	c.bytes = 0
	for _, t := range c.tensors {
		c.bytes += sizeOf(t)
	}
	for _, slot := range c.state.Slots {
		for _, t := range slot {
			c.bytes += sizeOf(t)
		}
	}
}

func sizeOf(t *tensor.Dense) int64 { return int64(t.Shape().TotalSize()) * int64(t.Dtype().Size()) }

// keep adds a checkpoint of where the run is, unless there is one.
func (r *run) keep() {
	at, found := slices.BinarySearchFunc(r.checkpoints, r.step(), byStep)
	for ; found && at < len(r.checkpoints) && r.checkpoints[at].step == r.step(); at++ { // several may be of one step, each in the settings of its time
		if r.checkpoints[at].in == r.in {
			return
		}
	}
	if r.step() > 0 {
		r.checkpoints = slices.Insert(r.checkpoints, at, r.checkpoint())
	}
}

func byStep(c *checkpoint, step uint64) int {
	switch {
	case c.step < step:
		return -1
	case c.step > step:
		return 1
	}
	return 0
}

// before is the latest checkpoint that is not after a step; nil where only the beginning is.
func (r *run) before(step uint64) *checkpoint {
	at, _ := slices.BinarySearchFunc(r.checkpoints, step+1, byStep)
	if at == 0 {
		return nil
	}
	return r.checkpoints[at-1]
}

// restore brings the run to a checkpoint; nil is its beginning.
func (r *run) restore(c *checkpoint) error {
	if c == nil {
		return r.begin()
	}
	e := c.in.experiment
	optimizer, err := optim.New(e.Optimizer, e.LearningRate)
	if err != nil {
		return err
	}
	model := r.model
	if model == nil || !sameNetwork(r.in.experiment, e) {
		if model, err = r.build(e); err != nil {
			return err
		}
	}
	at := c.at
	if c.file != nil {
		if at, err = r.disk.Restore(*c.file, model, optimizer, nil); err != nil {
			return err
		}
	} else {
		if err := put(model, c.tensors); err != nil {
			return err
		}
		if err := optimizer.SetState(c.state); err != nil {
			return err
		}
	}
	if model != r.model || c.in != r.in { // whose loss may be another
		r.recorder = nil
	}
	r.model, r.optimizer, r.in, r.at, r.offset, r.seconds, r.aside = model, optimizer, c.in, cloned(at), c.offset, c.seconds, false
	return nil
}

// begin makes the run's network anew, with the weights that its seed draws.
func (r *run) begin() (err error) {
	first := r.segments[0]
	if r.model, err = r.build(first.experiment); err != nil {
		return err
	}
	r.optimizer, err = optim.New(first.experiment.Optimizer, first.experiment.LearningRate)
	r.in, r.at, r.offset, r.seconds, r.aside, r.recorder = first, train.Position{}, 0, 0, false, nil
	return err
}

// build makes the network of an experiment, with the weights that the seed draws.
func (r *run) build(e models.Experiment) (*graph.Model, error) {
	m, err := e.Model(r.material.info(), r.seed)
	if err != nil {
		return nil, err
	}
	about, err := r.material.about()
	m.SetAbout(about)
	return m, err
}

// maxCheckpoints are kept of a run, however small they are.
const maxCheckpoints = 200

// thin drops checkpoints until those of all runs fit the budget: first those without which the way back is hardly longer, old ones before new ones. Each run keeps its last.
func (s *Session) thin() {
	for _, r := range s.runs {
		for len(r.checkpoints) > maxCheckpoints {
			least := 0
			for i := range r.checkpoints {
				if r.worth(i) < r.worth(least) {
					least = i
				}
			}
			r.checkpoints = slices.Delete(r.checkpoints, least, least+1)
		}
	}
	budget := s.budget
	if s.limit > 0 {
		budget = s.spare()
	}
	for {
		total, worth := int64(0), map[*checkpoint]float64{}
		for _, r := range s.runs {
			for i, c := range r.checkpoints {
				if _, seen := worth[c]; !seen {
					total += c.bytes
				}
				worth[c] = max(worth[c], r.worth(i))
			}
		}
		if total <= budget {
			return
		}
		var least *checkpoint
		for _, r := range s.runs {
			for i, c := range r.checkpoints {
				if c.file == nil && i < len(r.checkpoints)-1 && worth[c] < forever && (least == nil || worth[c] < worth[least]) {
					least = c
				}
			}
		}
		if least == nil {
			return
		}
		for _, r := range s.runs {
			r.checkpoints = slices.DeleteFunc(r.checkpoints, func(c *checkpoint) bool { return c == least })
		}
	}
}

// forever is what a checkpoint is worth that is not dropped.
const forever = 1e300

// worth is by how much the way back is longer without checkpoint i, measured by how long ago it is.
func (r *run) worth(i int) float64 {
	if i == len(r.checkpoints)-1 || r.checkpoints[i] == r.best {
		return forever
	}
	before := uint64(0)
	if i > 0 {
		before = r.checkpoints[i-1].step
	}
	gap := r.checkpoints[i+1].step - before
	return float64(gap) / float64(1+r.checkpoints[len(r.checkpoints)-1].step-r.checkpoints[i].step)
}

// cloned is a position with sums of its own.
func cloned(p train.Position) train.Position {
	p.More, p.Sums = slices.Clone(p.More), slices.Clone(p.Sums)
	for i := range p.Sums {
		p.Sums[i] = slices.Clone(p.Sums[i])
	}
	if p.Clipped != nil {
		clipped := *p.Clipped
		p.Clipped = &clipped
	}
	return p
}
