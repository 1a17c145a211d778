package inspect

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optim"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Recorder is an observer that takes snapshots of a run. At a step that it records it runs the batch a second time in a program
// of its own, which keeps every layer's activation and gradient, with the same weights and the same dropout masks; the
// training itself goes on in the same bits as without it. At other steps it does nothing.
//
// It serves one run at a time.
type Recorder struct {
	Every   int                   // record steps 0, Every, 2·Every, …; none of these if 0
	At      []uint64              // record these steps too; 0 is before the first update
	Epochs  bool                  // record the first step of each epoch too
	Tensors bool                  // keep copies of the tensors, not their statistics alone: twice the parameters and activations in memory for each snapshot
	Pass    bool                  // count saturated and dead units over a whole pass of the training data instead of the batch
	Each    func(*Snapshot) error // called with each snapshot when it is complete, if not nil

	Snapshots []*Snapshot // what was recorded, in order

	programs map[int]*graph.Program
	pending  *Snapshot       // waits for the optimizer's update
	before   []*tensor.Dense // the weights before it
}

// Name is "recorder".
func (r *Recorder) Name() string { return "recorder" }

// Observe takes a snapshot where one is asked for, and ends the run with an error where it cannot, or where Each returns one.
func (r *Recorder) Observe(e *train.Event) error {
	if e == nil {
		return errors.New("got no event: an observer is told by train.Fit")
	}
	switch e.Moment {
	case train.Begin:
		r.programs, r.pending, r.before = map[int]*graph.Program{}, nil, nil
	case train.Backward:
		if r.wants(e) {
			return r.take(e)
		}
	case train.Step:
		if r.pending == nil {
			return nil
		}
		err := r.finish(e.Model)
		if r.Every == 0 && !r.Epochs { // the next is far, and a program as large as training's
			r.programs, r.before = nil, nil
		}
		return err
	case train.End:
		r.programs, r.before = nil, nil
	}
	return nil
}

func (r *Recorder) wants(e *train.Event) bool {
	step := e.Position.Step
	return r.Every > 0 && step%uint64(r.Every) == 0 || r.Epochs && e.Position.Batch == 0 || slices.Contains(r.At, step)
}

func (r *Recorder) take(e *train.Event) error {
	batch, err := e.Whole()
	if err != nil {
		return err
	}
	s, _, err := r.look(e.Model, e.Config.Loss, batch, e.Position.Step)
	if err != nil {
		return err
	}
	s.Epoch = e.Position.Epoch
	if r.Pass {
		if err := s.Pass(context.Background(), e.Model, e.Data); err != nil {
			return err
		}
	}
	params := e.Model.Params()
	if r.before == nil {
		for _, p := range params {
			r.before = append(r.before, tensor.New(tensor.Of(p.Value.Dtype()), tensor.WithShape(p.Value.Shape()...)))
		}
	}
	eachAlone(len(params), func(i int) { copyTensor(r.before[i], params[i].Value) })
	r.pending = s
	return nil
}

// look makes a snapshot of a step of a batch, by a program that is kept.
func (r *Recorder) look(m *graph.Model, loss graph.Loss, batch *train.Batch, step uint64) (s *Snapshot, p *graph.Program, err error) {
	spec := spec(m, loss, batch)
	if p = r.programs[spec.Batch]; p == nil {
		if p, err = m.Compile(spec); err != nil {
			return nil, nil, err
		}
		if r.programs == nil { // it was put in after the beginning
			r.programs = map[int]*graph.Program{}
		}
		r.programs[spec.Batch] = p
	}
	if err := batch.Feed(p); err != nil {
		return nil, nil, err
	}
	p.SetStep(step)
	if err := p.Run(); err != nil {
		return nil, nil, err
	}
	s, err = read(m, p, step, r.Tensors)
	return s, p, err
}

// Next is a snapshot of the step that a run comes to next at a position, as TakeNext's, but with the update that its optimizer will make: what the recorder would keep of that step. The step is made and
// taken back, to the bit: the model and the optimizer are as before. Where its loss is not finite there is no update. It is for a run between two calls of train.Fit, or of Observe, of one model and one loss.
func (r *Recorder) Next(m *graph.Model, o optim.Optimizer, loss graph.Loss, data datasets.Data, batchSize int, seed uint64, at train.Position) (s *Snapshot, err error) {
	if o == nil {
		return nil, errors.New("inspect: got a nil optimizer, want that of the run")
	}
	batch, epoch, err := nextBatch(m, loss, data, batchSize, seed, at)
	if err != nil {
		return nil, err
	}
	s, p, err := r.look(m, loss, batch, at.Step)
	if err != nil {
		return nil, err
	}
	s.Epoch = epoch
	if math.IsNaN(s.Loss) || math.IsInf(s.Loss, 0) {
		return s, nil
	}
	tensors, state := m.Tensors(), o.State()
	before := make([]*tensor.Dense, len(tensors))
	for i, t := range tensors {
		before[i] = t.Value.Clone().(*tensor.Dense)
	}
	defer func() {
		for i, t := range tensors {
			copyTensor(t.Value, before[i])
		}
		err = errors.Join(err, o.SetState(state))
	}()
	if err := o.Step(p.Grads()); err != nil {
		return nil, err
	}
	if err := p.Commit(); err != nil {
		return nil, err
	}
	updates := make([]float64, len(tensors))
	eachAlone(len(tensors), func(i int) { updates[i] = distance(tensors[i].Value, before[i]) })
	s.Stepped = true
	for i, t := range tensors {
		layer, name := cutName(t.Name)
		if l := s.Layer(layer); l != nil {
			for j := range l.Params { // states are none
				if l.Params[j].Name == name {
					l.Params[j].Update = updates[i]
				}
			}
		}
	}
	return s, nil
}

// finish adds what the optimizer did to the snapshot in hand.
func (r *Recorder) finish(m *graph.Model) error {
	s := r.pending
	r.pending, s.Stepped = nil, true
	params := m.Params()
	updates := make([]float64, len(params))
	eachAlone(len(params), func(i int) { updates[i] = distance(params[i].Value, r.before[i]) })
	for i, p := range params {
		layer, name := cutName(p.Name)
		l := s.Layer(layer)
		at := slices.IndexFunc(l.Params, func(q Param) bool { return q.Name == name })
		if at < 0 {
			return fmt.Errorf("inspect: parameter %s was not there before the step: want a model that does not change while it trains", p.Name)
		}
		l.Params[at].Update = updates[i]
	}
	r.Snapshots = append(r.Snapshots, s)
	if r.Each != nil {
		return r.Each(s)
	}
	return nil
}

// distance is ‖a−b‖ of two tensors of one type and size, over the elements where it is finite.
func distance(a, b *tensor.Dense) float64 {
	if a.Dtype() == tensor.Float64 {
		return distanceOf(a.Float64s(), b.Float64s())
	}
	return distanceOf(a.Float32s(), b.Float32s())
}

func distanceOf[T float](a, b []T) float64 {
	var sum [4]float64 // which do not wait for one another
	i := 0
	for ; i+4 <= len(a) && i+4 <= len(b); i += 4 {
		a, b := a[i:i+4:i+4], b[i:i+4:i+4]
		for j := range sum {
			d := float64(a[j]) - float64(b[j])
			sum[j] += d * d
		}
	}
	for ; i < len(a); i++ {
		d := float64(a[i]) - float64(b[i])
		sum[0] += d * d
	}
	all := sum[0] + sum[1] + (sum[2] + sum[3])
	if all-all == 0 {
		return math.Sqrt(all)
	}
	all = 0
	for i, v := range a {
		if d := float64(v) - float64(b[i]); d-d == 0 {
			all += d * d
		}
	}
	return math.Sqrt(all)
}
