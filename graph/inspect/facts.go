package inspect

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// facts are what the rules judge by.
type facts struct {
	*Record
	fit        *answers
	tests      []*answers // of Tests; nil where one cannot be judged
	names      []string   // of the layers that learn
	values     *values    // of the training set's inputs; nil where they are no numbers
	shifts     []shift    // of each of Tests
	neighbours *neighbours
	common     float64   // share of the most frequent class in as many samples as the figure in words is of; NaN of others
	fall       float64   // of the running loss, over the last quarter of the epochs, as a share of it; NaN where that is not known
	starved    float64   // by how much the gradient of the loss is smaller than cross-entropy's, at the end; 1 where it is that
	flow       []float64 // the median over the snapshots of each learning layer's gradient norm
	begun      []float64 // the same in the first snapshot
	now        []float64 // the same in the last one
	update     []float64 // the same of ‖Δw‖/‖w‖, of the layers' largest parameter
	start      []float64 // ‖Δw‖/‖w‖ in the first snapshot
	highest    float64   // largest gradient norm of any snapshot
	where      string    // of highest
}

// measure gathers the facts; nil where the answers are of a kind that cannot be judged one by one.
func measure(ctx context.Context, r *Record) (*facts, error) {
	f := &facts{Record: r}
	var err error
	if f.fit, err = ask(ctx, r.Model, r.Loss, r.Train.Data, r.Asked); err != nil || f.fit == nil {
		return nil, err
	}
	if f.common, err = f.mostFrequent(); err != nil {
		return nil, err
	}
	if f.values, err = valuesOf(ctx, f.fit.samples); err != nil {
		return nil, err
	}
	for _, t := range r.Tests {
		var a *answers
		var s shift
		if t.Data != nil {
			if a, err = ask(ctx, r.Model, r.Loss, t.Data, r.Asked); err != nil {
				return nil, err
			}
		}
		if a != nil && (a.kind != f.fit.kind || a.width != f.fit.width) {
			a = nil
		}
		if a != nil {
			v, err := valuesOf(ctx, a.samples)
			if err != nil {
				return nil, err
			}
			s = shiftOf(f.fit.samples, a.samples, f.values, v)
		}
		f.tests, f.shifts = append(f.tests, a), append(f.shifts, s)
	}
	f.fall = fall(r.Epochs)
	f.gradients()
	if f.short() && r.Diverged == nil || f.gap() >= overfitGap {
		if f.neighbours, err = askNeighbours(ctx, f.fit, f.test()); err != nil {
			return nil, err
		}
	}
	return f, f.compareLoss(ctx)
}

// mostFrequent is the share of the most frequent class: of all samples where the accuracy in words is of all of them.
func (f *facts) mostFrequent() (float64, error) {
	r, n := f.Train.Result, f.Train.Data.Len()
	if f.fit.kind != ofClasses || r == nil || math.IsNaN(r.Score("accuracy")) || f.fit.len() == n {
		return f.fit.chance, nil
	}
	counts, all := make([]int, len(f.fit.confusion)), 0
	for from := 0; from < n; from += asked {
		rows := make([]int, min(asked, n-from))
		for i := range rows {
			rows[i] = from + i
		}
		classes := make([]int32, len(rows)*f.fit.width)
		if err := f.Train.Data.Read(datasets.Batch{Targets: []datasets.Values{{IDs: classes}}}, rows, datasets.Draw{}); err != nil {
			return 0, err
		}
		for _, c := range classes {
			if c >= 0 && int(c) < len(counts) {
				counts[c]++
				all++
			}
		}
	}
	return float64(slices.Max(counts)) / float64(max(1, all)), nil
}

// test are the answers on the first test set; nil if there is none.
func (f *facts) test() *answers {
	if len(f.tests) == 0 || f.Tests[0].Result == nil {
		return nil
	}
	return f.tests[0]
}

// gap is how much better the answers are on the training set, as a share of those that are right, or of R²; 0 where there is no test set.
func (f *facts) gap() float64 {
	t := f.test()
	if t == nil || math.IsNaN(f.fit.skill) || math.IsNaN(t.rate) { // of one test sample, or equal ones, there is no R²
		return 0
	}
	return f.fit.rate - t.rate
}

// fall is that of the running loss over the last quarter of the epochs, as a share of what it came to.
func fall(epochs []train.Epoch) float64 {
	n := len(epochs)
	if n < 2 {
		return math.NaN()
	}
	q := max(1, n/4)
	var before, last float64
	for i := range q {
		before += epochs[n-2*q+i].Running.Loss
		last += epochs[n-q+i].Running.Loss
	}
	return (before - last) / max(math.Abs(last), 1e-12)
}

// gradients sums up the snapshots.
func (f *facts) gradients() {
	for i, l := range f.Snapshots[0].Layers {
		if slices.ContainsFunc(f.Snapshots, func(s *Snapshot) bool { return i < len(s.Layers) && learns(&s.Layers[i]) }) {
			f.names = append(f.names, l.Name)
			f.start = append(f.start, math.NaN())
		}
	}
	norms, updates := make([][]float64, len(f.names)), make([][]float64, len(f.names))
	for at, s := range f.Snapshots {
		for _, l := range s.Layers {
			i := slices.Index(f.names, l.Name)
			if i < 0 || !learns(&l) {
				continue
			}
			largest := 0
			for j, p := range l.Params {
				if p.Shape.TotalSize() > l.Params[largest].Shape.TotalSize() {
					largest = j
				}
			}
			norm := l.GradNorm()
			norms[i] = append(norms[i], norm)
			if norm > f.highest {
				f.highest, f.where = norm, l.Name
			}
			if u := l.Params[largest].UpdateRatio(); s.Stepped && !math.IsNaN(u) {
				updates[i] = append(updates[i], u)
				if at == 0 {
					f.start[i] = u
				}
			}
		}
	}
	for i := range norms {
		f.begun, f.now = append(f.begun, norms[i][0]), append(f.now, norms[i][len(norms[i])-1])
		f.flow = append(f.flow, middle50(norms[i]))
		f.update = append(f.update, middle50(updates[i]))
	}
}

// learns says whether a layer has parameters that are not frozen.
func learns(l *Layer) bool { return len(l.Params) > 0 && !l.Frozen }

// middle50 is the median; NaN of nothing.
func middle50(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	x = slices.Clone(x)
	slices.Sort(x)
	return x[len(x)/2]
}

// compareLoss measures what cross-entropy's gradient would be with the same weights and samples.
func (f *facts) compareLoss(ctx context.Context) error {
	f.starved = 1
	var better graph.Loss
	switch last := lastActivation(f.Model); {
	case f.Diverged != nil || f.fit.kind != ofClasses:
		return nil
	case last == layers.Softmax && f.Loss.Name() != (losses.CrossEntropy{}).Name():
		better = losses.CrossEntropy{}
	case last == layers.Sigmoid && f.Loss.Name() != (losses.BinaryCrossEntropy{}).Name():
		better = losses.BinaryCrossEntropy{}
	default:
		return nil
	}
	size := min(f.BatchSize, 500, f.Train.Data.Len())
	at := train.Position{}
	if err := stopped(ctx); err != nil {
		return err
	}
	own, err := TakeNext(f.Model, f.Loss, f.Train.Data, size, f.Seed, at)
	if err == nil {
		err = stopped(ctx)
	}
	if err != nil {
		return err
	}
	other, err := TakeNext(f.Model, better, f.Train.Data, size, f.Seed, at)
	if err != nil {
		return err
	}
	a, b := lastNorm(own), lastNorm(other)
	if b > 0 {
		f.starved = b / max(a, 1e-30)
	}
	return nil
}

// lastNorm is the gradient norm of the last layer that learns.
func lastNorm(s *Snapshot) float64 {
	for i := len(s.Layers) - 1; i >= 0; i-- {
		if learns(&s.Layers[i]) {
			return s.Layers[i].GradNorm()
		}
	}
	return 0
}

// class is a class's name.
func (f *facts) class(i int) string {
	if names := f.Train.Data.Info().Classes; i < len(names) {
		return names[i]
	}
	return fmt.Sprint(i)
}

// least is the skill that is asked for: of a text another one.
func (a *answers) least(skill, text float64) float64 {
	if a.text {
		return text
	}
	return skill
}

// failed: it has not learnt even the training set.
func (f *facts) failed() bool {
	return f.Diverged != nil || f.fit.skill < f.fit.least(learntSkill, learntText) && !f.atLimit() || math.IsInf(f.fit.skill, 0)
}

// short: it has not learnt the training set well, whether that is to be had or not.
func (f *facts) short() bool {
	return f.Diverged != nil || !(f.fit.skill >= f.fit.least(goodSkill, goodText) || math.IsNaN(f.fit.skill))
}

// struggling: it has not learnt the training set as well as it could.
func (f *facts) struggling() bool { return f.short() && !f.atLimit() }

// stands: the loss falls no more. Of a run whose epochs are not known it is false.
func (f *facts) stands() bool { return f.fall < stillFalls }

// atLimit: it has learnt something, which holds for the test set too; its loss stands; and its neighbours tell no more of a sample than the network does.
func (f *facts) atLimit() bool {
	if f.Diverged != nil || f.neighbours == nil || !f.stands() || f.fit.skill < .05 {
		return false
	}
	if t := f.test(); t != nil && t.skill < f.fit.skill/2 {
		return false
	}
	return !f.more()
}

// more is to be had of these inputs than the network has learnt, as far as their neighbours tell; true where they were not asked.
func (f *facts) more() bool { return f.neighbours == nil || f.neighbours.skill > f.fit.skill+.06 }

// blame is Error where the run failed, Warning where it falls short.
func (f *facts) blame() Severity {
	if f.failed() {
		return Error
	}
	return Warning
}
