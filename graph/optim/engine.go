package optim

import (
	"slices"

	"github.com/stheno-ml/stheno/graph/internal/parallel"
	"github.com/stheno-ml/stheno/graph/internal/vec"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A rule is what an optimizer tells the engine about itself.
type rule interface {
	Name() string
	Rate() float64
	Validate() error
	slots() []string // the names of the running values, at most maxSlots
	begin(t int)     // called before the updates of step t
	decay() decay
	update32(piece[float32])
	update64(piece[float64])
}

// A multiplier is a rule that can take a gradient as a Product.
type multiplier interface {
	rule
	updateByProduct(w *tensor.Dense, f factors, rate float64)
}

// A piece is a range of one parameter, its gradient, its learning rate, and its running values in the order of rule.slots.
type piece[T vec.Float] struct {
	w, g  []T
	rate  float64
	slots [maxSlots][]T
}

const maxSlots = 3

func (p piece[T]) cut(lo, hi int) piece[T] {
	p.w, p.g = p.w[lo:hi], p.g[lo:hi]
	for i, s := range p.slots {
		if s != nil {
			p.slots[i] = s[lo:hi]
		}
	}
	return p
}

// A decay is weight decay beside the gradient's step: w ← (1 − lr·λ)·w before it.
type decay struct {
	lambda   float64
	matrices bool // no parameters of a single axis
}

// keep is what is left of a parameter's weights.
func (d decay) keep(w *tensor.Dense, rate float64) float64 {
	if d.matrices && w.Dims() < 2 {
		return 1
	}
	return 1 - rate*d.lambda
}

// A task is what is to be done with a parameter in a step.
type task struct {
	gradient *tensor.Dense
	product  factors // in place of a nil gradient
	wish     wish
}

// grain is the least number of elements that is worth another core.
const grain = 8 << 10

// An engine walks an optimizer over the parameters and the cores, and keeps its running values. Its zero value is
// ready to use.
type engine struct {
	steps  int
	values [maxSlots][]*tensor.Dense // by slot, then by parameter; nil where there is no such slot yet
	owners []*tensor.Dense           // the parameters that these belong to; nil where the next step is to say

	// What stands below is kept from step to step only to be reused.
	weights      []*tensor.Dense
	tasks        []task
	rule         rule
	p32          piece[float32] // the parameter in hand
	p64          piece[float64]
	on           on
	cut32, cut64 func(lo, hi int)
}

// step checks everything before it changes anything.
func (e *engine) step(r rule, model []gorgonia.ValueGrad) error {
	if err := r.Validate(); err != nil {
		return err
	}
	if err := e.collect(r, model); err != nil {
		return err
	}
	if !same(e.owners, e.weights) {
		if e.owners != nil {
			e.steps, e.values = 0, [maxSlots][]*tensor.Dense{}
		}
		e.owners = nil
	}
	for i, slot := range r.slots() {
		if e.values[i] == nil {
			e.values[i] = zerosLike(e.weights)
		}
		if err := sameForm(r.Name(), slot, e.values[i], e.weights); err != nil {
			return err
		}
	}
	if e.owners == nil {
		e.owners = slices.Clone(e.weights)
	}
	if e.cut32 == nil {
		e.cut32 = func(lo, hi int) {
			if p := e.p32.cut(lo, hi); e.on == nothing {
				e.rule.update32(p)
			} else {
				walk(p, e.on, e.rule.update32)
			}
		}
		e.cut64 = func(lo, hi int) {
			if p := e.p64.cut(lo, hi); e.on == nothing {
				e.rule.update64(p)
			} else {
				walk(p, e.on, e.rule.update64)
			}
		}
	}
	e.steps++
	e.rule = r
	r.begin(e.steps)
	e.p32, e.p64 = piece[float32]{}, piece[float64]{}
	for i, w := range e.weights {
		t := &e.tasks[i]
		rate := t.wish.rateOr(r.Rate())
		e.on = on{keep: r.decay().keep(w, rate), scale: t.wish.scale, limit: t.wish.limit}
		if t.gradient == nil {
			if e.on.keep != 1 {
				scale(w, e.on.keep)
			}
			r.(multiplier).updateByProduct(w, t.product, rate)
			continue
		}
		if w.Dtype() == tensor.Float32 {
			e.p32.w, e.p32.g, e.p32.rate = w.Float32s(), t.gradient.Float32s(), rate
			for k := range r.slots() {
				e.p32.slots[k] = e.values[k][i].Float32s()
			}
			parallel.For(len(e.p32.w), grain, e.cut32)
		} else {
			e.p64.w, e.p64.g, e.p64.rate = w.Float64s(), t.gradient.Float64s(), rate
			for k := range r.slots() {
				e.p64.slots[k] = e.values[k][i].Float64s()
			}
			parallel.For(len(e.p64.w), grain, e.cut64)
		}
	}
	return nil
}

// on is what is done to weights and gradient before the rule has them.
type on struct {
	keep  float64 // times the weights
	scale float64 // times the gradient
	limit float64 // of the gradient's elements; 0: none
}

var nothing = on{keep: 1, scale: 1}

// short is how many elements are worked on at a time where more than the rule is to be done: the weights, their gradient as it is and as it is to be, and the running
// values of that many lie in the nearest cache together.
const short = 512

// walk is a rule's update of a piece, with what comes before it, in one pass over memory.
func walk[T vec.Float](p piece[T], o on, update func(piece[T])) {
	var room []T
	if o.scale != 1 || o.limit != 0 {
		room = make([]T, min(short, len(p.w)))
	}
	for lo := 0; lo < len(p.w); lo += short {
		q := p.cut(lo, min(lo+short, len(p.w)))
		if o.keep != 1 {
			vec.Scale(q.w, q.w, T(o.keep))
		}
		if room != nil {
			q.g = altered(room[:len(q.g)], q.g, o.scale, o.limit)
		}
		update(q)
	}
}

// altered writes a gradient cut to a limit or scaled.
func altered[T vec.Float](to, from []T, scale, limit float64) []T {
	if limit != 0 {
		vec.Clamp(to, from, T(limit))
	} else {
		vec.Scale(to, from, T(scale))
	}
	return to
}

func scale(t *tensor.Dense, by float64) {
	if t.Dtype() == tensor.Float32 {
		w := t.Float32s()
		parallel.For(len(w), grain, func(lo, hi int) { vec.Scale(w[lo:hi], w[lo:hi], float32(by)) })
		return
	}
	w := t.Float64s()
	parallel.For(len(w), grain, func(lo, hi int) { vec.Scale(w[lo:hi], w[lo:hi], by) })
}

func zerosLike(like []*tensor.Dense) []*tensor.Dense {
	zeros := make([]*tensor.Dense, len(like))
	for i, t := range like {
		zeros[i] = tensor.New(tensor.WithShape(t.Shape()...), tensor.Of(t.Dtype()))
	}
	return zeros
}
