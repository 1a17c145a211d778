package inspect

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/datasets"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// A Snapshot is a network at one step of its training, on one batch: nothing in it changes when training goes on. As JSON
// it has the statistics without the tensors.
type Snapshot struct {
	Step   uint64  `json:"step"`   // updates before it: 0 is the untrained network
	Epoch  int     `json:"epoch"`  // epochs that were over
	Batch  int     `json:"batch"`  // samples
	Loss   float64 `json:"loss"`   // mean over the batch
	Layers []Layer `json:"layers"` // in the model's order: after a layer those within it
	// Stepped: the optimizer's update of this very batch was seen, so that Param.Update is known.
	Stepped bool    `json:"stepped"`
	Watched []Watch `json:"watched,omitempty"` // nodes that a layer named by graph.Builder.Watch
}

// A Layer is what a layer put out for the batch, and what it learnt from it.
type Layer struct {
	Name       string    `json:"layer"`            // "dense_1"
	Kind       string    `json:"kind"`             // "dense"
	Activation string    `json:"activation"`       // "linear" for layers that have none
	Depth      int       `json:"depth"`            // place in the model, from 1; a layer within a layer has its depth
	Units      int       `json:"units"`            // outputs for a sample
	Output     Array     `json:"output"`           // [batch,…]
	Grad       *Array    `json:"grad"`             // the loss's gradient with regard to Output; of a softmax under cross-entropy, to its logits; nil where it does not depend on it
	Params     []Param   `json:"params,omitempty"` // its own, not those of layers within it
	Times      []float64 `json:"times,omitempty"`  // of a recurrent layer, at each time the norm of the loss's gradient with regard to what it is given there, √Σ(∂loss/∂x)² over the batch
	Frozen     bool      `json:"frozen,omitempty"` // by graph.Model.Freeze: its parameters have no gradient, which stands as 0

	// Saturated is the share of the outputs of a sigmoid or tanh at which its slope is under 4 % of its largest: below
	// .0101 or above .9899, beyond ±.9798. 0 for other activations.
	Saturated float64 `json:"saturated"`
	// Dead is the share of the units of a relu that put out 0 for every sample. 0 for other activations.
	Dead float64 `json:"dead"`
	// Pass: Saturated and Dead are of a whole pass over the data, weights at rest, and not of the batch.
	Pass bool `json:"pass"`
}

// A Param is a parameter and its gradient.
type Param struct {
	Name   string       `json:"param"`           // "weight": the layer's name is left out
	Shape  tensor.Shape `json:"shape"`           // of Value and of Grad
	Value  Array        `json:"value"`           // before the step
	Grad   Array        `json:"grad"`            // of the loss, with regard to Value
	Update float64      `json:"update"`          // ‖Δw‖ of this step, if Snapshot.Stepped
	Alike  bool         `json:"alike,omitempty"` // all units have the same weights: of two axes or more, with several along the last
}

// GradNorm is the norm of the gradient of all that the layer learns, √Σ‖∂loss/∂w‖² over its parameters; 0 where it learns nothing.
func (l *Layer) GradNorm() float64 {
	squares := 0.0
	for _, p := range l.Params {
		squares += p.Grad.Norm * p.Grad.Norm
	}
	return math.Sqrt(squares)
}

// UpdateRatio is ‖Δw‖/‖w‖: how far the step moved the parameter, measured by its own size. NaN where the parameter was all
// zeros, or nothing was updated.
func (p *Param) UpdateRatio() float64 {
	if p.Value.Norm == 0 {
		return math.NaN()
	}
	return p.Update / p.Value.Norm
}

// A Watch is a node inside a layer.
type Watch struct {
	Name  string `json:"name"`  // "swish_1.gate"
	Value Array  `json:"value"` // for the batch
	Grad  *Array `json:"grad"`  // the loss's gradient with regard to Value; nil where it does not depend on it
}

// An Array is a tensor by its statistics.
type Array struct {
	Stats
	Tensor *tensor.Dense `json:"-"` // a copy of it, where copies were asked for, else nil
}

// Take looks at a model on a batch, as if it were training's step of that number: dropout masks are the step's. It changes
// nothing of the model, and keeps a copy of every tensor. Param.Update is not known, since no optimizer steps. A batch that does not fit the
// model is an error.
func Take(m *graph.Model, loss graph.Loss, b *train.Batch, step uint64) (*Snapshot, error) {
	if b == nil || len(b.Inputs) == 0 {
		return nil, errors.New("inspect: got no batch, want one, such as train.NewBatch makes")
	}
	program, err := m.Compile(spec(m, loss, b))
	if err != nil {
		return nil, err
	}
	if err := b.Feed(program); err != nil {
		return nil, err
	}
	program.SetStep(step)
	if err := program.Run(); err != nil {
		return nil, err
	}
	return read(m, program, step, true)
}

// spec is what a snapshot of a batch is made by. Only a recurrent layer is asked what goes into it.
func spec(m *graph.Model, loss graph.Loss, b *train.Batch) graph.Spec {
	return graph.Spec{Mode: graph.Train, Batch: b.Len(), Loss: loss, Inspect: true, Inputs: slices.Contains(recurrent(m), true)}
}

// TakeNext looks at a model on the batch that a run of that batch size and seed comes to next at a position: of the zero value, the first
// batch of the first epoch. A batch size beyond the data is all of them, as in train.Config. Like Take, it keeps a copy of every tensor.
func TakeNext(m *graph.Model, loss graph.Loss, data datasets.Data, batchSize int, seed uint64, at train.Position) (*Snapshot, error) {
	batch, epoch, err := nextBatch(m, loss, data, batchSize, seed, at)
	if err != nil {
		return nil, err
	}
	s, err := Take(m, loss, batch, at.Step)
	if err != nil {
		return nil, err
	}
	s.Epoch = epoch
	return s, nil
}

// nextBatch is the batch that a run comes to next, and the epochs that are over then.
func nextBatch(m *graph.Model, loss graph.Loss, data datasets.Data, batchSize int, seed uint64, at train.Position) (b *train.Batch, epoch int, err error) {
	if m == nil || data == nil {
		return nil, 0, errors.New("inspect: got a nil model or nil data, want both: look at the error of the function that made it")
	}
	if batchSize < 1 || at.Epoch < 0 || at.Batch < 0 {
		return nil, 0, fmt.Errorf("inspect: got batch size %d at epoch %d, batch %d, want a batch size of at least 1, and a position in a run", batchSize, at.Epoch, at.Batch)
	}
	batchSize = min(batchSize, data.Len())
	if at.Batch >= (data.Len()+batchSize-1)/batchSize {
		at.Epoch, at.Batch = at.Epoch+1, 0
	}
	from := at.Batch * batchSize
	rows := datasets.Shuffle(data.Len(), seed, at.Epoch)[from:min(from+batchSize, data.Len())]
	b, err = train.NewBatch(m, loss, data, rows)
	return b, at.Epoch, err
}

// copyTensor copies src into dst, of one shape and element type.
func copyTensor(dst, src *tensor.Dense) {
	if dst.Dtype() == tensor.Float64 {
		copy(dst.Float64s(), src.Float64s())
	} else {
		copy(dst.Float32s(), src.Float32s())
	}
}

// wide is a tensor's elements in float64; those of a float64 tensor are its own.
func wide(t *tensor.Dense) []float64 {
	if t.Dtype() == tensor.Float64 {
		return t.Float64s()
	}
	out := make([]float64, len(t.Float32s()))
	for i, v := range t.Float32s() {
		out[i] = float64(v)
	}
	return out
}

// read makes a snapshot of a program, compiled with Inspect, that has run.
func read(m *graph.Model, p *graph.Program, step uint64, tensors bool) (*Snapshot, error) {
	s := &Snapshot{Step: step, Batch: p.Spec().Batch, Loss: p.Loss()}
	recordings, params := p.Recordings(), m.Params()
	learnt := m.Trainable()
	var all []*tensor.Dense
	grads := map[string]*tensor.Dense{} // of the parameters that have one, which all but frozen ones do
	for _, r := range recordings {
		all = append(all, r.Value, r.Grad)
	}
	for i, g := range p.Grads() {
		grad, err := g.Grad()
		if err != nil {
			return nil, err
		}
		grads[learnt[i].Name] = grad.(*tensor.Dense)
		all = append(all, grads[learnt[i].Name])
	}
	for _, p := range params {
		all = append(all, p.Value)
	}
	arrays := summarizeAll(all, tensors)
	array := func(t *tensor.Dense) Array { return arrays[t] }
	optional := func(t *tensor.Dense) *Array {
		if t == nil {
			return nil
		}
		a := array(t)
		return &a
	}
	infos, over := m.Layers(), recurrent(m)
	depth := 0
	for _, r := range recordings {
		if !r.Layer {
			s.Watched = append(s.Watched, Watch{r.Name, array(r.Value), optional(r.Grad)})
			continue
		}
		info := infos[len(s.Layers)]
		if info.Nested == 0 {
			depth++
		}
		l := Layer{
			Name: r.Name, Kind: info.Kind, Activation: layers.ActivationOf(info.Layer).String(), Depth: depth, Units: info.Output.TotalSize(),
			Output: array(r.Value), Grad: optional(r.Grad), Frozen: info.Frozen,
		}
		u := newUnits(layers.ActivationOf(info.Layer), l.Units)
		u.add(r.Value)
		l.Saturated, l.Dead = u.saturated(), u.dead()
		if over[len(s.Layers)] {
			l.Times = times(r)
		}
		s.Layers = append(s.Layers, l)
	}
	for _, p := range params {
		layer, name := cutName(p.Name)
		at := slices.IndexFunc(s.Layers, func(l Layer) bool { return l.Name == layer })
		if at < 0 {
			return nil, fmt.Errorf("inspect: parameter %s: no layer is called %q, want one of the model's", p.Name, layer)
		}
		s.Layers[at].Params = append(s.Layers[at].Params, Param{
			Name: name, Shape: p.Value.Shape().Clone(), Value: array(p.Value), Grad: array(grads[p.Name]), Alike: alike(p.Value),
		})
	}
	return s, nil
}

// alike says whether the columns of a tensor, along its last axis, are all the same.
func alike(t *tensor.Dense) bool {
	shape := t.Shape()
	if len(shape) < 2 || shape[len(shape)-1] < 2 {
		return false
	}
	if t.Dtype() == tensor.Float64 {
		return sameColumns(t.Float64s(), shape[len(shape)-1])
	}
	return sameColumns(t.Float32s(), shape[len(shape)-1])
}

func sameColumns[T float](x []T, columns int) bool {
	for i, v := range x {
		if v != x[i-i%columns] {
			return false
		}
	}
	return true
}

// summarizeAll makes an Array of each tensor but nil ones, on all threads.
func summarizeAll(tensors []*tensor.Dense, copies bool) map[*tensor.Dense]Array {
	all := slices.Clone(tensors)
	all = slices.DeleteFunc(all, func(t *tensor.Dense) bool { return t == nil })
	slices.SortStableFunc(all, func(a, b *tensor.Dense) int { return b.Shape().TotalSize() - a.Shape().TotalSize() }) // the last ones even out the threads' shares
	arrays := make([]Array, len(all))
	eachAlone(len(all), func(i int) {
		arrays[i].Stats = Summarize(all[i])
		if copies {
			arrays[i].Tensor = all[i].Clone().(*tensor.Dense)
		}
	})
	of := map[*tensor.Dense]Array{}
	for i, t := range all {
		of[t] = arrays[i]
	}
	return of
}

// eachAlone calls f with 0 to n−1, on all threads: a thread that is free takes the next.
func eachAlone(n int, f func(i int)) {
	var next atomic.Int64
	threads := parallel.Threads()
	parallel.For(threads, 1, func(lo, hi int) {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	})
}

// cutName splits "dense_1.weight".
func cutName(full string) (layer, param string) {
	at := strings.IndexByte(full, '.')
	return full[:max(at, 0)], full[at+1:]
}

// Layer is the layer of that name; nil if there is none.
func (s *Snapshot) Layer(name string) *Layer {
	for i := range s.Layers {
		if s.Layers[i].Name == name {
			return &s.Layers[i]
		}
	}
	return nil
}
