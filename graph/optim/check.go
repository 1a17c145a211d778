package optim

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph/blas"
)

// collect fills weights and tasks from the model, or says what is wrong with it.
func (e *engine) collect(r rule, model []gorgonia.ValueGrad) error {
	name := r.Name()
	_, multiplies := r.(multiplier)
	fail := func(i int, what string, args ...any) error {
		return fmt.Errorf("optim: %s: parameter %d: %w", name, i, fmt.Errorf(what, args...))
	}
	e.weights, e.tasks = e.weights[:0], e.tasks[:0]
	for i, p := range model {
		if p == nil {
			return fail(i, "it is nil")
		}
		w, err := dense(p.Value())
		if err != nil {
			return fail(i, "its value %w", err)
		}
		p, t := p, task{wish: plain}
		if a, ok := p.(*wished); ok {
			p, t.wish = a.ValueGrad, a.wish
		}
		if product, ok := p.(Product); ok && multiplies && !t.wish.alters() {
			if left, right := product.Factors(); left != nil {
				f := factors{left, right}
				for _, side := range []*tensor.Dense{left, right} {
					if _, err := dense(side); err != nil {
						return fail(i, "a factor of its gradient %w", err)
					}
				}
				if !f.fits(w) {
					return fail(i, "its gradient is the product of %s, transposed, and %s, want %s like its value", form(left), form(right), form(w))
				}
				if blas.AddsLast(left, right) {
					t.product = f
					e.weights, e.tasks = append(e.weights, w), append(e.tasks, t)
					continue
				}
			}
		}
		if t.gradient, err = gradientOf(p, w); err != nil {
			return fail(i, "its gradient%w", err)
		}
		e.weights, e.tasks = append(e.weights, w), append(e.tasks, t)
	}
	return nil
}

// gradientOf is the gradient of a parameter with the value w. The error completes "its gradient".
func gradientOf(p gorgonia.ValueGrad, w *tensor.Dense) (*tensor.Dense, error) {
	value, err := p.Grad()
	if err != nil {
		return nil, fmt.Errorf(": %w", err)
	}
	g, err := dense(value)
	if err != nil {
		return nil, fmt.Errorf(" %w", err)
	}
	if !sameShape(w, g) || w.Dtype() != g.Dtype() {
		return nil, fmt.Errorf(" is %s, want %s like its value", form(g), form(w))
	}
	return g, nil
}

// dense returns v as a tensor whose elements stand in one row-major slice of floats. The error completes "its value".
func dense(v gorgonia.Value) (*tensor.Dense, error) {
	t, ok := v.(*tensor.Dense)
	switch {
	case v == nil || ok && t == nil:
		return nil, errors.New("is nil: run the program before the optimizer")
	case !ok:
		return nil, fmt.Errorf("is a %T, want a *tensor.Dense", v)
	case t.Dtype() != tensor.Float32 && t.Dtype() != tensor.Float64:
		return nil, fmt.Errorf("is of type %v, want float32 or float64", t.Dtype())
	case t.RequiresIterator() || t.DataOrder().IsColMajor() || !t.IsNativelyAccessible():
		return nil, errors.New("is transposed, a view with gaps, or column-major, want contiguous and row-major: clone it")
	}
	return t, nil
}

// sameForm compares the running values of a slot with the parameters that they belong to.
func sameForm(name, slot string, values, weights []*tensor.Dense) error {
	if len(values) != len(weights) {
		return fmt.Errorf("optim: %s: slot %q has %d tensors for %d parameters, want one each: it is another model's state",
			name, slot, len(values), len(weights))
	}
	for i, v := range values {
		if w := weights[i]; !sameShape(v, w) || v.Dtype() != w.Dtype() {
			return fmt.Errorf("optim: %s: slot %q, parameter %d: got %s, want %s like the parameter", name, slot, i, form(v), form(w))
		}
	}
	return nil
}

// same says whether two lists of parameters are one: the same storage, whoever made a header for it.
func same(a, b []*tensor.Dense) bool {
	return slices.EqualFunc(a, b, func(a, b *tensor.Dense) bool {
		return sameShape(a, b) && a.Dtype() == b.Dtype() && (a.MemSize() == 0 || a.Uintptr() == b.Uintptr())
	})
}

// sameShape is strict, where tensor.Shape.Eq takes (3) for (3, 1).
func sameShape(a, b *tensor.Dense) bool { return slices.Equal(a.Shape(), b.Shape()) }

func form(t *tensor.Dense) string { return fmt.Sprintf("%v of %v", t.Shape(), t.Dtype()) }
