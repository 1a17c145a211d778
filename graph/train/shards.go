package train

import (
	"fmt"
	"slices"
	"time"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
)

// A stepper runs batches, each in so many shards, and adds up what comes of them.
type stepper struct {
	feeder   *feeder
	programs programs
	metrics  []Metric
	shards   int
	ranks    Ranks // that share them; nil for none

	room     []float32 // for what other ranks send
	roomWide []float64

	batch  *Batch // in hand
	ahead  *ahead // what was read of the epoch before it is wanted; nil: nothing
	levels []*sums
	beside time.Duration        // in which gradients went between ranks while others were multiplied out
	frozen []string             // layers, when the programs were compiled
	grads  []gorgonia.ValueGrad // over levels[0]
}

// A stepped is what a batch came to.
type stepped struct {
	batch  *Batch
	loss   float64
	terms  []float64 // the loss by target, penalties with the first
	masses []float64 // what the positions of each target count
	sums   [][]float64
	grads  []gorgonia.ValueGrad
	commit func() error
}

// refrozen says whether other layers are frozen than when it was last asked, and compiles anew if so.
func (s *stepper) refrozen() bool {
	frozen := s.feeder.model.Frozen()
	if slices.Equal(frozen, s.frozen) {
		return false
	}
	s.programs.made, s.levels, s.grads, s.frozen = nil, nil, nil, frozen
	return true
}

// run reads a batch and runs it. sums are the metrics' so far; they are left as they are.
func (s *stepper) run(rows []int, step uint64, draw datasets.Draw, sums [][]float64) (*stepped, error) {
	out := &stepped{sums: Position{Sums: sums}.clone().Sums}
	for len(out.sums) < len(s.metrics) {
		out.sums = append(out.sums, nil)
	}
	shards := min(s.shards, len(rows))
	if shards > 1 || !solitary(s.ranks) {
		return out, s.split(out, rows, shards, step, draw)
	}
	p, err := s.programs.of(len(rows))
	if err != nil {
		return nil, err
	}
	out.batch = &Batch{Inputs: p.Inputs(), Targets: p.Targets()}
	if err := s.read(out.batch, rows, draw); err != nil {
		return nil, err
	}
	masses, err := p.Weigh(out.batch.Weights, nil)
	if err != nil {
		return nil, err
	}
	p.SetStep(step)
	p.SetRow(0) // it may have been a shard's program before
	p.SetShare(1)
	if err := p.Run(); err != nil {
		return nil, err
	}
	if err := judge(s.feeder, s.metrics, out.sums, p); err != nil {
		return nil, err
	}
	out.loss, out.terms, out.masses, out.grads, out.commit = p.Loss(), terms(p), masses, p.Grads(), p.Commit
	return out, nil
}

// terms is a program's loss by target. Penalties are of none; they go with the first.
func terms(p *graph.Program) []float64 {
	all := p.Terms()
	if len(all) == 1 {
		all[0] = p.Loss()
		return all
	}
	rest := p.Loss()
	for _, t := range all {
		rest -= t
	}
	all[0] += rest
	return all
}

// judge adds the output of a program that has run to the metrics' sums.
func judge(f *feeder, metrics []Metric, sums [][]float64, p *graph.Program) error {
	if len(metrics) == 0 {
		return nil
	}
	return judgeValues(f, metrics, sums, judgedOutput(f, p), p.Y())
}

// judgedOutput is what metrics look at.
func judgedOutput(f *feeder, p *graph.Program) *tensor.Dense {
	info, _ := f.judged()
	return p.Outputs()[slices.IndexFunc(f.model.Outputs(), func(o graph.OutputInfo) bool { return o.Name == info.Name })]
}

func judgeValues(f *feeder, metrics []Metric, sums [][]float64, values, target *tensor.Dense) (err error) {
	judging := 0
	defer func() { // a metric may be anybody's, and so may be the sums with which a run starts
		if r := recover(); r != nil {
			err = fmt.Errorf("metric %s: its Add panicked: %v: do the sums that the run started with belong to other metrics?", metrics[judging].Name(), r)
		}
	}()
	info, _ := f.judged()
	for k, metric := range metrics {
		judging = k
		sums[k] = metric.Add(sums[k], info, values, target)
	}
	return nil
}

// split runs a batch in shards: stretches of rows, as equal as can be. Each is weighed by what the whole batch counts, so that the sum of the shards' losses is the
// batch's; their gradients, losses and states are added up by a tree, whose shape depends on their number alone. Ranks run their shards
// and tell one another what these came to.
func (s *stepper) split(out *stepped, rows []int, shards int, step uint64, draw datasets.Draw) error {
	mine := s.own(rows)
	first, last := stretch(s.ranks, shards)
	part := func(shard int) (lo, hi int) { return shard * len(rows) / shards, (shard + 1) * len(rows) / shards }
	start, _ := part(first) // of the own rows
	masses, err := s.weigh(mine, first, last, start, part, draw)
	if masses, err = s.allMasses(masses, err); err != nil {
		return err
	}
	out.batch = s.batch
	totals := make([]float64, len(masses[0]))
	for _, of := range masses {
		for i, mass := range of {
			totals[i] += mass
		}
	}
	var all []*ran
	run := func(shard int, into *sums) error {
		lo, hi := part(shard)
		p, err := s.programs.of(hi - lo)
		if err != nil {
			return err
		}
		if err := s.batch.feed(p, lo-start); err != nil {
			return err
		}
		var weights []float64
		if s.batch.Weights != nil {
			weights = s.batch.Weights[lo-start : hi-start]
		}
		if _, err := p.Weigh(weights, totals); err != nil {
			return err
		}
		share := float64(hi-lo) / float64(len(rows))
		p.SetShare(share)
		p.SetStep(step)
		p.SetRow(lo)
		if err := p.Run(); err != nil {
			return fmt.Errorf("shard %d: %w", shard, err)
		}
		if solitary(s.ranks) {
			if err := judge(s.feeder, s.metrics, out.sums, p); err != nil {
				return err
			}
		}
		all = append(all, s.tell(p))
		return into.hold(p, share)
	}
	now, later, own := s.moves(shards)
	if err == nil {
		err = s.makeLevels(now, len(rows)/shards)
	}
	for i, m := range now {
		if err != nil {
			break
		}
		if level := s.levels[m.level]; m.shard < 0 {
			level.add(s.levels[m.level+1], level.whole())
		} else if err = run(m.shard, level); err == nil && i < len(now)-1 {
			level.take(level.whole())
		}
	}
	if all, err = s.allRan(out, len(rows), shards, all, err); err != nil {
		return err
	}
	if err := s.leave(shards, own, now, later); err != nil {
		return err
	}
	total := s.levels[0]
	if s.grads == nil {
		for i, param := range s.feeder.model.Trainable() {
			s.grads = append(s.grads, &summed{param.Name, param.Value, total.all[i]})
		}
	}
	out.loss, out.terms = lossTree(0, shards, all)
	out.masses, out.grads, out.commit = totals, s.grads, total.commit
	return nil
}

// weigh reads the own rows of a batch, and is what the positions of each target count in each of the own shards.
func (s *stepper) weigh(mine []int, first, last, start int, part func(shard int) (lo, hi int), draw datasets.Draw) (masses [][]float64, err error) {
	if len(mine) == 0 {
		s.batch = nil
		return nil, nil
	}
	if s.batch == nil || s.batch.Len() != len(mine) {
		s.batch = s.feeder.room(len(mine))
	}
	if err := s.read(s.batch, mine, draw); err != nil {
		return nil, err
	}
	for shard := first; shard < last; shard++ {
		lo, hi := part(shard)
		p, err := s.programs.of(hi - lo)
		if err != nil {
			return nil, err
		}
		if err := copyRows(p.Targets(), s.batch.Targets, "target", lo-start); err != nil {
			return nil, err
		}
		of, err := p.Weigh(nil, nil)
		if err != nil {
			return nil, err
		}
		masses = append(masses, of)
	}
	return masses, nil
}

// programs keeps a model's programs by batch size.
type programs struct {
	model *graph.Model
	spec  graph.Spec
	made  map[int]*graph.Program
}

func (p *programs) of(batch int) (*graph.Program, error) {
	if made := p.made[batch]; made != nil {
		return made, nil
	}
	p.spec.Batch = batch
	made, err := p.model.Compile(p.spec)
	if err != nil {
		return nil, err
	}
	if p.made == nil {
		p.made = map[int]*graph.Program{}
	}
	p.made[batch] = made
	return made, nil
}
