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
	Validate() error
	slots() []string // the names of the running values, at most maxSlots
	begin(t int)     // called before the updates of step t
	update32(piece[float32])
	update64(piece[float64])
}

// A multiplier is a rule that can take a gradient as a Product.
type multiplier interface {
	rule
	updateByProduct(w *tensor.Dense, f factors)
}

// A piece is a range of one parameter, its gradient, and its running values in the order of rule.slots.
type piece[T vec.Float] struct {
	w, g  []T
	slots [maxSlots][]T
}

const maxSlots = 2

func (p piece[T]) cut(lo, hi int) piece[T] {
	p.w, p.g = p.w[lo:hi], p.g[lo:hi]
	for i, s := range p.slots {
		if s != nil {
			p.slots[i] = s[lo:hi]
		}
	}
	return p
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
	weights, gradients []*tensor.Dense
	products           []factors // in place of a nil gradient
	rule               rule
	p32                piece[float32] // the parameter in hand
	p64                piece[float64]
	cut32, cut64       func(lo, hi int)
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
		e.cut32 = func(lo, hi int) { e.rule.update32(e.p32.cut(lo, hi)) }
		e.cut64 = func(lo, hi int) { e.rule.update64(e.p64.cut(lo, hi)) }
	}
	e.steps++
	e.rule = r
	r.begin(e.steps)
	for i, w := range e.weights {
		if e.gradients[i] == nil {
			r.(multiplier).updateByProduct(w, e.products[i])
			continue
		}
		if w.Dtype() == tensor.Float32 {
			e.p32.w, e.p32.g = w.Float32s(), e.gradients[i].Float32s()
			for k := range r.slots() {
				e.p32.slots[k] = e.values[k][i].Float32s()
			}
			parallel.For(len(e.p32.w), grain, e.cut32)
		} else {
			e.p64.w, e.p64.g = w.Float64s(), e.gradients[i].Float64s()
			for k := range r.slots() {
				e.p64.slots[k] = e.values[k][i].Float64s()
			}
			parallel.For(len(e.p64.w), grain, e.cut64)
		}
	}
	return nil
}

func zerosLike(like []*tensor.Dense) []*tensor.Dense {
	zeros := make([]*tensor.Dense, len(like))
	for i, t := range like {
		zeros[i] = tensor.New(tensor.WithShape(t.Shape()...), tensor.Of(t.Dtype()))
	}
	return zeros
}
