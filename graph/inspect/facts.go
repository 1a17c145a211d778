package inspect

import (
	"context"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/losses"
	"github.com/stheno-ml/stheno/graph/train"
)

// facts are what the rules judge by.
type facts struct {
	*Record
	set     *datasets.Dataset // the training set
	share   float64           // of the most frequent class in the training set: what saying it of everything earns
	skill   float64           // training accuracy from share (0) to 1 (1)
	said    []int             // classes by how often the network says them of the training set, most often first
	saidTop float64           // how often it says the first of them
	saidTwo float64           // how often it says the first two
	stats   datasets.Stats
	shifts  []shift // of each of Tests

	starved float64   // by how much the gradient of the loss is smaller than cross-entropy's, at the end; 1 where it is that
	flow    []float64 // the median over the snapshots of each learning layer's gradient norm
	begun   []float64 // the same in the first snapshot
	names   []string  // of these layers
	update  []float64 // the same of ‖Δw‖/‖w‖, of the layers' largest parameter
	start   []float64 // ‖Δw‖/‖w‖ in the first snapshot
	highest float64   // largest gradient norm of any snapshot
	where   string    // of highest
}

// A shift is how far a data set lies from the training set.
type shift struct {
	distance float64 // root mean square over the features of the difference of means, in the training set's standard deviations
	spread   float64 // ratio of the standard deviations over all values
	stats    datasets.Stats
}

func measure(ctx context.Context, r *Record) (*facts, error) {
	f := &facts{Record: r, set: r.Train.Set()}
	f.stats = f.set.Stats()
	n := float64(r.Train.Data.Len())
	f.share = float64(slices.Max(f.stats.Counts)) / n
	f.skill = (r.Train.Result.TopK(1) - f.share) / max(1-f.share, 1e-9)
	predicted := r.Train.Result.Predicted()
	for class := range predicted {
		f.said = append(f.said, class)
	}
	slices.SortStableFunc(f.said, func(a, b int) int { return predicted[b] - predicted[a] })
	f.saidTop = float64(predicted[f.said[0]]) / n
	f.saidTwo = f.saidTop
	if len(f.said) > 1 {
		f.saidTwo += float64(predicted[f.said[1]]) / n
	}
	reference := featureMeans(f.set)
	for _, t := range r.Tests {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		f.shifts = append(f.shifts, f.shiftOf(t.Set(), reference))
	}
	f.gradients()
	return f, f.compareLoss()
}

// featureMeans is the mean of every feature.
func featureMeans(d *datasets.Dataset) []float64 {
	means := make([]float64, d.Features())
	row := make([]float32, d.Features())
	for i := range d.Len() {
		d.Row(row, i)
		for j, v := range row {
			means[j] += float64(v)
		}
	}
	for j := range means {
		means[j] /= float64(d.Len())
	}
	return means
}

func (f *facts) shiftOf(d *datasets.Dataset, reference []float64) shift {
	if d == nil {
		return shift{}
	}
	s := shift{stats: d.Stats()}
	if f.stats.Std == 0 || d.Features() != len(reference) {
		return s
	}
	sum := 0.0
	for j, m := range featureMeans(d) {
		sum += (m - reference[j]) * (m - reference[j])
	}
	// What chance alone does to the means of so many samples is taken off.
	chance := f.stats.Std * f.stats.Std * (1/float64(d.Len()) + 1/float64(f.Train.Data.Len()))
	s.distance = math.Sqrt(max(0, sum/float64(len(reference))-chance)) / f.stats.Std
	s.spread = s.stats.Std / f.stats.Std
	return s
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
		f.begun = append(f.begun, norms[i][0])
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
func (f *facts) compareLoss() error {
	f.starved = 1
	if f.Loss.Name() == (losses.CrossEntropy{}).Name() || !f.endsInSoftmax() || f.Diverged != nil {
		return nil
	}
	size := min(f.BatchSize, 500, f.Train.Data.Len())
	at := train.Position{}
	own, err := TakeNext(f.Model, f.Loss, f.Train.Data, size, f.Seed, at)
	if err != nil {
		return err
	}
	other, err := TakeNext(f.Model, losses.CrossEntropy{}, f.Train.Data, size, f.Seed, at)
	if err != nil {
		return err
	}
	a, b := lastNorm(own), lastNorm(other)
	if b > 0 {
		f.starved = b / max(a, 1e-30)
	}
	return nil
}

func (f *facts) endsInSoftmax() bool {
	all := f.Model.Layers()
	return layers.ActivationOf(all[len(all)-1].Layer) == layers.Softmax
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
func (f *facts) class(i int) string { return f.set.Classes[i] }

// failed: it has not learnt even the training set.
func (f *facts) failed() bool { return f.Diverged != nil || f.skill < learntSkill }

// struggling: it has not learnt the training set well.
func (f *facts) struggling() bool { return f.Diverged != nil || f.skill < goodSkill }

// blame is Error where the run failed, Warning where it falls short.
func (f *facts) blame() Severity {
	if f.failed() {
		return Error
	}
	return Warning
}
