package optim

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A wish is what the wrappers of an optimizer want done with a parameter. The engine fulfils it in its own pass over the parameter.
type wish struct {
	rate   float64 // in place of the optimizer's learning rate, if it is set
	set    bool
	factor float64 // times the learning rate
	scale  float64 // times the gradient
	limit  float64 // of the gradient's elements; 0: none
}

var plain = wish{factor: 1, scale: 1}

func (w wish) rateOr(rate float64) float64 {
	if w.set {
		rate = w.rate
	}
	return w.factor * rate
}

// alters says whether the gradient is to be another.
func (w wish) alters() bool { return w.scale != 1 || w.limit != 0 }

// wished is a parameter with a wish. To an optimizer that knows nothing of wishes its gradient is the altered one.
type wished struct {
	gorgonia.ValueGrad
	wish
}

func (w *wished) Grad() (gorgonia.Value, error) {
	v, err := w.ValueGrad.Grad()
	if err != nil || !w.alters() {
		return v, err
	}
	g, err := dense(v)
	if err != nil {
		return v, nil // the optimizer says what is wrong with it
	}
	to := tensor.New(tensor.WithShape(g.Shape()...), tensor.Of(g.Dtype()))
	if g.Dtype() == tensor.Float64 {
		altered(to.Float64s(), g.Float64s(), w.scale, w.limit)
	} else {
		altered(to.Float32s(), g.Float32s(), w.scale, w.limit)
	}
	return to, nil
}

// wishes are the parameters of a step with room for a wrapper's wishes. They are kept from step to step only to be reused.
type wishes struct {
	all   []wished
	model []gorgonia.ValueGrad
}

// of makes the parameters anew, with what was wished of them before.
func (w *wishes) of(model []gorgonia.ValueGrad) []gorgonia.ValueGrad {
	w.all, w.model = slices.Grow(w.all[:0], len(model))[:len(model)], w.model[:0]
	for i, p := range model {
		if before, ok := p.(*wished); ok {
			w.all[i] = *before
		} else {
			w.all[i] = wished{p, plain}
		}
		if p == nil {
			w.model = append(w.model, nil)
			continue
		}
		w.model = append(w.model, &w.all[i])
	}
	return w.model
}

// fulfils says whether an optimizer does what is wished of it: an engine of this package's does.
func fulfils(o Optimizer) bool {
	for ; o != nil; o = unwrap(o) {
		if _, ok := o.(rule); ok {
			return true
		}
	}
	return false
}

// nameOf is what a parameter is called, "dense_1.weight", if it says so.
func nameOf(p gorgonia.ValueGrad) string {
	if w, ok := p.(*wished); ok {
		p = w.ValueGrad
	}
	if n, ok := p.(interface{ Name() string }); ok {
		return n.Name()
	}
	return ""
}
