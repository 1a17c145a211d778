package train

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/blas"
	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"github.com/stheno-ml/stheno/graph/optim"
)

// A move is a step of adding up shards: one is run into a level, or, where shard is -1, the level above is added to a level.
type move struct{ shard, level int }

// moves add up the shards lo to hi, by halves.
func moves(lo, hi, level int) []move {
	if hi-lo == 1 {
		return []move{{lo, level}}
	}
	middle := (lo + hi + 1) / 2
	return append(append(moves(lo, middle, level), moves(middle, hi, level+1)...), move{-1, level})
}

// sums are what shards are added up in: the gradients, and the states' next values.
type sums struct {
	model   *graph.Model
	all     []*tensor.Dense // gradients of what is learnt in the model's order, then states: parts of one stretch of memory
	flat    any             // that stretch, []float32 or []float64
	states  []string        // their names
	origins []origin        // of all, in the shard that has run last
	buckets []bucket
}

// An origin is what a shard came to for one tensor: leftᵀ·right, which nobody has multiplied out, or by times value.
type origin struct {
	left, right, value *tensor.Dense
	by                 float64
}

// A bucket is a stretch of the sums, of whole tensors: which these are, and which elements.
type bucket struct{ first, last, lo, hi int }

// newSums makes the room for them: gradients, then the states that a program writes; in buckets of so many bytes at least.
func newSums(m *graph.Model, updates []graph.Param, least int) (*sums, error) {
	s := &sums{model: m}
	var like []*tensor.Dense
	for _, p := range m.Trainable() {
		like = append(like, p.Value)
	}
	for _, u := range updates {
		for _, state := range m.States() {
			if state.Name == u.Name {
				s.states, like = append(s.states, u.Name), append(like, state.Value)
			}
		}
	}
	dt, size := like[0].Dtype(), 0
	for _, t := range like {
		if t.Dtype() != dt {
			return nil, fmt.Errorf("got gradients and states of %v and of %v, want one kind of numbers", dt, t.Dtype())
		}
		size += t.Shape().TotalSize()
	}
	f32, f64 := []float32(nil), []float64(nil)
	if dt == tensor.Float64 {
		f64 = make([]float64, size)
		s.flat = f64
	} else {
		f32 = make([]float32, size)
		s.flat = f32
	}
	b := bucket{}
	for _, t := range like {
		n := t.Shape().TotalSize()
		var backing any
		if dt == tensor.Float64 {
			backing = f64[b.hi : b.hi+n : b.hi+n]
		} else {
			backing = f32[b.hi : b.hi+n : b.hi+n]
		}
		s.all = append(s.all, tensor.New(tensor.WithShape(t.Shape()...), tensor.WithBacking(backing)))
		b.last, b.hi = b.last+1, b.hi+n
		if least := max(1, least/int(dt.Size())); b.hi-b.lo >= least && size-b.hi >= least { // what is left over goes with the last
			s.buckets = append(s.buckets, b)
			b.first, b.lo = b.last, b.hi
		}
	}
	s.buckets = append(s.buckets, b)
	return s, nil
}

// whole is all of them.
func (s *sums) whole() bucket {
	last := s.buckets[len(s.buckets)-1]
	return bucket{0, last.last, 0, last.hi}
}

// hold looks at what a shard came to, so that nothing can fail when it is taken. Of a state's next value it is the shard's part of the whole, by rows.
func (s *sums) hold(p *graph.Program, share float64) error {
	s.origins = s.origins[:0]
	for _, g := range p.Grads() {
		if product, ok := g.(optim.Product); ok {
			if left, right := product.Factors(); left != nil {
				s.origins = append(s.origins, origin{left: left, right: right})
				continue
			}
		}
		v, err := g.Grad()
		if err != nil {
			return err
		}
		t, ok := v.(*tensor.Dense)
		if !ok {
			return fmt.Errorf("got a gradient of type %T, want a tensor", v)
		}
		s.origins = append(s.origins, origin{value: t, by: 1})
	}
	for _, u := range p.Updates() {
		s.origins = append(s.origins, origin{value: u.Value, by: share})
	}
	return nil
}

// take multiplies out, or copies, what a shard came to.
func (s *sums) take(b bucket) {
	for i := b.first; i < b.last; i++ {
		to, from := s.all[i], s.origins[i]
		switch {
		case from.left != nil:
			blas.TransposedProduct(to, from.left, from.right, 1, 0)
		case to.Dtype() == tensor.Float64:
			scaleInto(to.Float64s(), from.value.Float64s(), from.by)
		default:
			scaleInto(to.Float32s(), from.value.Float32s(), float32(from.by))
		}
	}
}

func (s *sums) add(o *sums, b bucket) {
	switch flat := s.flat.(type) {
	case []float32:
		addInto(flat[b.lo:b.hi], o.flat.([]float32)[b.lo:b.hi])
	case []float64:
		addInto(flat[b.lo:b.hi], o.flat.([]float64)[b.lo:b.hi])
	}
}

// commit writes the states' next values into the model.
func (s *sums) commit() error {
	next := s.all[len(s.all)-len(s.states):]
	for i, name := range s.states {
		for _, state := range s.model.States() {
			if state.Name == name {
				if err := convert(state.Value, next[i], 0); err != nil {
					return err
				}
			}
		}
	}
	s.model.Constrain()
	return nil
}

func scaleInto[T float32 | float64](to, from []T, by T) {
	if by == 1 {
		copy(to, from)
		return
	}
	for i, v := range from {
		to[i] = by * v
	}
}

// grain is how many elements are worth another core.
const grain = 32 << 10

func addInto[T float32 | float64](to, from []T) {
	parallel.For(len(to), grain, func(lo, hi int) { vec.Add(to[lo:hi], to[lo:hi], from[lo:hi]) })
}

// summed is a parameter with the sum of its gradients.
type summed struct {
	name        string
	value, grad *tensor.Dense
}

func (s *summed) Name() string                  { return s.name }
func (s *summed) Value() gorgonia.Value         { return s.value }
func (s *summed) Grad() (gorgonia.Value, error) { return s.grad, nil }
